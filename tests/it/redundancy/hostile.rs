//! Panics, wakers and executors that misbehave, many attempts, endless ones.
use super::hedging::{auto, millis};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Dropped, Jobs, Log, panic_of, poll_with};
use core::time::Duration;
use std::cell::Cell;
use std::future::{Ready, pending, poll_fn, ready};
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{
    Attempt, CancellationToken, CancellationTokenSource, Detach, Losers, fallback, first_successful, hedge, hedge_on,
    need_only_one,
};

/// The panic goes to the caller, the others are cancelled and dropped with the future, and nothing is left.
#[test]
fn an_attempt_that_panics() {
    let (source, clock, log) = (CancellationTokenSource::new(), ManualClock::new(), Log::new());
    for losers in [Losers::DropNow, Losers::CancelAndAwait] {
        let (sibling, dropped) = Dropped::new();
        let sibling = Cell::new(Some(sibling));
        let make = |attempt: Attempt| {
            let guard = if attempt.number == 0 { sibling.take() } else { None };
            attempt.token.register(log.note(attempt.number)).detach();
            async move {
                let _guard = guard;
                if attempt.number == 1 {
                    panic_any("an attempt")
                }
                pending::<Result<(), ()>>().await
            }
        };
        let hedged = hedge_on(&clock, make).delay(millis(10)).max_attempts(3).token(&source.token());
        let mut hedged = hedged.losers(losers);
        let waiter = Counter::new();
        assert!(waiter.poll(&mut hedged).is_pending());
        clock.advance(millis(10));
        assert_eq!(panic_of(|| waiter.poll(&mut hedged)), Some("an attempt"));
        assert_eq!((dropped.load(SeqCst), log.len()), (0, 0));
        assert!(panic_of(|| waiter.poll(&mut hedged)).is_some(), "it is polled again");
        drop(hedged);
        assert_eq!((dropped.load(SeqCst), log.take()), (1, vec![0, 1]));
        assert_eq!((clock.armed(), source.token().listeners(), waiter.held()), (0, 0, 0));
    }
}

/// After a panic nothing is handed over: one of them would never end.
#[test]
fn a_panic_detaches_nothing() {
    let jobs = Jobs::new();
    let mut one = need_only_one([0, 1].map(|n| {
        move |_: CancellationToken| async move {
            if n == 1 {
                panic_any("an attempt")
            }
            pending::<()>().await
        }
    }))
    .losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    assert_eq!(panic_of(|| Counter::new().poll(&mut one)), Some("an attempt"));
    drop(one);
    assert_eq!(jobs.len(), 0);
}

