//! WAL: `Task.WhenAll`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | WAL-002 | "unrepresentable": there is no null |
use crate::support::Counter;
use std::cell::Cell;
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskCompletionSource, TaskStatus};

type Source = TaskCompletionSource<u32, &'static str>;

#[test]
fn wal_001_of_none() {
    let all = Task::<u32>::when_all([]);
    assert_eq!(all.try_result().unwrap().unwrap(), &[]);
}

#[test]
fn wal_004_a_fault_beats_a_cancellation() {
    let tasks =
        [Task::from_cancelled(&CancellationToken::NONE), Task::from_error("bad"), Task::<u32, _>::from_result(1)];
    let all = Task::when_all(tasks);
    assert_eq!(all.status(), TaskStatus::Faulted);
    let error = all.try_result().unwrap().unwrap_err().fault().unwrap();
    assert_eq!(error.iter().map(|(index, error)| (index, *error.fault().unwrap())).collect::<Vec<_>>(), [(1, "bad")]);
    assert_eq!(error.cancelled_count(), 1);
}

#[test]
fn wal_007_a_fault_ends_nothing_early() {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    let all = Task::when_all([x, y]);
    a.set_error("bad");
    assert_eq!(all.status(), TaskStatus::Pending);
    b.set_result(1);
    assert_eq!(all.status(), TaskStatus::Faulted);
    all.ignore();
}

#[test]
fn wal_008_the_same_task_three_times() {
    let (source, task) = Source::pair();
    let all = Task::when_all([task.clone(), task.clone(), task]);
    source.set_result(4);
    assert_eq!(all.try_result().unwrap().unwrap(), &[4, 4, 4]);
    let bad = Task::<u32, _>::from_error("bad");
    let all = Task::when_all([bad.clone(), bad.clone(), bad]);
    assert_eq!(all.try_result().unwrap().unwrap_err().fault().unwrap().len(), 3);
}

#[test]
fn wal_009_the_list_changes_afterwards() {
    let (source, task) = Source::pair();
    let mut list = vec![task];
    let all = Task::when_all(list.clone());
    list.push(Task::from_error("late"));
    source.set_result(1);
    assert_eq!(all.try_result().unwrap().unwrap(), &[1]);
    list.into_iter().for_each(Task::ignore);
}

#[test]
fn wal_010_one_that_has_ended() {
    let task = Task::<u32, &str>::from_result(1);
    let all = Task::when_all([task]);
    assert_eq!(all.try_result().unwrap().unwrap(), &[1]);
}

#[test]
fn wal_011_a_sequence_is_read_once_at_the_call() {
    let read = Cell::new(0);
    let (source, _) = Source::pair();
    let tasks = (0..3).map(|_| {
        read.set(read.get() + 1);
        source.task()
    });
    let all = Task::when_all(tasks);
    assert_eq!(read.get(), 3);
    source.set_result(1);
    assert_eq!((read.get(), all.try_result().unwrap().unwrap().len()), (3, 3));
}

#[test]
fn wal_013_a_cancellation_beats_values() {
    let (source, pending) = Source::pair();
    let all = Task::when_all([Task::from_cancelled(&CancellationToken::NONE), pending]);
    assert_eq!(all.status(), TaskStatus::Pending);
    source.set_result(1);
    assert_eq!(all.status(), TaskStatus::Cancelled);
}

#[test]
fn wal_014_the_same_values_each_time() {
    let all = Task::when_all([Task::<u32, &str>::from_result(1)]);
    let first: *const _ = all.try_result().unwrap().unwrap();
    let second: *const _ = all.try_result().unwrap().unwrap();
    assert!(std::ptr::eq(first, second));
}

#[test]
fn wal_016_cancelled_when_cancel_returns() {
    let cancellation = CancellationTokenSource::new();
    let token = cancellation.token();
    let tasks = [(); 2].map(|()| {
        let (source, task) = Source::pair();
        let by = token.clone();
        token.register(move || source.set_cancelled(&by)).detach();
        task
    });
    let all = Task::when_all(tasks);
    let waiter = Counter::new();
    let mut wait = (&all).into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    cancellation.cancel();
    assert_eq!((all.status(), waiter.wakes()), (TaskStatus::Cancelled, 1));
}
