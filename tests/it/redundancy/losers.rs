//! What becomes of the losers, at every exit.
use super::hedging::{auto, millis, passed};
use crate::support::{Counter, Dropped, Jobs, Log};
use core::time::Duration;
use std::future::{pending, poll_fn};
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{
    AsyncLocal, Attempt, BoxFuture, CancellationToken, CancellationTokenSource, Detach, Losers, first_successful,
    hedge, hedge_on, need_only_one,
};

/// Notes when its token is cancelled, and when it is dropped.
fn noted(log: &Log<String>, name: &str, token: &CancellationToken) -> impl Send + use<> {
    struct Guard(Log<String>, String);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.push(format!("{} dropped", self.1));
        }
    }
    token.register(log.note(format!("{name} cancelled"))).detach();
    Guard(log.clone(), name.to_string())
}

#[test]
fn all_tokens_fire_before_the_first_drop() {
    let log = Log::new();
    let mut one = need_only_one(["a", "b", "c"].map(|name| {
        let log = &log;
        move |token: CancellationToken| {
            let guard = noted(log, name, &token);
            async move {
                let _guard = guard;
                if name == "b" { name } else { pending().await }
            }
        }
    }));
    assert!(matches!(Counter::new().poll(&mut one), Poll::Ready(Ok("b"))));
    assert_eq!(log.take(), ["b dropped", "a cancelled", "c cancelled", "a dropped", "c dropped"]);
    drop(one);
    assert_eq!(log.len(), 0);
}

#[test]
fn dropping_the_future_cancels_before_it_drops() {
    let log = Log::new();
    let mut hedged = hedge(|attempt: Attempt| {
        let guard = noted(&log, &attempt.number.to_string(), &attempt.token);
        async move {
            let _guard = guard;
            pending::<Result<(), ()>>().await
        }
    })
    .delay(Duration::ZERO);
    assert!(Counter::new().poll(&mut hedged).is_pending());
    drop(hedged);
    assert_eq!(log.take(), ["0 cancelled", "1 cancelled", "0 dropped", "1 dropped"]);
}

#[test]
fn awaited_losers_give_nothing_any_more() {
    let clock = auto();
    let (late, dropped) = Dropped::new();
    let late = std::cell::RefCell::new(Some(late));
    let mut hedged = hedge_on(&clock, |attempt: Attempt| {
        let (clock, late) = (&clock, &late);
        async move {
            if attempt.number == 0 {
                attempt.token.cancelled().await;
                delay_on(clock, millis(20)).await;
                return Ok((0, late.take()));
            }
            Ok::<_, ()>((1, None))
        }
    })
    .delay(millis(10))
    .losers(Losers::CancelAndAwait);
    let (number, nothing) = clock.block_on(&mut hedged).unwrap();
    assert!(number == 1 && nothing.is_none());
    assert_eq!((dropped.load(SeqCst), passed(&clock), clock.armed()), (1, 30, 0));
}

