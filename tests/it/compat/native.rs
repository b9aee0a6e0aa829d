//! What the compatible token has beside tokio-util's names, and where the two differ.
use crate::support::heap::{allocations, live_bytes};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Log, panic_of, poll_with};
use core::time::Duration;
use std::pin::pin;
use std::task::Context;
use std::time::Instant;
use taskcell::compat::tokio_util::future::FutureExt;
use taskcell::compat::tokio_util::sync::CancellationToken;
use taskcell::{Cancellation, CancellationTokenSource, until_cancelled};

/// Every way to say it.
#[test]
fn the_paths_all_lead_to_the_same_types() {
    use taskcell::compat;
    let token: compat::CancellationToken = compat::sync::CancellationToken::new();
    let same: &compat::tokio_util::sync::CancellationToken = &token;
    let wait: compat::WaitForCancellationFuture<'_> = same.cancelled();
    drop::<compat::sync::WaitForCancellationFuture<'_>>(wait);
    let owned: compat::WaitForCancellationFutureOwned = token.clone().cancelled_owned();
    drop::<compat::sync::WaitForCancellationFutureOwned>(owned);
    drop::<(compat::DropGuard, compat::sync::DropGuard)>((token.clone().drop_guard(), token.clone().drop_guard()));
    drop::<(compat::DropGuardRef<'_>, compat::sync::DropGuardRef<'_>)>((token.drop_guard_ref(), same.drop_guard_ref()));
    drop::<compat::RunUntilCancelledFuture<'_, _>>(token.run_until_cancelled(async {}));
    drop::<compat::sync::RunUntilCancelledFutureOwned<_>>(token.clone().run_until_cancelled_owned(async {}));
    drop::<compat::WithCancellationTokenFuture<'_, _>>(async {}.with_cancellation_token(&token));
    drop::<compat::future::WithCancellationTokenFutureOwned<_>>(async {}.with_cancellation_token_owned(token.clone()));
    fn is<F: compat::FutureExt + compat::future::FutureExt + FutureExt>(_: F) {}
    is(async {});
}

#[test]
fn it_is_a_source_and_turns_into_one() {
    let token = CancellationToken::new();
    let source = CancellationTokenSource::from(token.clone());
    let back = CancellationToken::from(source.clone());
    assert_eq!(token, back);
    let observer = taskcell::CancellationToken::from(back);
    assert_eq!((observer.clone(), source.token()), (token.token(), observer.clone()));
    source.cancel_with("why");
    assert_eq!(token.token().reason().expect("cancelled").to_string(), "why");
    assert!(observer.is_cancelled() && token.source().is_cancelled());
}

#[test]
fn a_native_token_has_compatible_children() {
    let source = CancellationTokenSource::new();
    let child = CancellationToken::from(source.token().child());
    let grandchild = child.child_token();
    child.cancel();
    assert!(!source.is_cancelled() && grandchild.is_cancelled());
    let other = CancellationToken::from(source.token().child());
    source.cancel();
    assert!(other.is_cancelled());
}

#[test]
fn callbacks_and_deadlines_work_on_it() {
    let (token, clock) = (CancellationToken::new(), taskcell::ManualClock::new());
    let log = Log::new();
    let _callback = token.child_token().token().register(log.note("cancelled"));
    token.source().cancel_after_on(&clock, Duration::from_secs(1));
    clock.advance(Duration::from_secs(1));
    assert_eq!((token.is_cancelled(), log.take()), (true, vec!["cancelled"]));
}

#[test]
fn combinators_take_it() {
    let token = CancellationToken::new();
    assert!(token.can_be_cancelled());
    assert_eq!(smol::block_on(until_cancelled(pin!(async { 1 }), &token)).ok(), Some(1));
    token.cancel();
    assert!(smol::block_on(until_cancelled(pin!(async { 1 }), &token)).is_err());
}

