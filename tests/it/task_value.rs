//! `ValueTask`: an outcome that may be there already.

use crate::support::*;
use std::sync::atomic::Ordering;
use taskcell::{CancellationToken, Task, TaskCompletionSource, TaskError, TaskStatus, ValueTask};

type Value<T = u32> = ValueTask<T, &'static str>;

#[test]
fn an_outcome_that_is_there() {
    assert_eq!(smol::block_on(Value::from(7).into_future()).unwrap(), 7);
    assert_eq!(smol::block_on(Value::<u32>::from_error("no").into_future()).unwrap_err().fault(), Some(&"no"));
    let token = CancellationToken::new(true);
    let error = smol::block_on(Value::<u32>::from_cancelled(&token).into_future()).unwrap_err();
    assert!(*error.cancelled().unwrap().token() == token);
    let abandoned: Value = Err(TaskError::Abandoned).into();
    assert_eq!((abandoned.status(), abandoned.is_completed()), (TaskStatus::Faulted, true));
    assert!(abandoned.try_result().unwrap().is_err());
    assert_eq!(Value::<u32>::from_cancelled(&token).status(), TaskStatus::Cancelled);
}

#[test]
fn a_task_that_is_waited_for() {
    let (source, task) = TaskCompletionSource::<u32, &str>::pair();
    let value = ValueTask::Task(task.clone());
    assert_eq!((value.status(), value.is_completed()), (TaskStatus::Pending, false));
    assert!(value.try_result().is_none());
    let waiter = Counter::new();
    let mut wait = value.into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    source.set_result(7);
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut wait).is_ready());
    assert_eq!(ValueTask::Task(task).try_result().unwrap().unwrap(), &7);
}

#[test]
fn a_task_of_it() {
    let task = Task::<u32, &str>::from_result(7);
    assert_eq!(ValueTask::Task(task.clone()).into_task(), task);
    assert_eq!(Value::from(7).into_task().try_unwrap().unwrap().unwrap(), 7);
    let mut value = Value::from(7);
    let first = value.as_task();
    assert_eq!((&value.as_task(), &value.into_task()), (&first, &first));
}

#[test]
fn the_value_is_moved_and_dropped_once() {
    let (dropped, count) = Dropped::new();
    let mut value = ValueTask::<Dropped>::from(dropped);
    let task = value.as_task();
    drop(value);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    drop(task);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(format!("{:?}", Value::from(7)), "ValueTask { status: RanToCompletion, .. }");
}

#[test]
fn polled_after_it_was_ready_it_panics() {
    let mut wait = Value::from(7).into_future();
    assert!(Counter::new().poll(&mut wait).is_ready());
    assert!(panic_of(|| Counter::new().poll(&mut wait)).is_some());
}
