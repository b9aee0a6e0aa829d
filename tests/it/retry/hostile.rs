//! Foreign code that panics, calls back or polls inside its own wake.
use super::{MS, failing, started};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, panic_of, poll_with};
use std::cell::Cell;
use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{Backoff, CancellationToken, CancellationTokenSource, RetryAttempt, retry, retry_on};

/// Polls until it panics with "mine", then once more, then drops it; nothing may stay.
fn panics<F: Future + Unpin>(mut retry: F, clock: &ManualClock, source: &CancellationTokenSource) {
    let waiter = Counter::new();
    let mut polls = 0;
    while panic_of(|| waiter.poll(&mut retry)).is_none() {
        polls += 1;
        clock.advance(MS);
        assert!(polls < 10, "it never panics");
    }
    assert_eq!(panic_of(|| waiter.poll(&mut retry).is_ready()), Some("a retry polled after its end"));
    drop(retry);
    assert_eq!((clock.armed(), source.token().listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn closures_that_panic() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let token = source.token();
    let failed = |_: RetryAttempt| ready(Err::<u32, _>(1));
    let base = || retry_on(&clock, failed).backoff(Backoff::constant(MS)).token(&token);
    panics(started(base().when(|_| panic!("mine"))), &clock, &source);
    panics(started(base().delay_from(|_| panic!("mine"))), &clock, &source);
    panics(started(base().on_retry(|_| panic!("mine"))), &clock, &source);
    panics(started(base().retry_when(|_| -> std::future::Ready<()> { panic!("mine") })), &clock, &source);
    let second = |attempt: RetryAttempt| if attempt.is_first() { ready(Err::<(), _>(1)) } else { panic!("mine") };
    panics(started(retry_on(&clock, second).backoff(Backoff::constant(MS)).token(&token)), &clock, &source);
    let value = |_: RetryAttempt| ready(Ok::<_, ()>(1));
    panics(started(retry_on(&clock, value).when_value(|_| panic!("mine")).token(&token)), &clock, &source);
}

#[test]
fn attempts_and_gaps_that_panic() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let (token, waiter) = (source.token(), Counter::new());
    let attempt = async |attempt: RetryAttempt| {
        if attempt.number == 1 { panic!("mine") } else { Err::<(), _>(()) }
    };
    let retry = retry_on(&clock, attempt).backoff(Backoff::constant(MS)).token(&token).attempt_timeout(MS);
    let mut retry = started(retry);
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(MS);
    assert_eq!(panic_of(|| waiter.poll(&mut retry).is_ready()), Some("mine"));
    assert!(panic_of(|| waiter.poll(&mut retry).is_ready()).is_some(), "the attempt says so itself");
    drop(retry);
    let broken = async |failed: RetryAttempt| assert!(failed.number > 0, "mine");
    let gap = retry_on(&clock, async |_| Err::<(), _>(())).retry_when(broken).token(&token);
    let mut gap = started(gap.deadline(9 * MS));
    assert_eq!(panic_of(|| waiter.poll(&mut gap).is_ready()), Some("mine"));
    drop(gap);
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn an_attempt_whose_drop_panics() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("mine");
        }
    }
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let (token, waiter) = (source.token(), Counter::new());
    let attempt = |_| {
        let bad = Bad;
        std::future::poll_fn(move |_| {
            let _ = &bad;
            Poll::<Result<(), ()>>::Pending
        })
    };
    let retry = retry_on(&clock, attempt).token(&token).drop_when_cancelled().attempt_timeout(MS);
    let mut retry = started(retry);
    assert!(waiter.poll(&mut retry).is_pending());
    clock.advance(MS);
    assert_eq!(panic_of(|| waiter.poll(&mut retry).is_ready()), Some("mine"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(retry))).is_ok(), "it is gone already");
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn polled_after_its_end() {
    let calls = Cell::new(0);
    let mut retry = started(retry(failing(&calls, 0)));
    assert!(Counter::new().poll(&mut retry).is_ready());
    assert_eq!(panic_of(|| Counter::new().poll(&mut retry).is_ready()), Some("a retry polled after its end"));
}

