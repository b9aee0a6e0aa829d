//! Time: attempts that take too long, the deadline of the whole, and delays.
use super::{MS, failing, now, started, times};
use crate::support::{Counter, Latch};
use core::time::Duration;
use std::cell::Cell;
use std::future::{IntoFuture, pending, ready};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{Backoff, CancellationTokenSource, RetryAttempt, RetryCause, RetryErrorKind, TimeProvider, retry_on};

#[test]
fn an_attempt_that_takes_too_long_is_dropped_and_tried_again() {
    let (clock, waiter, calls) = (ManualClock::new(), Counter::new(), Cell::new(0));
    let mut causes = Vec::new();
    let attempt = |_| {
        calls.set(calls.get() + 1);
        let third = calls.get() == 3;
        async move { if third { Ok(7) } else { pending::<Result<u32, ()>>().await } }
    };
    let retry = retry_on(&clock, attempt).attempt_timeout(10 * MS);
    let mut retry = started(retry.on_retry(|event| causes.push((event.cause, event.error.is_none()))));
    for n in 1..=2 {
        assert!(waiter.poll(&mut retry).is_pending());
        assert_eq!((calls.get(), clock.armed()), (n, 1));
        clock.advance(9 * MS);
        assert!(waiter.poll(&mut retry).is_pending());
        assert_eq!(calls.get(), n);
        clock.advance(MS);
    }
    assert!(matches!(waiter.poll(&mut retry), Poll::Ready(Ok(7))));
    assert_eq!(clock.armed(), 0);
    drop(retry);
    assert_eq!(causes, [(RetryCause::TimedOut, true); 2]);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn the_last_attempt_timed_out() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let attempt = async |attempt: taskcell::RetryAttempt| {
        if attempt.is_last() { pending().await } else { Err::<(), _>(attempt.number) }
    };
    let error = clock.block_on(retry_on(&clock, attempt).attempt_timeout(5 * MS).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::AttemptTimedOut, 3));
    assert!(error.is_exhausted());
    assert_eq!((error.elapsed(), error.into_inner()), (5 * MS, Some(1)), "the last that there was");
    assert_eq!(clock.armed(), 0);
}

#[test]
fn all_attempts_timed_out() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let retry = retry_on(&clock, |_| pending::<Result<(), &str>>()).attempt_timeout(5 * MS);
    let error = clock.block_on(retry.collect_errors().into_future()).unwrap_err();
    assert_eq!((error.attempts(), error.elapsed(), error.last()), (3, 15 * MS, None));
    assert_eq!(error.to_string(), "an attempt took too long after 3 attempts");
    assert!(error.into_errors().is_empty());
}

#[test]
fn no_time_at_all() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    for start in [Duration::ZERO, MS] {
        clock.advance(start);
        // What is ready is never late.
        assert!(now(retry_on(&clock, |_| ready(Ok::<_, ()>(1))).attempt_timeout(Duration::ZERO).into_future()).is_ok());
        assert!(now(retry_on(&clock, |_| ready(Ok::<_, ()>(1))).deadline(Duration::ZERO).into_future()).is_ok());
        let mut late = started(retry_on(&clock, |_| pending::<Result<(), ()>>()).attempt_timeout(Duration::ZERO));
        let Poll::Ready(Err(error)) = waiter.poll(&mut late) else { panic!("no time") };
        assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::AttemptTimedOut, 3));
        let mut late = started(retry_on(&clock, |_| pending::<Result<(), ()>>()).deadline(Duration::ZERO));
        let Poll::Ready(Err(error)) = waiter.poll(&mut late) else { panic!("no time") };
        assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::Deadline, 1));
        let error = now(retry_on(&clock, |_| ready(Err::<(), _>(1))).deadline(Duration::ZERO).into_future());
        assert_eq!(error.unwrap_err().kind(), RetryErrorKind::Deadline);
    }
    assert_eq!((clock.armed(), waiter.wakes(), waiter.held()), (0, 0, 0));
}

