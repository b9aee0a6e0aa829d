//! The caller's token: what its cancellation ends, and what is left on it.
use super::hedging::{auto, millis, passed};
use crate::support::{Counter, Log};
use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{Attempt, CancellationToken, CancellationTokenSource, Losers, RedundancyError};
use taskcell::{fallback, first_successful, hedge, hedge_on, need_only_one};

#[test]
fn a_cancelled_token_starts_nothing() {
    let token = CancellationToken::new(true);
    let never = |_: Attempt| -> std::future::Ready<Result<(), ()>> { unreachable!() };
    let mut hedged = hedge(never).token(&token);
    let Poll::Ready(Err(RedundancyError::Cancelled { by, errors: None, .. })) = Counter::new().poll(&mut hedged) else {
        panic!("it is cancelled")
    };
    assert!(*by.token() == token);
    let never = |_: CancellationToken| -> std::future::Ready<Result<(), ()>> { unreachable!() };
    assert!(smol::block_on(need_only_one([never]).token(&token)).unwrap_err().is_cancelled());
    assert!(smol::block_on(first_successful([never]).token(&token)).unwrap_err().is_cancelled());
    assert!(smol::block_on(fallback([never]).token(&token)).unwrap_err().is_cancelled());
}

#[test]
fn a_cancellation_ends_it_and_leaves_nothing() {
    let (source, clock, waiter, log) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new(), Log::new());
    let mut hedged = hedge_on(&clock, |attempt: Attempt| {
        attempt.token.register(log.note(attempt.number)).detach();
        pending::<Result<(), u8>>()
    })
    .delay(millis(10))
    .max_attempts(3)
    .token(&source.token());
    assert!(waiter.poll(&mut hedged).is_pending());
    clock.advance(millis(10));
    assert!(waiter.poll(&mut hedged).is_pending());
    assert_eq!((clock.armed(), source.token().listeners()), (1, 3));
    source.cancel_with("enough");
    assert_eq!(log.take(), [1, 0]);
    let Poll::Ready(Err(error)) = waiter.poll(&mut hedged) else { panic!("it is cancelled") };
    assert_eq!(error.cancelled().unwrap().reason().unwrap().to_string(), "enough");
    assert_eq!(error.to_string(), "the operation was cancelled");
    assert_eq!((clock.armed(), source.token().listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn a_result_leaves_nothing_on_the_token() {
    let (source, clock) = (CancellationTokenSource::new(), auto());
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        let wait = delay_on(&clock, millis([100, 5][attempt.number as usize]));
        async move {
            wait.await;
            Ok::<_, ()>(attempt.number)
        }
    });
    let mut hedged = hedged.delay(millis(10)).token(&source.token());
    assert_eq!(clock.block_on(&mut hedged), Ok(1));
    // Also as long as the future is not dropped.
    assert_eq!((clock.armed(), source.token().listeners()), (0, 0));
}

#[test]
fn a_drop_leaves_nothing_and_cancels() {
    let (source, clock, waiter, log) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new(), Log::new());
    for losers in [Losers::DropNow, Losers::CancelAndAwait] {
        let mut hedged = hedge_on(&clock, |attempt: Attempt| {
            attempt.token.register(log.note(attempt.number)).detach();
            pending::<Result<(), ()>>()
        })
        .delay(millis(10))
        .token(&source.token())
        .losers(losers);
        assert!(waiter.poll(&mut hedged).is_pending());
        drop(hedged);
        assert_eq!(log.take(), [0]);
        assert_eq!((clock.armed(), source.token().listeners(), waiter.held()), (0, 0, 0));
    }
}

#[test]
fn no_attempt_follows_one_that_fails_by_the_cancellation() {
    let (source, calls) = (CancellationTokenSource::new(), Cell::new(0));
    let hedged = hedge(|attempt: Attempt| {
        calls.set(calls.get() + 1);
        async move {
            attempt.token.cancelled().await;
            Err::<(), _>(attempt.number)
        }
    });
    let mut hedged = hedged.max_attempts(9).token(&source.token());
    assert!(Counter::new().poll(&mut hedged).is_pending());
    source.cancel();
    let Poll::Ready(Err(error)) = Counter::new().poll(&mut hedged) else { panic!("it is cancelled") };
    assert!(error.is_cancelled());
    assert_eq!((calls.get(), source.token().listeners()), (1, 0));
}

