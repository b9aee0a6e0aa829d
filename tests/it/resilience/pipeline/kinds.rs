//! What kinds of futures calls are, and what may be captured.
use super::{SECOND, auto, every};
use crate::support::Counter;
use crate::support::heap::allocations;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use taskcell::time::ManualClock;
use taskcell::{Backoff, CancellationToken, CancellationTokenSource, FallbackStrategy, HedgeStrategy, Pipeline};
use taskcell::{BoxFuture, Bulkhead, CircuitBreaker, PipelineError, RetryEvent, RetryStrategy, TimeoutStrategy};

fn send<T: Send>(value: T) -> T {
    value
}

async fn deep<F>(clock: ManualClock, operation: F) -> u8
where
    F: Fn(CancellationToken) -> BoxFuture<'static, Result<u8, String>> + Send + Sync + 'static,
{
    let name = String::from("deep");
    let pipeline = Pipeline::new_on(clock)
        .fallback_with(|error: PipelineError<String>| error.attempts() as u8)
        .timeout(600 * SECOND)
        .with(
            FallbackStrategy::value(9)
                .when(|error| error.is_timed_out())
                .on_fallback(|error: &PipelineError<String>| drop(error.to_string())),
        )
        .retry(
            RetryStrategy::seeded(Backoff::exponential(SECOND), 7)
                .when(|error| !name.is_empty() && !error.is_rejected())
                .when_value(|value: &u8| *value == 0)
                .on_retry(|event: RetryEvent<'_, PipelineError<String>>| assert!(event.delay >= SECOND)),
        )
        .retry(every(1))
        .hedge(HedgeStrategy::new(SECOND).on_hedge(|_| ()))
        .retry(every(1).wait_for_circuit(SECOND))
        .hedge(SECOND)
        .timeout(TimeoutStrategy::new(5 * SECOND).grace(SECOND).on_timeout(|_| ()));
    let source = CancellationTokenSource::new();
    let (token, text) = (source.token(), &name);
    let result = pipeline.call_with(&token, |token| {
        let call = operation(token);
        async move {
            assert_eq!(text.len(), 4);
            call.await
        }
    });
    result.await.unwrap()
}

#[test]
fn sent_to_other_threads() {
    let (clock, calls) = (auto(), Arc::new(AtomicU32::new(0)));
    let counted = calls.clone();
    let call = deep(clock.clone(), move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(String::from("no")) })
    });
    let call = send(call);
    assert!(size_of_val(&call) < 10_000, "{}", size_of_val(&call));
    let ended = std::thread::spawn(move || clock.block_on(call)).join().unwrap();
    assert_eq!(ended, 3);
    assert_eq!(calls.load(Ordering::Relaxed), 3 * 3 * 2 * 3 * 2);
}

#[test]
fn kept_on_one_thread() {
    let (clock, held) = (ManualClock::new(), Rc::new(5));
    let pipeline = Pipeline::new_on(&clock).retry(every(0));
    let shared = || {
        let held = held.clone();
        async move { Ok::<_, ()>(*held) }
    };
    assert_eq!(clock.block_on(pipeline.call(|_| shared())), Ok(5));
    assert_eq!(clock.block_on(pipeline.call(async |_| Ok::<_, ()>(*held))), Ok(5));
}

#[test]
fn twelve_around_each_other() {
    let (clock, other) = (ManualClock::new(), Bulkhead::new(NonZeroUsize::MIN, 9));
    let (breaker, bulkhead) = (CircuitBreaker::builder_on(clock.clone()).build(), Bulkhead::new(NonZeroUsize::MIN, 9));
    let pipeline = Pipeline::new_on(clock)
        .fallback(1)
        .timeout(SECOND)
        .fallback(2)
        .retry(every(0))
        .circuit_breaker(&breaker)
        .bulkhead(&bulkhead)
        .hedge(SECOND)
        .timeout(SECOND)
        .retry(every(0))
        .timeout(SECOND)
        .bulkhead(&other)
        .timeout(SECOND);
    let pipeline = Arc::new(pipeline);
    let call = async move {
        // As deep as in a program.
        let inner = async || pipeline.call(async |_| Err::<u8, _>(())).await;
        let middle = async || inner().await;
        middle().await
    };
    assert_eq!(smol::block_on(smol::spawn(send(call))), Ok(2));
}

/// A token for the call, one for the timeout; nothing else where nothing has to be waited for.
#[test]
fn what_a_call_allocates() {
    let clock = ManualClock::new();
    let (breaker, bulkhead) = (CircuitBreaker::builder_on(clock.clone()).build(), Bulkhead::new(NonZeroUsize::MIN, 9));
    let pipeline = Pipeline::new_on(&clock).timeout(SECOND).retry(every(0));
    let pipeline = pipeline.circuit_breaker(&breaker).bulkhead(&bulkhead);
    let waiter = Counter::new();
    for attempts in 1..=3 {
        let left = std::cell::Cell::new(attempts);
        let mut call = std::pin::pin!(pipeline.call(async |_| {
            left.set(left.get() - 1);
            if left.get() == 0 { Ok(()) } else { Err(()) }
        }));
        let before = allocations();
        assert!(waiter.poll(&mut call).is_ready());
        assert_eq!(allocations() - before, 2, "{attempts}");
    }
}

#[test]
fn what_it_shows() {
    let clock = ManualClock::new();
    let pipeline = Pipeline::new_on(&clock).fallback(1).timeout(SECOND).retry(every(1)).hedge(SECOND);
    assert_eq!(format!("{pipeline:?}"), "Pipeline(fallback > timeout(1s) > retry(3) > hedge(2) > call)");
    assert_eq!(format!("{:?}", Pipeline::new_on(&clock)), "Pipeline(call)");
}
