//! Tokens: which are cancelled when, what a cancellation ends, and what is left.
use super::{SECOND, auto, every, passed, takes};
use crate::support::{Counter, Log};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::pin;
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{Bulkhead, CancellationToken, CancellationTokenSource, CircuitBreaker, HedgeStrategy, Pipeline};
use taskcell::{PipelineCause, PipelineError, TimeoutStrategy};

/// Keeps the tokens of all attempts; never ends.
fn hangs(
    tokens: &RefCell<Vec<CancellationToken>>,
) -> impl Fn(CancellationToken) -> std::future::Pending<Result<(), ()>> {
    |token| {
        tokens.borrow_mut().push(token);
        pending()
    }
}

fn cancelled(tokens: &RefCell<Vec<CancellationToken>>) -> Vec<bool> {
    tokens.borrow().iter().map(CancellationToken::is_cancelled).collect()
}

#[test]
fn an_attempt_that_is_given_up_is_told() {
    let (clock, tokens) = (auto(), RefCell::default());
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).timeout(SECOND);
    assert!(clock.block_on(pipeline.call(hangs(&tokens))).unwrap_err().is_timed_out());
    assert_eq!(cancelled(&tokens), [true, true, true]);
}

#[test]
fn an_attempt_is_told_before_it_is_dropped() {
    struct SaysSo<'a>(&'a Log<&'static str>);
    impl Drop for SaysSo<'_> {
        fn drop(&mut self) {
            self.0.push("dropped");
        }
    }
    let (clock, log) = (auto(), Log::new());
    let heard = TimeoutStrategy::new(SECOND).on_timeout(|_| log.push("hook"));
    let pipeline = Pipeline::new_on(&clock).timeout(heard);
    let call = pipeline.call(async |token: CancellationToken| {
        let _says_so = SaysSo(&log);
        token.register(log.note("told")).detach();
        pending::<Result<(), ()>>().await
    });
    assert!(clock.block_on(call).is_err());
    assert_eq!(log.take(), ["told", "dropped", "hook"]);
}

#[test]
fn an_attempt_that_ends_is_not_told() {
    let (clock, tokens) = (auto(), RefCell::new(Vec::new()));
    let source = CancellationTokenSource::new();
    let token = source.token();
    let pipeline = Pipeline::new_on(&clock).timeout(9 * SECOND).retry(every(1)).timeout(SECOND).hedge(SECOND);
    let call = pipeline.call_with(&token, async |token| {
        tokens.borrow_mut().push(token);
        if tokens.borrow().len() < 3 { Err(()) } else { Ok(()) }
    });
    assert_eq!(clock.block_on(call), Ok(()));
    assert_eq!(cancelled(&tokens), [false, false, false]);
    // Nor can they be any more, but through those who asked for them.
    drop(source);
    assert!(tokens.borrow().iter().all(|token| !token.can_be_cancelled()));
}

#[test]
fn a_lost_hedge_is_told() {
    let (clock, tokens) = (auto(), RefCell::new(Vec::new()));
    let pipeline = Pipeline::new_on(&clock).hedge(SECOND);
    let call = pipeline.call(|token| {
        tokens.borrow_mut().push(token);
        takes(&clock, [100, 5][tokens.borrow().len() - 1], Ok::<_, ()>(()))
    });
    assert_eq!(clock.block_on(call), Ok(()));
    assert_eq!((cancelled(&tokens), passed(&clock), clock.armed()), (vec![true, false], 6, 0));
}

#[test]
fn a_cancelled_token_calls_nothing() {
    let clock = ManualClock::new();
    let token = CancellationToken::new(true);
    for pipeline in [Pipeline::new_on(&clock), Pipeline::new_on(&clock).wait_when_cancelled()] {
        let never = |_| -> std::future::Ready<Result<(), ()>> { unreachable!() };
        let error = clock.block_on(pipeline.with(Pipeline::new_on(&clock).retry(every(1))).call_with(&token, never));
        let PipelineCause::Cancelled(by) = error.unwrap_err().into_cause() else { panic!("it is cancelled") };
        assert!(*by.token() == token);
    }
}

/// Every place where a call can wait, cancelled there: it ends at once, and leaves nothing.
#[test]
fn a_cancellation_ends_it_wherever_it_waits() {
    for patient in [false, true] {
        for place in ["queue", "delay", "operation", "hedged"] {
            let (clock, source, waiter) = (ManualClock::new(), CancellationTokenSource::new(), Counter::new());
            let breaker = CircuitBreaker::builder_on(clock.clone()).build();
            let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 9);
            let taken = (place == "queue").then(|| bulkhead.try_acquire().unwrap());
            let pipeline = Pipeline::new_on(&clock).timeout(900 * SECOND).retry(every(9)).circuit_breaker(&breaker);
            let pipeline = pipeline.bulkhead(&bulkhead).hedge(SECOND).timeout(90 * SECOND);
            let pipeline = if patient { pipeline.wait_when_cancelled() } else { pipeline };
            let token = source.token();
            let mut call = Box::pin(pipeline.call_with(&token, async |token: CancellationToken| {
                if place == "delay" {
                    return Err("busy");
                }
                token.cancelled().await;
                if patient { Ok(7) } else { pending().await }
            }));
            assert!(waiter.poll(&mut call).is_pending(), "{place}");
            if place == "hedged" {
                clock.advance(SECOND);
                assert!(waiter.poll(&mut call).is_pending());
            }
            source.cancel();
            let Poll::Ready(result) = waiter.poll(&mut call) else { panic!("it waits: {place}") };
            match result {
                Ok(seven) => assert!(patient && seven == 7 && (place == "operation" || place == "hedged")),
                Err(error) => {
                    let PipelineCause::Cancelled(by) = error.cause() else { panic!("{place}: {error}") };
                    assert!(*by.token() == token, "{place}");
                }
            }
            drop(call);
            drop(taken);
            let (stats, bulkhead) = (breaker.stats(), bulkhead.stats());
            assert_eq!((token.listeners(), clock.armed(), waiter.held()), (0, 0, 0), "{place}");
            assert_eq!((stats.running, bulkhead.running, bulkhead.queued), (0, 0, 0), "{place}");
            assert_eq!(stats.failures, u64::from(place == "delay"), "a cancellation is nobody's failure");
        }
    }
}

