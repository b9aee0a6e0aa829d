//! `timeout_cooperative`: in time, told, dropped, and what goes with each.
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::{Counter, Dropped, panic_of};
use core::time::Duration;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{
    CancellationToken, CancellationTokenSource, TimeoutOutcome, timeout_cooperative, timeout_cooperative_on,
};

const MS: Duration = Duration::from_millis(1);

#[test]
fn in_time() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut at_once = Box::pin(timeout_cooperative_on(&clock, Duration::ZERO, Duration::ZERO, |_| ready(1)));
    assert_eq!(waiter.poll(&mut at_once), Poll::Ready(TimeoutOutcome::InTime(1)));
    assert_eq!(panic_of(|| waiter.poll(&mut at_once)), Some("another payload"));
    let mut later = Box::pin(timeout_cooperative_on(&clock, 10 * MS, MS, |_| delay_on(&clock, 5 * MS)));
    assert!(waiter.poll(&mut later).is_pending());
    assert_eq!(clock.armed(), 2);
    clock.advance(5 * MS);
    assert_eq!(waiter.poll(&mut later), Poll::Ready(TimeoutOutcome::InTime(())));
    assert_eq!((clock.armed(), waiter.held()), (0, 0), "before it is dropped");
}

#[test]
fn told_and_dropped() {
    for (takes, outcome) in
        [(49, TimeoutOutcome::Told(())), (50, TimeoutOutcome::Told(())), (51, TimeoutOutcome::Dropped)]
    {
        let (clock, waiter, (dropped, drops)) = (ManualClock::new(), Counter::new(), Dropped::new());
        let work = |token: CancellationToken| {
            let clock = clock.clone();
            async move {
                let _dropped = dropped;
                token.cancelled().await;
                assert!(token.reason().unwrap().is_deadline());
                delay_on(clock, takes * MS).await;
            }
        };
        let mut told = Box::pin(timeout_cooperative_on(&clock, 100 * MS, 50 * MS, work));
        assert!(waiter.poll(&mut told).is_pending());
        clock.advance(99 * MS);
        assert_eq!(waiter.wakes(), 0);
        clock.advance(MS);
        assert!(waiter.wakes() > 0);
        assert!(waiter.poll(&mut told).is_pending());
        clock.advance(49 * MS);
        assert_eq!(waiter.poll(&mut told).is_ready(), takes == 49);
        if takes > 49 {
            assert_eq!((drops.load(Ordering::SeqCst), clock.armed()), (0, 2));
            clock.advance(MS);
            assert_eq!(waiter.poll(&mut told), Poll::Ready(outcome));
        }
        assert_eq!((drops.load(Ordering::SeqCst), clock.armed(), waiter.held()), (1, 0, 0), "at once");
    }
}

#[test]
fn the_clock_itself_tells() {
    // Nobody polls, and the token is cancelled all the same.
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut kept = None;
    let mut told = Box::pin(timeout_cooperative_on(&clock, MS, MS, |token| {
        kept = Some(token);
        pending::<()>()
    }));
    assert!(waiter.poll(&mut told).is_pending());
    clock.advance(MS);
    drop(told);
    assert!(kept.unwrap().is_cancelled());
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

#[test]
fn no_time_and_no_grace() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    for start in [Duration::ZERO, MS] {
        clock.advance(start);
        let polls = &Cell::new(0);
        let work = |token: CancellationToken| {
            poll_fn(move |_| {
                polls.set(polls.get() + 1);
                assert_eq!(token.is_cancelled(), polls.get() == 2);
                Poll::<()>::Pending
            })
        };
        let mut none = Box::pin(timeout_cooperative_on(&clock, Duration::ZERO, Duration::ZERO, work));
        assert_eq!(waiter.poll(&mut none), Poll::Ready(TimeoutOutcome::Dropped));
        drop(none);
        assert_eq!(polls.get(), 2, "once more after it was told");
        // Which is enough for work that listens.
        let work = async |token: CancellationToken| token.cancelled().await;
        let mut heard = Box::pin(timeout_cooperative_on(&clock, Duration::ZERO, Duration::ZERO, work));
        assert_eq!(waiter.poll(&mut heard), Poll::Ready(TimeoutOutcome::Told(())));
    }
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

#[test]
fn all_the_time_and_all_the_grace() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut never = Box::pin(timeout_cooperative_on(&clock, Duration::MAX, MS, |_| pending::<()>()));
    assert!(waiter.poll(&mut never).is_pending());
    assert_eq!(clock.armed(), 0);
    let mut patient = Box::pin(timeout_cooperative_on(&clock, MS, Duration::MAX, |_| pending::<()>()));
    assert!(waiter.poll(&mut patient).is_pending());
    clock.advance(MS);
    assert!(waiter.poll(&mut patient).is_pending());
    clock.advance(Duration::MAX);
    assert!(waiter.poll(&mut patient).is_pending() && waiter.poll(&mut never).is_pending());
    drop((never, patient));
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

#[test]
fn a_parent_tells_too_and_grace_begins() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let parent = source.token();
    let mut told = Box::pin(timeout_cooperative_on(&clock, 100 * MS, 20 * MS, |_| pending::<()>()).token(&parent));
    assert!(waiter.poll(&mut told).is_pending());
    assert_eq!((clock.armed(), parent.listeners()), (1, 1));
    clock.advance(30 * MS);
    source.cancel();
    assert!(waiter.poll(&mut told).is_pending());
    assert_eq!(clock.armed(), 1, "the grace alone");
    clock.advance(20 * MS);
    assert_eq!(waiter.poll(&mut told), Poll::Ready(TimeoutOutcome::Dropped));
    assert_eq!((clock.armed(), parent.listeners(), waiter.held()), (0, 0, 0));
    // From the start: it is not even called.
    let never = |_| -> std::future::Ready<()> { panic!("called") };
    let mut late = Box::pin(timeout_cooperative_on(&clock, MS, MS, never).token(&parent));
    assert_eq!(waiter.poll(&mut late), Poll::Ready(TimeoutOutcome::Dropped));
}

