//! Clocks that do what clocks may do: they panic when they are to arm, clone the waker, go on by themselves.
#![cfg(loom)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;
use taskcell::time::{Alarm, TimeProvider, Timestamp};
use taskcell::{CancellationTokenSource, ManualClock, delay_on};
use taskcell_loom_tests::{Bound, Clock, Drops, SOON, model, name};

/// A clock that cannot arm.
struct Broken;

impl TimeProvider for Broken {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, _: Timestamp, waker: Waker) -> Alarm {
        drop(waker);
        panic!("the clock is broken");
    }
}

/// A clock that keeps clones of what it is given. It is no part of the model.
#[derive(Default)]
struct Cloning(Clock, Arc<Mutex<Vec<Waker>>>);

impl TimeProvider for Cloning {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.1.lock().unwrap().extend([waker.clone(), waker.clone()]);
        self.0.arm(deadline, waker)
    }
}

#[test]
fn arm_that_panics() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, source, clock) = (Drops::new(), CancellationTokenSource::new(), Clock::new());
        let token = source.token();
        let held = drops.track();
        token.register(move || drop(held)).detach();
        assert!(catch_unwind(AssertUnwindSafe(|| source.cancel_after_on(&Broken, SOON))).is_err());
        assert!(!token.is_cancelled() && token.reason().is_none() && !source.disarm());
        // Another clock serves it, and can be told to stop again.
        source.cancel_after_on(&clock, SOON);
        assert!(source.disarm() && clock.armed() == 0);
        assert!(catch_unwind(AssertUnwindSafe(|| source.cancel_after_on(&Broken, SOON))).is_err());
        // Nothing stands for the source any more: with it, what waits for a cancellation goes.
        drop(source);
        assert_eq!(drops.count(), 1);
        assert!(!token.is_cancelled() && !token.can_be_cancelled());
    });
}

#[test]
fn clones_of_a_timers_waker() {
    model(name!(), Bound::Exhaustive, || {
        let clock = Cloning::default();
        let source = CancellationTokenSource::new();
        source.cancel_after_on(&clock, SOON);
        let token = source.token();
        let kept = std::mem::take(&mut *clock.1.lock().unwrap());
        drop(kept[0].clone());
        kept[1].wake_by_ref();
        assert!(token.reason().unwrap().is_deadline());
        drop((source, clock, token));
        kept[0].wake_by_ref();
    });
}

#[test]
fn manual_block_on_goes_on_by_itself() {
    model(name!(), Bound::Exhaustive, || {
        let clock = ManualClock::new();
        clock.set_auto_advance(true);
        assert!(clock.auto_advance());
        clock.block_on(delay_on(&clock, Duration::from_secs(5)));
        assert_eq!(clock.now(), Timestamp::from_nanos(5_000_000_000));
        clock.set_auto_advance(false);
        assert!(!clock.auto_advance());
    });
}
