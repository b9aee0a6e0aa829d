//! `TaskCompletionSource`, `Task`, `ValueTask`: what .NET's tests ask beyond the list.
use crate::support::{Counter, Dropped, Jobs, Log, panic_of, unobserved};
use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use taskcell::fault::FaultKind;
use taskcell::{
    BoxError, CancellationToken, CancellationTokenSource, Cancelled, ContinuationOptions, Task, TaskCompletionSource,
    TaskError, TaskStatus, ValueTask, WaitError,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

#[test]
fn an_error_that_says_cancelled_is_a_fault_where_it_is_set_as_an_error() {
    let cancelled = || BoxError::from(Cancelled::new(CancellationToken::new(true)));
    let (source, set) = TaskCompletionSource::<u32>::pair();
    source.set_error(cancelled());
    let (source, tried) = TaskCompletionSource::<u32>::pair();
    source.try_set_errors([cancelled(), "no paper".into()]).unwrap();
    for task in [set, tried, Task::from_error(cancelled())] {
        assert_eq!(task.status(), TaskStatus::Faulted);
        let error = task.try_result().unwrap().unwrap_err();
        assert!(error.cancelled().is_none() && error.fault().unwrap().is::<Cancelled>());
    }
}

#[test]
fn a_list_of_errors_that_cannot_be_read_completes_nothing() {
    let (source, task) = Source::<u32>::pair();
    let errors = ["a", "b"].into_iter().inspect(|error| assert_ne!(*error, "b"));
    assert!(panic_of(|| source.try_set_errors(errors)).is_some());
    assert_eq!(task.status(), TaskStatus::Pending);
    assert_eq!(source.try_set_errors(std::iter::empty()), Err(vec![]));
    source.set_result(1);
    assert!(task.is_completed_successfully());
}

#[test]
fn a_task_that_is_pending_is_not_taken_over_and_later_it_is() {
    let ((to, copy), (from, task)) = (Source::<u32>::pair(), Source::<u32>::pair());
    assert!(!to.try_set_from_task(&task) && !to.try_set_from_task(&copy));
    assert_eq!((copy.status(), task.listeners()), (TaskStatus::Pending, 0));
    from.set_error("no paper");
    assert!(to.try_set_from_task(&task) && !to.try_set_from_task(&task));
    let [one, two] = [&task, &copy].map(|task| task.try_result().unwrap().unwrap_err().fault().unwrap());
    assert!(ptr::eq(one, two), "the very same error");
}

#[test]
fn an_abandoned_task_and_one_that_panicked_are_taken_over_as_they_are() {
    let jobs = Jobs::new();
    let panicked = Task::<u32, &str>::run(&jobs, async { panic!("by itself") });
    jobs.run();
    let abandoned = Source::<u32>::pair().1;
    for (from, kind) in [(abandoned, "abandoned"), (panicked, "panicked")] {
        let (to, copy) = Source::<u32>::pair();
        let next = copy.continue_with(INLINE, |task| Ok::<_, &str>(task.status()));
        assert!(to.try_set_from_task(&from));
        let error = copy.try_result().unwrap().unwrap_err();
        assert_eq!((error.is_abandoned(), error.is_panicked()), (kind == "abandoned", kind == "panicked"));
        assert_eq!(next.try_result().unwrap().unwrap(), &TaskStatus::Faulted);
    }
}

/// .NET: a source whose `SetCanceled(token)` is called with a token that nobody has cancelled, or that never can be.
#[test]
fn cancelled_by_a_token_that_is_not() {
    for token in [CancellationToken::NONE, CancellationTokenSource::new().token()] {
        let (source, task) = Source::<u32>::pair();
        source.set_cancelled(&token);
        assert!(task.is_cancelled() && !token.is_cancelled());
        assert_eq!(task.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    }
}

#[test]
fn blocked_threads_wake_for_every_outcome() {
    let outcomes: [fn(Source); 4] =
        [|s| s.set_result(1), |s| s.set_error("e"), |s| s.set_cancelled(&CancellationToken::NONE), drop];
    for (end, status) in outcomes.into_iter().zip(["value", "fault", "cancelled", "abandoned"]) {
        let (source, task) = Source::<u32>::pair();
        let threads = [(); 3].map(|()| {
            let task = task.clone();
            thread::spawn(move || match task.wait().unwrap() {
                Ok(_) => "value",
                Err(error) if error.fault().is_some() => "fault",
                Err(error) if error.is_cancelled() => "cancelled",
                Err(_) => "abandoned",
            })
        });
        end(source);
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [status; 3]);
    }
}

#[test]
fn a_blocked_wait_that_is_cancelled_leaves_the_task_and_the_token_alone() {
    let ((promise, task), source) = (Source::<u32>::pair(), CancellationTokenSource::new());
    let (waiting, token) = (task.clone(), source.token());
    let waiter = thread::spawn(move || {
        waiting.wait_cancellable(&token).map(|_| ()).map_err(|error| error.cancelled().map(|by| by.token().clone()))
    });
    while task.listeners() == 0 {
        thread::yield_now();
    }
    source.cancel();
    assert_eq!(waiter.join().unwrap(), Err(Some(source.token())));
    assert_eq!((task.listeners(), source.token().listeners()), (0, 0));
    promise.set_result(1);
    assert_eq!(task.wait_cancellable(&source.token()).unwrap().unwrap(), &1, "what has ended beats the token");
    assert_eq!(task.wait_timeout(Duration::ZERO).unwrap().unwrap(), &1);
}

#[test]
fn an_infinite_wait_with_a_timeout_is_a_wait() {
    let (source, task) = Source::<u32>::pair();
    let waiting = task.clone();
    let waiter = thread::spawn(move || waiting.wait_timeout(Duration::MAX).unwrap().copied().unwrap());
    source.set_result(7);
    assert_eq!(waiter.join().unwrap(), 7);
}

#[test]
fn waiting_for_all_gives_up_and_the_tasks_go_on() {
    let (source, task) = Source::<u32>::pair();
    let all = Task::when_all([task.clone(), Task::from_error("bad")]);
    assert!(matches!(all.wait_timeout(Duration::from_millis(1)), Err(WaitError::Elapsed(_))));
    assert!(matches!(all.wait_cancellable(&CancellationToken::new(true)), Err(WaitError::Cancelled(_))));
    source.set_result(1);
    assert_eq!(all.wait().unwrap().unwrap_err().fault().unwrap().len(), 1);
}

#[test]
fn a_fault_that_was_seen_in_any_way_is_not_reported() {
    struct Seen;
    let fault = || Task::<Seen, _>::from_error("seen");
    unobserved::watch();
    assert!(smol::block_on(fault().into_future()).is_err());
    let (looked, waited) = (fault(), fault());
    assert!(looked.try_result().unwrap().is_err() && waited.wait().unwrap().is_err());
    smol::block_on(async { fault().settled().await });
    fault().log_fault(|_| ());
    fault().ignore();
    let passed = fault().continue_with(INLINE, |task| Ok::<_, &str>(task.status()));
    assert!(fault().or_else(|_| Ok(Seen)).is_completed_successfully());
    drop((looked, waited, passed));
    assert_eq!(unobserved::of::<Seen>(), []);
}

#[test]
fn reading_flags_and_status_is_not_looking() {
    struct Flags;
    unobserved::watch();
    let task = Task::<Flags, _>::from_error("unseen");
    assert!(task.is_faulted() && task.is_completed() && !task.is_cancelled());
    assert_eq!((task.status(), task.clone() == task), (TaskStatus::Faulted, true));
    let (source, never) = TaskCompletionSource::<Flags, &str>::pair();
    let mut callback = task.on_completed(|_| ());
    assert!(!callback.unregister());
    drop((task, callback, source, never));
    let kinds: Vec<_> = unobserved::of::<Flags>().into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.contains(&FaultKind::Faulted) && !kinds.contains(&FaultKind::Panicked), "{kinds:?}");
}

