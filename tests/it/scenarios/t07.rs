//! T7: the last source goes, with waiters and continuations.
use crate::support::{Counter, Dropped, Jobs, Log};
use std::sync::atomic::Ordering::SeqCst;
use taskcell::{BoxError, ContinuationOptions, Inline, Task, TaskCompletionSource, TaskError, TaskStatus};

const INLINE: ContinuationOptions<Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

#[test]
fn t07_abandoned() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let (second, log) = (source.clone(), Log::new());
    let counters = [Counter::new(), Counter::new(), Counter::new()];
    let mut waits = [(&task).into_future(), (&task).into_future(), (&task).into_future()];
    for (counter, wait) in counters.iter().zip(&mut waits) {
        assert!(counter.poll(wait).is_pending());
    }
    let noted = log.clone();
    let faulted: Task<()> = task.continue_with(INLINE.only_on_faulted(), move |task| {
        noted.push(task.try_result().unwrap().unwrap_err().is_abandoned());
        Ok(())
    });
    let completed: Task<()> = task.continue_with(INLINE.only_on_ran_to_completion(), |_| unreachable!());
    drop(source);
    assert!(!task.is_completed());
    drop(second);
    assert_eq!(log.take(), [true]);
    assert_eq!((faulted.status(), completed.status()), (TaskStatus::RanToCompletion, TaskStatus::Cancelled));
    assert_eq!(task.status(), TaskStatus::Faulted);
    for (counter, wait) in counters.iter().zip(&mut waits) {
        assert_eq!(counter.wakes(), 1);
        let std::task::Poll::Ready(result) = counter.poll(wait) else { panic!("woken for nothing") };
        assert!(matches!(result, Err(TaskError::Abandoned)));
    }
}

/// Whatever continues the task is dropped, and its task is left pending, too.
#[test]
fn t07_left_pending() {
    let (source, jobs) = (TaskCompletionSource::<u32>::new(), Jobs::new());
    let cancel = taskcell::CancellationTokenSource::new();
    let task = source.task();
    let mut drops = Vec::new();
    let mut closure = || {
        let (tracked, dropped) = Dropped::new();
        drops.push(dropped);
        move |_: &Task<u32>| -> Result<(), BoxError> {
            drop(tracked);
            unreachable!()
        }
    };
    let inline = task.continue_with(INLINE, closure());
    let spawned = task.continue_with(ContinuationOptions::on(jobs.clone()), closure());
    let raced = task.continue_with(INLINE.with_token(cancel.token()), closure());
    let raced_elsewhere =
        task.continue_with(ContinuationOptions::on(jobs.clone()).with_token(cancel.token()), closure());
    let f = closure();
    let last = inline.then(move |()| f(&Task::from_result(1)));
    let f = closure();
    task.on_completed(move |task| _ = f(task)).detach();
    source.leave_pending();
    assert!(drops.iter().all(|dropped| dropped.load(SeqCst) == 1));
    for next in [inline, spawned, raced, raced_elsewhere, last] {
        assert_eq!(next.status(), TaskStatus::Pending);
    }
    assert_eq!((jobs.len(), task.listeners(), cancel.token().listeners()), (0, 0, 0));
    assert_eq!(task.status(), TaskStatus::Pending);
}
