//! Models of linked sources: sealed from several sides, made meanwhile.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Wake, Waker};
use taskcell::{CancellationToken, CancellationTokenSource as Source, Registration};
use taskcell_loom_tests::{Bound, Data, Wakes, model, name, poll_once};

/// Counts its runs; no part of the model.
fn counting(token: &CancellationToken) -> (Arc<AtomicUsize>, Registration) {
    let ran = Arc::new(AtomicUsize::new(0));
    let runs = ran.clone();
    (ran, token.register(move || _ = runs.fetch_add(1, SeqCst)))
}

/// Parent and child are cancelled from two sides: one of them delivers, and the reason is the one that came first.
#[test]
fn parent_and_child_cancelled() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let child = parent.token().child();
        let (ran, registration) = counting(&child.token());
        let other = spawn(move || (child.cancel(), child));
        assert!(parent.cancel());
        let (first, child) = other.join().unwrap();
        assert!(child.is_cancelled());
        assert_eq!(child.token().reason().unwrap().is_inherited(), !first);
        assert_eq!(ran.load(SeqCst), 1);
        drop((registration, child, parent));
    });
}

/// The error of a parent arrives whole in its child, whoever sealed the child.
#[test]
fn reason_handed_down() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, data) = (Source::new(), Data::new());
        let child = parent.token().child();
        let error = Told(data.clone());
        let other = spawn(move || {
            data.write();
            parent.cancel_with(error);
            parent
        });
        let first = child.cancel();
        let reason = child.token().reason().expect("the flag is up");
        assert_eq!(reason.is_inherited(), !first);
        if let Some(error) = reason.error() {
            error.downcast_ref::<Told>().unwrap().0.read();
        }
        drop((other.join().unwrap(), reason, child));
    });
}

/// A waiter comes to the child while the parent fires; who sees the child's flag sees what came before.
#[test]
fn wait_on_child_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, wakes, data) = (Source::new(), Wakes::new(), Data::new());
        let child = parent.token().child();
        let mut future = child.token().cancelled_owned();
        let (waker, seen) = (wakes.waker(), data.clone());
        let other = spawn(move || {
            let ready = poll_once(&mut future, &waker).is_ready();
            if ready {
                seen.read();
            }
            (ready, future)
        });
        data.write();
        parent.cancel();
        let (ready, future) = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
        drop((future, child, parent));
    });
}

/// A child is made while the parent fires: it is cancelled by the firer, or born cancelled.
#[test]
fn link_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, data) = (Source::new(), Data::new());
        let (token, seen) = (parent.token(), data.clone());
        let other = spawn(move || {
            let child = token.child();
            if child.is_cancelled() {
                seen.read();
            }
            (child, token)
        });
        data.write();
        parent.cancel();
        let (child, token) = other.join().unwrap();
        assert!(child.token().reason().unwrap().is_inherited());
        drop((child, token, parent));
    });
}

/// The same, with a reason that has to be complete.
#[test]
fn link_against_cancel_with_error() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let token = parent.token();
        let other = spawn(move || {
            let error = Told(Data::new());
            error.0.write();
            parent.cancel_with(error);
            parent
        });
        let child = token.child();
        if let Some(reason) = child.token().reason() {
            reason.error().unwrap().downcast_ref::<Told>().unwrap().0.read();
        }
        let parent = other.join().unwrap();
        assert!(child.is_cancelled());
        drop((child, token, parent));
    });
}

/// A child is made while the last source of the parent goes: nothing but itself can cancel it then.
#[test]
fn link_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let token = parent.token();
        let other = spawn(move || drop(parent));
        let child = token.child();
        other.join().unwrap();
        assert!(child.token().can_be_cancelled() && !child.is_cancelled());
        let left = child.token();
        drop(child);
        assert!(!left.can_be_cancelled());
        drop((left, token));
    });
}

/// G11: whoever runs a callback of the middle sees what hangs below it as cancelled.
#[test]
fn root_and_middle_with_grandchild() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let middle = root.token().child();
        let leaf = middle.token().child();
        let ran = Arc::new(AtomicUsize::new(0));
        let (runs, below) = (ran.clone(), leaf.token());
        let registration = middle.token().register(move || {
            assert!(below.is_cancelled());
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || (middle.cancel(), middle));
        assert!(root.cancel());
        let kept = other.join().unwrap();
        assert!(leaf.is_cancelled());
        assert_eq!(ran.load(SeqCst), 1);
        drop((registration, leaf, kept, root));
    });
}

/// G11 with a waker: when it is called, what hangs below its node reads as cancelled.
#[test]
fn root_and_middle_with_waiter() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let middle = root.token().child();
        let leaf = middle.token().child();
        let looks = Arc::new(Looks(leaf.token(), AtomicUsize::new(0)));
        let mut future = middle.token().cancelled_owned();
        assert!(poll_once(&mut future, &Waker::from(looks.clone())).is_pending());
        let other = spawn(move || (middle.cancel(), middle));
        assert!(root.cancel());
        let kept = other.join().unwrap();
        assert!(leaf.is_cancelled());
        assert_eq!((looks.1.load(SeqCst), Arc::strong_count(&looks)), (1, 1));
        drop((future, looks, leaf, kept, root));
    });
}

/// A waker that wants its token to be cancelled already.
struct Looks(CancellationToken, AtomicUsize);

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        assert!(self.0.is_cancelled());
        self.1.fetch_add(1, SeqCst);
    }
}

/// A node with two parents, both cancelled: one delivers.
#[test]
fn two_parents() {
    model(name!(), Bound::Preemptions(3), || {
        let (left, right) = (Source::new(), Source::new());
        let child = Source::linked([&left.token(), &right.token()]);
        let (ran, registration) = counting(&child.token());
        let other = spawn(move || {
            left.cancel();
            left
        });
        right.cancel();
        let left = other.join().unwrap();
        assert!(child.is_cancelled());
        assert_eq!(ran.load(SeqCst), 1);
        drop((registration, child, left, right));
    });
}

/// A diamond, cancelled at the top and on one side.
#[test]
fn diamond() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let (left, right) = (root.token().child(), root.token().child());
        let bottom = Source::linked([&left.token(), &right.token()]);
        let (ran, registration) = counting(&bottom.token());
        let other = spawn(move || {
            left.cancel();
            left
        });
        root.cancel();
        let left = other.join().unwrap();
        assert!(bottom.is_cancelled());
        assert_eq!(ran.load(SeqCst), 1);
        drop((registration, bottom, left, right, root));
    });
}

/// A diamond, cancelled on both sides.
#[test]
fn diamond_from_both_sides() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let (left, right) = (root.token().child(), root.token().child());
        let bottom = Source::linked([&left.token(), &right.token()]);
        let (ran, registration) = counting(&bottom.token());
        let other = spawn(move || {
            left.cancel();
            left
        });
        right.cancel();
        let left = other.join().unwrap();
        assert!(bottom.is_cancelled() && !root.is_cancelled());
        assert_eq!(ran.load(SeqCst), 1);
        drop((registration, bottom, left, right, root));
    });
}

#[derive(Debug)]
struct Told(Data);

impl std::fmt::Display for Told {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Told {}
