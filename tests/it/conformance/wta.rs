//! WTA: `Task.WaitAsync`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | WTA-006 | "moot": neither a negative nor a too large timeout can be written |
use crate::support::Counter;
use core::time::Duration;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskCompletionSource, TaskStatus, WaitError};

const SECOND: Duration = Duration::from_secs(1);

type Source = TaskCompletionSource<u32, &'static str>;

#[test]
fn wta_001_a_cancelled_token_ends_the_wait_at_once() {
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let (_pending, task) = Source::pair();
    source.cancel();
    let Poll::Ready(Err(WaitError::Cancelled(by))) = waiter.poll(&mut task.wait_async(&source.token())) else {
        panic!("the token is cancelled")
    };
    assert!(*by.token() == source.token());
    assert_eq!(task.status(), TaskStatus::Pending);
}

#[test]
fn wta_002_a_zero_timeout_ends_the_wait_at_once() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (_pending, task) = Source::pair();
    let mut wait = task.wait_async(&CancellationToken::NONE).with_timeout_on(&clock, Duration::ZERO);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Elapsed(_)))));
    assert_eq!((clock.armed(), task.listeners(), waiter.held()), (0, 0, 0));
    let mut wait = task.wait_async(&CancellationToken::NONE).with_timeout(Duration::ZERO);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Elapsed(_)))));
}

#[test]
fn wta_004_a_task_that_has_ended_beats_token_and_timeout() {
    let (clock, waiter, dead) = (ManualClock::new(), Counter::new(), CancellationToken::new(true));
    for token in [&dead, &CancellationToken::NONE] {
        let (ok, bad) = (Task::<u32, &str>::from_result(7), Task::<u32, &str>::from_error("bad"));
        for timeout in [Duration::ZERO, SECOND] {
            let mut wait = ok.wait_async(token).with_timeout_on(&clock, timeout);
            let Poll::Ready(Ok(Ok(value))) = waiter.poll(&mut wait) else { panic!("it has ended") };
            assert!(std::ptr::eq(value, ok.try_result().unwrap().unwrap()), "the same object");
            let mut wait = bad.wait_async(token).with_timeout_on(&clock, timeout);
            let Poll::Ready(Ok(Err(error))) = waiter.poll(&mut wait) else { panic!("it has ended") };
            assert_eq!(error.fault(), Some(&"bad"));
        }
        assert!(matches!(waiter.poll(&mut ok.wait_async(token)), Poll::Ready(Ok(Ok(7)))));
        assert!(matches!(ok.wait_cancellable(token), Ok(Ok(7))));
    }
    assert_eq!((clock.armed(), waiter.held()), (0, 0));
}

#[test]
fn wta_005_without_token_and_timeout_it_is_the_task_alone() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (source, task) = Source::pair();
    let mut wait = task.wait_async(&CancellationToken::NONE).with_timeout_on(&clock, Duration::MAX);
    assert!(waiter.poll(&mut wait).is_pending());
    assert_eq!((clock.armed(), task.listeners(), waiter.held()), (0, 1, 1));
    source.set_result(7);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(Ok(7)))));
}

#[test]
fn wta_007_a_wait_that_was_given_up_leaves_the_source_alone() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (source, task) = Source::pair();
    let mut wait = task.wait_async(&CancellationToken::NONE).with_timeout_on(&clock, SECOND);
    assert!(waiter.poll(&mut wait).is_pending());
    clock.advance(SECOND);
    assert_eq!(waiter.wakes(), 1);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Elapsed(_)))));
    assert_eq!(task.status(), TaskStatus::Pending);
    source.set_result(7);
    assert_eq!(waiter.wakes(), 1, "nobody waits any more");
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
}

#[test]
fn wta_008_several_errors_pass_through() {
    let (source, task) = Source::pair();
    source.try_set_errors(["a", "b"]).unwrap();
    let outcome = smol::block_on(task.wait_async(&CancellationToken::new(true))).unwrap();
    assert_eq!(outcome.unwrap_err().errors().collect::<Vec<_>>(), [&"a", &"b"]);
}

#[test]
fn wta_011_the_wait_is_woken_inside_the_call_that_ends_the_task() {
    let (token, waiter) = (CancellationTokenSource::new(), Counter::new());
    let (source, task) = Source::pair();
    let token = token.token();
    let mut wait = task.wait_async(&token);
    assert!(waiter.poll(&mut wait).is_pending());
    source.set_result(7);
    assert_eq!(waiter.wakes(), 1);
}

#[test]
fn wta_012_a_task_that_ended_first_keeps_its_result_and_all_is_released() {
    let (cancellation, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
    let (source, task) = Source::pair();
    let mut wait = task.wait_async(&cancellation.token()).with_timeout_on(&clock, SECOND);
    assert!(waiter.poll(&mut wait).is_pending());
    let token = cancellation.token();
    assert_eq!((token.listeners(), clock.armed(), task.listeners()), (1, 1, 1));
    source.set_result(7);
    cancellation.cancel();
    clock.advance(SECOND);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(Ok(7)))));
    assert_eq!((token.listeners(), clock.armed(), waiter.held()), (0, 0, 0));
}

#[test]
fn wta_013_the_clock_ends_the_wait_and_all_is_released() {
    let (cancellation, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
    let (_source, task) = Source::pair();
    let token = cancellation.token();
    let mut wait = task.wait_async(&token).with_timeout_on(&clock, 3 * SECOND);
    assert!(waiter.poll(&mut wait).is_pending());
    clock.advance(2 * SECOND);
    assert!(waiter.poll(&mut wait).is_pending());
    clock.advance(SECOND);
    assert_eq!(waiter.wakes(), 1);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Elapsed(_)))));
    assert_eq!((token.listeners(), clock.armed(), task.listeners(), waiter.held()), (0, 0, 0, 0));
}

#[test]
fn wta_015_the_result_passes_through() {
    let (cancellation, clock) = (CancellationTokenSource::new(), ManualClock::new());
    let task = Task::<u32, &str>::from_result(7);
    let token = cancellation.token();
    smol::block_on(async {
        assert_eq!(task.wait_async(&token).await.unwrap().unwrap(), &7);
        assert_eq!(task.wait_async(&token).with_timeout_on(&clock, SECOND).await.unwrap().unwrap(), &7);
        assert_eq!(task.wait_async(&token).with_timeout(SECOND).await.unwrap().unwrap(), &7);
    });
}
