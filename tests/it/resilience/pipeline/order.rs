//! The first strategy is the outermost: what that means for each pair.
use super::{SECOND, auto, every, passed, takes};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::num::{NonZeroU32, NonZeroUsize};
use taskcell::time::ManualClock;
use taskcell::{Bulkhead, CancellationToken, CircuitBreaker, CircuitState, Pipeline, PipelineCause, PipelineError};
use taskcell::{FallbackStrategy, HedgeStrategy, Rejected};

fn breaker(clock: &ManualClock, failures: u32) -> CircuitBreaker {
    let failures = NonZeroU32::new(failures).unwrap();
    CircuitBreaker::builder_on(clock.clone()).consecutive_failures(failures).break_for(10 * SECOND).build()
}

#[test]
fn none_at_all() {
    let clock = ManualClock::new();
    let pipeline = Pipeline::new_on(&clock);
    assert_eq!(clock.block_on(pipeline.call(async |_| Ok::<_, ()>(7))), Ok(7));
    let failed = clock.block_on(pipeline.call(async |_| Err::<(), _>("no"))).unwrap_err();
    assert_eq!((failed.attempts(), failed.to_string()), (1, "no".into()));
    assert_eq!(failed.into_cause(), PipelineCause::Failed("no"));
}

#[test]
fn a_timeout_in_a_retry_is_for_each_attempt() {
    let (clock, calls) = (auto(), Cell::new(0));
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).timeout(2 * SECOND);
    let answer = pipeline.call(|_| {
        calls.set(calls.get() + 1);
        takes(&clock, if calls.get() < 3 { 100 } else { 1 }, Ok::<_, ()>(calls.get()))
    });
    assert_eq!(clock.block_on(answer), Ok(3));
    assert_eq!((passed(&clock), clock.armed()), (2 + 1 + 2 + 1 + 1, 0));

    let late = clock.block_on(pipeline.call(async |_| pending::<Result<(), u8>>().await)).unwrap_err();
    assert_eq!((late.attempts(), late.cause()), (3, PipelineError::timed_out(2 * SECOND).cause()));
    assert_eq!(late.to_string(), "after 3 attempts: it took longer than 2s");
}

#[test]
fn a_timeout_around_a_retry_is_for_all_of_it() {
    let (clock, calls) = (auto(), Cell::new(0));
    let pipeline = Pipeline::new_on(&clock).timeout(5 * SECOND).retry(every(2).for_ever());
    let late = pipeline.call(|_| {
        calls.set(calls.get() + 1);
        takes(&clock, 1, Err::<(), _>("busy"))
    });
    assert_eq!(clock.block_on(late), Err(PipelineError::timed_out(5 * SECOND)));
    assert_eq!((passed(&clock), calls.get(), clock.armed()), (5, 2, 0));
}

#[test]
fn a_breaker_in_a_retry_sees_each_attempt() {
    let (clock, calls) = (auto(), Cell::new(0));
    let breaker = breaker(&clock, 2);
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).circuit_breaker(&breaker);
    let fails = async |_: CancellationToken| {
        calls.set(calls.get() + 1);
        Err::<(), _>("no")
    };
    // Two failures open it; the third attempt is not made, and its rejection is not retried.
    let error = clock.block_on(pipeline.call(fails)).unwrap_err();
    assert_eq!(error.rejected(), Some(Rejected::CircuitOpen { retry_after: 9 * SECOND }));
    assert_eq!((calls.get(), error.attempts(), breaker.state()), (2, 3, CircuitState::Open));
    let error = clock.block_on(pipeline.call(fails)).unwrap_err();
    assert_eq!((calls.get(), error.attempts(), error.is_rejected(), passed(&clock)), (2, 1, true, 2));
}

#[test]
fn a_breaker_around_a_retry_sees_what_comes_of_it() {
    let (clock, calls) = (auto(), Cell::new(0));
    let breaker = breaker(&clock, 2);
    let pipeline = Pipeline::new_on(&clock).circuit_breaker(&breaker).retry(every(1));
    let fails = async |_: CancellationToken| {
        calls.set(calls.get() + 1);
        Err::<(), _>("no")
    };
    for failures in [1_u32, 2] {
        assert_eq!(clock.block_on(pipeline.call(fails)).unwrap_err().into_inner(), Some("no"));
        assert_eq!((calls.get(), breaker.stats().failures), (3 * failures, u64::from(failures)));
    }
    assert!(clock.block_on(pipeline.call(fails)).unwrap_err().is_rejected());
    assert_eq!(calls.get(), 6);
}