#[test]
fn errors_from_before_are_kept() {
    let (source, attempts) = (CancellationTokenSource::new(), RefCell::new(Vec::new()));
    let mut failing = fallback((0..3).map(|n| {
        let attempts = &attempts;
        move |token: CancellationToken| async move {
            attempts.borrow_mut().push(n);
            if n == 1 {
                token.cancelled().await;
            }
            Err::<(), _>(["first", "second", "third"][n])
        }
    }))
    .token(&source.token());
    assert!(Counter::new().poll(&mut failing).is_pending());
    source.cancel();
    let Poll::Ready(Err(error)) = Counter::new().poll(&mut failing) else { panic!("it is cancelled") };
    assert!(error.is_cancelled());
    assert_eq!(error.to_string(), "the operation was cancelled, after 1 error: [0] first");
    let RedundancyError::Cancelled { errors: Some(errors), secondary, .. } = error else { unreachable!() };
    assert_eq!((errors.into_iter().collect::<Vec<_>>(), secondary), (vec![(0, "first")], vec![(1, "second")]));
    assert_eq!(*attempts.borrow(), [0, 1]);
}

#[test]
fn an_attempt_that_still_succeeds_wins() {
    for losers in [Losers::DropNow, Losers::CancelAndAwait] {
        let source = CancellationTokenSource::new();
        let hedged = hedge(|attempt: Attempt| async move {
            attempt.token.cancelled().await;
            Ok::<_, ()>("saved")
        });
        let mut hedged = hedged.token(&source.token()).losers(losers);
        assert!(Counter::new().poll(&mut hedged).is_pending());
        source.cancel();
        assert!(matches!(Counter::new().poll(&mut hedged), Poll::Ready(Ok("saved"))));
    }
}

#[test]
fn with_awaiting_one_may_win_after_the_cancellation() {
    let (source, clock) = (CancellationTokenSource::new(), auto());
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        let clock = &clock;
        async move {
            attempt.token.cancelled().await;
            delay_on(clock, millis(10 * u64::from(attempt.number + 1))).await;
            if attempt.number == 1 { Ok(attempt.number) } else { Err(()) }
        }
    });
    let hedged = hedged.delay(millis(1)).max_attempts(3).token(&source.token()).losers(Losers::CancelAndAwait);
    let canceller = async {
        delay_on(&clock, millis(5)).await;
        source.cancel();
    };
    let (result, ()) = clock.block_on(futures_util::future::join(hedged, canceller));
    assert_eq!((result, passed(&clock)), (Ok(1), 35));
    assert_eq!((clock.armed(), source.token().listeners()), (0, 0));
}

#[test]
fn awaiting_the_cancelled_ends_with_the_cancellation() {
    let (source, clock) = (CancellationTokenSource::new(), auto());
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        let clock = &clock;
        async move {
            if attempt.number == 0 {
                return Err("before");
            }
            attempt.token.cancelled().await;
            delay_on(clock, millis(30)).await;
            Err::<(), _>("after")
        }
    });
    let mut hedged = hedged.token(&source.token()).losers(Losers::CancelAndAwait);
    assert!(Counter::new().poll(&mut hedged).is_pending());
    source.cancel();
    let error = clock.block_on(hedged).unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(error.errors().unwrap().iter().collect::<Vec<_>>(), [(0, &"before")]);
    let RedundancyError::Cancelled { secondary, .. } = error else { unreachable!() };
    assert_eq!(secondary, [(1, "after")]);
    assert_eq!((passed(&clock), clock.armed()), (30, 0));
}

#[test]
fn a_token_that_can_never_be_cancelled_costs_nothing() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    drop(source);
    for token in [&token, &CancellationToken::NONE] {
        assert!(smol::block_on(hedge(|_| ready(Ok::<_, ()>(()))).token(token)).is_ok());
    }
}
