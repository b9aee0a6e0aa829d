//! CMB: the combinators that the TAP guides write by hand.
use core::num::NonZeroU32;
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::future::pending;
use taskcell::time::{ManualClock, TimeProvider, Timestamp};
use taskcell::{
    CancellationToken, CancellationTokenSource, RetryErrorKind, TimeoutOutcome, retry, timeout_cooperative_on,
    timeout_on, until_cancelled,
};

#[test]
fn cmb_001_usage_errors_panic_at_the_call_and_others_are_in_the_future() {
    // What .NET throws for at the call cannot be written: there are no null functions and no zero attempts.
    assert_eq!(NonZeroU32::new(0), None);
    // A closure that fails without waiting fails in the future, not at the call.
    let called = Cell::new(false);
    let failing = retry(|_| {
        called.set(true);
        std::future::ready(Err::<(), _>("at once"))
    });
    assert!(!called.get());
    assert_eq!(smol::block_on(async { failing.await.unwrap_err().into_inner() }), Some("at once"));
}

#[test]
fn cmb_002_a_cancelled_token_lets_no_work_start() {
    let token = CancellationToken::new(true);
    let never = |_| -> std::future::Ready<Result<(), ()>> { panic!("started") };
    let error = smol::block_on(async { retry(never).token(&token).await.unwrap_err() });
    assert_eq!((error.kind(), error.attempts()), (RetryErrorKind::Cancelled, 0));
    let work = async { panic!("started") };
    assert!(smol::block_on(until_cancelled(Box::pin(work), &token)).is_err());
    let clock = ManualClock::new();
    let never = |_| -> std::future::Ready<()> { panic!("started") };
    let timed = timeout_cooperative_on(&clock, Duration::MAX, Duration::MAX, never).token(&token);
    assert_eq!(smol::block_on(timed), TimeoutOutcome::Dropped);
}

#[test]
fn cmb_003_a_result_that_comes_in_spite_of_a_cancellation_counts() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let outcome = smol::block_on(async {
        retry(async |_| {
            source.cancel();
            Ok::<_, ()>(1)
        })
        .token(&token)
        .await
    });
    assert_eq!(outcome.unwrap(), 1);
    let source = CancellationTokenSource::new();
    let work = Box::pin(async {
        source.cancel();
        2
    });
    assert_eq!(smol::block_on(until_cancelled(work, &source.token())).ok(), Some(2));
}

#[test]
fn cmb_005_retry_on_fault() {
    let run = |failures| {
        let calls = Cell::new(0);
        let outcome = smol::block_on(async {
            retry(async |attempt| {
                calls.set(calls.get() + 1);
                if attempt.number < failures { Err(attempt.number) } else { Ok(attempt.number) }
            })
            .max_attempts(NonZeroU32::new(3).unwrap())
            .await
        });
        (outcome.map_err(|error| error.into_inner()), calls.get())
    };
    assert_eq!(run(2), (Ok(2), 3));
    assert_eq!(run(9), (Err(Some(2)), 3));
}

#[test]
fn cmb_008_retry_when_is_awaited_between_attempts_only() {
    let run = |failures| {
        let log = RefCell::new(String::new());
        let outcome = smol::block_on(async {
            let attempt = async |attempt: taskcell::RetryAttempt| {
                log.borrow_mut().push('a');
                if attempt.number < failures { Err(()) } else { Ok(()) }
            };
            retry(attempt).retry_when(async |_| log.borrow_mut().push('w')).await
        });
        (outcome.is_ok(), log.into_inner())
    };
    assert_eq!(run(0), (true, "a".into()));
    assert_eq!(run(1), (true, "awa".into()));
    assert_eq!(run(2), (true, "awawa".into()));
    assert_eq!(run(9), (false, "awawa".into()), "not after the last failure");
}

#[test]
fn cmb_018_a_timeout_leaves_the_loser_to_its_owner() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let mut work = Box::pin(async { pending::<()>().await });
    let late = clock.block_on(timeout_on(&clock, Duration::from_secs(3), work.as_mut()));
    assert!(late.is_err());
    // By reference it goes on where it was.
    assert!(clock.block_on(timeout_on(&clock, Duration::from_secs(1), work)).is_err());
    assert_eq!((clock.now(), clock.armed()), (Timestamp::from(Duration::from_secs(4)), 0));
}