#[test]
fn all_the_time_there_is() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    clock.advance(MS);
    let limits = |clock| {
        let retry = retry_on(clock, |_| pending::<Result<(), ()>>());
        retry.attempt_timeout(Duration::MAX).deadline(Duration::MAX)
    };
    let mut retry = started(limits(&clock));
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(Duration::MAX);
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!((clock.armed(), waiter.wakes()), (0, 0));
    // Long, but not for ever: no overflow.
    let mut retry = started(retry_on(&clock, |_| ready(Err::<(), _>(()))).backoff(Backoff::constant(Duration::MAX)));
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(clock.armed(), 0);
    let fresh = ManualClock::new();
    let retry = retry_on(&fresh, |_| ready(Err::<(), _>(()))).backoff(Backoff::constant(Duration::MAX));
    let error = now(retry.deadline(Duration::from_secs(1 << 34)).into_future()).unwrap_err();
    assert_eq!(error.kind(), RetryErrorKind::Deadline);
}

#[test]
fn the_deadline_cuts_an_attempt() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let attempt = async |_| {
        delay_on(&clock, 40 * MS).await;
        Err::<(), _>("slow")
    };
    let error = clock.block_on(retry_on(&clock, attempt).for_ever().deadline(100 * MS).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Deadline, 3, 100 * MS));
    assert_eq!((error.into_inner(), clock.armed()), (Some("slow"), 0));
}

#[test]
fn the_lesser_of_both_limits() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let retry = retry_on(&clock, |_| pending::<Result<(), ()>>()).for_ever();
    let error = clock.block_on(retry.attempt_timeout(30 * MS).deadline(100 * MS).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Deadline, 4, 100 * MS));
}

#[test]
fn time_passes_where_nobody_looks() {
    // The clock is far beyond the deadline when the delay is polled again.
    let (clock, waiter, calls) = (ManualClock::new(), Counter::new(), Cell::new(0));
    let retry = retry_on(&clock, failing(&calls, 9)).backoff(Backoff::constant(10 * MS)).deadline(50 * MS);
    let mut retry = started(retry);
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(60 * MS);
    let Poll::Ready(Err(error)) = waiter.poll(&mut retry) else { panic!("too late") };
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Deadline, 1, 60 * MS));
}

#[test]
fn everything_counts_from_the_first_poll() {
    let (clock, waiter, calls) = (ManualClock::new(), Counter::new(), Cell::new(0));
    let retry = retry_on(&clock, failing(&calls, 9)).backoff(Backoff::constant(30 * MS)).deadline(100 * MS);
    let mut retry = started(retry);
    clock.advance(1000 * MS);
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(30 * MS);
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(30 * MS);
    assert!(matches!(waiter.poll(&mut retry), Poll::Ready(Err(error)) if error.elapsed() == 60 * MS));
}

#[test]
fn a_deadline_in_the_gap() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let gap = || retry_on(&clock, |_| ready(Err::<(), _>("down"))).retry_when(|_| pending::<()>()).token(&token);
    let mut late = started(gap().deadline(50 * MS));
    assert!(waiter.poll(&mut late).is_pending());
    assert_eq!((clock.armed(), token.listeners()), (1, 1));
    clock.advance(50 * MS);
    let Poll::Ready(Err(error)) = waiter.poll(&mut late) else { panic!("the time is up") };
    assert_eq!((error.kind(), error.elapsed()), (RetryErrorKind::Deadline, 50 * MS));
    let mut told = started(gap());
    assert!(waiter.poll(&mut told).is_pending());
    source.cancel();
    assert!(matches!(waiter.poll(&mut told), Poll::Ready(Err(error)) if error.is_cancelled()));
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn a_timer_is_armed_only_where_there_is_something_to_wait_for() {
    let (clock, waiter, gate) = (ManualClock::new(), Counter::new(), Latch::new());
    let attempt = async |_| {
        gate.reached(1).await;
        Err::<(), _>(())
    };
    let mut retry = started(retry_on(&clock, attempt).max_attempts(times(2)).backoff(Backoff::constant(MS)));
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(clock.armed(), 0);
    gate.arrive();
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(clock.armed(), 1);
    clock.advance(MS);
    assert!(waiter.poll(&mut retry).is_ready());
}

#[test]
fn an_attempt_after_a_delay_has_no_limit_of_its_own() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let attempt = async |attempt: RetryAttempt| {
        delay_on(&clock, 7 * MS).await;
        if attempt.is_last() { Ok(attempt.number) } else { Err(()) }
    };
    let retry = retry_on(&clock, attempt).backoff_seeded(Backoff::constant(MS), 0);
    assert_eq!(clock.block_on(retry.into_future()).map_err(|_| ()), Ok(2));
    assert_eq!(clock.now().as_nanos(), (23 * MS).as_nanos() as u64);
}
