//! Pipelines in orders drawn by chance, around operations drawn by chance, against what always holds; and one pipeline
//! used by several threads.
use super::{SECOND, auto, every};
use crate::support::chance::Chance;
use crate::support::{Counter, rounds};
use std::cell::Cell;
use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{Bulkhead, CancellationToken, CancellationTokenSource, CircuitBreaker, FallbackStrategy, HedgeStrategy};
use taskcell::{Pipeline, PipelineError, PipelineNext, RetryStrategy, Strategy, TimeoutStrategy};

type Error = PipelineError<u64>;

/// One of the strategies, so that chance can put them in any order.
enum Any {
    Timeout(u64),
    Grace(u64),
    Retry(u32),
    Hedge(u64, bool),
    Fallback,
    Breaker,
    Bulkhead,
}

/// A strategy of any kind, with what they share.
struct Layer<'a> {
    kind: Any,
    clock: &'a ManualClock,
    breaker: &'a CircuitBreaker,
    bulkhead: &'a Bulkhead,
}

impl Strategy<u64, u64> for Layer<'_> {
    async fn execute<N: PipelineNext<u64, u64>>(&self, next: N, token: CancellationToken) -> Result<u64, Error> {
        let bare = Pipeline::new_on(self.clock);
        match self.kind {
            Any::Timeout(time) => bare.timeout(u32::try_from(time).unwrap() * SECOND).execute(next, token).await,
            Any::Grace(time) => {
                let time = u32::try_from(time).unwrap() * SECOND;
                bare.timeout(TimeoutStrategy::new(time).grace(SECOND)).execute(next, token).await
            }
            Any::Retry(attempts) => {
                let retry = every(2).max_attempts(NonZeroU32::new(attempts).unwrap()).wait_for_circuit(3 * SECOND);
                bare.retry(retry).execute(next, token).await
            }
            Any::Hedge(delay, awaits) => {
                let hedge = HedgeStrategy::new(u32::try_from(delay).unwrap() * SECOND);
                bare.hedge(if awaits { hedge.await_losers() } else { hedge }).execute(next, token).await
            }
            Any::Fallback => {
                let when = |error: &Error| error.is_timed_out() || error.is_rejected();
                bare.with(FallbackStrategy::value(77).when(when)).execute(next, token).await
            }
            Any::Breaker => bare.circuit_breaker(self.breaker).execute(next, token).await,
            Any::Bulkhead => bare.bulkhead(self.bulkhead).execute(next, token).await,
        }
    }
}

fn draw(chance: &mut Chance) -> Any {
    match chance.below(7) {
        0 => Any::Timeout(chance.below(9)),
        1 => Any::Grace(chance.below(9)),
        2 => Any::Retry(1 + chance.below(4) as u32),
        3 => Any::Hedge(chance.below(4), chance.once_in(2)),
        4 => Any::Fallback,
        5 => Any::Breaker,
        _ => Any::Bulkhead,
    }
}

/// Is there while an operation is under way.
struct In<'a>(&'a Cell<usize>);

