//! Boxed pipelines: as the ones that are not, and of a type that can be named.
use super::{SECOND, auto, every, passed, takes};
use crate::support::polls::waits;
use std::future::pending;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use taskcell::pipeline_parts::{SendNext, SendStrategy};
use taskcell::time::ManualClock;
use taskcell::{BoxFuture, BoxPipeline, Bulkhead, CancellationToken, CancellationTokenSource, CircuitBreaker};
use taskcell::{FallbackStrategy, Pipeline, PipelineError, PipelineNext, RetryEvent, Strategy, TimeoutStrategy};

type Error = PipelineError<&'static str>;

fn send<F: Future + Send>(future: F) -> F {
    future
}

/// All strategies, each told all that it can be told.
fn all(clock: &ManualClock, breaker: &CircuitBreaker, bulkhead: &Bulkhead) -> BoxPipeline<u32, &'static str> {
    Pipeline::new_on(clock.clone())
        .with(FallbackStrategy::value(1).when(|error: &Error| error.is_timed_out()).on_fallback(|_: &Error| ()))
        .fallback_with(|error: Error| if error.is_rejected() { 2 } else { 3 })
        .fallback_to(async |error: Error, _: CancellationToken| Err(error.into_inner().unwrap_or("no answer")))
        .timeout(60 * SECOND)
        .retry(every(2).when(|error: &Error| error.is_failed()).when_value(|value: &u32| *value == 0).on_retry(
            |event: RetryEvent<'_, Error>| {
                assert!(event.attempt.number < 3);
            },
        ))
        .hedge(20 * SECOND)
        .circuit_breaker(breaker)
        .bulkhead(bulkhead)
        .timeout(TimeoutStrategy::new(10 * SECOND).grace(SECOND).on_timeout(|_| ()))
        .boxed()
}

#[test]
fn all_strategies_do_in_a_box_what_they_do_without() {
    let clock = auto();
    let breaker = CircuitBreaker::builder_on(clock.clone()).consecutive_failures(NonZeroU32::new(9).unwrap()).build();
    let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
    let pipeline = all(&clock, &breaker, &bulkhead);

    assert_eq!(clock.block_on(send(pipeline.call(async |_| takes(&clock, 3, Ok(7)).await))), Ok(7));
    assert_eq!(passed(&clock), 3);

    let asked = AtomicU32::new(0);
    let call = pipeline.call(async |_| {
        asked.fetch_add(1, Ordering::Relaxed);
        Err("busy")
    });
    assert_eq!(clock.block_on(send(call)), Ok(3));
    assert_eq!((asked.into_inner(), passed(&clock), breaker.stats().failures), (6, 7, 6)); // each of three is made up for once

    assert_eq!(clock.block_on(send(pipeline.call(async |_| pending().await))), Ok(3));
    assert_eq!((breaker.stats().failures, bulkhead.stats().running, clock.armed()), (8, 0, 0));
    let text = "fallback > fallback > fallback > timeout(60s) > retry(3) > hedge(2) > circuit_breaker > bulkhead > timeout(10s)";
    assert_eq!(format!("{pipeline:?}"), format!("BoxPipeline({text} > call)"));
}

#[test]
fn a_call_that_is_dropped_leaves_nothing() {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let (breaker, bulkhead) = (CircuitBreaker::builder().build(), Bulkhead::new(NonZeroUsize::MIN, 0));
    let pipeline = all(&clock, &breaker, &bulkhead);
    let token = source.token();
    let mut call = Box::pin(pipeline.call_with(&token, async |_| pending().await));
    assert!(waits(&mut call));
    assert_eq!(bulkhead.stats().running, 1);
    drop(call);
    assert_eq!((bulkhead.stats().running, clock.armed(), token.listeners()), (0, 0, 0));
}

#[test]
fn the_callers_token_ends_it_as_it_ends_others() {
    let (clock, source) = (auto(), CancellationTokenSource::new());
    let token = source.token();
    let hangs = async |token: CancellationToken| {
        source.cancel();
        token.cancelled().await;
        takes(&clock, 5, Ok::<_, &str>(7)).await
    };
    let impatient = Pipeline::new_on(clock.clone()).timeout(60 * SECOND).boxed();
    let error = clock.block_on(send(impatient.call_with(&token, hangs))).unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(passed(&clock), 0);

    let source = CancellationTokenSource::new();
    let hangs = async |token: CancellationToken| {
        source.cancel();
        token.cancelled().await;
        takes(&clock, 5, Ok::<_, &str>(7)).await
    };
    let patient = Pipeline::new_on(clock.clone()).timeout(60 * SECOND).wait_when_cancelled().boxed();
    assert_eq!(clock.block_on(send(patient.call_with(&source.token(), hangs))), Ok(7));
    assert_eq!(passed(&clock), 5);
}

#[test]
fn pipelines_and_strategies_of_others_go_into_the_box() {
    #[derive(Debug)]
    struct Twice;
    impl<T, E> Strategy<T, E> for Twice {
        async fn execute<N: PipelineNext<T, E>>(
            &self,
            next: N,
            token: CancellationToken,
        ) -> Result<T, PipelineError<E>> {
            let _ = next.call(token.clone()).await;
            next.call(token).await
        }
    }
    impl<T: Send, E: Send> SendStrategy<T, E> for Twice {
        fn execute_boxed<'a>(
            &'a self,
            next: &'a dyn SendNext<T, E>,
            token: CancellationToken,
        ) -> BoxFuture<'a, Result<T, PipelineError<E>>> {
            Box::pin(self.execute(next, token))
        }
    }
    let clock = auto();
    let inner: BoxPipeline<u32, &str> = Pipeline::new_on(clock.clone()).retry(every(1)).boxed();
    let shared = Arc::new(Pipeline::new_on(clock.clone()).timeout(SECOND));
    let pipeline = Pipeline::new_on(clock.clone()).with(Twice).with(shared).with(inner).boxed();
    let asked = AtomicU32::new(0);
    let call = pipeline.call(|_| {
        asked.fetch_add(1, Ordering::Relaxed);
        async { Err::<u32, _>("busy") }
    });
    assert!(clock.block_on(send(call)).unwrap_err().is_timed_out());
    assert_eq!((asked.into_inner(), passed(&clock)), (4, 2));
}
