//! T1: whoever waits for the first of several leaves nothing with a task that lives long. The bytes are in
//! `tests/memory.rs`.
use crate::support::{Counter, rounds};
use core::time::Duration;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{CancellationTokenSource, Task, TaskCompletionSource, WaitError};

const SECOND: Duration = Duration::from_secs(1);

fn many() -> usize {
    rounds(100_000)
}

type Source = TaskCompletionSource<usize>;

/// After all rounds: nobody is woken, and nobody holds the task.
fn is_left_alone(source: Source, long: Task<usize>) {
    assert_eq!(long.listeners(), 0);
    assert!(source.try_set_result(1).is_ok());
    drop(source);
    assert_eq!(long.try_unwrap().unwrap().unwrap(), 1, "the only handle");
}

#[test]
fn t01_beside_a_task_that_has_ended() {
    let (source, long) = Source::pair();
    for i in 0..many() {
        let any = Task::when_any([long.clone(), Task::from_result(i)]);
        let (index, winner) = any.try_unwrap().unwrap().unwrap();
        assert_eq!((index, winner.try_unwrap().unwrap().unwrap()), (1, i));
        assert_eq!(long.listeners(), 0);
    }
    is_left_alone(source, long);
}

#[test]
fn t01_beside_a_task_that_ends_later() {
    for long_first in [true, false] {
        let (source, long) = Source::pair();
        let waiter = Counter::new();
        for i in 0..many() / 2 {
            let (other, task) = Source::pair();
            let list = if long_first { [long.clone(), task] } else { [task, long.clone()] };
            let mut any = Task::when_any(list).into_future();
            assert!(waiter.poll(&mut any).is_pending());
            assert_eq!(long.listeners(), 1);
            other.set_result(i);
            assert_eq!(long.listeners(), 0);
            let Poll::Ready(Ok((index, _))) = waiter.poll(&mut any) else { panic!("one has ended") };
            assert_eq!(index, usize::from(long_first));
        }
        assert_eq!(waiter.wakes(), many() / 2);
        is_left_alone(source, long);
        assert_eq!(waiter.wakes(), many() / 2);
    }
}

#[test]
fn t01_dropped_pending() {
    let ((source, long), (_other, never)) = (Source::pair(), Source::pair());
    let waiter = Counter::new();
    for _ in 0..many() / 2 {
        let mut any = Task::when_any([long.clone(), never.clone()]).into_future();
        assert!(waiter.poll(&mut any).is_pending());
        drop(Task::when_all([long.clone(), never.clone()]));
        assert_eq!(long.listeners(), 1);
        drop(any);
        assert_eq!((long.listeners(), never.listeners()), (0, 0));
    }
    is_left_alone(source, long);
    assert_eq!((waiter.wakes(), waiter.held()), (0, 0));
}

#[test]
fn t01_waits_that_are_cancelled() {
    let (source, long) = Source::pair();
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    for _ in 0..many() / 4 {
        let cancellation = CancellationTokenSource::new();
        let mut wait = long.wait_async(&cancellation.token()).with_timeout_on(&clock, SECOND);
        assert!(waiter.poll(&mut wait).is_pending());
        cancellation.cancel();
        assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Cancelled(_)))));
        assert_eq!((long.listeners(), clock.armed()), (0, 0));
    }
    is_left_alone(source, long);
}
