//! `until_cancelled` on tokens of all kinds, and `yield_now`.
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Latch, panic_of, poll_with};
use core::time::Duration;
use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{
    Cancellation, CancellationToken, CancellationTokenSource, StaticCancellationTokenSource, UnfinishedCause,
    until_cancelled, yield_now,
};

#[test]
fn it_ends_with_the_future_or_gives_it_back() {
    let (waiter, source, gate) = (Counter::new(), CancellationTokenSource::new(), Latch::new());
    let token = source.token();
    let work = Box::pin(async {
        gate.reached(1).await;
        7
    });
    let mut wait = until_cancelled(work, &token);
    assert!(waiter.poll(&mut wait).is_pending());
    assert_eq!(token.listeners(), 1);
    source.cancel();
    assert_eq!(waiter.wakes(), 1);
    let Poll::Ready(Err(unfinished)) = waiter.poll(&mut wait) else { panic!("it was cancelled") };
    assert_eq!(
        (unfinished.cause(), unfinished.to_string()),
        (UnfinishedCause::Cancelled, "the operation was cancelled".into())
    );
    assert!(format!("{unfinished:?}").contains("Cancelled"));
    assert_eq!((token.listeners(), panic_of(|| waiter.poll(&mut wait).is_ready())), (0, Some("another payload")));
    // Where it was.
    let mut work = unfinished.into_inner();
    assert!(waiter.poll(&mut work).is_pending());
    gate.arrive();
    assert_eq!(waiter.poll(&mut work), Poll::Ready(7));
    drop(work);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn a_cancelled_token_comes_first_and_later_the_future_does() {
    let polls = Cell::new(0);
    let work = || {
        poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() == 1 { Poll::Pending } else { Poll::Ready(polls.get()) }
        })
    };
    let cancelled = CancellationToken::new(true);
    let early = until_cancelled(work(), &cancelled);
    assert!(smol::block_on(early).is_err());
    assert_eq!(polls.get(), 0);
    let (waiter, source) = (Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let mut late = until_cancelled(work(), &token);
    assert!(waiter.poll(&mut late).is_pending());
    source.cancel();
    assert!(matches!(waiter.poll(&mut late), Poll::Ready(Ok(2))), "a result that is there is not thrown away");
}

#[test]
fn a_token_that_is_never_cancelled() {
    assert_eq!(smol::block_on(until_cancelled(ready(1), &CancellationToken::NONE)).ok(), Some(1));
    let waiter = Counter::new();
    assert!(waiter.poll(&mut until_cancelled(pending::<()>(), &CancellationToken::NONE)).is_pending());
    assert_eq!(waiter.held(), 0);
}

#[test]
fn by_a_pinned_reference_and_by_into_inner() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let mut work = pin!(async { 3 });
    assert!(smol::block_on(until_cancelled(work.as_mut(), &source.token())).is_err());
    assert_eq!(smol::block_on(work), 3);
    let token = source.token();
    assert_eq!(smol::block_on(until_cancelled(ready(4), &token).into_inner().unwrap()), 4);
}

#[test]
fn on_a_token_without_a_heap() {
    static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    let (token, waiter) = (STOP.token(), Counter::new());
    let held = token.slot().unwrap();
    let unfinished = smol::block_on(until_cancelled(ready(1), &token)).unwrap_err();
    assert_eq!(
        (unfinished.cause(), unfinished.to_string()),
        (UnfinishedCause::Full, "no slot is free on the token".into())
    );
    drop(held);
    let mut wait = until_cancelled(pending::<()>(), &token);
    assert!(waiter.poll(&mut wait).is_pending());
    assert!(token.slot().is_err());
    STOP.cancel();
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(_))));
    assert_eq!((token.listeners(), waiter.held()), (0, 0));
}

#[test]
fn a_delay_with_a_token_releases_both() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let wait = || until_cancelled(delay_on(&clock, Duration::from_secs(1)), &token);
    let mut dropped = wait();
    assert!(waiter.poll(&mut dropped).is_pending());
    drop(dropped);
    let mut over = wait();
    assert!(waiter.poll(&mut over).is_pending());
    clock.advance(Duration::from_secs(1));
    assert!(matches!(waiter.poll(&mut over), Poll::Ready(Ok(()))));
    assert_eq!((clock.armed(), token.listeners()), (0, 0));
    let mut told = wait();
    assert!(waiter.poll(&mut told).is_pending());
    source.cancel();
    assert!(matches!(waiter.poll(&mut told), Poll::Ready(Err(_))));
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn a_future_that_panics() {
    let (waiter, source) = (Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let mut wait = until_cancelled(Box::pin(async { panic!("mine") }), &token);
    assert_eq!(panic_of(|| waiter.poll(&mut wait).is_ready()), Some("mine"));
    drop(wait);
    assert_eq!((token.listeners(), waiter.held()), (0, 0));
}

#[test]
fn yields_once() {
    let waiter = Counter::new();
    let mut moment = yield_now();
    assert!(waiter.poll(&mut moment).is_pending());
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut moment).is_ready() && waiter.poll(&mut moment).is_ready());
    assert_eq!((waiter.wakes(), waiter.held()), (1, 0));
    let (waker, hooks) = Hooks::new().on_wake(|| panic!("a hook")).waker();
    let mut moment = yield_now();
    assert_eq!(panic_of(|| poll_with(&waker, &mut moment)), Some("a hook"));
    assert!(poll_with(&waker, &mut moment).is_ready());
    drop(waker);
    assert_eq!(std::sync::Arc::strong_count(&hooks), 1);
}

fn on<X: Executor>() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let executor = X::new();
    executor.spawn(async move {
        for _ in 0..10 {
            yield_now().await;
        }
        source.cancel();
    });
    assert!(executor.run(async move { until_cancelled(pending::<()>(), &token).await.is_err() }));
}

#[test]
fn on_every_executor() {
    on::<Smol>();
    on::<Inline>();
    on::<Single>();
}

#[test]
fn a_yielding_task_lets_the_other_go_first() {
    let log = std::cell::RefCell::new(String::new());
    let executor = smol::LocalExecutor::new();
    for name in ["a", "b"] {
        let log = &log;
        executor
            .spawn(async move {
                for _ in 0..3 {
                    log.borrow_mut().push_str(name);
                    yield_now().await;
                }
            })
            .detach();
    }
    while executor.try_tick() {}
    assert_eq!(*log.borrow(), "ababab");
}
