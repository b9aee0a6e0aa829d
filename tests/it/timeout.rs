//! `timeout` on a manual clock and on the system's.

use core::time::Duration;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use taskcell::time::ManualClock;
use taskcell::{timeout, timeout_on};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn t24_zero_time_on_a_ready_future_is_ok() {
    let clock = ManualClock::new();
    assert_eq!(poll(pin!(timeout_on(&clock, Duration::ZERO, ready(3)))), Poll::Ready(Ok(3)));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t24_zero_time_on_a_pending_one_is_elapsed_without_a_timer() {
    let clock = ManualClock::new();
    let mut late = pin!(timeout_on(&clock, Duration::ZERO, pending::<()>()));
    assert!(matches!(poll(late.as_mut()), Poll::Ready(Err(_))));
    assert!(matches!(poll(late.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t24_the_longest_time_is_never() {
    let clock = ManualClock::new();
    let mut never = pin!(timeout_on(&clock, Duration::MAX, pending::<()>()));
    assert!(poll(never.as_mut()).is_pending());
    assert_eq!(clock.armed(), 0);
    clock.advance(Duration::from_secs(u32::MAX.into()));
    assert!(poll(never.as_mut()).is_pending());
}

#[test]
fn it_ends_when_the_time_is_up_and_lets_its_timer_go() {
    let clock = ManualClock::new();
    let mut late = pin!(timeout_on(&clock, Duration::from_secs(2), pending::<()>()));
    assert!(poll(late.as_mut()).is_pending());
    assert_eq!(clock.armed(), 1);
    clock.advance(Duration::from_millis(1999));
    assert!(poll(late.as_mut()).is_pending());
    clock.advance(Duration::from_millis(1));
    assert!(matches!(poll(late.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn a_future_that_is_ready_late_is_not_late() {
    let clock = ManualClock::new();
    let mut done = false;
    {
        let mut future = Box::pin(timeout_on(
            &clock,
            Duration::from_secs(1),
            poll_fn(|_| if std::mem::replace(&mut done, true) { Poll::Ready(1) } else { Poll::Pending }),
        ));
        assert!(poll(future.as_mut()).is_pending());
        clock.advance(Duration::from_secs(5));
        assert_eq!(poll(future.as_mut()), Poll::Ready(Ok(1)));
        drop(future);
    }
    assert_eq!(clock.armed(), 0);
}

#[test]
fn dropping_it_disarms() {
    let clock = ManualClock::new();
    let mut future = Box::pin(timeout_on(&clock, Duration::from_secs(1), pending::<()>()));
    assert!(poll(future.as_mut()).is_pending());
    drop(future);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn the_systems_time() {
    let late = smol::block_on(timeout(Duration::from_millis(2), pending::<()>()));
    assert_eq!(late.unwrap_err().to_string(), "the time is up");
    assert_eq!(smol::block_on(timeout(Duration::from_secs(60), ready(1))), Ok(1));
}
