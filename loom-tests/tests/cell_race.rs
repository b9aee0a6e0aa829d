//! Models of continuations that a token may cancel, and of tasks that closures return.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationTokenSource, ContinuationOptions, Task, TaskCompletionSource as Source, TaskStatus};
use taskcell_loom_tests::{Bound, Drops, model, name};

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// A continuation that counts its runs; how often it ran, what it captured.
fn continued(
    task: &Task<u32, ()>,
    cancel: &CancellationTokenSource,
    drops: &Drops,
) -> (Task<u32, ()>, Arc<AtomicUsize>) {
    let (ran, tracked) = (Arc::new(AtomicUsize::new(0)), drops.track());
    let runs = ran.clone();
    let next = task.continue_with(INLINE.with_token(cancel.token()), move |task| {
        let _tracked = tracked;
        runs.fetch_add(1, SeqCst);
        Ok(task.try_result().unwrap().unwrap() + 1)
    });
    (next, ran)
}

/// The continuation has run if its task has a value, and was cancelled otherwise.
fn check(next: &Task<u32, ()>, ran: &AtomicUsize) {
    let ran = ran.load(SeqCst);
    match next.try_result() {
        Some(Ok(value)) => assert_eq!((*value, ran), (8, 1)),
        Some(Err(error)) => assert_eq!((error.status(), ran), (TaskStatus::Cancelled, 0)),
        None => panic!("it has ended"),
    }
}

/// The end of the task and its token's cancellation race for the continuation: one of them has it.
#[test]
fn cancellation_of_a_continuation_against_set() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, cancel, (source, task)) = (Drops::new(), CancellationTokenSource::new(), Source::pair());
        let (next, ran) = continued(&task, &cancel, &drops);
        let other = spawn(move || cancel.cancel());
        source.set_result(7);
        other.join().unwrap();
        check(&next, &ran);
        assert_eq!(drops.live(), 0);
        drop((next, task));
    });
}

/// A task is continued while the token is cancelled: nothing stays in the task's line.
#[test]
fn continuation_against_its_cancellation() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, cancel, (source, task)) = (Drops::new(), CancellationTokenSource::new(), Source::pair());
        let theirs = cancel.clone();
        let other = spawn(move || theirs.cancel());
        let (next, ran) = continued(&task, &cancel, &drops);
        other.join().unwrap();
        check(&next, &ran);
        assert_eq!((task.listeners(), drops.live()), (0, 0));
        drop((source, task, next));
    });
}

/// A continuation's token is cancelled while the task is left pending: it was cancelled, or stays pending too.
#[test]
fn cancellation_of_a_continuation_against_leave_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, cancel, (source, task)) = (Drops::new(), CancellationTokenSource::new(), Source::pair());
        let (next, ran) = continued(&task, &cancel, &drops);
        let other = spawn(move || cancel.cancel());
        source.leave_pending();
        other.join().unwrap();
        assert!(matches!(next.status(), TaskStatus::Pending | TaskStatus::Cancelled));
        assert_eq!((ran.load(SeqCst), drops.live()), (0, 0));
        drop((task, next));
    });
}

/// A closure returns a task that another thread ends.
#[test]
fn task_of_a_closure_against_its_end() {
    model(name!(), Bound::Preemptions(3), || {
        let ((source, task), (inner, value)) = (Source::<u32, ()>::pair(), Source::<u32, ()>::pair());
        let next = task.then(move |_| value);
        drop(task);
        let other = spawn(move || inner.set_result(8));
        source.set_result(7);
        other.join().unwrap();
        assert_eq!(next.try_result().and_then(Result::ok), Some(&8));
        drop(next);
    });
}
