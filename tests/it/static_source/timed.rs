//! Deadlines and reasons.

use super::source;
use crate::support::leak;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::Waker;
use std::time::Duration;
use taskcell::StaticCancellationTokenSource;
use taskcell::time::{Alarm, StaticTimerQueue, TimeProvider, Timestamp};

/// A clock that stands still until it is told.
struct Clock {
    queue: StaticTimerQueue<4>,
    now: AtomicU64,
}

impl Clock {
    fn new() -> &'static Self {
        leak(Self { queue: StaticTimerQueue::new(), now: AtomicU64::new(0) })
    }

    fn at(&'static self, nanos: u64) -> usize {
        self.now.store(nanos, SeqCst);
        self.queue.turn(Timestamp::from_nanos(nanos))
    }
}

impl TimeProvider for &'static Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.now.load(SeqCst))
    }

    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.queue.arm(deadline, waker).expect("four timers")
    }
}

const NANO: Duration = Duration::from_nanos(1);

#[test]
fn a_timer_cancels_when_it_elapses() {
    let (clock, source) = (Clock::new(), source::<1>());
    for round in 1..4 {
        let timer = source.cancel_after_on(&clock, 10 * NANO);
        assert_eq!(clock.at(round * 100 - 91), 0);
        clock.at(round * 100);
        assert!(source.is_cancelled());
        let reason = source.token().reason().unwrap();
        assert!(reason.is_deadline() && !reason.is_requested() && !reason.is_inherited());
        assert_eq!(reason.to_string(), "the deadline elapsed");
        assert!(!timer.disarm());
        assert!(source.try_reset() && source.token().reason().is_none());
        clock.now.store(round * 100, SeqCst);
    }
}

#[test]
fn a_timer_that_is_disarmed_or_dropped_never_cancels() {
    let (clock, source) = (Clock::new(), source::<1>());
    assert!(source.cancel_after_on(&clock, NANO).disarm());
    drop(source.cancel_after_on(&clock, NANO));
    assert_eq!((clock.queue.armed(), clock.at(100)), (0, 0));
    assert!(!source.is_cancelled());
}

#[test]
fn zero_cancels_at_once_and_max_is_never() {
    let (clock, source) = (Clock::new(), source::<1>());
    let never = source.cancel_after_on(&clock, Duration::MAX);
    assert!(clock.queue.armed() == 0 && format!("{never:?}") == "StaticTimer { has_elapsed: false }");
    let now = source.cancel_after_on(&clock, Duration::ZERO);
    assert!(source.token().reason().unwrap().is_deadline());
    assert!(never.disarm() && !now.disarm());
    let late = source.cancel_after_on(&clock, NANO);
    assert_eq!(clock.queue.armed(), 0, "it is cancelled already");
    assert!(source.try_reset() && clock.at(100) == 0 && !source.is_cancelled() && late.disarm());
}

#[test]
fn a_timer_outlasts_a_reset() {
    let (clock, source) = (Clock::new(), source::<1>());
    let (early, late) = (source.cancel_after_on(&clock, NANO), source.cancel_after_on(&clock, 10 * NANO));
    assert!(source.cancel() && clock.at(1) == 1);
    assert!(source.token().reason().unwrap().is_requested(), "it elapsed too late");
    assert!(source.try_reset() && !early.disarm());
    assert!(clock.at(10) == 1 && source.token().reason().unwrap().is_deadline());
    assert!(!late.disarm());
}

#[test]
fn the_reason_is_that_of_the_first_and_travels_down() {
    let (root, middle, leaf) = (source::<1>(), source::<1>(), source::<1>());
    middle.link(root).unwrap();
    leaf.link(middle).unwrap();
    assert!(leaf.token().check().is_ok());
    root.deadline_waker().wake_by_ref();
    for source in [middle, leaf] {
        let reason = source.token().reason().unwrap();
        assert!(reason.is_deadline() && reason.is_inherited());
    }
    assert!(!root.token().reason().unwrap().is_inherited());
    let error = leaf.token().check().unwrap_err();
    assert_eq!(
        (error.reason(), error.to_string().as_str()),
        (leaf.token().reason().unwrap(), "the operation was cancelled")
    );
    root.deadline_waker().wake();
    assert!(root.try_reset() && middle.try_reset() && leaf.try_reset());
    assert!(middle.cancel() && root.cancel());
    assert!(middle.token().reason().unwrap().is_requested() && !middle.token().reason().unwrap().is_inherited());
    let reason = leaf.token().reason().unwrap();
    assert!(reason.is_requested() && reason.is_inherited() && reason.to_string() == "cancellation was requested");
    let late: &'static StaticCancellationTokenSource<1> = source();
    late.link(middle).unwrap();
    assert!(late.token().reason().unwrap().is_inherited());
}

#[test]
fn deadline_wakers_are_free_to_clone() {
    let source = source::<1>();
    let (waker, other) = (source.deadline_waker(), super::source::<1>().deadline_waker());
    let clone = waker.clone();
    assert!(waker.will_wake(&clone) && !waker.will_wake(&other));
    drop((waker, other));
    assert!(!source.is_cancelled());
    clone.wake();
    assert!(source.is_cancelled());
}