#[test]
fn a_factory_that_panics() {
    let (source, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
    let mut hedged = hedge_on(&clock, |attempt: Attempt| {
        if attempt.number == 1 {
            panic_any("a factory")
        }
        pending::<Result<(), ()>>()
    })
    .delay(millis(10))
    .token(&source.token());
    assert!(waiter.poll(&mut hedged).is_pending());
    clock.advance(millis(10));
    assert_eq!(panic_of(|| waiter.poll(&mut hedged)), Some("a factory"));
    assert!(panic_of(|| waiter.poll(&mut hedged)).is_some());
    drop(hedged);
    assert_eq!((clock.armed(), source.token().listeners(), waiter.held()), (0, 0, 0));
    let factory = |_: CancellationToken| -> Ready<()> { panic_any("a factory") };
    assert_eq!(panic_of(|| smol::block_on(need_only_one([factory]))), Some("a factory"));
}

#[test]
fn closures_that_panic() {
    let attempt = |_: Attempt| ready(Err::<(), ()>(()));
    assert_eq!(panic_of(|| smol::block_on(hedge(attempt).can_hedge(|_| panic_any("gate")))), Some("gate"));
    assert_eq!(panic_of(|| smol::block_on(hedge(attempt).on_attempt(|_| panic_any("hook")))), Some("hook"));
    assert_eq!(panic_of(|| smol::block_on(hedge(attempt).delay_from(|_| panic_any("delay")))), Some("delay"));
}

/// All losers are cancelled and dropped, then the panic resumes.
#[test]
fn a_loser_whose_callback_panics() {
    for losers in [Losers::DropNow, Losers::CancelAndAwait] {
        let (log, drops) = (Log::new(), Arc::new(AtomicUsize::new(0)));
        let mut one = need_only_one((0..4).map(|n| {
            let (log, drops) = (&log, drops.clone());
            move |token: CancellationToken| {
                let note = log.note(n);
                let registration = token.register(move || {
                    note();
                    if n == 1 {
                        panic_any("a callback")
                    }
                });
                async move {
                    let _registration = registration;
                    struct Count(Arc<AtomicUsize>);
                    impl Drop for Count {
                        fn drop(&mut self) {
                            self.0.fetch_add(1, SeqCst);
                        }
                    }
                    let _count = Count(drops);
                    if n < 3 {
                        pending().await
                    }
                }
            }
        }))
        .losers(losers);
        // The last one wins, so all have been polled.
        assert_eq!(panic_of(|| Counter::new().poll(&mut one)), Some("a callback"));
        assert_eq!(log.take(), [0, 1, 2]);
        drop(one);
        assert_eq!(drops.load(SeqCst), 4);
    }
}

#[test]
fn a_loser_whose_drop_panics() {
    struct Bomb(Arc<AtomicUsize>, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
            if self.1 {
                panic_any("a drop")
            }
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let mut one = need_only_one((0..4).map(|n| {
        let bomb = Bomb(drops.clone(), n == 1);
        move |_: CancellationToken| async move {
            let _bomb = bomb;
            if n < 3 {
                pending().await
            }
        }
    }));
    assert_eq!(panic_of(|| Counter::new().poll(&mut one)), Some("a drop"));
    assert_eq!(drops.load(SeqCst), 4);
    drop(one);
    assert_eq!(drops.load(SeqCst), 4);
}

fn on_executor<E: Executor>() {
    let executor = E::new();
    let clock = auto();
    let spawner = {
        let executor = executor.clone();
        move |future| executor.spawn(future)
    };
    for round in 0..20 {
        let source = CancellationTokenSource::new();
        let ended = crate::support::Latch::new();
        let make = {
            let ended = ended.clone();
            move |attempt: Attempt| {
                let ended = ended.clone();
                async move {
                    if attempt.number == 3 {
                        return Ok(attempt.number);
                    }
                    attempt.token.cancelled().await;
                    ended.arrive();
                    Err("cancelled")
                }
            }
        };
        let hedged = hedge_on(clock.clone(), make).delay(Duration::ZERO).max_attempts(4).token(&source.token());
        let hedged = match round % 3 {
            0 => hedged,
            1 => hedged.losers(Losers::CancelAndAwait),
            _ => hedged.losers(Losers::CancelAndDetach(Detach::on(spawner.clone()))),
        };
        assert_eq!(executor.run(hedged), Ok(3));
        if round % 3 == 1 {
            assert_eq!(ended.count(), 3);
        } else if round % 3 == 2 {
            executor.run(async move { ended.reached(3).await });
        }
        assert_eq!(source.token().listeners(), 0);
    }
    // Cancelled from outside, while it waits.
    let source = CancellationTokenSource::new();
    let hedged = hedge_on(clock, |attempt: Attempt| async move {
        attempt.token.cancelled().await;
        Err::<(), _>("cancelled")
    });
    let hedged = hedged.token(&source.token()).losers(Losers::CancelAndAwait);
    let token = source.token();
    executor.spawn(async move { _ = source.cancel() });
    assert!(executor.run(hedged).unwrap_err().is_cancelled());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn on_smol() {
    on_executor::<Smol>();
}

#[test]
fn on_one_thread() {
    on_executor::<Single>();
}

/// The hostile case of G2: whatever wakes the task polls it.
#[test]
fn on_an_executor_that_polls_inside_wake() {
    on_executor::<Inline>();
}

#[test]
fn a_waker_that_cancels_when_it_is_cloned_or_dropped() {
    let source = CancellationTokenSource::new();
    let (on_clone, on_drop) = (source.clone(), source.clone());
    let (waker, hooks) =
        Hooks::new().on_clone(move || _ = on_clone.cancel()).on_drop(move || _ = on_drop.cancel()).waker();
    let clock = ManualClock::new();
    let mut hedged = hedge_on(&clock, |_| pending::<Result<(), ()>>()).delay(millis(10)).token(&source.token());
    let mut polls = 0;
    while poll_with(&waker, &mut hedged).is_pending() {
        polls += 1;
        assert!(polls < 3);
    }
    drop(hedged);
    assert_eq!((clock.armed(), source.token().listeners()), (0, 0));
    // None is left.
    assert_eq!(hooks.clones.load(SeqCst), hooks.drops.load(SeqCst) + hooks.wakes.load(SeqCst));
}

#[test]
fn an_attempt_that_cancels_the_callers_token() {
    let source = CancellationTokenSource::new();
    let hedged = hedge(|_| {
        source.cancel();
        pending::<Result<(), ()>>()
    });
    assert!(smol::block_on(hedged.delay(Duration::ZERO).token(&source.token())).unwrap_err().is_cancelled());
}

#[test]
fn ten_thousand_attempts() {
    let (source, polls, go, wakers) =
        (CancellationTokenSource::new(), Cell::new(0_usize), Cell::new(false), Log::new());
    let mut one = need_only_one((0..10_000).map(|n| {
        let (polls, go, wakers) = (&polls, &go, &wakers);
        move |_: CancellationToken| {
            poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                if go.get() {
                    return Poll::Ready(n);
                }
                wakers.push(cx.waker().clone());
                Poll::Pending
            })
        }
    }))
    .token(&source.token());
    let (waiter, mut turns) = (Counter::new(), 0);
    while turns == waiter.wakes() {
        turns += 1;
        assert!(waiter.poll(&mut one).is_pending());
    }
    assert_eq!((polls.get(), turns, source.token().listeners()), (10_000, 157, 10_001));
    let wakers: Vec<_> = wakers.take();
    go.set(true);
    wakers[7_777].wake_by_ref();
    assert_eq!(waiter.wakes(), turns);
    assert!(matches!(waiter.poll(&mut one), Poll::Ready(Ok(7_777))));
    assert_eq!((polls.get(), source.token().listeners(), waiter.held()), (10_001, 0, 0));
    wakers.iter().for_each(|waker| waker.wake_by_ref());
    assert_eq!(waiter.wakes(), turns);
}

#[test]
fn ten_thousand_fail_and_all_errors_are_kept() {
    let failing = (0..10_000).map(|n| move |_: CancellationToken| ready(Err::<(), _>(n)));
    let errors = smol::block_on(first_successful(failing.clone())).unwrap_err().into_errors().unwrap();
    assert!(errors.into_iter().eq((0..10_000).map(|n| (n, n))));
    let errors = smol::block_on(fallback(failing)).unwrap_err().into_errors().unwrap();
    assert!(errors.into_iter().eq((0..10_000).map(|n| (n, n))));
}

/// Others have their turn, and a cancellation is seen.
#[test]
fn factories_that_never_stop() {
    fn ends(poll: &mut dyn FnMut() -> bool, waiter: &Arc<Counter>, source: &CancellationTokenSource) {
        for turn in 1..=50 {
            assert!(!poll());
            assert_eq!(waiter.wakes(), turn, "it goes on by itself");
        }
        source.cancel();
        assert!(poll());
        assert_eq!((source.token().listeners(), waiter.held()), (0, 0));
    }
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let endless = std::iter::repeat(|_: CancellationToken| ready(Err::<(), ()>(())));
    let mut endless = fallback(endless).token(&source.token());
    ends(&mut || waiter.poll(&mut endless).is_ready(), &waiter, &source);
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let endless = std::iter::repeat(|_: CancellationToken| pending::<()>());
    let mut endless = need_only_one(endless).token(&source.token());
    ends(&mut || waiter.poll(&mut endless).is_ready(), &waiter, &source);
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let clock = ManualClock::new();
    let mut endless = hedge_on(&clock, |_| ready(Err::<(), ()>(()))).max_attempts(u32::MAX).token(&source.token());
    ends(&mut || waiter.poll(&mut endless).is_ready(), &waiter, &source);
    assert_eq!(clock.armed(), 0);
}

/// Of 1,000 attempts in a row, each beaten by the next: the timer of each is disarmed.
#[test]
fn a_thousand_hedges_in_a_row() {
    let clock = auto();
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        let wait = delay_on(&clock, if attempt.number == 999 { millis(1) } else { Duration::from_secs(3600) });
        async move {
            wait.await;
            Ok::<_, ()>(attempt.number)
        }
    });
    assert_eq!(clock.block_on(hedged.delay(millis(2)).max_attempts(1000)), Ok(999));
    assert_eq!((super::hedging::passed(&clock), clock.armed()), (999 * 2 + 1, 0));
}