/// tokio-util leaves the others unwoken.
#[test]
fn a_waker_that_panics_leaves_nobody_unwoken() {
    let token = CancellationToken::new();
    let child = token.child_token();
    let (waker, _hooks) = Hooks::new().on_wake(|| std::panic::resume_unwind(Box::new("wake"))).waker();
    let (before, between, after) = (Counter::new(), Counter::new(), Counter::new());
    let mut waits = [&token, &token, &token, &child, &child].map(|token| Box::pin(token.clone().cancelled_owned()));
    let wakers = [before.waker(), waker.clone(), between.waker(), waker, after.waker()];
    for (wait, waker) in waits.iter_mut().zip(&wakers) {
        assert!(poll_with(waker, wait).is_pending());
    }
    assert_eq!(panic_of(|| token.cancel()), Some("wake"));
    assert_eq!([before, between, after].map(|waker| waker.wakes()), [1, 1, 1]);
    assert!(token.is_cancelled() && child.is_cancelled());
}

/// tokio-util begins below.
#[test]
fn who_waits_above_is_woken_first() {
    let root = CancellationToken::new();
    let middle = root.child_token();
    let log = Log::new();
    let mut waits = Vec::new();
    for (depth, token) in [middle.child_token(), middle, root.clone()].iter().enumerate() {
        let note = log.clone();
        let (waker, _hooks) = Hooks::new().on_wake(move || note.push(depth)).waker();
        let mut wait = Box::pin(token.clone().cancelled_owned());
        assert!(poll_with(&waker, &mut wait).is_pending());
        waits.push(wait);
    }
    root.cancel();
    assert_eq!(log.take(), [2, 1, 0]);
}

/// tokio-util keeps the waker as long as the future.
#[test]
fn a_waker_that_nothing_can_wake_is_dropped() {
    let (token, waker) = (CancellationToken::new(), Counter::new());
    let mut wait = Box::pin(token.clone().cancelled_owned());
    assert!(waker.poll(&mut wait).is_pending());
    assert_eq!(waker.held(), 1);
    drop(token);
    assert!(waker.poll(&mut wait).is_pending());
    assert_eq!((waker.held(), waker.wakes()), (0, 0));
}

#[test]
fn time_limits() {
    assert_eq!(smol::block_on(async { 1 }.timeout(Duration::ZERO)).ok(), Some(1));
    let late = smol::block_on(std::future::pending::<()>().timeout(Duration::from_millis(1)));
    assert_eq!(late.unwrap_err().to_string(), "the time is up");
    // Anything that turns into std's: tokio's does.
    struct Moment(Instant);
    impl From<Moment> for Instant {
        fn from(moment: Moment) -> Self {
            moment.0
        }
    }
    let past = Moment(Instant::now());
    assert!(smol::block_on(std::future::pending::<()>().timeout_at(past)).is_err());
    assert_eq!(smol::block_on(async { 2 }.timeout_at(Instant::now() + Duration::from_secs(60))).ok(), Some(2));
}

#[test]
fn one_allocation_for_a_token_and_none_for_a_wait() {
    let (waker, before, bytes) = (Counter::new().waker(), allocations(), live_bytes());
    let token = CancellationToken::new();
    let child = token.child_token();
    assert_eq!(allocations() - before, 2);
    {
        let (mut wait, mut owned) = (pin!(child.cancelled()), pin!(child.clone().cancelled_owned()));
        let mut run = pin!(child.run_until_cancelled(std::future::pending::<()>()));
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending() && owned.as_mut().poll(&mut cx).is_pending());
        drop(child.clone().drop_guard().disarm());
        assert_eq!(allocations() - before, 2);
        assert!(run.as_mut().poll(&mut cx).is_pending());
        token.cancel();
    }
    drop((token, child));
    assert_eq!(live_bytes(), bytes);
}

#[test]
fn sizes() {
    const WORD: usize = size_of::<usize>();
    assert_eq!(size_of::<CancellationToken>(), WORD);
    assert_eq!(size_of::<Option<CancellationToken>>(), WORD);
    let token = CancellationToken::new();
    assert!(size_of_val(&token.cancelled()) <= 4 * WORD);
    // The future is there once.
    let large = async {
        let buffer = [0_u8; 1000];
        std::future::pending::<()>().await;
        buffer
    };
    let alone = size_of_val(&large);
    assert!(size_of_val(&token.run_until_cancelled(large)) <= alone + 8 * WORD);
}