#[test]
fn a_retry_waits_for_a_circuit_if_told_to() {
    let (clock, calls) = (auto(), Cell::new(0));
    let breaker = breaker(&clock, 1);
    let recovers = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        std::future::ready(if calls.get() == 1 { Err("no") } else { Ok(calls.get()) })
    };
    let pipeline = Pipeline::new_on(&clock).retry(every(1).wait_for_circuit(10 * SECOND)).circuit_breaker(&breaker);
    assert_eq!(clock.block_on(pipeline.call(recovers)), Ok(2));
    assert_eq!((passed(&clock), breaker.state()), (10, CircuitState::Closed));
    // Not as long as this.
    calls.set(0);
    let pipeline = Pipeline::new_on(&clock).retry(every(1).wait_for_circuit(8 * SECOND)).circuit_breaker(&breaker);
    assert_eq!(
        clock.block_on(pipeline.call(recovers)).unwrap_err().rejected(),
        Some(Rejected::CircuitOpen { retry_after: 9 * SECOND })
    );
    assert_eq!(passed(&clock), 11);
}

#[test]
fn a_timeout_in_a_breaker_counts_and_one_around_it_does_not() {
    let clock = auto();
    let (inside, outside) = (breaker(&clock, 9), breaker(&clock, 9));
    let hangs = async |_: CancellationToken| pending::<Result<(), ()>>().await;
    let pipeline = Pipeline::new_on(&clock).circuit_breaker(&inside).timeout(SECOND);
    assert!(clock.block_on(pipeline.call(hangs)).unwrap_err().is_timed_out());
    assert_eq!((inside.stats().failures, inside.stats().ignored), (1, 0));
    let pipeline = Pipeline::new_on(&clock).timeout(SECOND).circuit_breaker(&outside);
    assert!(clock.block_on(pipeline.call(hangs)).unwrap_err().is_timed_out());
    assert_eq!((outside.stats().failures, outside.stats().ignored, outside.stats().running), (0, 1, 0));
}

#[test]
fn a_bulkhead_in_a_breaker_says_nothing_about_the_service() {
    let clock = auto();
    let (breaker, bulkhead) = (breaker(&clock, 1), Bulkhead::new(NonZeroUsize::MIN, 0));
    let pipeline = Pipeline::new_on(&clock).circuit_breaker(&breaker).bulkhead(&bulkhead);
    let place = bulkhead.try_acquire().unwrap();
    let full = clock.block_on(pipeline.call(async |_| Ok::<_, ()>(()))).unwrap_err();
    assert_eq!(full.rejected(), Some(Rejected::BulkheadFull));
    assert_eq!((breaker.stats().ignored, breaker.state()), (1, CircuitState::Closed));
    drop(place);
    assert!(clock.block_on(pipeline.call(async |_| Ok::<_, ()>(()))).is_ok());
}

#[test]
fn a_bulkhead_in_a_retry_is_free_between_attempts_and_one_around_it_is_not() {
    let clock = auto();
    let (inside, outside) = (Bulkhead::new(NonZeroUsize::MIN, 0), Bulkhead::new(NonZeroUsize::MIN, 0));
    let seen = RefCell::new(Vec::new());
    let pipeline = Pipeline::new_on(&clock)
        .bulkhead(&outside)
        .retry(every(1).on_retry(|_: taskcell::RetryEvent<'_, PipelineError<()>>| {
            seen.borrow_mut().push((outside.stats().running, inside.stats().running));
        }))
        .bulkhead(&inside);
    let failed = pipeline.call(async |_| {
        seen.borrow_mut().push((outside.stats().running, inside.stats().running));
        Err::<(), _>(())
    });
    assert!(clock.block_on(failed).unwrap_err().is_failed());
    assert_eq!(*seen.borrow(), [(1, 1), (1, 0), (1, 1), (1, 0), (1, 1)]);
    assert_eq!((outside.stats().running, inside.stats().running), (0, 0));
}