#[test]
fn wakers_that_panic() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let token = source.token();
    for event in ["clone", "wake", "drop"] {
        let hooks = match event {
            "clone" => Hooks::new().on_clone(|| panic!("a hook")),
            "wake" => Hooks::new().on_wake(|| panic!("a hook")),
            _ => Hooks::new().on_drop(|| {
                if !std::thread::panicking() {
                    panic!("a hook");
                }
            }),
        };
        let (waker, _hooks) = hooks.waker();
        let retry = retry_on(&clock, |_| ready(Err::<(), _>(()))).backoff(Backoff::constant(MS)).token(&token);
        let mut retry = started(retry);
        let _ = catch_unwind(AssertUnwindSafe(|| poll_with(&waker, &mut retry).is_ready()));
        let _ = catch_unwind(AssertUnwindSafe(|| clock.advance(MS)));
        let _ = catch_unwind(AssertUnwindSafe(|| poll_with(&waker, &mut retry).is_ready()));
        let _ = catch_unwind(AssertUnwindSafe(move || drop(retry)));
        let _ = catch_unwind(AssertUnwindSafe(move || drop(waker)));
        assert_eq!((clock.armed(), token.listeners()), (0, 0), "{event}");
    }
}

#[test]
fn a_waker_that_cancels_and_advances() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let token = source.token();
    let hook = {
        let (clock, source) = (clock.clone(), source.clone());
        move || {
            source.cancel();
            clock.advance(MS);
        }
    };
    let (waker, hooks) = Hooks::new().on_wake(hook).waker();
    let retry = retry_on(&clock, |_| ready(Err::<(), _>(()))).for_ever().token(&token);
    let mut retry = started(retry.backoff(Backoff::constant(MS)));
    assert!(poll_with(&waker, &mut retry).is_pending());
    clock.advance(MS);
    assert!(matches!(poll_with(&waker, &mut retry), Poll::Ready(Err(error)) if error.is_cancelled()));
    drop((retry, waker));
    assert_eq!((clock.armed(), token.listeners(), std::sync::Arc::strong_count(&hooks)), (0, 0, 1));
}

#[test]
fn a_drop_in_a_callback_of_the_token() {
    let (clock, source, waiter) = (ManualClock::new(), CancellationTokenSource::new(), Counter::new());
    static TOKEN: OnceLock<CancellationToken> = OnceLock::new();
    let token = TOKEN.get_or_init(|| source.token());
    let retry = retry_on(clock.clone(), |_| ready(Err::<(), u8>(1))).backoff(Backoff::constant(MS)).token(token);
    let mut retry: Pin<Box<dyn Future<Output = _> + Send>> = started(retry);
    assert!(waiter.poll(&mut retry).is_pending());
    let registration = token.register(move || drop(retry));
    source.cancel();
    drop(registration);
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
}

fn on<X: Executor>() {
    let source = CancellationTokenSource::new();
    let attempts = X::new().run(async move {
        let attempt = |attempt: RetryAttempt| ready(if attempt.number < 200 { Err(()) } else { Ok(attempt.number) });
        let token = source.token();
        let zero = retry(attempt).for_ever().token(&token).await.unwrap();
        let short = core::time::Duration::from_micros(20);
        let slept = retry(attempt).for_ever().backoff(Backoff::constant(short)).token(&token).await.unwrap();
        assert_eq!(token.listeners(), 0);
        zero + slept
    });
    assert_eq!(attempts, 400);
}

#[test]
fn on_every_executor() {
    on::<Smol>();
    on::<Inline>();
    on::<Single>();
}

#[test]
fn attempts_that_never_end_are_dropped_with_it() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut retry = started(retry_on(&clock, |_| pending::<Result<(), ()>>()).attempt_timeout(MS).for_ever());
    for _ in 0..1000 {
        assert!(waiter.poll(&mut retry).is_pending());
        assert_eq!(clock.armed(), 1);
        clock.advance(MS);
    }
    drop(retry);
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}