#[test]
fn a_cancelled_task_that_nobody_looks_at_is_no_fault() {
    struct Quiet;
    unobserved::watch();
    drop(Task::<Quiet, &str>::from_cancelled(&CancellationToken::new(true)));
    let (source, task) = TaskCompletionSource::<Quiet, &str>::pair();
    source.set_cancelled(&CancellationToken::NONE);
    drop((source, task));
    assert_eq!(unobserved::of::<Quiet>(), []);
}

#[test]
fn tasks_are_keys() {
    let (one, two) = (Task::<u32>::from_result(1), Task::<u32>::from_result(1));
    let names: HashMap<_, _> = [(one.clone(), "one"), (two.clone(), "two"), (one.clone(), "again")].into();
    assert_eq!((names.len(), names[&one], names[&two]), (2, "again", "two"));
}

#[test]
fn a_body_that_panics_at_once_leaves_its_caller_alone() {
    let jobs = Jobs::new();
    let task: Task<u32> = Task::run_fn(&jobs, || panic!("at once"));
    assert_eq!(task.status(), TaskStatus::Pending);
    assert_eq!(panic_of(|| jobs.run()), None);
    assert!(matches!(task.try_result(), Some(Err(TaskError::Panicked(_)))));
}

/// .NET: disposing of a task that has not ended is an error. Here a handle may go at any time, and stops nothing.
#[test]
fn a_handle_goes_before_the_end() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let said = log.clone();
    drop(Task::<(), BoxError>::run_fn(&jobs, move || {
        said.push("ran");
        Ok(())
    }));
    jobs.run();
    assert_eq!(log.take(), ["ran"]);
}

