//! T24: zero, `Duration::MAX` and the last timestamp: now, never, and no overflow anywhere.
use crate::support::Counter;
use core::time::Duration;
use std::future::{pending, ready};
use std::task::{Poll, Waker};
use taskcell::time::{ManualClock, SystemClock, TimeProvider, Timestamp, delay_on};
use taskcell::{CancellationTokenSource, timeout, timeout_on};

const SECOND: Duration = Duration::from_secs(1);
const LONG: [Duration; 4] =
    [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_nanos(u64::MAX), Duration::from_millis(u64::MAX)];

#[test]
fn t24_a_zero_timeout_on_a_ready_future() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    assert!(matches!(waiter.poll(&mut Box::pin(timeout_on(&clock, Duration::ZERO, ready(1)))), Poll::Ready(Ok(1))));
    assert!(matches!(waiter.poll(&mut Box::pin(timeout(Duration::ZERO, ready(1)))), Poll::Ready(Ok(1))));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t24_a_zero_timeout_on_a_pending_future() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut work = Box::pin(timeout_on(&clock, Duration::ZERO, pending::<()>()));
    assert!(matches!(waiter.poll(&mut work), Poll::Ready(Err(_))), "at its first poll");
    assert!(matches!(waiter.poll(&mut Box::pin(timeout(Duration::ZERO, pending::<()>()))), Poll::Ready(Err(_))));
    assert_eq!(clock.armed(), 0);
    assert_eq!(waiter.wakes(), 0);
}

#[test]
fn t24_the_longest_timeout_never_elapses() {
    for start in [Timestamp::ZERO, Timestamp::from_nanos(1), Timestamp::from_nanos(u64::MAX - 1)] {
        let (clock, waiter) = (ManualClock::new(), Counter::new());
        clock.advance_to(start);
        let mut work = Box::pin(timeout_on(&clock, Duration::MAX, pending::<()>()));
        let mut wait = Box::pin(delay_on(&clock, Duration::MAX));
        let source = CancellationTokenSource::with_timeout_on(&clock, Duration::MAX);
        assert!(waiter.poll(&mut work).is_pending() && waiter.poll(&mut wait).is_pending());
        clock.advance(Duration::MAX);
        assert!(waiter.poll(&mut work).is_pending() && waiter.poll(&mut wait).is_pending());
        assert!(!source.is_cancelled());
    }
}

#[test]
fn t24_long_durations_saturate() {
    for time in LONG {
        let (clock, waiter) = (ManualClock::new(), Counter::new());
        clock.advance(SECOND);
        let mut work = Box::pin(timeout_on(&clock, time, pending::<()>()));
        assert!(waiter.poll(&mut work).is_pending());
        let source = CancellationTokenSource::with_timeout_on(&clock, time);
        clock.advance(100 * 365 * 86_400 * SECOND);
        assert!(!source.is_cancelled());
        assert!(waiter.poll(&mut work).is_pending());
        // On the default clock, too: nothing overflows there.
        let source = CancellationTokenSource::with_timeout(time);
        assert!(!source.is_cancelled());
        assert!(waiter.poll(&mut Box::pin(timeout(time, pending::<()>()))).is_pending());
    }
}

#[test]
fn t24_timestamps_saturate() {
    assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::ZERO.saturating_add(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::ZERO.saturating_duration_since(Timestamp::MAX), Duration::ZERO);
    assert_eq!(Timestamp::MAX.saturating_duration_since(Timestamp::ZERO), Duration::from_nanos(u64::MAX));
    assert_eq!(Timestamp::from_nanos(5).saturating_add(Duration::from_nanos(7)).as_nanos(), 12);
    assert!(Timestamp::ZERO < Timestamp::from_nanos(1) && Timestamp::from_nanos(1) < Timestamp::MAX);
}

#[test]
fn t24_a_clock_that_jumps_fires_everything_once() {
    let clock = ManualClock::new();
    let waiters: Vec<_> = (0..100u32)
        .map(|n| {
            let (waiter, mut work) = (Counter::new(), Box::pin(delay_on(&clock, SECOND * (n * 37 % 50 + 1))));
            assert!(waiter.poll(&mut work).is_pending());
            (waiter, work)
        })
        .collect();
    assert_eq!(clock.armed(), 100);
    clock.advance_to(Timestamp::from_nanos(u64::MAX - 1));
    for (waiter, mut work) in waiters {
        assert_eq!(waiter.wakes(), 1);
        assert!(waiter.poll(&mut work).is_ready());
    }
    assert_eq!(clock.armed(), 0);
    // Time never goes back.
    clock.advance_to(Timestamp::ZERO);
    assert_eq!(clock.now(), Timestamp::from_nanos(u64::MAX - 1));
}

#[test]
fn t24_alarms_by_hand() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let due = clock.arm(clock.now().saturating_add(SECOND), waiter.waker());
    let never = clock.arm(Timestamp::MAX, waiter.waker());
    assert!(!due.has_fired() && !never.has_fired());
    clock.advance(SECOND);
    assert!(due.has_fired());
    assert!(!due.disarm(), "its waker has been called");
    assert!(never.disarm());
    assert_eq!(waiter.wakes(), 1);
    let dropped = clock.arm(clock.now().saturating_add(SECOND), waiter.waker());
    drop(dropped);
    assert_eq!(clock.armed(), 0);
    clock.advance(SECOND);
    assert_eq!(waiter.wakes(), 1);
    // One that is due already fires, at the latest with the next turn.
    let past = clock.arm(Timestamp::ZERO, waiter.waker());
    clock.advance(Duration::ZERO);
    assert!(past.has_fired());
    assert_eq!(waiter.wakes(), 2);
    drop(past);
    assert_eq!(waiter.held(), 0);
    // The default clock takes a waker of anybody's.
    assert!(SystemClock.arm(Timestamp::MAX, Waker::noop().clone()).disarm());
}