#[test]
fn a_result_that_is_there_is_not_thrown_away() {
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let clock = ManualClock::new();
    let pipeline = Pipeline::new_on(&clock).retry(every(1)).timeout(SECOND);
    let token = source.token();
    let mut call = pin!(pipeline.call_with(&token, async |token: CancellationToken| {
        token.cancelled().await;
        Ok::<_, ()>("saved")
    }));
    assert!(waiter.poll(&mut call).is_pending());
    source.cancel();
    assert!(matches!(waiter.poll(&mut call), Poll::Ready(Ok("saved"))));
}

#[test]
fn an_operation_that_does_not_look_at_its_token_is_dropped_or_waited_for() {
    for patient in [false, true] {
        let (clock, source) = (auto(), CancellationTokenSource::new());
        source.cancel_after_on(&clock, SECOND);
        let pipeline = Pipeline::new_on(&clock);
        let pipeline = if patient { pipeline.wait_when_cancelled() } else { pipeline };
        let token = source.token();
        let result = clock.block_on(pipeline.call_with(&token, |_| takes(&clock, 9, Ok::<_, ()>(()))));
        assert_eq!((result.is_ok(), passed(&clock)), (patient, if patient { 9 } else { 1 }));
    }
}

#[test]
fn a_dropped_call_tells_and_leaves_nothing() {
    for polls in 0..3 {
        let (clock, source, waiter) = (ManualClock::new(), CancellationTokenSource::new(), Counter::new());
        let tokens = RefCell::default();
        let breaker = CircuitBreaker::builder_on(clock.clone()).build();
        let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
        let pipeline = Pipeline::new_on(&clock).timeout(90 * SECOND).retry(every(1)).circuit_breaker(&breaker);
        let pipeline = pipeline.bulkhead(&bulkhead).timeout(TimeoutStrategy::new(50 * SECOND).grace(SECOND));
        let pipeline = pipeline.hedge(HedgeStrategy::new(SECOND).max_attempts(NonZeroU32::MAX).await_losers());
        let token = source.token();
        let mut call = Box::pin(pipeline.call_with(&token, hangs(&tokens)));
        for _ in 0..polls {
            assert!(waiter.poll(&mut call).is_pending());
            clock.advance(SECOND);
        }
        drop(call);
        assert_eq!(cancelled(&tokens), vec![true; polls]);
        // A token that somebody keeps is kept in its parents.
        tokens.take();
        assert_eq!((token.listeners(), clock.armed(), waiter.held()), (0, 0, 0));
        let (stats, bulkhead) = (breaker.stats(), bulkhead.stats());
        assert_eq!((stats.running, stats.failures, bulkhead.running), (0, 0, 0));
    }
}

#[test]
fn a_grace_is_for_coming_to_an_end() {
    // After so many seconds beyond the time it gives this.
    for (seconds, gives, expected, end) in [
        (1, Ok("late"), Ok("late"), 6),
        (1, Err("late"), Err(PipelineError::timed_out(5 * SECOND)), 6),
        (3, Ok("too late"), Err(PipelineError::timed_out(5 * SECOND)), 7),
    ] {
        let (clock, heard) = (auto(), Cell::new(0));
        let strategy = TimeoutStrategy::new(5 * SECOND).grace(2 * SECOND).on_timeout(|_| heard.set(heard.get() + 1));
        let pipeline = Pipeline::new_on(&clock).timeout(strategy);
        let call = pipeline.call(async |token: CancellationToken| {
            token.cancelled().await;
            delay_on(&clock, seconds * SECOND).await;
            gives
        });
        assert_eq!(clock.block_on(call), expected);
        assert_eq!((passed(&clock), heard.get(), clock.armed()), (end, u32::from(expected.is_err()), 0));
    }
}

#[test]
fn a_cancellation_in_a_grace_is_a_cancellation() {
    let (clock, source, waiter) = (ManualClock::new(), CancellationTokenSource::new(), Counter::new());
    let token = source.token();
    let strategy = TimeoutStrategy::new(5 * SECOND).grace(2 * SECOND);
    let pipeline = Pipeline::new_on(&clock).timeout(strategy).wait_when_cancelled();
    let mut call = pin!(pipeline.call_with(&token, |_| pending::<Result<(), ()>>()));
    assert!(waiter.poll(&mut call).is_pending());
    source.cancel();
    assert!(waiter.poll(&mut call).is_pending());
    clock.advance(2 * SECOND);
    let Poll::Ready(Err(error)) = waiter.poll(&mut call) else { panic!("its grace is over") };
    assert!(error.is_cancelled());
}
