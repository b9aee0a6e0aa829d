//! What users of Polly 8 expect of a pipeline, and find.
use super::{SECOND, auto, every, passed, takes};
use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;
use taskcell::{
    Bulkhead, CancellationToken, CircuitBreaker, FallbackStrategy, HedgeStrategy, ObservedLatency, Pipeline,
};
use taskcell::{PipelineCause, PipelineError, Rejected, RetryEvent, RetryStrategy, TimeoutStrategy};

type Error = PipelineError<&'static str>;

fn attempts(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

#[test]
fn what_is_added_first_is_executed_first() {
    struct Says<'a>(&'a RefCell<Vec<String>>, &'static str);
    impl<T, E> taskcell::Strategy<T, E> for Says<'_> {
        async fn execute<N>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>>
        where
            N: taskcell::PipelineNext<T, E>,
        {
            self.0.borrow_mut().push(format!("before {}", self.1));
            let result = next.call(token).await;
            self.0.borrow_mut().push(format!("after {}", self.1));
            result
        }
    }
    let (clock, said) = (auto(), RefCell::new(Vec::new()));
    let pipeline = Pipeline::new_on(&clock).with(Says(&said, "1")).with(Says(&said, "2"));
    let call = pipeline.call(|_| {
        said.borrow_mut().push("called".into());
        ready(Ok::<_, ()>(()))
    });
    clock.block_on(call).unwrap();
    assert_eq!(said.take(), ["before 1", "before 2", "called", "after 2", "after 1"]);
}

#[test]
fn on_retry_hears_the_number_the_outcome_and_the_delay() {
    let (clock, heard) = (auto(), RefCell::new(Vec::new()));
    let retry = RetryStrategy::with_delays(|| (1..).map(Duration::from_secs)).max_attempts(attempts(4));
    let retry = retry.on_retry(|event: RetryEvent<'_, Error>| {
        let error = event.error.unwrap().error().copied().unwrap();
        heard.borrow_mut().push((event.attempt.number, error, event.delay.as_secs(), passed(&clock)));
    });
    let pipeline = Pipeline::new_on(&clock).retry(retry);
    let error = clock.block_on(pipeline.call(|_| ready(Err::<(), _>("no")))).unwrap_err();
    assert_eq!(heard.take(), [(0, "no", 1, 0), (1, "no", 2, 1), (2, "no", 3, 3)]);
    assert_eq!((error.attempts(), error.to_string()), (4, String::from("after 4 attempts: no")));
}

#[test]
fn delays_that_come_to_an_end_end_the_retry() {
    let clock = auto();
    let pipeline = Pipeline::new_on(&clock).retry(RetryStrategy::with_delays(|| [SECOND]).for_ever());
    for _ in 0..2 {
        assert_eq!(clock.block_on(pipeline.call(|_| ready(Err::<(), _>(())))).unwrap_err().attempts(), 2);
    }
}

#[test]
fn results_that_count_as_failures_are_retried_and_the_last_comes_out() {
    let (clock, calls) = (auto(), Cell::new(500));
    let pipeline = Pipeline::new_on(&clock).retry(every(1).when_value(|status: &u16| *status >= 500));
    let next = |_: CancellationToken| ready(Ok::<_, ()>(calls.replace(calls.get() + 1)));
    assert_eq!((clock.block_on(pipeline.call(next)), passed(&clock)), (Ok(502), 2));
    calls.set(499);
    assert_eq!(clock.block_on(pipeline.call(next)), Ok(499));
}

#[test]
fn a_delay_generator_goes_before_the_backoff() {
    let clock = auto();
    let advised = every(1).delay_from(|error: &Error| (error.error() == Some(&"429")).then_some(7 * SECOND));
    let (pipeline, calls) = (Pipeline::new_on(&clock).retry(advised), Cell::new(0));
    let answers = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        ready(match calls.get() {
            1 => Err("429"),
            2 => Err("503"),
            _ => Ok("200"),
        })
    };
    assert_eq!((clock.block_on(pipeline.call(answers)), passed(&clock)), (Ok("200"), 8));
}

#[test]
fn what_should_not_be_handled_passes() {
    let (clock, calls) = (auto(), Cell::new(0));
    let pipeline = Pipeline::new_on(&clock)
        .fallback("else")
        .with(FallbackStrategy::value("?").when(Error::is_cancelled))
        .retry(every(1).when(|error: &Error| error.error() != Some(&"404")))
        .hedge(HedgeStrategy::new(SECOND).when(|error: &Error| error.error() != Some(&"404")));
    let fails = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        ready(Err("404"))
    };
    assert_eq!((clock.block_on(pipeline.call(fails)), calls.get(), passed(&clock)), (Ok("else"), 1, 0));
}

#[test]
fn a_retry_may_be_told_to_retry_rejections() {
    let (clock, bulkhead) = (auto(), Bulkhead::new(NonZeroUsize::MIN, 0));
    let place = Cell::new(bulkhead.try_acquire().ok());
    let retry = every(1).when(|error: &Error| error.is_rejected()).on_retry(|_: RetryEvent<'_, Error>| {
        place.take();
    });
    let pipeline = Pipeline::new_on(&clock).retry(retry).bulkhead(&bulkhead);
    assert_eq!((clock.block_on(pipeline.call(|_| ready(Ok(1)))), passed(&clock)), (Ok(1), 1));
}

