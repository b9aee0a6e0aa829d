//! What is told may come to an end, whatever strategies it is in; and nothing new is begun for it.
use super::{SECOND, auto, every, passed};
use std::cell::Cell;
use std::num::{NonZeroU32, NonZeroUsize};
use taskcell::time::{ManualClock, delay_on};
use taskcell::{Bulkhead, CancellationToken, CancellationTokenSource, CircuitBreaker, FallbackStrategy, HedgeStrategy};
use taskcell::{Pipeline, PipelineCause, PipelineError, Strategy, TimeoutStrategy};

/// Calls, through `strategy`, what takes a second to clean up when it is told after five: in a grace of two, and where the
/// caller waits for it after a cancellation.
fn may_come_to_an_end<S>(name: &str, strategy: impl Fn(&ManualClock) -> S)
where
    S: Strategy<&'static str, &'static str>,
{
    for by_caller in [false, true] {
        let (clock, source, calls) = (auto(), CancellationTokenSource::new(), Cell::new(0));
        let token = source.token();
        let operation = async |token: CancellationToken| {
            calls.set(calls.get() + 1);
            token.cancelled().await;
            delay_on(&clock, SECOND).await;
            Ok("clean")
        };
        let result = if by_caller {
            source.cancel_after_on(&clock, 5 * SECOND);
            let pipeline = Pipeline::new_on(&clock).with(strategy(&clock)).wait_when_cancelled();
            clock.block_on(pipeline.call_with(&token, operation))
        } else {
            let timeout = TimeoutStrategy::new(5 * SECOND).grace(2 * SECOND);
            let pipeline = Pipeline::new_on(&clock).timeout(timeout).with(strategy(&clock));
            clock.block_on(pipeline.call_with(&token, operation))
        };
        assert_eq!((result, passed(&clock), calls.get()), (Ok("clean"), 6, 1), "{name}, by the caller: {by_caller}");
        assert_eq!((token.listeners(), clock.armed()), (0, 0), "{name}");
    }
}

#[test]
fn in_every_strategy() {
    may_come_to_an_end("none", |clock| Pipeline::new_on(clock.clone()));
    may_come_to_an_end("timeout", |clock| Pipeline::new_on(clock.clone()).timeout(9 * SECOND));
    let grace = TimeoutStrategy::new(9 * SECOND).grace(2 * SECOND);
    may_come_to_an_end("grace", |clock| Pipeline::new_on(clock.clone()).timeout(grace));
    may_come_to_an_end("retry", |clock| Pipeline::new_on(clock.clone()).retry(every(1)));
    may_come_to_an_end("deadline", |clock| Pipeline::new_on(clock.clone()).retry(every(1).deadline(9 * SECOND)));
    may_come_to_an_end("hedge", |clock| Pipeline::new_on(clock.clone()).hedge(9 * SECOND));
    may_come_to_an_end("awaited", |clock| {
        Pipeline::new_on(clock.clone())
            .with(Pipeline::new_on(clock.clone()).hedge(HedgeStrategy::new(9 * SECOND).await_losers()))
    });
    may_come_to_an_end("breaker", |clock| {
        Pipeline::new_on(clock.clone()).circuit_breaker(&CircuitBreaker::builder_on(clock.clone()).build())
    });
    may_come_to_an_end("bulkhead", |clock| {
        Pipeline::new_on(clock.clone()).bulkhead(&Bulkhead::new(NonZeroUsize::MIN, 0))
    });
    may_come_to_an_end("fallback", |clock| Pipeline::new_on(clock.clone()).fallback("else"));
}

/// All that run are waited for, not the first alone.
#[test]
fn all_of_a_hedge() {
    let (clock, source, ended) = (auto(), CancellationTokenSource::new(), Cell::new(0));
    source.cancel_after_on(&clock, 5 * SECOND);
    let token = source.token();
    let pipeline = Pipeline::new_on(&clock).hedge(SECOND).wait_when_cancelled();
    let number = Cell::new(0);
    let call = pipeline.call_with(&token, async |token: CancellationToken| {
        number.set(number.get() + 1);
        let time = number.get() * SECOND;
        token.cancelled().await;
        delay_on(&clock, time).await;
        ended.set(ended.get() + 1);
        Err::<(), _>("gave up")
    });
    assert!(clock.block_on(call).unwrap_err().is_cancelled());
    assert_eq!((ended.get(), passed(&clock), token.listeners(), clock.armed()), (2, 7, 0, 0));
}

