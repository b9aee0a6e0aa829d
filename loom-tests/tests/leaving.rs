//! Models of nodes whose handles go: from parents that fire, from parents that go, from each other.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::{CancellationToken, CancellationTokenSource as Source};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, model, name, poll_once};

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

/// A child goes while the last source of its parent does: its memory goes once, with the last of the two.
#[test]
fn drop_child_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let child = parent.token().child();
        let other = spawn(move || drop(child));
        drop(parent);
        other.join().unwrap();
    });
}

/// The same with another handle: the child finds that nobody but its source can cancel it, and is closed once.
#[test]
fn drop_child_and_token_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let parent = Source::new();
        let child = parent.token().child();
        let token = child.token();
        let other = spawn(move || {
            drop(child);
            drop(token);
        });
        drop(parent);
        other.join().unwrap();
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

/// An error that looks, when it is dropped, whether its canceller's work is done.
#[derive(Debug)]
struct Looks {
    canceller: loom::thread::ThreadId,
    below: CancellationToken,
}

impl std::fmt::Display for Looks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("looks")
    }
}

impl std::error::Error for Looks {}

impl Drop for Looks {
    fn drop(&mut self) {
        let mine = loom::thread::current().id() == self.canceller;
        assert!(!mine || self.below.is_cancelled(), "an error was dropped in the middle of a walk");
    }
}

/// A child with an error of its own goes while its parent is cancelled: if the firer frees it, then after the walk.
#[test]
fn drop_child_with_error_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let parent = Source::new();
        let (first, second) = (parent.token().child(), parent.token().child());
        first.cancel_with(Looks { canceller: loom::thread::current().id(), below: second.token() });
        let other = spawn(move || drop(first));
        parent.cancel();
        other.join().unwrap();
        assert!(second.is_cancelled());
    });
}