#[test]
fn while_losers_are_awaited_the_token_and_the_timer_are_released() {
    let (source, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
    let release = crate::support::Latch::new();
    let mut hedged = hedge_on(&clock, |attempt: Attempt| {
        let release = release.clone();
        async move {
            if attempt.number == 0 {
                release.reached(1).await;
            }
            Ok::<_, ()>(attempt.number)
        }
    })
    .delay(millis(10))
    .max_attempts(3)
    .token(&source.token())
    .losers(Losers::CancelAndAwait);
    assert!(waiter.poll(&mut hedged).is_pending());
    clock.advance(millis(10));
    assert!(waiter.poll(&mut hedged).is_pending());
    // The loser does not look at its token, whose link is what is left.
    assert_eq!((clock.armed(), source.token().listeners()), (0, 1));
    source.cancel();
    assert!(waiter.poll(&mut hedged).is_pending());
    release.arrive();
    assert!(matches!(waiter.poll(&mut hedged), Poll::Ready(Ok(1))));
    assert_eq!(waiter.held(), 0);
}

#[test]
fn a_drop_while_losers_are_awaited_drops_them() {
    let (loser, dropped) = Dropped::new();
    let loser = std::cell::RefCell::new(Some(loser));
    let mut hedged = hedge(|attempt: Attempt| {
        let loser = loser.take();
        async move {
            let _loser = loser;
            if attempt.number == 0 { pending().await } else { Ok::<_, ()>(()) }
        }
    })
    .delay(Duration::ZERO)
    .losers(Losers::CancelAndAwait);
    assert!(Counter::new().poll(&mut hedged).is_pending());
    drop(hedged);
    assert_eq!(dropped.load(SeqCst), 1);
}

type Factory = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, Result<u8, u8>>>;

/// Ends two polls after it was cancelled.
fn careful(log: &Log<String>, name: &'static str) -> Factory {
    let log = log.clone();
    Box::new(move |token| {
        let guard = noted(&log, name, &token);
        Box::pin(async move {
            let _guard = guard;
            token.cancelled().await;
            smol::future::yield_now().await;
            log.push(format!("{name} cleaned up"));
            Ok(0)
        })
    })
}

#[test]
fn the_detached_end_elsewhere() {
    let (log, jobs, waiter) = (Log::new(), Jobs::new(), Counter::new());
    let ready: Factory = Box::new(|_| Box::pin(async { Ok(7) }));
    let mut first = first_successful([careful(&log, "a"), ready, careful(&log, "c")])
        .losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    // "c" was never polled, and is now, so that it sees its token.
    assert!(matches!(waiter.poll(&mut first), Poll::Ready(Ok(7))));
    assert_eq!(log.take(), ["a cancelled", "c cancelled"]);
    assert_eq!((jobs.len(), waiter.held()), (1, 0));
    drop(first);
    jobs.run();
    let mut ends = log.take();
    ends.sort();
    assert_eq!(ends, ["a cleaned up", "a dropped", "c cleaned up", "c dropped"]);
}

#[test]
fn the_detached_keep_their_context() {
    static LOCAL: AsyncLocal<u32> = AsyncLocal::new();
    let (seen, jobs, waiter) = (Log::new(), Jobs::new(), Counter::new());
    let ready: Factory = Box::new(|_| Box::pin(async { Ok(7) }));
    let inside = seen.clone();
    let slow: Factory = Box::new(move |token| {
        Box::pin(async move {
            token.cancelled().await;
            smol::future::yield_now().await;
            inside.push(LOCAL.get());
            LOCAL.set(2);
            Ok(0)
        })
    });
    let mut first = first_successful([slow, ready]).losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    LOCAL.scope(1, || assert!(waiter.poll(&mut first).is_ready()));
    jobs.run();
    assert_eq!((seen.take(), LOCAL.get()), (vec![Some(1)], None));
}

#[test]
fn a_dropped_future_detaches_too() {
    let (log, jobs) = (Log::new(), Jobs::new());
    let mut first = first_successful([careful(&log, "a")]).losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    assert!(Counter::new().poll(&mut first).is_pending());
    drop(first);
    assert_eq!((log.take(), jobs.len()), (vec!["a cancelled".to_string()], 1));
    // A spawner that drops it drops them.
    jobs.drop_all();
    assert_eq!(log.take(), ["a dropped"]);
}

#[test]
fn without_losers_nothing_is_spawned() {
    let jobs = Jobs::new();
    let ready: Factory = Box::new(|_| Box::pin(async { Ok(7) }));
    let first = first_successful([ready]).losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    assert_eq!(smol::block_on(first), Ok(7));
    let never: Factory = Box::new(|_| unreachable!());
    drop(first_successful([never]).losers(Losers::CancelAndDetach(Detach::on(jobs.clone()))));
    assert_eq!(jobs.len(), 0);
}

#[test]
fn losers_of_a_cancellation_are_detached_too() {
    let (log, jobs, source) = (Log::new(), Jobs::new(), CancellationTokenSource::new());
    let mut first = first_successful([careful(&log, "a")])
        .token(&source.token())
        .losers(Losers::CancelAndDetach(Detach::on(jobs.clone())));
    assert!(Counter::new().poll(&mut first).is_pending());
    source.cancel();
    // It is polled once before the cancellation is looked at.
    let Poll::Ready(Err(error)) = Counter::new().poll(&mut first) else { panic!("it is cancelled") };
    assert!(error.is_cancelled());
    assert_eq!(jobs.len(), 1);
    jobs.run();
    assert_eq!(log.take(), ["a cancelled", "a cleaned up", "a dropped"]);
}

/// The wakes of losers that are cancelled do not reach the task that has its result.
#[test]
fn losers_wake_nobody() {
    let waiter = Counter::new();
    let go = crate::support::Latch::new();
    let mut one =
        need_only_one(
            (0..4).map(|n| {
                let go = go.clone();
                move |token: CancellationToken| async move {
                    if n == 2 { go.reached(1).await } else { token.cancelled().await }
                }
            }),
        );
    assert!(waiter.poll(&mut one).is_pending());
    go.arrive();
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut one).is_ready());
    assert_eq!((waiter.wakes(), waiter.held()), (1, 0));
}

/// A loser that is ready in the same poll is not looked at, and dropped like the others.
#[test]
fn two_that_are_ready_give_one_result() {
    let polls = std::cell::Cell::new(0);
    let one = need_only_one([1, 2].map(|n| {
        let polls = &polls;
        move |_: CancellationToken| {
            poll_fn(move |_| {
                polls.set(polls.get() + 1);
                Poll::Ready(n)
            })
        }
    }));
    assert_eq!((smol::block_on(one), polls.get()), (Ok(1), 1));
}

#[test]
fn policies_say_their_names() {
    let all: [Losers<BoxFuture<'static, ()>>; 3] =
        [Losers::DropNow, Losers::CancelAndAwait, Losers::CancelAndDetach(Detach::on(Jobs::new()))];
    assert_eq!(format!("{all:?}"), "[DropNow, CancelAndAwait, CancelAndDetach(..)]");
    assert!(matches!(Losers::<u8>::default(), Losers::DropNow));
}