/// An error of what has been told says nothing; a fallback would hide the cancellation, and begin something new.
#[test]
fn no_fallback_stands_in() {
    let (clock, asked) = (auto(), Cell::new(0));
    let token = CancellationTokenSource::new();
    let source = async |_: PipelineError<&'static str>, _: CancellationToken| {
        asked.set(asked.get() + 1);
        Ok("mirror")
    };
    let pipeline = Pipeline::new_on(&clock).fallback_to(source);
    let cancels = async |_: CancellationToken| {
        token.cancel();
        Err("aborted")
    };
    let result = clock.block_on(pipeline.call_with(&token.token(), cancels));
    assert_eq!((result, asked.get()), (Err(PipelineError::failed("aborted")), 0));
    // One that looks at the error may do so all the same: it is asked about it, and told.
    let heard = Cell::new(0);
    let strategy = FallbackStrategy::value("old").on_fallback(|_: &PipelineError<&str>| heard.set(heard.get() + 1));
    let timeout = TimeoutStrategy::new(5 * SECOND).grace(2 * SECOND);
    let pipeline = Pipeline::new_on(&clock).timeout(timeout).with(strategy);
    let told = async |token: CancellationToken| {
        token.cancelled().await;
        Err("aborted")
    };
    let result = clock.block_on(pipeline.call(told));
    assert_eq!((result, heard.get()), (Err(PipelineError::timed_out(5 * SECOND)), 0));
}

/// Time that is up after the caller has given up is no timeout.
#[test]
fn no_timeout_after_a_cancellation() {
    let (clock, source, heard) = (auto(), CancellationTokenSource::new(), Cell::new(0));
    source.cancel_after_on(&clock, SECOND);
    let token = source.token();
    let timeout = TimeoutStrategy::new(5 * SECOND).on_timeout(|_| heard.set(heard.get() + 1));
    let pipeline = Pipeline::new_on(&clock).fallback(7).timeout(timeout).wait_when_cancelled();
    let result = clock.block_on(pipeline.call_with(&token, |_| std::future::pending::<Result<i32, ()>>()));
    let PipelineCause::Cancelled(by) = result.unwrap_err().into_cause() else { panic!("it was cancelled") };
    assert_eq!((by.token() == &token, passed(&clock), heard.get()), (true, 5, 0));
}

/// A circuit that stays open for ever may not be tried again, however long one would wait.
#[test]
fn nobody_waits_for_a_circuit_that_stays_open() {
    let clock = auto();
    let breaker = CircuitBreaker::builder_on(clock.clone())
        .consecutive_failures(NonZeroU32::MIN)
        .break_for(std::time::Duration::MAX)
        .build();
    let pipeline = Pipeline::new_on(&clock).retry(every(1).wait_for_circuit(std::time::Duration::MAX));
    let pipeline = pipeline.circuit_breaker(&breaker);
    let waiter = crate::support::Counter::new();
    let mut call = Box::pin(pipeline.call(async |_| Err::<(), _>("down")));
    assert!(waiter.poll(&mut call).is_pending());
    clock.advance(SECOND);
    let std::task::Poll::Ready(Err(error)) = waiter.poll(&mut call) else { panic!("it waits for ever") };
    assert_eq!((error.is_rejected(), error.attempts(), clock.armed()), (true, 2, 0));
}

/// How many attempts there were, whatever comes of them.
#[test]
fn hedges_are_counted() {
    let clock = auto();
    let hedge = HedgeStrategy::new(SECOND).when(|error: &PipelineError<&str>| error.error() != Some(&"fatal"));
    let pipeline = Pipeline::new_on(&clock).hedge(hedge.max_attempts(NonZeroU32::new(3).unwrap()));
    for (first, second, expected) in [("busy", "fatal", 2), ("fatal", "busy", 1), ("busy", "busy", 3)] {
        let made = Cell::new(0);
        let call = pipeline.call(async |_| {
            made.set(made.get() + 1);
            Err::<(), _>(if made.get() == 1 { first } else { second })
        });
        assert_eq!(clock.block_on(call).unwrap_err().attempts(), expected, "{first}, {second}");
    }
}
