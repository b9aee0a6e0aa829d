//! The closures: predicates, values, hints, gaps, the hook.
use super::{MS, failing, now, started, times};
use crate::support::{Counter, Latch};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, ready};
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{Backoff, RetryAttempt, RetryCause, RetryErrorKind, retry, retry_on};

#[test]
fn the_predicate_says_no() {
    let calls = Cell::new(0);
    let error = now(retry(failing(&calls, 9)).max_attempts(times(9)).when(|n| *n < 2).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), calls.get()), (RetryErrorKind::Refused, 3, 3));
    assert!(!error.is_exhausted());
    assert_eq!(error.to_string(), "not worth another attempt after 3 attempts: 2");
}

#[test]
fn a_value_that_counts_as_a_failure() {
    let calls = Cell::new(0);
    let attempt = |_| {
        calls.set(calls.get() + 1);
        ready(Ok::<u32, &str>(if calls.get() < 3 { 503 } else { 200 }))
    };
    assert_eq!(now(retry(attempt).when_value(|status| *status == 503).into_future()).unwrap(), 200);
    calls.set(0);
    let error = now(retry(attempt).max_attempts(times(2)).when_value(|s| *s == 503).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.rejected(), error.last()), (RetryErrorKind::Exhausted, Some(&503), None));
    assert_eq!(error.to_string(), "gave up after 2 attempts: the last value was no success");
    assert_eq!(error.clone().into_inner(), None);
    assert_eq!(error.into_rejected(), Some(503));
}

#[test]
fn errors_and_values_in_turn() {
    let seen = RefCell::new(Vec::new());
    let attempt = |attempt: RetryAttempt| ready(if attempt.number % 2 == 0 { Err("no") } else { Ok(attempt.number) });
    let error = now(retry(attempt)
        .on_retry(|event| seen.borrow_mut().push((event.attempt.number, event.cause, event.error.copied())))
        .when_value(|_| true)
        .max_attempts(times(4))
        .collect_errors()
        .into_future())
    .unwrap_err();
    let (even, odd) = ((RetryCause::Error, Some("no")), (RetryCause::Value, None));
    assert_eq!(*seen.borrow(), [(0, even.0, even.1), (1, odd.0, odd.1), (2, even.0, even.1)]);
    assert_eq!((error.rejected(), error.errors().count()), (Some(&3), 2));
    assert_eq!(error.into_errors(), ["no", "no"]);
}

#[test]
fn the_delay_that_an_error_asks_for() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let delays = RefCell::new(Vec::new());
    let attempt = |attempt: RetryAttempt| ready(Err::<(), _>(attempt.number));
    let retry = retry_on(&clock, attempt)
        .max_attempts(times(6))
        .backoff(Backoff::linear(10 * MS))
        .delay_from(|n| (n % 2 == 1).then_some(MS * (*n + 1) * 100))
        .on_retry(|event| delays.borrow_mut().push(event.delay.as_millis()));
    let error = clock.block_on(retry.into_future()).unwrap_err();
    assert_eq!(*delays.borrow(), [10, 200, 20, 400, 30], "the backoff goes on where it was");
    assert_eq!(error.elapsed(), 660 * MS);
}

#[test]
fn a_hint_of_zero_is_at_once_and_a_long_one_meets_the_deadline() {
    let clock = ManualClock::new();
    let attempt = |attempt: RetryAttempt| ready(Err::<(), _>(attempt.number));
    let zero = retry_on(&clock, attempt).backoff(Backoff::constant(MS)).delay_from(|_| Some(Duration::ZERO));
    assert_eq!(now(zero.into_future()).unwrap_err().attempts(), 3);
    let long = retry_on(&clock, attempt).delay_from(|_| Some(Duration::from_secs(9))).deadline(8000 * MS);
    let error = now(long.into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::Deadline, 1));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn a_gap_comes_after_the_delay_and_may_say_no() {
    let (clock, waiter, gate, log) = (ManualClock::new(), Counter::new(), Latch::new(), RefCell::new(Vec::new()));
    let attempt = |attempt: RetryAttempt| {
        log.borrow_mut().push(format!("attempt {}", attempt.number));
        ready(Err::<(), _>(()))
    };
    let gap = |failed: RetryAttempt| {
        log.borrow_mut().push(format!("gap {} of {:?}", failed.number, failed.remaining));
        let gate = gate.clone();
        async move {
            gate.reached(failed.number as usize + 1).await;
            failed.number < 1
        }
    };
    let mut retry = started(retry_on(&clock, attempt).backoff(Backoff::constant(MS)).retry_when(gap));
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(*log.borrow(), ["attempt 0"]);
    clock.advance(MS);
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(*log.borrow(), ["attempt 0", "gap 0 of Some(2)"]);
    gate.arrive();
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(MS);
    assert!(waiter.poll(&mut retry).is_pending());
    gate.arrive();
    let Poll::Ready(Err(error)) = waiter.poll(&mut retry) else { panic!("the gap said no") };
    assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::Refused, 2));
    assert_eq!(*log.borrow(), ["attempt 0", "gap 0 of Some(2)", "attempt 1", "gap 1 of Some(1)"]);
}

#[test]
fn what_an_attempt_is_told() {
    let seen = RefCell::new(Vec::new());
    let attempt = |attempt: RetryAttempt| {
        seen.borrow_mut().push((attempt.number, attempt.remaining, attempt.is_first(), attempt.is_last()));
        ready(if attempt.number == 1 { Ok(()) } else { Err(()) })
    };
    now(retry(attempt).max_attempts(times(2)).into_future()).unwrap();
    now(retry(attempt).for_ever().into_future()).unwrap();
    let told = [(0, Some(1), true, false), (1, Some(0), false, true), (0, None, true, false), (1, None, false, false)];
    assert_eq!(*seen.borrow(), told);
}

#[test]
fn closures_may_change_what_they_hold() {
    let (mut made, mut asked, mut heard) = (0, 0, 0);
    let attempt = |_| {
        made += 1;
        ready(Err::<(), _>(made))
    };
    let retry = retry(attempt)
        .when(|_| {
            asked += 1;
            true
        })
        .on_retry(|_| heard += 1);
    assert_eq!(now(retry.into_future()).unwrap_err().into_inner(), Some(3));
    assert_eq!((made, asked, heard), (3, 3, 2));
}
