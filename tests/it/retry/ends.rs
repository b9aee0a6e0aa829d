//! Each way a retry ends, and what its error says.
use super::{MS, failing, now, started, times};
use crate::support::{Counter, Latch};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, pending, ready};
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{
    Backoff, Cancellation, CancellationToken, CancellationTokenSource, RetryErrorKind, StaticCancellationTokenSource,
    retry, retry_on,
};

#[test]
fn it_succeeds() {
    for failures in 0..3 {
        let calls = Cell::new(0);
        assert_eq!(now(retry(failing(&calls, failures)).into_future()).unwrap(), failures);
        assert_eq!(calls.get(), failures + 1);
    }
}

#[test]
fn attempts_run_out() {
    let calls = Cell::new(0);
    let error = now(retry(failing(&calls, 9)).max_attempts(times(7)).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), calls.get()), (RetryErrorKind::Exhausted, 7, 7));
    assert!(error.is_exhausted() && !error.is_cancelled() && error.rejected().is_none());
    assert_eq!((error.last(), error.errors().copied().collect::<Vec<_>>()), (Some(&6), vec![6]));
    assert_eq!(error.to_string(), "gave up after 7 attempts: 6");
    assert!(format!("{error:?}").contains("Exhausted"));
    assert_eq!(error.clone().into_errors(), [6]);
    assert_eq!(error.into_inner(), Some(6));
}

#[test]
fn one_attempt_is_one_attempt() {
    let calls = Cell::new(0);
    let error = now(retry(failing(&calls, 9)).max_attempts(times(1)).into_future()).unwrap_err();
    assert_eq!((error.attempts(), error.to_string()), (1, "gave up after 1 attempt: 0".into()));
}

#[test]
fn delays_run_out() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let calls = Cell::new(0);
    let retry = retry_on(&clock, failing(&calls, 9)).for_ever().delays([MS, 2 * MS]).into_future();
    let error = clock.block_on(retry).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Exhausted, 3, 3 * MS));
}

#[test]
fn for_ever_is_for_ever() {
    let (calls, waiter) = (Cell::new(0), Counter::new());
    let mut retry = started(retry(failing(&calls, 100_000)).for_ever());
    while waiter.poll(&mut retry).is_pending() {}
    assert_eq!(calls.get(), 100_001);
}

#[test]
fn it_lets_others_go_first() {
    let (calls, waiter) = (Cell::new(0), Counter::new());
    let mut retry = started(retry(failing(&calls, u32::MAX)).for_ever());
    for poll in 1..10 {
        assert!(waiter.poll(&mut retry).is_pending());
        assert_eq!((calls.get(), waiter.wakes()), (32 * poll, poll as usize));
    }
    drop(retry);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn all_errors_are_kept_for_those_who_ask() {
    let calls = Cell::new(0);
    let error = now(retry(failing(&calls, 9)).max_attempts(times(4)).collect_errors().into_future()).unwrap_err();
    assert_eq!(error.errors().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(error.last(), Some(&3));
    assert_eq!(error.into_errors(), [0, 1, 2, 3]);
}

#[test]
fn a_cancelled_token_lets_nothing_start() {
    let calls = Cell::new(0);
    let error = now(retry(failing(&calls, 9)).token(&CancellationToken::new(true)).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), calls.get()), (RetryErrorKind::Cancelled, 0, 0));
    assert_eq!((error.elapsed(), error.to_string()), (Duration::ZERO, "cancelled after 0 attempts".into()));
    assert_eq!(error.into_inner(), None);
}

#[test]
fn a_token_that_is_never_cancelled_changes_nothing() {
    let calls = Cell::new(0);
    assert_eq!(now(retry(failing(&calls, 2)).token(&CancellationToken::NONE).into_future()).unwrap(), 2);
}

