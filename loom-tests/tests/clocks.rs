//! Clocks that do what clocks may do: they panic when they are to arm, clone the waker, go on by themselves.
#![cfg(loom)]

use loom::thread::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;
use taskcell::time::{Alarm, TimeProvider, Timestamp};
use taskcell::{CancellationTokenSource, ManualClock, TaskCompletionSource, delay_on};
use taskcell_loom_tests::{Bound, Clock, Drops, SOON, Wakes, model, name, poll_once};

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

/// The clock goes on from deadline to deadline until the future is woken, whoever else is.
#[test]
fn manual_block_on_goes_on_by_itself() {
    model(name!(), Bound::Exhaustive, || {
        let (clock, wakes) = (ManualClock::new(), Wakes::new());
        clock.set_auto_advance(true);
        assert!(clock.auto_advance());
        let mut before = Box::pin(delay_on(&clock, Duration::from_secs(3)));
        assert!(poll_once(&mut before, &wakes.waker()).is_pending());
        clock.block_on(delay_on(&clock, Duration::from_secs(5)));
        assert_eq!((clock.now(), wakes.count()), (Timestamp::from_nanos(5_000_000_000), 1));
        clock.set_auto_advance(false);
        assert!(!clock.auto_advance());
    });
}

/// Where nothing is armed, or the clock does not go on by itself, the thread sleeps until another one wakes the future.
#[test]
fn manual_block_on_that_waits_for_another_thread() {
    model(name!(), Bound::Preemptions(2), || {
        let clock = ManualClock::new();
        for by_itself in [true, false] {
            clock.set_auto_advance(by_itself);
            let armed = (!by_itself).then(|| clock.arm(Timestamp::from_nanos(5), Waker::noop().clone()));
            let (source, task) = TaskCompletionSource::<(), ()>::pair();
            let other = spawn(move || source.set_result(()));
            clock.block_on(task).unwrap();
            other.join().unwrap();
            assert_eq!(clock.now(), Timestamp::ZERO);
            drop(armed);
        }
    });
}

/// A clock that uses the source, and then cannot arm.
struct Uses<F>(F);

impl<F: Fn() + Send + Sync> TimeProvider for Uses<F> {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, _: Timestamp, _: Waker) -> Alarm {
        (self.0)();
        panic!("the clock is broken");
    }
}

fn arm_in_vain(source: &CancellationTokenSource, clock: &impl TimeProvider) {
    assert!(catch_unwind(AssertUnwindSafe(|| source.cancel_after_on(clock, SOON))).is_err());
}

/// What the clock did with the source before it panicked is left as it is.
#[test]
fn arm_that_panics_after_it_used_the_source() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let (twin, token) = (source.clone(), source.token());
        arm_in_vain(&source, &Uses(move || assert!(twin.disarm())));
        // The clock's twin has gone, and the timer has been counted off once.
        assert!(token.can_be_cancelled());
        let twin = source.clone();
        arm_in_vain(&source, &Uses(move || assert!(twin.cancel())));
        assert!(token.reason().unwrap().is_requested());
    });
}

/// The clock panics while another thread cancels: the reason stays.
#[test]
fn arm_that_panics_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let (twin, token) = (source.clone(), source.token());
        let other = spawn(move || assert!(twin.cancel()));
        // Of a source that is cancelled already the clock does not hear.
        let _ = catch_unwind(AssertUnwindSafe(|| source.cancel_after_on(&Broken, SOON)));
        other.join().unwrap();
        assert!(token.reason().unwrap().is_requested());
    });
}

/// The clock panics while another source goes: both are counted off.
#[test]
fn arm_that_panics_against_a_twins_drop() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let (twin, token) = (source.clone(), source.token());
        let other = spawn(move || drop(twin));
        arm_in_vain(&source, &Broken);
        other.join().unwrap();
        assert!(token.can_be_cancelled());
        drop(source);
        assert!(!token.can_be_cancelled());
    });
}

/// While one arms, another timer comes and goes: each is counted once.
#[test]
fn arm_against_arm_and_disarm() {
    model(name!(), Bound::Preemptions(2), || {
        let (source, clock) = (CancellationTokenSource::new(), Clock::new());
        let token = source.token();
        let [one, two] = [source.clone(), source.clone()].map(|twin| {
            let clock = clock.clone();
            spawn(move || twin.cancel_after_on(&clock, SOON))
        });
        two.join().unwrap();
        source.disarm();
        one.join().unwrap();
        source.disarm();
        assert_eq!(clock.armed(), 0);
        drop(source);
        assert!(!token.can_be_cancelled());
    });
}

/// Two threads clone one waker: it goes with the last of its clones.
#[test]
fn two_clone_a_timers_waker() {
    model(name!(), Bound::Exhaustive, || {
        let clock = Cloning::default();
        let source = CancellationTokenSource::new();
        source.cancel_after_on(&clock, SOON);
        let kept = std::mem::take(&mut *clock.1.lock().unwrap()).pop().unwrap();
        assert!(source.disarm());
        let (theirs, mine) = (Arc::new(kept), clock);
        let same = theirs.clone();
        let other = spawn(move || Waker::clone(&same));
        let clone = Waker::clone(&theirs);
        let theirs = (other.join().unwrap(), theirs);
        drop((source, mine, clone));
        theirs.0.wake_by_ref();
    });
}