impl Drop for In<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[test]
fn whatever_their_order_nothing_is_left() {
    for seed in 0..rounds(600) {
        let mut chance = Chance::new(seed as u64);
        let clock = ManualClock::new();
        let failures = NonZeroU32::new(3).unwrap();
        let breaker =
            CircuitBreaker::builder_on(clock.clone()).consecutive_failures(failures).break_for(3 * SECOND).build();
        let (limit, queue) = (NonZeroUsize::new(1 + chance.below(2) as usize).unwrap(), chance.below(3) as usize);
        let bulkhead = Bulkhead::new(limit, queue);
        let mut layer = || Layer { kind: draw(&mut chance), clock: &clock, breaker: &breaker, bulkhead: &bulkhead };
        let pipeline = Pipeline::new_on(&clock).with(layer()).with(layer()).with(layer()).with(layer());
        // The innermost one is a bulkhead, always, so that its limit is that of what runs.
        let pipeline = pipeline.with(Layer { kind: Any::Bulkhead, ..layer() });
        let pipeline = if chance.once_in(3) { pipeline.wait_when_cancelled() } else { pipeline };
        let (running, chance) = (Cell::new(0_usize), std::cell::RefCell::new(chance));
        let source = CancellationTokenSource::new();
        let (token, waiter) = (source.token(), Counter::new());
        let call = || {
            Box::pin(pipeline.call_with(&token, |token| {
                let (time, fate) = (chance.borrow_mut().below(12), chance.borrow_mut().below(20));
                let (clock, running) = (&clock, &running);
                async move {
                    running.set(running.get() + 1);
                    let _in = In(running);
                    assert!(running.get() <= limit.get(), "seed {seed}");
                    let wait = delay_on(clock, u32::try_from(time).unwrap() * SECOND);
                    let early = token.run_until_cancelled(wait).await.is_none();
                    assert!(fate != 0, "chance said so");
                    if early || fate < 8 { Err(fate) } else { Ok(fate) }
                }
            }))
        };
        let mut calls: Vec<_> = (0..4).map(|_| Some(call())).collect();
        let cancel_at = chance.borrow_mut().maybe(3, 30);
        for second in 0..400 {
            if cancel_at == Some(second) {
                source.cancel();
            }
            for slot in &mut calls {
                if chance.borrow_mut().once_in(60) {
                    *slot = None;
                }
                let Some(call) = slot else { continue };
                match catch_unwind(AssertUnwindSafe(|| waiter.poll(call))) {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Ready(Err(error))) => {
                        assert!(!error.is_cancelled() || source.is_cancelled(), "seed {seed}");
                        *slot = None;
                    }
                    Ok(Poll::Ready(Ok(_))) | Err(_) => *slot = None,
                }
            }
            if chance.borrow_mut().once_in(2) {
                clock.advance(SECOND);
            }
        }
        assert!(calls.iter().all(Option::is_none), "seed {seed}: a call is stuck");
        drop(calls);
        let (circuit, places) = (breaker.stats(), bulkhead.stats());
        assert_eq!((running.get(), token.listeners(), clock.armed(), waiter.held()), (0, 0, 0, 0), "seed {seed}");
        assert_eq!((circuit.running, places.running, places.queued), (0, 0, 0), "seed {seed}");
    }
}

#[test]
fn two_threads_and_many_calls() {
    let clock = auto();
    let breaker = CircuitBreaker::builder_on(clock.clone()).consecutive_failures(NonZeroU32::MAX).build();
    let bulkhead = Bulkhead::new(NonZeroUsize::new(3).unwrap(), usize::MAX);
    let pipeline = Pipeline::new_on(clock.clone())
        .timeout(1_000_000 * SECOND)
        .retry(RetryStrategy::seeded(taskcell::Backoff::NONE, 1))
        .circuit_breaker(&breaker)
        .bulkhead(&bulkhead)
        .hedge(1000 * SECOND);
    let pipeline = Arc::new(pipeline);
    let (running, calls) = (Arc::new(AtomicUsize::new(0)), rounds(2000));
    let executor = Arc::new(smol::Executor::new());
    let tasks: Vec<_> = (0..calls)
        .map(|number| {
            let (pipeline, running) = (pipeline.clone(), running.clone());
            executor.spawn(async move {
                let failed = AtomicUsize::new(0);
                let call = pipeline.call(async |_| {
                    assert!(running.fetch_add(1, Ordering::SeqCst) < 6, "three places, two attempts in each");
                    taskcell::yield_now().await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    if failed.fetch_add(1, Ordering::SeqCst) < 4 { Err(number) } else { Ok(number) }
                });
                assert_eq!(call.await, Ok(number));
            })
        })
        .collect();
    let other = std::thread::spawn({
        let executor = executor.clone();
        let all = async move {
            for task in tasks {
                task.await;
            }
        };
        move || smol::block_on(executor.run(all))
    });
    smol::block_on(executor.run(async {
        while !other.is_finished() {
            smol::future::yield_now().await;
        }
    }));
    other.join().unwrap();
    let (circuit, places) = (breaker.stats(), bulkhead.stats());
    assert_eq!((circuit.running, circuit.successes, circuit.failures), (0, calls as u64, 2 * calls as u64));
    assert_eq!((places.running, places.queued, places.rejected, clock.armed()), (0, 0, 0, 0));
}
