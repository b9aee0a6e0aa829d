//! Models of linked sources: sealed from several sides, made and dropped meanwhile.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationToken, CancellationTokenSource as Source, Registration};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, model, name, poll_once};

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

/// A child goes while its parent fires: its memory goes once, with the last of the two.
#[test]
fn drop_child_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let child = parent.token().child();
        let other = spawn(move || drop(child));
        parent.cancel();
        other.join().unwrap();
        drop(parent);
    });
}

/// A child with a waiter goes, waiter and all, while its parent fires.
#[test]
fn drop_child_with_waiter_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, wakes) = (Source::new(), Wakes::new());
        let child = parent.token().child();
        let mut future = child.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        drop(child);
        let other = spawn(move || drop(future));
        parent.cancel();
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!(wakes.live(), 0);
        drop(parent);
    });
}

/// A chain goes from its lower end while its root fires.
#[test]
fn drop_chain_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let leaf = {
            let middle = root.token().child();
            middle.token().child()
        };
        let other = spawn(move || drop(leaf));
        root.cancel();
        other.join().unwrap();
        drop(root);
    });
}

/// A chain goes from its lower end while the last source of its root goes.
#[test]
fn drop_chain_against_never() {
    model(name!(), Bound::Preemptions(3), || {
        let (root, drops) = (Source::new(), Drops::new());
        let middle = root.token().child();
        let leaf = middle.token().child();
        let tracked = drops.track();
        leaf.token().register(move || drop(tracked)).detach();
        drop(middle);
        let other = spawn(move || drop(leaf));
        drop(root);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// The last handle of a child goes while the firer runs its callback.
#[test]
fn drop_child_with_callback_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, drops) = (Source::new(), Drops::new());
        let child = parent.token().child();
        let tracked = drops.track();
        child.token().register(move || drop(tracked)).detach();
        let other = spawn(move || drop(child));
        parent.cancel();
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
        drop(parent);
    });
}

/// A child with two parents goes while one of them fires.
#[test]
fn drop_child_of_two_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (left, right) = (Source::new(), Source::new());
        let child = Source::linked([&left.token(), &right.token()]);
        let other = spawn(move || drop(child));
        left.cancel();
        other.join().unwrap();
        drop((left, right));
    });
}

/// Two children leave the same parent, whose only other handle went before.
#[test]
fn two_children_leave() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let children = [parent.token().child(), parent.token().child()];
        drop(parent);
        let [left, right] = children;
        let other = spawn(move || drop(left));
        drop(right);
        other.join().unwrap();
    });
}

/// Two clones of a source go: the last one takes the callback with it, and sees what the other did before.
#[test]
fn two_sources_dropped() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (Source::new(), Data::new());
        let (twin, token) = (source.clone(), source.token());
        let last = Last(data.clone());
        token.register(move || drop(last)).detach();
        let other = spawn(move || {
            data.read();
            drop(twin);
        });
        drop(source);
        other.join().unwrap();
        assert!(!token.can_be_cancelled());
        drop(token);
    });
}

/// The child's own source goes, and so does its parent's: its callback goes with the last, who sees what the other did.
#[test]
fn source_and_parent_dropped() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, data) = (Source::new(), Data::new());
        let child = parent.token().child();
        let token = child.token();
        let last = Last(data.clone());
        token.register(move || drop(last)).detach();
        let seen = data.clone();
        let other = spawn(move || {
            seen.read();
            drop(child);
        });
        data.read();
        drop(parent);
        other.join().unwrap();
        assert!(!token.can_be_cancelled());
        drop(token);
    });
}

/// Two parents become impossible from two sides; the child's callback goes with the last.
#[test]
fn two_parents_dropped() {
    model(name!(), Bound::Preemptions(3), || {
        let (left, right, data) = (Source::new(), Source::new(), Data::new());
        let child = Source::linked([&left.token(), &right.token()]);
        let token = child.token();
        let last = Last(data.clone());
        token.register(move || drop(last)).detach();
        drop(child);
        let other = spawn(move || {
            data.read();
            drop(left);
        });
        drop(right);
        other.join().unwrap();
        assert!(!token.can_be_cancelled());
        drop(token);
    });
}

/// Handles of one node go from two threads: what either did to it is over before it is freed.
#[test]
fn two_handles_dropped() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let waker = wakes.waker();
        let other = spawn(move || {
            let mut future = token.cancelled_owned();
            _ = poll_once(&mut future, &waker);
        });
        source.cancel();
        drop(source);
        other.join().unwrap();
        assert_eq!(wakes.live(), 0);
    });
}

/// Written by whoever drops it last.
struct Last(Data);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.write();
    }
}

#[derive(Debug)]
struct Told(Data);

impl std::fmt::Display for Told {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Told {}
