//! TSK: `Task`: status, waiting, errors, `Run`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | TSK-031 | "unrepresentable": a task is never started by hand |
//! | TSK-033 | "optional": a task has no number; it is compared |
//! | TSK-034 | moot ("n/a"): there is no awaiter beside the future |
use crate::support::exec::{Executor, Single};
use crate::support::{Counter, Log, eventually, unobserved};
use core::time::Duration;
use std::sync::{Arc, mpsc};
use std::thread;
use taskcell::fault::FaultKind;
use taskcell::{
    BoxError, CancellationToken, CancellationTokenSource, Cancelled, ContinuationOptions, Task, TaskCompletionSource,
    TaskError, TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;
const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

#[test]
fn tsk_001_a_task_of_a_value() {
    let task = Task::<u32>::from_result(3);
    assert!(task.is_completed_successfully());
    assert_ne!(task, Task::from_result(3));
    assert_eq!(task.try_unwrap().unwrap().unwrap(), 3);
}

#[test]
fn tsk_002_a_task_of_an_error() {
    let task = Task::<u32, _>::from_error("e");
    assert!(task.is_faulted());
    task.ignore();
    let cancelled = Task::<u32, Cancelled>::from_error(Cancelled::new(CancellationToken::new(true)));
    assert_eq!(cancelled.status(), TaskStatus::Faulted);
    cancelled.ignore();
}

/// We differ on purpose: the token need not be cancelled, as with `try_set_cancelled`.
#[test]
fn tsk_003_a_task_of_a_cancellation() {
    for token in [CancellationToken::new(true), CancellationToken::NONE, CancellationTokenSource::new().token()] {
        let task = Task::<u32>::from_cancelled(&token);
        assert!(task.is_cancelled());
        assert_eq!(task.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    }
}

#[test]
fn tsk_004_an_await_gives_the_first_error() {
    let (source, task) = Source::<u32>::pair();
    source.try_set_errors(["a", "b"]).unwrap();
    let error = task.wait().unwrap().unwrap_err();
    assert_eq!(error.errors().len(), 2);
    let again = smol::block_on((&task).into_future()).unwrap_err();
    assert!(core::ptr::eq(error.fault().unwrap(), again.fault().unwrap()));
    assert_eq!(again.fault(), Some(&"a"));
}

#[test]
fn tsk_005_a_cancelled_task_waits_to_an_error() {
    let token = CancellationToken::new(true);
    let task = Task::<u32>::from_cancelled(&token);
    assert_eq!(task.wait().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    assert_eq!(smol::block_on(task.into_future()).unwrap_err().cancelled().unwrap().token(), &token);
}

#[test]
fn tsk_006_a_wait_with_a_timeout_leaves_the_task_alone() {
    let (source, task) = Source::<u32>::pair();
    assert!(task.wait_timeout(Duration::ZERO).is_err());
    assert!(task.wait_timeout(Duration::from_millis(10)).is_err());
    assert_eq!(task.listeners(), 0);
    source.set_result(1);
    assert_eq!(task.wait_timeout(Duration::ZERO).unwrap().unwrap(), &1);
}

#[test]
fn tsk_007_a_wait_with_a_cancelled_token() {
    let (source, task) = Source::<u32>::pair();
    let token = CancellationToken::new(true);
    assert_eq!(task.wait_cancellable(&token).unwrap_err().cancelled().unwrap().token(), &token);
    assert_eq!(task.status(), TaskStatus::Pending);
    source.set_result(1);
    assert_eq!(task.wait_cancellable(&token).unwrap().unwrap(), &1);
}

#[test]
fn tsk_009_a_cancelled_token_runs_nothing() {
    let executor = Single::new();
    let token = CancellationToken::new(true);
    let log = Log::new();
    let ran = log.clone();
    let task = Task::<(), BoxError>::run_with(&executor.spawner(), &token, async move {
        ran.push("ran");
        Ok(())
    });
    assert!(task.is_cancelled());
    executor.drain();
    assert_eq!(log.len(), 0);
    assert_eq!(task.wait().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
}

#[test]
fn tsk_012_cancellation_is_cooperative() {
    let executor = Single::new();
    let source = CancellationTokenSource::new();
    let inner = source.clone();
    let task = Task::<_, BoxError>::run_with(&executor.spawner(), &source.token(), async move {
        inner.cancel();
        Ok(7)
    });
    executor.drain();
    assert_eq!(task.wait().unwrap().unwrap(), &7);
}

/// We differ on purpose: an error that is a `Cancelled` always cancels, as in an async method (TSK-015).
#[test]
fn tsk_013_a_closure_that_ends_as_cancelled() {
    let executor = Single::new();
    let requested = CancellationToken::new(true);
    let task = Task::<(), BoxError>::run_fn(&executor.spawner(), {
        let requested = requested.clone();
        move || Ok(requested.check()?)
    });
    let other = Task::<(), Cancelled>::run_fn(&executor.spawner(), || Err(Cancelled::new(CancellationToken::NONE)));
    executor.drain();
    assert_eq!(task.wait().unwrap().unwrap_err().cancelled().unwrap().token(), &requested);
    assert!(other.is_cancelled());
}

#[test]
fn tsk_015_a_future_that_ends_as_cancelled() {
    let executor = Single::new();
    let token = CancellationTokenSource::new().token();
    let inner = token.clone();
    let task = Task::<(), BoxError>::run(&executor.spawner(), async move { Err(Cancelled::new(inner).into()) });
    executor.drain();
    assert_eq!(task.wait().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
}

#[test]
fn tsk_016_an_error_before_the_first_await() {
    let executor = Single::new();
    let task = Task::<(), _>::run(&executor.spawner(), async { Err("early") });
    assert!(!task.is_completed());
    executor.drain();
    assert_eq!(task.wait().unwrap().unwrap_err().fault(), Some(&"early"));
}

#[test]
fn tsk_018_a_complete_task_is_ready_at_once() {
    let task = Task::<u32>::from_result(3);
    let counter = Counter::new();
    assert!(counter.poll(&mut (&task).into_future()).is_ready());
    assert!(counter.poll(&mut task.into_future()).is_ready());
    assert_eq!((counter.wakes(), counter.held()), (0, 0));
}

#[test]
fn tsk_019_an_error_read_twice_is_the_same() {
    let task = Task::<u32, _>::from_error("e");
    let [first, second] = [(); 2].map(|()| task.try_result().unwrap().unwrap_err());
    assert!(core::ptr::eq(first, second));
    assert_eq!(second.fault(), Some(&"e"));
}

#[test]
fn tsk_020_a_fault_that_nobody_saw() {
    struct Tsk020;
    unobserved::watch();
    drop(Task::<Tsk020, _>::from_error("unseen"));
    assert_eq!(unobserved::of::<Tsk020>(), [(FaultKind::Faulted, Some("unseen".into()))]);
}

#[test]
fn tsk_022_the_states_exclude_each_other() {
    let states = |task: Task<u32>| {
        let flags = [task.is_completed_successfully(), task.is_faulted(), task.is_cancelled()];
        assert!(task.is_completed());
        task.ignore();
        flags
    };
    assert_eq!(states(Task::from_result(1)), [true, false, false]);
    assert_eq!(states(Task::from_error("e".into())), [false, true, false]);
    assert_eq!(states(Task::from_cancelled(&CancellationToken::NONE)), [false, false, true]);
}

/// We differ on purpose: an empty list is an error that says so.
#[test]
fn tsk_023_waiting_for_any() {
    let (source, pending) = Source::<u32>::pair();
    let done = Task::from_result(1);
    let winner =
        |tasks: Vec<Task<u32, &'static str>>| Task::when_any(tasks).wait().unwrap().map(|(index, _)| *index).ok();
    assert_eq!(winner(vec![pending.clone(), done.clone(), done]), Some(1));
    assert_eq!(winner(vec![]), None);
    let any = Task::when_any([pending.clone()]);
    assert!(any.wait_timeout(Duration::from_millis(20)).is_err());
    assert!(any.wait_cancellable(&CancellationToken::new(true)).is_err());
    let faulted = Task::from_error("e");
    assert_eq!(winner(vec![pending, faulted.clone()]), Some(1));
    faulted.ignore();
    drop(source);
}

/// We differ on purpose: cancellations beside faults are counted, not listed (as in `WhenAll`).
#[test]
fn tsk_024_waiting_for_all() {
    let tasks =
        [Task::<u32, _>::from_error("a"), Task::from_cancelled(&CancellationToken::NONE), Task::from_error("b")];
    let all = Task::when_all(tasks);
    let error = all.wait().unwrap().unwrap_err().fault().unwrap();
    let listed: Vec<_> = error.iter().map(|(index, error)| (index, *error.fault().unwrap())).collect();
    assert_eq!(listed, [(0, "a"), (2, "b")]);
    assert_eq!(error.cancelled_count(), 1);
}

#[test]
fn tsk_026_waiting_for_none_or_in_vain() {
    assert_eq!(Task::<u32>::when_all([]).wait().unwrap().unwrap(), &[]);
    let (_source, pending) = Source::<u32>::pair();
    assert!(Task::when_all([pending]).wait_cancellable(&CancellationToken::new(true)).is_err());
}

#[test]
fn tsk_027_a_long_chain_of_continuations() {
    let (source, head) = Source::<u32>::pair();
    let tail = (0..200_000).fold(head, |task, _| task.continue_with(INLINE, |x| Ok(x.wait().unwrap().unwrap() + 1)));
    source.set_result(0);
    assert_eq!(tail.wait().unwrap().unwrap(), &200_000);
}

#[test]
fn tsk_028_a_long_chain_of_awaits() {
    let executor = Single::new();
    let (source, head) = Source::<u32>::pair();
    let tail = (0..50_000).fold(head, |task, _| {
        Task::run(&executor.spawner(), async move { task.await.map(|x| x + 1).map_err(|_| "no") })
    });
    executor.drain();
    source.set_result(0);
    executor.drain();
    assert_eq!(tail.wait().unwrap().unwrap(), &50_000);
}

#[test]
fn tsk_035_a_blocked_thread_is_told() {
    let (source, task) = Source::<u32>::pair();
    let (sender, receiver) = mpsc::channel();
    let task = Arc::new(task);
    let waiter = thread::spawn({
        let task = task.clone();
        move || sender.send(*task.wait().unwrap().unwrap()).unwrap()
    });
    eventually("the thread waits", || task.listeners() == 1);
    source.set_result(9);
    assert_eq!(receiver.recv(), Ok(9));
    waiter.join().unwrap();
    assert!(!matches!(task.try_result(), Some(Err(TaskError::Abandoned))));
}