#[test]
fn every_exit_releases() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let parent = source.token();
    let mut kept = Vec::new();
    // Dropped while pending, with a token that lives on.
    let mut cut = Box::pin(
        timeout_cooperative_on(&clock, MS, MS, |token| {
            kept.push(token.clone());
            async move { token.cancelled().await }
        })
        .token(&parent),
    );
    assert!(waiter.poll(&mut cut).is_pending());
    assert_eq!(clock.armed(), 1);
    drop(cut);
    assert_eq!((clock.armed(), kept[0].listeners(), waiter.held()), (0, 0, 0));
    assert!(!kept[0].is_cancelled());
    kept.clear();
    assert_eq!(parent.listeners(), 0);
    // A panic of the closure, and of the future at each of its polls.
    let mut broken = Box::pin(
        timeout_cooperative_on(&clock, MS, MS, |_| -> std::future::Ready<()> { panic!("mine") }).token(&parent),
    );
    assert_eq!(panic_of(|| waiter.poll(&mut broken)), Some("mine"));
    assert!(panic_of(|| waiter.poll(&mut broken)).is_some());
    drop(broken);
    for bad in 1..=3 {
        let polls = &Cell::new(0);
        let work = |_| {
            poll_fn(move |_| {
                polls.set(polls.get() + 1);
                if polls.get() == bad { panic!("mine") } else { Poll::<()>::Pending }
            })
        };
        let mut broken = Box::pin(timeout_cooperative_on(&clock, MS, MS, work).token(&parent));
        let mut last = None;
        for _ in 0..bad {
            last = last.or(panic_of(|| waiter.poll(&mut broken)));
            clock.advance(MS / 2);
        }
        clock.advance(MS / 2);
        last = last.or_else(|| panic_of(|| waiter.poll(&mut broken)));
        assert_eq!(last, Some("mine"), "{bad}");
        drop(broken);
        assert_eq!((clock.armed(), parent.listeners(), waiter.held()), (0, 0, 0));
    }
    drop(source);
}

#[test]
fn outcomes() {
    assert_eq!(TimeoutOutcome::InTime(1).into_inner(), Some(1));
    assert_eq!(TimeoutOutcome::Told(1).into_inner(), Some(1));
    assert_eq!(TimeoutOutcome::<u8>::Dropped.into_inner(), None);
    assert_eq!(TimeoutOutcome::InTime(1).in_time(), Ok(1));
    assert!(TimeoutOutcome::Told(1).in_time().is_err() && TimeoutOutcome::<u8>::Dropped.in_time().is_err());
}

fn on<X: Executor>() {
    let outcome = X::new().run(async {
        timeout_cooperative(MS, Duration::from_secs(3600), async |token| {
            token.cancelled().await;
            1
        })
        .await
    });
    assert_eq!(outcome, TimeoutOutcome::Told(1));
    let outcome = X::new().run(async { timeout_cooperative(MS, MS, |_| pending::<u8>()).await });
    assert_eq!(outcome, TimeoutOutcome::Dropped);
}

#[test]
fn on_every_executor() {
    on::<Smol>();
    on::<Inline>();
    on::<Single>();
}

#[test]
fn it_can_be_sent() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let work: fn(CancellationToken) -> Pin<Box<dyn Future<Output = u8> + Send>> = |_| Box::pin(ready(1));
    let future = sent(timeout_cooperative(MS, MS, work));
    assert_eq!(smol::block_on(future), TimeoutOutcome::InTime(1));
}
