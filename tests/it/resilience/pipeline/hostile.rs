//! Panics of the operation and of all closures, hooks that call back, drops in the middle of all that.
use super::{SECOND, auto, every, passed, takes};
use crate::support::{Counter, Log};
use std::cell::Cell;
use std::future::{pending, ready};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use taskcell::pipeline_parts::{Failures, ShouldHandle};
use taskcell::time::ManualClock;
use taskcell::{BreakerStrategy, Bulkhead, CancellationToken, CancellationTokenSource, CircuitBreaker, HedgeStrategy};
use taskcell::{FallbackStrategy, Pipeline, PipelineError, PipelineNext, RetryEvent, Strategy, TimeoutStrategy};

type Error = PipelineError<&'static str>;

/// Panics at the place that it was told, and nowhere else.
struct Trap(&'static str);

impl Trap {
    fn at(&self, place: &'static str) {
        assert!(self.0 != place, "{place}");
    }
}

const PLACES: [&str; 13] = [
    "called",
    "polled",
    "dropped",
    "retry when",
    "retry value",
    "retry delay",
    "on_retry",
    "hedge when",
    "on_hedge",
    "on_timeout",
    "breaker when",
    "on_fallback",
    "fallback",
];

#[test]
fn a_panic_goes_to_the_caller_and_leaves_nothing() {
    struct Drops<'a>(&'a Trap);
    impl Drop for Drops<'_> {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.0.at("dropped");
            }
        }
    }
    for place in PLACES {
        let (trap, clock, source) = (Trap(place), auto(), CancellationTokenSource::new());
        let breaker = CircuitBreaker::builder_on(clock.clone()).build();
        let bulkhead = Bulkhead::new(NonZeroUsize::new(3).unwrap(), 0);
        let token = source.token();
        let pipeline = Pipeline::new_on(&clock)
            .bulkhead(&bulkhead)
            .with(
                FallbackStrategy::from_error(|_: Error| trap.at("fallback"))
                    .on_fallback(|_: &Error| trap.at("on_fallback")),
            )
            .with(BreakerStrategy::new(&breaker).when(|error: &Error| {
                trap.at("breaker when");
                Failures.handles(error)
            }))
            .retry(
                every(1)
                    .when(|error: &Error| {
                        trap.at("retry when");
                        Failures.handles(error)
                    })
                    .when_value(|(): &()| {
                        trap.at("retry value");
                        true
                    })
                    .delay_from(|_: &Error| {
                        trap.at("retry delay");
                        None
                    })
                    .on_retry(|_: RetryEvent<'_, Error>| trap.at("on_retry")),
            )
            .hedge(
                HedgeStrategy::new(3 * SECOND)
                    .when(|_: &Error| {
                        trap.at("hedge when");
                        true
                    })
                    .on_hedge(|_| trap.at("on_hedge")),
            )
            .timeout(TimeoutStrategy::new(5 * SECOND).on_timeout(|_| trap.at("on_timeout")));
        let calls = Cell::new(0);
        let call = || {
            pipeline.call_with(&token, |_| {
                trap.at("called");
                calls.set(calls.get() + 1);
                let (trap, clock, number) = (&trap, &clock, calls.get());
                async move {
                    let _drops = Drops(trap);
                    trap.at("polled");
                    takes(clock, if number == 1 { 100 } else { 1 }, ()).await;
                    if trap.0 == "retry value" { Ok(()) } else { Err("no") }
                }
            })
        };
        let panic = catch_unwind(AssertUnwindSafe(|| clock.block_on(call()))).expect_err(place);
        assert_eq!(panic.downcast_ref::<String>().unwrap(), place);
        let (stats, bulkhead) = (breaker.stats(), bulkhead.stats());
        assert_eq!((token.listeners(), clock.armed()), (0, 0), "{place}");
        assert_eq!((stats.running, bulkhead.running, bulkhead.queued), (0, 0, 0), "{place}");
    }
}