#[test]
fn a_deadline_sleeps_no_delay_in_vain() {
    let (clock, calls) = (auto(), Cell::new(0));
    let pipeline = Pipeline::new_on(&clock).retry(every(4).for_ever().deadline(10 * SECOND));
    let fails = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        takes(&clock, 1, Err::<(), _>("no"))
    };
    let error = clock.block_on(pipeline.call(fails)).unwrap_err();
    assert_eq!((error.error(), error.attempts(), passed(&clock)), (Some(&"no"), 2, 6));
    // An attempt that takes too long is told.
    let tokens = RefCell::new(Vec::new());
    let error = clock.block_on(pipeline.call(|token| {
        tokens.borrow_mut().push(token);
        pending::<Result<(), &str>>()
    }));
    assert_eq!(error, Err(PipelineError::timed_out(10 * SECOND)));
    assert!(tokens.borrow()[0].is_cancelled());
}

#[test]
fn zero_and_for_ever() {
    let clock = auto();
    let pipeline = Pipeline::new_on(&clock).timeout(Duration::ZERO);
    assert_eq!(clock.block_on(pipeline.call(|_| ready(Ok::<_, ()>(1)))), Ok(1));
    assert!(clock.block_on(pipeline.call(|_| pending::<Result<(), ()>>())).unwrap_err().is_timed_out());
    let pipeline =
        Pipeline::new_on(&clock).timeout(Duration::MAX).timeout(TimeoutStrategy::new(Duration::MAX).grace(SECOND));
    assert_eq!(clock.block_on(pipeline.call(|_| takes(&clock, 1_000_000, Ok::<_, ()>(1)))), Ok(1));
    let (calls, pipeline) = (Cell::new(0), Pipeline::new_on(&clock).retry(every(0)).hedge(Duration::ZERO));
    let both = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        takes(&clock, 1, Err::<(), _>(()))
    };
    assert!(clock.block_on(pipeline.call(both)).is_err());
    assert_eq!((calls.get(), passed(&clock)), (6, 1_000_003));
}

#[test]
fn a_hedge_that_has_no_place_does_not_end_the_one_that_runs() {
    let (clock, bulkhead) = (auto(), Bulkhead::new(NonZeroUsize::MIN, 0));
    let pipeline = Pipeline::new_on(&clock).hedge(SECOND).bulkhead(&bulkhead);
    assert_eq!(clock.block_on(pipeline.call(|_| takes(&clock, 5, Ok::<_, &str>("slow")))), Ok("slow"));
    let error = clock.block_on(pipeline.call(|_| takes(&clock, 5, Err::<(), _>("no")))).unwrap_err();
    assert_eq!((error.error(), error.attempts(), bulkhead.stats().running), (Some(&"no"), 2, 0));
}

#[test]
fn hedges_are_numbered_and_wait_for_losers_if_told_to() {
    let (clock, heard, calls) = (auto(), RefCell::new(Vec::new()), Cell::new(0));
    let hedge = HedgeStrategy::new(SECOND).max_attempts(attempts(3)).await_losers();
    let pipeline =
        Pipeline::new_on(&clock).hedge(hedge.on_hedge(|number| heard.borrow_mut().push((number, passed(&clock)))));
    let call = pipeline.call(|token| {
        let (clock, number) = (&clock, calls.replace(calls.get() + 1));
        async move {
            if number == 2 {
                return Ok(number);
            }
            token.cancelled().await;
            takes(clock, 10, Err(())).await
        }
    });
    assert_eq!((clock.block_on(call), passed(&clock)), (Ok(2), 12));
    assert_eq!(heard.take(), [(1, 1), (2, 2)]);
}

#[test]
fn latencies_are_observed_and_hedged_by() {
    let (clock, latency) = (auto(), Arc::new(ObservedLatency::percentile(50.0).initial(9 * SECOND).min_samples(1)));
    let pipeline = Pipeline::new_on(&clock).hedge(HedgeStrategy::new(latency.clone()).observe(latency.clone()));
    assert!(clock.block_on(pipeline.call(|_| takes(&clock, 2, Ok::<_, ()>(())))).is_ok());
    let delay = latency.delay();
    assert!(latency.samples() == 1 && delay >= 2 * SECOND && delay < 3 * SECOND, "{delay:?}");
}

#[test]
fn the_errors_say_what_they_are() {
    let clock = auto();
    let breaker = CircuitBreaker::builder_on(clock.clone()).build();
    breaker.isolate();
    let pipeline = Pipeline::new_on(&clock).circuit_breaker(&breaker);
    let error = clock.block_on(pipeline.call(|_| ready(Ok::<(), taskcell::BoxError>(())))).unwrap_err();
    assert_eq!((error.rejected(), error.to_string()), (Some(Rejected::Isolated), "the circuit is isolated".into()));

    let inner = std::io::Error::other(std::fmt::Error);
    let error = PipelineError::<taskcell::BoxError>::failed(inner.into());
    assert!(std::error::Error::source(&error).is_none());
    let task: PipelineError<String> = error.map(|error| error.to_string());
    assert_eq!(task.into_inner().unwrap(), std::fmt::Error.to_string());

    let other = Error::other("too many").after(2);
    let PipelineCause::Other(cause) = other.cause() else { unreachable!() };
    assert_eq!((cause.get().to_string().as_str(), other.clone() == other), ("too many", true));
    assert!(Error::other("too many") != Error::other("too many"));
    let boxed: Box<dyn std::error::Error> = Box::new(other);
    assert_eq!(boxed.to_string(), "after 2 attempts: too many");
}