#[test]
fn a_fallback_around_a_timeout_stands_in_and_one_inside_does_not() {
    let clock = auto();
    let hangs = async |_: CancellationToken| pending::<Result<_, ()>>().await;
    let pipeline = Pipeline::new_on(&clock).fallback("old").timeout(SECOND);
    assert_eq!(clock.block_on(pipeline.call(hangs)), Ok("old"));
    let pipeline = Pipeline::new_on(&clock).timeout(SECOND).fallback("old");
    assert_eq!(clock.block_on(pipeline.call(hangs)), Err(PipelineError::timed_out(SECOND)));
}

#[test]
fn a_fallback_in_a_retry_leaves_it_nothing_to_do() {
    let (clock, calls) = (auto(), Cell::new(0));
    let fails = async |_: CancellationToken| {
        calls.set(calls.get() + 1);
        Err("no")
    };
    let pipeline = Pipeline::new_on(&clock).fallback("else").retry(every(1));
    assert_eq!((clock.block_on(pipeline.call(fails)), calls.take()), (Ok("else"), 3));
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).fallback("else");
    assert_eq!((clock.block_on(pipeline.call(fails)), calls.take()), (Ok("else"), 1));
    // Those that it does not stand in for it passes on.
    let picky = FallbackStrategy::value("else").when(|error: &PipelineError<&str>| error.is_timed_out());
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).with(picky);
    assert_eq!((clock.block_on(pipeline.call(fails)).unwrap_err().attempts(), calls.take()), (3, 3));
}

#[test]
fn a_hedge_around_a_retry_and_a_retry_around_a_hedge() {
    let (clock, calls) = (auto(), Cell::new(0));
    let fails = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        takes(&clock, 1, Err::<(), _>("no"))
    };
    // Two rows of three attempts each: the second starts when the first fails.
    let pipeline = Pipeline::new_on(&clock).hedge(100 * SECOND).retry(every(1));
    let error = clock.block_on(pipeline.call(fails)).unwrap_err();
    assert_eq!((error.attempts(), calls.take(), passed(&clock)), (2, 6, 10));
    // Three times two attempts.
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).hedge(100 * SECOND);
    let error = clock.block_on(pipeline.call(fails)).unwrap_err();
    assert_eq!((error.attempts(), calls.take(), passed(&clock)), (3, 6, 10 + 8));
}

#[test]
fn a_timeout_in_a_hedge_is_for_each_attempt_and_one_around_it_for_all() {
    let (clock, calls) = (auto(), Cell::new(0));
    let second_is_fast = |_: CancellationToken| {
        calls.set(calls.get() + 1);
        takes(&clock, if calls.get() == 1 { 100 } else { 1 }, Ok::<_, ()>(calls.get()))
    };
    let pipeline = Pipeline::new_on(&clock).hedge(HedgeStrategy::new(50 * SECOND)).timeout(2 * SECOND);
    assert_eq!((clock.block_on(pipeline.call(second_is_fast)), passed(&clock)), (Ok(2), 3));
    calls.set(0);
    let pipeline = Pipeline::new_on(&clock).timeout(4 * SECOND).hedge(SECOND);
    assert_eq!((clock.block_on(pipeline.call(second_is_fast)), passed(&clock)), (Ok(2), 5));
    calls.set(0);
    let pipeline = Pipeline::new_on(&clock).timeout(4 * SECOND).hedge(5 * SECOND);
    assert_eq!(clock.block_on(pipeline.call(second_is_fast)), Err(PipelineError::timed_out(4 * SECOND)));
    assert_eq!((passed(&clock), clock.armed()), (9, 0));
}

#[test]
fn a_pipeline_in_a_pipeline() {
    let (clock, calls) = (auto(), Cell::new(0));
    let inner = Pipeline::new_on(&clock).retry(every(1)).timeout(SECOND);
    let outer = Pipeline::new_on(&clock).fallback(0).with(&inner);
    let hangs = async |_: CancellationToken| {
        calls.set(calls.get() + 1);
        pending::<Result<u8, ()>>().await
    };
    assert_eq!((clock.block_on(outer.call(hangs)), calls.get(), passed(&clock)), (Ok(0), 3, 5));
}
