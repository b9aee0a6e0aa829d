//! TCS: `TaskCompletionSource`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | TCS-023 | "unrepresentable": a task is never started by hand |
//! | TCS-024 | "unrepresentable": options that have no meaning do not exist |
//! | TCS-032 | "optional": state lies in the closures |
use crate::support::exec::{Executor, Single};
use crate::support::{Counter, Log, panic_of};
use std::sync::{Arc, Barrier};
use std::thread;
use taskcell::{
    BoxError, CancellationToken, CancellationTokenSource, ContinuationOptions, Task, TaskCompletionSource, TaskError,
    TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

#[test]
fn tcs_001_a_fresh_source_has_one_pending_task() {
    let source = Source::<u32>::new();
    assert_eq!(source.status(), TaskStatus::Pending);
    assert_eq!(source.task(), source.task());
    assert!(source.task().try_result().is_none());
}

#[test]
fn tcs_002_a_result_completes() {
    let (source, task) = Source::<u32>::pair();
    source.set_result(5);
    assert_eq!(task.status(), TaskStatus::RanToCompletion);
    assert_eq!(task.try_result().unwrap().unwrap(), &5);
}

#[test]
fn tcs_003_the_first_outcome_stays() {
    let token = CancellationToken::NONE;
    let completed: [fn(&Source); 3] =
        [|s| s.set_result(1), |s| s.set_error("first"), |s| s.set_cancelled(&CancellationToken::NONE)];
    for complete in completed {
        let (source, task) = Source::<u32>::pair();
        complete(&source);
        let status = task.status();
        assert_eq!(source.try_set_result(2), Err(2));
        assert_eq!(source.try_set_error("late"), Err("late"));
        assert_eq!(source.try_set_errors(["a", "b"]), Err(vec!["a", "b"]));
        assert!(!source.try_set_cancelled(&token));
        assert!(matches!(source.try_set_outcome(Ok(3)), Err(Ok(3))));
        assert!(!source.try_set_from_task(&Task::from_result(4)));
        for again in completed {
            assert!(panic_of(|| again(&source)).is_some());
        }
        assert_eq!(task.status(), status);
        task.ignore();
    }
}

#[test]
fn tcs_004_an_error_faults() {
    let (source, task) = Source::<u32>::pair();
    source.set_error("no paper");
    assert_eq!(task.status(), TaskStatus::Faulted);
    assert_eq!(task.try_result().unwrap().unwrap_err().fault(), Some(&"no paper"));
}

#[test]
fn tcs_005_several_errors_keep_their_order() {
    let (source, task) = Source::<u32>::pair();
    assert_eq!(source.try_set_errors([]), Err(vec![]));
    source.try_set_errors(["a", "b", "c"]).unwrap();
    let error = smol::block_on(task.into_future()).unwrap_err();
    assert_eq!(error.fault(), Some(&"a"));
    assert_eq!(error.errors().copied().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn tcs_010_a_cancelled_task_names_its_token() {
    let (source, task) = Source::<u32>::pair();
    let cancellation = CancellationTokenSource::new();
    assert!(source.try_set_cancelled(&cancellation.token()));
    assert_eq!(task.status(), TaskStatus::Cancelled);
    let error = task.try_result().unwrap().unwrap_err();
    assert_eq!(error.cancelled().unwrap().token(), &cancellation.token());
    assert!(!cancellation.is_cancelled());
}

#[test]
fn tcs_011_a_task_cancelled_by_nobody_in_particular() {
    let (source, task) = Source::<u32>::pair();
    source.set_cancelled(&CancellationToken::NONE);
    let error = task.try_result().unwrap().unwrap_err();
    assert_eq!(error.cancelled().unwrap().token(), &CancellationToken::NONE);
    assert_eq!(error.fault(), None);
    assert!(!task.is_faulted() && task.is_cancelled());
}

#[test]
fn tcs_012_an_inline_continuation_runs_inside_set() {
    let (source, task) = Source::<u32>::pair();
    let log = Log::new();
    let seen = log.clone();
    let next = task.continue_with(INLINE, move |task| {
        seen.push((task.status(), thread::current().id()));
        Ok::<_, BoxError>(())
    });
    let counter = Counter::new();
    let mut wait = (&task).into_future();
    assert!(counter.poll(&mut wait).is_pending());
    source.set_result(1);
    assert_eq!(log.take(), [(TaskStatus::RanToCompletion, thread::current().id())]);
    assert!(next.is_completed_successfully());
    assert_eq!(counter.wakes(), 1);
}

#[test]
fn tcs_013_continuations_elsewhere() {
    let executor = Single::new();
    let source = Source::<u32>::run_continuations_on(executor.spawner());
    let log = Log::new();
    let seen = log.clone();
    let next = source.task().continue_with(INLINE, move |_| {
        seen.push("ran");
        Ok::<_, BoxError>(())
    });
    source.set_result(1);
    assert_eq!(log.len(), 0);
    assert!(!next.is_completed());
    executor.drain();
    assert_eq!(log.take(), ["ran"]);
    assert!(next.is_completed());
}

/// We differ on purpose: a future is only woken, and polled by its executor.
#[test]
fn tcs_014_an_await_is_woken_inside_set() {
    let (source, task) = Source::<u32>::pair();
    let counter = Counter::new();
    let mut wait = task.into_future();
    assert!(counter.poll(&mut wait).is_pending());
    source.set_result(1);
    assert_eq!(counter.wakes(), 1);
    assert!(counter.poll(&mut wait).is_ready());
}

#[test]
fn tcs_016_inline_continuations_run_fifo() {
    let (source, task) = Source::<u32>::pair();
    let log = Log::new();
    for n in 0..5 {
        let log = log.clone();
        task.continue_with(INLINE, move |_| {
            log.push(n);
            Ok::<_, BoxError>(())
        })
        .ignore();
    }
    source.set_result(1);
    assert_eq!(log.take(), [0, 1, 2, 3, 4]);
}

#[test]
fn tcs_018_continuations_are_queued_fifo() {
    let executor = Single::new();
    let (source, task) = Source::<u32>::pair();
    let log = Log::new();
    for n in 0..5 {
        let log = log.clone();
        task.continue_with(ContinuationOptions::on(executor.spawner()), move |_| {
            log.push(n);
            Ok::<_, BoxError>(())
        })
        .ignore();
    }
    source.set_result(1);
    assert_eq!(log.len(), 0);
    executor.drain();
    assert_eq!(log.take(), [0, 1, 2, 3, 4]);
}

#[test]
fn tcs_019_a_continuation_sets_again() {
    let (source, task) = Source::<u32>::pair();
    let again = source.clone();
    let next = task.continue_with(INLINE, move |_| {
        assert!(panic_of(|| again.set_result(3)).is_some());
        Ok::<_, BoxError>(again.try_set_result(2))
    });
    source.set_result(1);
    assert_eq!(next.try_result().unwrap().unwrap(), &Err(2));
    assert_eq!(task.try_result().unwrap().unwrap(), &1);
}

#[test]
fn tcs_020_a_panic_stays_in_the_continuations_task() {
    let (source, task) = Source::<u32>::pair();
    let first = task.continue_with(INLINE, |_| -> Result<(), BoxError> { panic!("tcs_020") });
    let second = task.continue_with(INLINE, |_| Ok::<_, BoxError>(2));
    source.set_result(1);
    assert!(task.is_completed_successfully());
    assert!(matches!(first.try_result(), Some(Err(TaskError::Panicked(panic))) if panic.message() == Some("tcs_020")));
    assert_eq!(second.try_result().unwrap().unwrap(), &2);
}

#[test]
fn tcs_021_one_of_four_threads_completes() {
    for _ in 0..200 {
        let (source, task) = Source::<u32>::pair();
        let barrier = Arc::new(Barrier::new(4));
        let set: [fn(&Source) -> bool; 4] = [
            |s| s.try_set_result(1).is_ok(),
            |s| s.try_set_error("e").is_ok(),
            |s| s.try_set_cancelled(&CancellationToken::NONE),
            |s| s.try_set_result(2).is_ok(),
        ];
        let threads = set.map(|set| {
            let (source, barrier) = (source.clone(), barrier.clone());
            thread::spawn(move || {
                barrier.wait();
                set(&source)
            })
        });
        assert_eq!(threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>(), 1);
        assert!(task.is_completed());
        task.ignore();
    }
}

#[test]
fn tcs_025_all_is_done_when_set_returns() {
    let (source, task) = Source::<u32>::pair();
    let next = task.continue_with(INLINE, |task| Ok::<_, BoxError>(task.status()));
    assert!(source.try_set_result(1).is_ok());
    assert!(task.is_completed());
    assert_eq!(next.try_result().unwrap().unwrap(), &TaskStatus::RanToCompletion);
}

#[test]
fn tcs_027_a_source_without_a_value() {
    let (source, task) = Source::<()>::pair();
    source.set_result(());
    assert!(panic_of(|| source.set_result(())).is_some());
    assert_eq!(source.try_set_result(()), Err(()));
    smol::block_on(task.into_future()).unwrap();
}

#[test]
fn tcs_028_as_another_task_has_ended() {
    let cancellation = CancellationTokenSource::new();
    let (faulty, faulted) = Source::<u32>::pair();
    faulty.try_set_errors(["a", "b"]).unwrap();
    let of = |task: &Task<u32, &'static str>| {
        let (source, copy) = Source::<u32>::pair();
        assert!(source.try_set_from_task(task));
        copy
    };
    assert_eq!(smol::block_on(of(&Task::from_result(7)).into_future()).unwrap(), 7);
    assert_eq!(smol::block_on(of(&faulted).into_future()).unwrap_err().errors().len(), 2);
    let cancelled = smol::block_on(of(&of(&Task::from_cancelled(&cancellation.token()))).into_future()).unwrap_err();
    assert_eq!(cancelled.cancelled().unwrap().token(), &cancellation.token());
    let (pending, task) = Source::<u32>::pair();
    assert!(!Source::new().try_set_from_task(&task));
    drop(pending);
}
