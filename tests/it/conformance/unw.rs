//! UNW: `Task.Unwrap`, which is [`Task::flatten`] here.
//!
//! | entry | why there is no test |
//! |---|---|
//! | UNW-004 | "unrepresentable": a task is never null |
use crate::support::Counter;
use std::thread;
use taskcell::{BoxError, CancellationToken, Task, TaskCompletionSource, TaskError, TaskStatus};

type Source<T> = TaskCompletionSource<T, u32>;
type Inner = Task<u32, u32>;

fn nested() -> (Source<Inner>, Task<Inner, u32>) {
    Source::pair()
}

/// Makes a nested task of `inner`, either complete from the start or completed when it has been flattened.
fn both_ways(inner: &Task<u32, u32>, judge: impl Fn(Task<u32, u32>)) {
    judge(Task::from_result(inner.clone()).flatten());
    let (outer, nested) = nested();
    let task = nested.flatten();
    assert_eq!(task.status(), TaskStatus::Pending);
    outer.set_result(inner.clone());
    judge(task);
}

#[test]
fn unw_001_a_complete_inner_task_is_mirrored() {
    both_ways(&Task::from_result(7), |task| assert_eq!(task.try_result().unwrap().unwrap(), &7));
    both_ways(&Task::from_error(8), |task| {
        assert_eq!(task.status(), TaskStatus::Faulted);
        assert_eq!(task.try_result().unwrap().unwrap_err().fault(), Some(&8));
    });
    let token = CancellationToken::new(true);
    both_ways(&Task::from_cancelled(&token), |task| {
        assert_eq!(task.status(), TaskStatus::Cancelled);
        let error = task.try_result().unwrap().unwrap_err();
        assert!(*error.cancelled().unwrap().token() == token);
    });
}

#[test]
fn unw_003_both_have_to_end_in_either_order() {
    for outer_first in [true, false] {
        let ((outer, nested), (inner, value)) = (nested(), Source::pair());
        let task = nested.flatten();
        if outer_first {
            outer.set_result(value);
            assert!(!task.is_completed());
            inner.set_result(7);
        } else {
            inner.set_result(7);
            assert!(!task.is_completed());
            outer.set_result(value);
        }
        assert_eq!(task.try_result().unwrap().unwrap(), &7);
    }
    let ((outer, nested), value) = (nested(), Task::from_result(7));
    let task = nested.flatten();
    assert!(!task.is_completed());
    outer.set_result(value);
    assert!(task.is_completed_successfully());
}

#[test]
fn unw_005_an_outer_fault_passes_through() {
    for before in [true, false] {
        let (outer, nested) = nested();
        let early = before.then(|| nested.flatten());
        outer.try_set_errors([1, 2]).unwrap();
        let task = early.unwrap_or_else(|| nested.flatten());
        let error = task.try_result().unwrap().unwrap_err();
        assert_eq!(error.errors().collect::<Vec<_>>(), [&1, &2]);
    }
}

#[test]
fn unw_006_an_outer_cancellation_passes_through() {
    let token = CancellationToken::new(true);
    let (outer, nested) = nested();
    let task = nested.flatten();
    outer.set_cancelled(&token);
    for task in [task, nested.flatten()] {
        assert_eq!(task.status(), TaskStatus::Cancelled);
        assert!(*task.try_result().unwrap().unwrap_err().cancelled().unwrap().token() == token);
    }
}

#[test]
fn unw_007_several_errors_of_the_inner_task_gain_no_level() {
    let (source, inner) = Source::<u32>::pair();
    source.try_set_errors([1, 2]).unwrap();
    both_ways(&inner, |task| {
        let error = task.try_result().unwrap().unwrap_err();
        assert_eq!(error.errors().collect::<Vec<_>>(), [&1, &2]);
    });
}

#[test]
fn unw_008_an_inner_cancellation_keeps_its_token() {
    let token = CancellationToken::new(true);
    let ((outer, nested), (inner, value)) = (nested(), Source::pair());
    let task = nested.flatten();
    outer.set_result(value);
    inner.set_cancelled(&token);
    assert!(*task.try_result().unwrap().unwrap_err().cancelled().unwrap().token() == token);
}

#[test]
fn unw_010_it_ends_inline() {
    let ((outer, nested), (inner, value)) = (nested(), Source::pair());
    let (task, waiter) = (nested.flatten(), Counter::new());
    let mut wait = (&task).into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    outer.set_result(value);
    assert_eq!(waiter.wakes(), 0);
    inner.set_result(7);
    assert_eq!(waiter.wakes(), 1, "woken inside the call");
    assert!(task.is_completed());
}

#[test]
fn unw_012_nested_twenty_thousand_deep() {
    let work = || {
        let (source, first) = TaskCompletionSource::<u32, BoxError>::pair();
        let mut task = first;
        for _ in 0..if cfg!(miri) { 100 } else { 20_000 } {
            task = Task::from_result(task).flatten();
        }
        source.set_result(7);
        assert_eq!(task.try_result().unwrap().unwrap(), &7);
    };
    thread::Builder::new().stack_size(128 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn unw_014_three_levels() {
    let (inner, value) = Source::<u32>::pair();
    let task = Task::<_, u32>::from_result(Task::<_, u32>::from_result(value)).flatten().flatten();
    assert!(!task.is_completed());
    inner.set_result(7);
    assert_eq!(smol::block_on(task.into_future()).unwrap(), 7);
    let error = Task::<Task<Task<u32>>>::from_outcome(Err(TaskError::Abandoned)).flatten().flatten();
    assert!(error.try_result().unwrap().unwrap_err().is_abandoned());
}