#[test]
fn during_an_attempt_the_attempt_decides() {
    let (source, waiter, gate) = (CancellationTokenSource::new(), Counter::new(), Latch::new());
    let token = source.token();
    // A success counts.
    let mut won = started(
        retry(async |_| {
            gate.reached(1).await;
            Ok::<_, ()>(1)
        })
        .token(&token),
    );
    // A failure ends it, though there might have been more attempts.
    let mut lost = started(
        retry(async |_| {
            gate.reached(1).await;
            Err::<(), _>("told")
        })
        .token(&token),
    );
    assert!(waiter.poll(&mut won).is_pending() && waiter.poll(&mut lost).is_pending());
    source.cancel();
    assert!(waiter.poll(&mut won).is_pending() && waiter.poll(&mut lost).is_pending());
    gate.arrive();
    assert!(matches!(waiter.poll(&mut won), Poll::Ready(Ok(1))));
    let Poll::Ready(Err(error)) = waiter.poll(&mut lost) else { panic!("it failed") };
    assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::Cancelled, 1));
    assert_eq!(error.into_inner(), Some("told"));
}

#[test]
fn an_attempt_that_knows_no_token_is_dropped() {
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let (token, calls) = (source.token(), Cell::new(0));
    let attempt = async |_| {
        calls.set(calls.get() + 1);
        if calls.get() == 2 { pending().await } else { Err::<(), _>("first") }
    };
    let mut retry = started(retry(attempt).token(&token).drop_when_cancelled());
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!((token.listeners(), waiter.wakes()), (1, 0));
    source.cancel();
    assert_eq!(waiter.wakes(), 1);
    let Poll::Ready(Err(error)) = waiter.poll(&mut retry) else { panic!("it ends at once") };
    assert_eq!((error.kind(), error.attempts(), error.into_inner()), (RetryErrorKind::Cancelled, 2, Some("first")));
    assert_eq!((token.listeners(), waiter.held()), (0, 0));
}

#[test]
fn the_last_failure_is_the_attempts_own() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let attempt = |_| {
        source.cancel();
        ready(Err::<(), _>("mine"))
    };
    let error = now(retry(attempt).max_attempts(times(1)).token(&token).into_future()).unwrap_err();
    assert_eq!(error.kind(), RetryErrorKind::Exhausted);
}

#[test]
fn a_hook_may_cancel() {
    let (source, calls) = (CancellationTokenSource::new(), Cell::new(0));
    let token = source.token();
    let retry = retry(failing(&calls, 9)).token(&token).on_retry(|_| {
        source.cancel();
    });
    let error = now(retry.into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.into_inner()), (RetryErrorKind::Cancelled, 1, Some(0)));
}

#[test]
fn on_a_token_without_a_heap() {
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    let (clock, waiter, calls) = (ManualClock::new(), Counter::new(), Cell::new(0));
    let token = STOP.token();
    let held = token.slot().unwrap();
    let error = now(retry(failing(&calls, 9)).token(&token).into_future()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), calls.get()), (RetryErrorKind::Full, 0, 0));
    drop(held);
    let mut retry =
        started(retry_on(&clock, failing(&calls, 9)).backoff_seeded(Backoff::constant(MS), 0).token(&token));
    assert!(waiter.poll(&mut retry).is_pending());
    assert!(token.slot().is_err(), "the slot is the retry's");
    STOP.cancel();
    assert!(matches!(waiter.poll(&mut retry), Poll::Ready(Err(error)) if error.is_cancelled()));
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

#[test]
fn each_attempt_goes_before_the_next_is_made() {
    let log = RefCell::new(Vec::new());
    struct Noted<'a>(&'a RefCell<Vec<String>>, u32);
    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(format!("drop {}", self.1));
        }
    }
    let attempt = |attempt: taskcell::RetryAttempt| {
        log.borrow_mut().push(format!("make {}", attempt.number));
        let noted = Noted(&log, attempt.number);
        std::future::poll_fn(move |_| {
            let _ = &noted;
            Poll::Ready(Err::<(), _>(()))
        })
    };
    assert!(now(retry(attempt).max_attempts(times(2)).into_future()).is_err());
    assert_eq!(*log.borrow(), ["make 0", "drop 0", "make 1", "drop 1"]);
}
