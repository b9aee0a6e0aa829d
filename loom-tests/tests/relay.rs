//! Models of nodes that are passed over or used again because nobody else is left.
#![cfg(loom)]

use loom::thread::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use taskcell::CancellationTokenSource as Source;
use taskcell::time::{Alarm, TimeProvider, TimerQueue, Timestamp};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

/// The cheapest clock: it stands still, and is turned by hand.
#[derive(Clone)]
struct Clock(Arc<TimerQueue>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(TimerQueue::new()))
    }
    fn turn(&self) {
        self.0.turn(Timestamp::from_nanos(5));
    }
}

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.0.arm(deadline, waker)
    }
}

const SOON: Duration = Duration::from_nanos(5);

/// A node may move up while the last source of the node above cancels and goes: it does not move past a cancelled node.
#[test]
fn move_against_a_cancelled_source_above() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let middle = root.token().child();
        let node = middle.token().child();
        let other = spawn(move || {
            middle.cancel();
            drop(middle);
        });
        let child = node.token().child();
        other.join().unwrap();
        assert!(node.is_cancelled() && child.is_cancelled() && !root.is_cancelled());
    });
}

/// A node may move up while the root becomes impossible: what is left is the timer of the node above.
#[test]
fn move_against_the_last_root_above_a_timer() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, root) = (Clock::new(), Source::new());
        let middle = root.token().child();
        middle.cancel_after_on(&clock, SOON);
        let node = middle.token().child();
        drop(middle);
        let other = spawn(move || drop(root));
        let child = node.token().child();
        other.join().unwrap();
        clock.turn();
        assert!(node.is_cancelled() && child.is_cancelled());
    });
}

/// A timer fires while its source is disarmed, in vain, and reset: the fire never reaches the source as it is then.
#[test]
fn fire_against_disarm_and_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, mut source) = (Clock::new(), Source::new());
        source.cancel_after_on(&clock, SOON);
        let hand = clock.clone();
        let other = spawn(move || hand.turn());
        source.disarm();
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!(source.is_cancelled(), !reset);
    });
}

/// A timer fires while it is disarmed and the last source goes: a waiting task is woken if the flag goes up.
#[test]
fn fire_against_disarm_and_the_last_source() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, source) = (Clock::new(), Source::new());
        source.cancel_after_on(&clock, SOON);
        let token = source.token();
        let wakes = Wakes::new();
        let mut wait = token.cancelled();
        assert!(poll_once(&mut wait, &wakes.waker()).is_pending());
        let hand = clock.clone();
        let other = spawn(move || hand.turn());
        source.disarm();
        drop(source);
        other.join().unwrap();
        assert_eq!(wakes.count(), usize::from(token.is_cancelled()));
    });
}

/// A node moves up twice, by one record and by the other; in between it is as it was.
#[test]
fn moves_there_and_back() {
    model(name!(), Bound::Exhaustive, || {
        for moves in 0..3 {
            let root = Source::new();
            let upper = root.token().child();
            let mut node = upper.token().child().token().child();
            let mut kept = vec![];
            if moves > 0 {
                // To `upper`, past a relay.
                kept.push(node.token().child());
            }
            drop(upper);
            if moves > 1 {
                // To the root, past `upper`.
                kept.push(node.token().child());
            }
            let (old, ran) = (node.token(), Drops::new());
            for _ in 0..4 {
                let held = ran.track();
                old.register(move || drop(held)).detach();
            }
            assert!(node.try_reset());
            kept.extend([node.token().child(), old.child()]);
            root.cancel();
            assert!(kept.iter().all(Source::is_cancelled) && node.is_cancelled() && old.is_cancelled());
            assert_eq!(ran.count(), 4);
        }
    });
}

/// A node that could not move is left as it was.
#[test]
fn reset_after_no_move() {
    model(name!(), Bound::Exhaustive, || {
        let upper = Source::new().token().child();
        let mut node = upper.token().child();
        let child = node.token().child();
        assert!(node.try_reset());
        upper.cancel();
        assert!(node.is_cancelled() && child.is_cancelled());
    });
}

/// A node moves up while another source of it goes: what can cancel it is counted right.
#[test]
fn move_against_a_twins_drop() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let node = root.token().child().token().child();
        let (twin, token) = (node.clone(), node.token());
        let other = spawn(move || drop(twin));
        let child = node.token().child();
        other.join().unwrap();
        drop(root);
        assert!(token.can_be_cancelled());
        drop(node);
        assert!(!token.can_be_cancelled() && child.token().can_be_cancelled());
    });
}

/// A root that only its timer can cancel is no relay: it has nothing above it.
#[test]
fn move_below_a_root_with_a_timer() {
    model(name!(), Bound::Exhaustive, || {
        let (clock, root) = (Clock::new(), Source::new());
        root.cancel_after_on(&clock, SOON);
        let node = root.token().child().token().child();
        drop(root);
        let child = node.token().child();
        clock.turn();
        assert!(node.is_cancelled() && child.is_cancelled());
    });
}

/// The last root goes while a relay with a timer is made: what hangs below it moves no further.
#[test]
fn move_below_a_relay_of_a_root_that_goes() {
    model(name!(), Bound::Preemptions(3), || {
        let (clock, root) = (Clock::new(), Source::new());
        let token = root.token();
        let other = spawn(move || drop(root));
        let relay = token.child();
        relay.cancel_after_on(&clock, SOON);
        let node = relay.token().child();
        drop((relay, token));
        let child = node.token().child();
        other.join().unwrap();
        clock.turn();
        assert!(node.is_cancelled() && child.is_cancelled());
    });
}

/// The last root goes while a node is made below a relay: if it came too late it hangs nowhere, and does not move.
#[test]
fn move_of_a_node_that_hangs_nowhere() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let token = root.token().child().token();
        let other = spawn(move || drop(root));
        let node = token.child();
        let child = node.token().child();
        other.join().unwrap();
        node.cancel();
        assert!(child.is_cancelled() && !token.is_cancelled());
    });
}

/// One moves a node up to the node above, the other moves it on to the root, by the record that is free again.
#[test]
fn two_moves_of_one_node() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let upper = root.token().child();
        let node = upper.token().child().token().child();
        let token = node.token();
        let other = spawn(move || {
            drop(upper);
            drop(token.child());
        });
        drop(node.token().child());
        other.join().unwrap();
        drop(node);
        let last = root.token().child();
        root.cancel();
        assert!(last.is_cancelled());
    });
}

/// Panics when it is dropped, unless that happens in a panic.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new("dropped"));
        }
    }
}

/// The last source goes while a node moves, and what is dropped panics: nothing stays behind.
#[test]
fn move_against_the_last_source_of_what_panics() {
    model(name!(), Bound::Preemptions(3), || {
        let root = Source::new();
        let token = root.token().child().token().child().token();
        let fragile = Fragile;
        token.register(move || drop(fragile)).detach();
        let other = spawn(move || catch_unwind(AssertUnwindSafe(|| drop(root))).is_err());
        let mine = catch_unwind(AssertUnwindSafe(|| token.child())).is_err();
        let theirs = other.join().unwrap();
        assert!(mine != theirs && !token.can_be_cancelled());
    });
}