#[test]
fn hooks_may_use_the_pipeline_and_what_is_in_it() {
    let (clock, source) = (auto(), CancellationTokenSource::new());
    let breaker = CircuitBreaker::builder_on(clock.clone()).build();
    let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
    let other = Pipeline::new_on(&clock).circuit_breaker(&breaker).bulkhead(&bulkhead);
    let nested = Cell::new(0);
    let call = || {
        let mut call = pin!(other.call(|_| ready(Ok::<_, ()>(()))));
        assert!(Counter::new().poll(&mut call).is_ready());
        nested.set(nested.get() + 1);
    };
    let pipeline = Pipeline::new_on(&clock)
        .with(FallbackStrategy::value(0).on_fallback(|_: &PipelineError<()>| call()))
        .retry(every(1).on_retry(|_: RetryEvent<'_, PipelineError<()>>| {
            call();
            breaker.isolate();
            breaker.close();
        }))
        .circuit_breaker(&breaker)
        .timeout(TimeoutStrategy::new(SECOND).on_timeout(|_| assert_eq!(breaker.stats().running, 1)))
        .bulkhead(&bulkhead);
    let token = source.token();
    assert_eq!(clock.block_on(pipeline.call_with(&token, |_| pending::<Result<u8, ()>>())), Ok(0));
    assert_eq!((nested.get(), token.listeners(), clock.armed()), (3, 0, 0));
}

#[test]
fn a_hook_may_cancel_the_call() {
    let (clock, source) = (auto(), CancellationTokenSource::new());
    let pipeline = Pipeline::new_on(&clock)
        .fallback(0)
        .retry(every(100).on_retry(|_: RetryEvent<'_, PipelineError<()>>| assert!(source.cancel())));
    let token = source.token();
    let error = clock.block_on(pipeline.call_with(&token, |_| ready(Err(())))).unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!((passed(&clock), token.listeners(), clock.armed()), (0, 0, 0));
}

#[test]
fn limits_hold_whatever_happens() {
    let (clock, running) = (ManualClock::new(), Cell::new(0_u32));
    let bulkhead = Bulkhead::new(NonZeroUsize::new(2).unwrap(), 1);
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).bulkhead(&bulkhead).timeout(SECOND);
    struct In<'a>(&'a Cell<u32>);
    impl Drop for In<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    let operation = |panics: bool| {
        let running = &running;
        async move {
            running.set(running.get() + 1);
            let _in = In(running);
            assert!(running.get() <= 2);
            assert!(!panics, "it was asked to");
            pending::<Result<(), ()>>().await
        }
    };
    let waiter = Counter::new();
    let call = |panics: bool| Box::pin(pipeline.call(move |_| operation(panics)));
    let (mut first, mut second, mut queued) = (call(false), call(false), call(true));
    for call in [&mut first, &mut second] {
        assert!(waiter.poll(call).is_pending());
    }
    assert!(waiter.poll(&mut queued).is_pending());
    let mut full = call(false);
    assert!(matches!(waiter.poll(&mut full), std::task::Poll::Ready(Err(error)) if error.is_rejected()));
    assert_eq!((running.get(), bulkhead.stats().queued), (2, 1));
    drop(first);
    assert!(catch_unwind(AssertUnwindSafe(|| waiter.poll(&mut queued))).is_err());
    assert_eq!((running.get(), bulkhead.stats().running), (1, 1));
    // The place of one whose time is up is free while it waits for its next attempt.
    clock.advance(SECOND);
    assert!(waiter.poll(&mut second).is_pending());
    assert_eq!((running.get(), bulkhead.stats().running), (0, 0));
    drop((second, queued, full));
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

/// A strategy that calls what is inside for as long as it is told, and itself drops what is too slow.
struct Impatient<'a>(&'a Log<u32>);

impl<T, E> Strategy<T, E> for Impatient<'_> {
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        for number in 0.. {
            self.0.push(number);
            let source = token.child();
            let mut call = pin!(next.call(source.token()));
            let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await;
            source.cancel();
            match polled {
                std::task::Poll::Ready(result) => return result,
                std::task::Poll::Pending if number == 3 => break,
                std::task::Poll::Pending => {}
            }
        }
        Err(PipelineError::other("out of patience").after(4))
    }
}

#[test]
fn strategies_of_others() {
    let (clock, numbers) = (auto(), Log::new());
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).with(Impatient(&numbers)).timeout(SECOND);
    let error = clock.block_on(pipeline.call(|_| pending::<Result<(), String>>())).unwrap_err();
    // What it says is not worth a retry.
    assert_eq!(
        (numbers.take(), error.attempts(), error.to_string().as_str()),
        (vec![0, 1, 2, 3], 1, "out of patience")
    );
    assert_eq!(clock.armed(), 0);
    let impatient = Impatient(&numbers);
    let pipeline = Pipeline::new_on(&clock).with(&impatient).with(std::sync::Arc::new(Impatient(&numbers)));
    assert_eq!(clock.block_on(pipeline.call(|_| ready(Ok::<_, ()>(5)))), Ok(5));
    assert_eq!(numbers.take(), [0, 0]);
}