#[test]
fn a_token_cancelled_between_the_start_and_the_first_poll() {
    let (jobs, source, (held, drops)) = (Jobs::new(), CancellationTokenSource::new(), Dropped::new());
    let task: Task<()> = Task::run_with(&jobs, &source.token(), async move {
        drop(held);
        unreachable!("it must not begin")
    });
    source.cancel();
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &source.token());
    assert_eq!((drops.load(SeqCst), source.token().listeners()), (1, 0));
}

#[test]
fn a_token_linked_to_that_of_the_task_is_another_one() {
    let (jobs, own) = (Jobs::new(), CancellationTokenSource::new());
    let linked = CancellationTokenSource::linked([&own.token()]);
    let cancel = own.clone();
    let task: Task<()> = Task::run_fn_with(&jobs, &own.token(), move || {
        cancel.cancel();
        Ok(linked.token().check()?)
    });
    jobs.run();
    assert!(task.is_faulted(), "as in .NET: an `OperationCanceledException` of another token is a fault");
}

#[test]
fn many_await_one_task_and_all_see_one_error() {
    let (source, task) = Source::<u32>::pair();
    let mut waits: Vec<_> = (0..100).map(|_| task.clone().into_future()).collect();
    let counter = Counter::new();
    assert!(waits.iter_mut().all(|wait| counter.poll(wait).is_pending()));
    source.set_error("one");
    assert_eq!(counter.wakes(), 100);
    let seen: Vec<_> = waits.into_iter().map(|wait| smol::block_on(wait).unwrap_err()).collect();
    let first: *const _ = seen[0].fault().unwrap();
    assert!(seen.iter().all(|error| ptr::eq(error.fault().unwrap(), first)));
}

#[test]
fn a_value_task_is_a_task_when_it_is_asked_for_one() {
    let token = CancellationToken::new(true);
    let mut cancelled = ValueTask::<u32, &str>::from_cancelled(&token);
    let task = cancelled.as_task();
    assert_eq!((task.is_cancelled(), cancelled.as_task() == task), (true, true));
    assert_eq!(smol::block_on(cancelled.into_future()).unwrap_err().cancelled().unwrap().token(), &token);
    let (source, task) = Source::<u32>::pair();
    let mut pending = ValueTask::from(task.clone());
    assert!(pending.as_task() == task && pending.try_result().is_none());
    source.set_error("late");
    assert_eq!(pending.try_result().unwrap().unwrap_err().fault(), Some(&"late"));
    let outcome: Result<u32, TaskError<&str>> = Err(TaskError::faulted("there"));
    assert_eq!(
        smol::block_on(ValueTask::<u32, &str>::from(outcome).into_future()).unwrap_err().fault(),
        Some(&"there")
    );
}

/// We differ on purpose: .NET spins in a call that was too late until the faster one has ended the task. Here nobody
/// waits for anybody; who is late finds the other outcome by awaiting it.
#[test]
fn who_is_late_gets_its_value_back_and_awaits_the_other_one() {
    for _ in 0..500 {
        let start = Arc::new(Barrier::new(2));
        let (source, task) = Source::<usize>::pair();
        let threads = [0, 1].map(|n| {
            let (source, task, start) = (source.clone(), task.clone(), start.clone());
            thread::spawn(move || {
                start.wait();
                let late = source.try_set_result(n).is_err();
                assert_eq!(late, *task.wait().unwrap().unwrap() != n);
                late
            })
        });
        assert_eq!(threads.map(|thread| thread.join().unwrap()).iter().filter(|late| **late).count(), 1);
    }
}
