//! CNT: continuations.
//!
//! | entry | why there is no test |
//! |---|---|
//! | CNT-013 | optional: nothing hides a scheduler, since nothing makes one current |
use crate::support::{Counter, Dropped, Jobs, Log};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use taskcell::{
    BoxFuture, CancellationToken, CancellationTokenSource, ContinuationOptions, Inline, Task, TaskCompletionSource,
    TaskStatus,
};

type Options = ContinuationOptions<Inline>;

const INLINE: Options = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// A task that has ended with a value, with an error, as cancelled.
fn endings() -> [Task<u32>; 3] {
    [Task::from_result(1), Task::from_error("no paper".into()), Task::from_cancelled(&CancellationToken::NONE)]
}

#[test]
fn cnt_001_the_filter_decides() {
    let filters: [(Options, [bool; 3]); 7] = [
        (INLINE, [true, true, true]),
        (INLINE.not_on_ran_to_completion(), [false, true, true]),
        (INLINE.not_on_faulted(), [true, false, true]),
        (INLINE.not_on_cancelled(), [true, true, false]),
        (INLINE.only_on_ran_to_completion(), [true, false, false]),
        (INLINE.only_on_faulted(), [false, true, false]),
        (INLINE.only_on_cancelled(), [false, false, true]),
    ];
    let source = CancellationTokenSource::new();
    for (inline, expected) in filters {
        for (task, runs) in endings().into_iter().zip(expected) {
            for token in [CancellationToken::NONE, source.token()] {
                let (drops, dropped) = Dropped::new();
                let next: Task<TaskStatus> = task.continue_with(inline.clone().with_token(token), move |task| {
                    let _drops = &drops;
                    Ok(task.status())
                });
                assert_eq!(dropped.load(SeqCst), 1);
                if runs {
                    assert_eq!(next.try_result().unwrap().unwrap(), &task.status());
                } else {
                    assert!(next.is_cancelled(), "{inline:?} after {task:?}");
                }
            }
        }
    }
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn cnt_001_on_a_spawner_too() {
    let jobs = Jobs::new();
    for (task, runs) in endings().into_iter().zip([false, true, false]) {
        let next: Task<()> = task.continue_with(ContinuationOptions::on(jobs.clone()).only_on_faulted(), |_| Ok(()));
        assert_eq!(next.is_cancelled(), !runs);
        assert_eq!(jobs.run(), usize::from(runs));
        assert_eq!(next.is_completed_successfully(), runs);
    }
}

#[test]
fn cnt_002_a_filter_that_is_not_met_cancels_by_no_token() {
    let source = CancellationTokenSource::new();
    let [task, ..] = endings();
    let next: Task<()> = task.continue_with(INLINE.only_on_faulted().with_token(source.token()), |_| unreachable!());
    let error = next.try_result().unwrap().unwrap_err();
    assert_eq!(error.cancelled().unwrap().token(), &CancellationToken::NONE);
    // The filter comes before a token, even one that was cancelled meanwhile.
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let options = INLINE.only_on_faulted().with_token(source.token()).lazy_cancellation();
    let next: Task<()> = task.continue_with(options, |_| unreachable!());
    source.cancel();
    promise.set_result(1);
    let error = next.try_result().unwrap().unwrap_err();
    assert_eq!(error.cancelled().unwrap().token(), &CancellationToken::NONE);
}

#[test]
fn cnt_004_a_continuation_of_a_cancelled_continuation_runs() {
    let [task, ..] = endings();
    let refused: Task<()> = task.continue_with(INLINE.only_on_faulted(), |_| unreachable!());
    let next: Task<TaskStatus> = refused.continue_with(INLINE, |task| Ok(task.status()));
    assert_eq!(next.try_result().unwrap().unwrap(), &TaskStatus::Cancelled);
}

#[test]
fn cnt_005_a_token_that_is_cancelled_already() {
    let token = CancellationToken::new(true);
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let (drops, dropped) = Dropped::new();
    let next: Task<()> = task.continue_with(INLINE.with_token(token.clone()), move |_| {
        drop(drops);
        unreachable!()
    });
    assert_eq!(dropped.load(SeqCst), 1);
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &token);
    assert_eq!(task.listeners(), 0);
    // A lazy one waits for the task, as in .NET.
    let next: Task<()> = task.continue_with(INLINE.with_token(token).lazy_cancellation(), |_| unreachable!());
    assert_eq!(next.status(), TaskStatus::Pending);
    promise.set_result(1);
    assert!(next.is_cancelled());
}

#[test]
fn cnt_007_cancelled_while_waiting_eager() {
    for spawned in [false, true] {
        let (promise, task) = TaskCompletionSource::<u32>::pair();
        let (source, jobs) = (CancellationTokenSource::new(), Jobs::new());
        let (drops, dropped) = Dropped::new();
        let f = move |_: &Task<u32>| -> Result<(), taskcell::BoxError> {
            drop(drops);
            unreachable!()
        };
        let next = if spawned {
            task.continue_with(ContinuationOptions::on(jobs.clone()).with_token(source.token()), f)
        } else {
            task.continue_with(INLINE.with_token(source.token()), f)
        };
        assert_eq!((task.listeners(), source.token().listeners()), (1, 1));
        assert!(!next.is_completed());
        source.cancel();
        assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &source.token());
        assert_eq!(dropped.load(SeqCst), 1);
        assert_eq!(task.listeners(), 0, "nothing is left in the task's line");
        promise.set_result(1);
        assert_eq!(jobs.len(), 0);
    }
}

#[test]
fn cnt_007_cancelled_while_it_is_queued() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let (source, jobs) = (CancellationTokenSource::new(), Jobs::new());
    let options = ContinuationOptions::on(jobs.clone()).with_token(source.token());
    let next: Task<()> = task.continue_with(options, |_| unreachable!());
    promise.set_result(1);
    assert_eq!((jobs.len(), next.status()), (1, TaskStatus::Pending));
    source.cancel();
    assert!(next.is_cancelled());
    jobs.run();
}

#[test]
fn cnt_007_cancelled_while_waiting_lazy() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let (source, jobs) = (CancellationTokenSource::new(), Jobs::new());
    let options = ContinuationOptions::on(jobs.clone()).with_token(source.token()).lazy_cancellation();
    let next: Task<()> = task.continue_with(options, |_| unreachable!());
    assert_eq!(source.token().listeners(), 0);
    source.cancel();
    assert!(!next.is_completed());
    promise.set_result(1);
    assert!(next.is_cancelled());
    assert_eq!(jobs.len(), 0);
}

#[test]
fn cnt_007_a_task_that_ends_first_takes_the_callback_back() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let source = CancellationTokenSource::new();
    let next: Task<u32> = task.continue_with(INLINE.with_token(source.token()), |_| Ok(2));
    promise.set_result(1);
    assert_eq!(next.try_result().unwrap().unwrap(), &2);
    assert_eq!(source.token().listeners(), 0);
    source.cancel();
    assert!(next.is_completed_successfully());
}

#[test]
fn cnt_009_cancelled_while_it_runs() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let source = CancellationTokenSource::new();
    let inside = source.clone();
    let next: Task<u32> = task.continue_with(INLINE.with_token(source.token()), move |_| {
        assert!(inside.cancel());
        Ok(2)
    });
    promise.set_result(1);
    assert_eq!(next.try_result().unwrap().unwrap(), &2);
}

#[test]
fn cnt_011_inline_on_a_task_that_has_ended() {
    let here = thread::current().id();
    let [task, ..] = endings();
    let next: Task<bool> = task.continue_with(INLINE, move |_| Ok(thread::current().id() == here));
    assert_eq!(next.try_result().unwrap().unwrap(), &true);
}

#[test]
fn cnt_014_it_is_given_the_task() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let state = Arc::new(5);
    let (same, shared) = (task.clone(), state.clone());
    let next: Task<(bool, Arc<i32>)> = task.continue_with(INLINE, move |task| Ok((*task == same, shared)));
    promise.set_result(1);
    let (is_same, given) = next.try_result().unwrap().unwrap();
    assert!(*is_same && Arc::ptr_eq(given, &state));
}

/// .NET throws if all endings are excluded. Here that is a continuation that never runs.
#[test]
fn cnt_015_everything_excluded() {
    for task in endings() {
        let options = INLINE.not_on_ran_to_completion().not_on_faulted().not_on_cancelled();
        let next: Task<()> = task.continue_with(options, |_| unreachable!());
        assert!(next.is_cancelled());
        let next: Task<()> = task.continue_with(INLINE.only_on_faulted().only_on_cancelled(), |_| unreachable!());
        assert!(next.is_cancelled());
    }
}

#[test]
fn cnt_018_what_it_returns_is_not_unwrapped() {
    let (inner, pending) = TaskCompletionSource::<u32>::pair();
    let [task, ..] = endings();
    let same = pending.clone();
    let outer: Task<Task<u32>> = task.continue_with(INLINE, |_| Ok(pending));
    let unwrapped = task.then(|_| same);
    assert!(outer.is_completed_successfully() && !unwrapped.is_completed());
    assert!(!outer.try_result().unwrap().unwrap().is_completed());
    inner.set_result(1);
    assert_eq!(unwrapped.try_result().unwrap().unwrap(), &1);
}

#[test]
fn cnt_019_a_spawner_that_panics() {
    let broken = |_: BoxFuture<'static, ()>| panic!("no thread left");
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let source = CancellationTokenSource::new();
    for token in [CancellationToken::NONE, source.token()] {
        let (drops, dropped) = Dropped::new();
        let next: Task<()> = task.continue_with(ContinuationOptions::on(broken).with_token(token), move |_| {
            drop(drops);
            unreachable!()
        });
        promise.try_set_result(1).ok();
        assert_eq!(dropped.load(SeqCst), 1);
        let error = next.try_result().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "the task panicked: no thread left");
    }
    let ran = std::panic::catch_unwind(|| Task::<u32>::run(&broken, async { unreachable!() }));
    assert!(ran.is_err(), "whoever starts a task gets the panic");
}

#[test]
fn cnt_021_the_source_has_the_last_word() {
    let (jobs, log) = (Jobs::new(), Log::new());
    let source = TaskCompletionSource::<u32>::run_continuations_on(jobs.clone());
    let task = source.task();
    let noted = log.clone();
    let next: Task<()> = task.continue_with(INLINE, move |_| {
        noted.push("continuation");
        Ok(())
    });
    let noted = log.clone();
    task.on_completed(move |_| noted.push("callback")).detach();
    let (counter, mut wait) = (Counter::new(), (&task).into_future());
    assert!(counter.poll(&mut wait).is_pending());
    source.set_result(1);
    assert_eq!((log.len(), counter.wakes(), next.is_completed()), (0, 1, false));
    assert_eq!(jobs.run(), 1);
    assert_eq!(log.take(), ["continuation", "callback"]);
    assert!(next.is_completed_successfully());
    // What comes later does not wait.
    let noted = log.clone();
    task.on_completed(move |_| noted.push("late")).detach();
    assert_eq!(log.take(), ["late"]);
}

#[test]
fn cnt_023_a_long_chain() {
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let mut last = task;
    for _ in 0..12_000 {
        last = last.continue_with(INLINE, |task| Ok(task.try_result().unwrap().unwrap() + 1));
    }
    promise.set_result(0);
    assert_eq!(last.try_result().unwrap().unwrap(), &12_000);
}

#[test]
fn cnt_024_added_after_the_end() {
    let jobs = Jobs::new();
    let [task, ..] = endings();
    let next: Task<u32> = task.continue_with(ContinuationOptions::on(jobs.clone()), |_| Ok(2));
    assert_eq!((next.is_completed(), jobs.len()), (false, 1));
    jobs.run();
    assert_eq!(next.try_result().unwrap().unwrap(), &2);
}

/// `ContinueWhenAll` is `when_all` and a continuation, which may have a filter here: the tasks themselves are captured.
#[test]
fn cnt_026_after_all_of_several() {
    let [ok, faulted, _] = endings();
    let tasks = [faulted, ok];
    let captured = tasks.clone();
    let next: Task<[TaskStatus; 2]> =
        Task::when_all(tasks).continue_with(INLINE, move |_| Ok(captured.map(|task| task.status())));
    assert_eq!(next.try_result().unwrap().unwrap(), &[TaskStatus::Faulted, TaskStatus::RanToCompletion]);
    let none = Task::<u32>::when_all([]);
    let next: Task<usize> = none.continue_with(INLINE, |all| Ok(all.try_result().unwrap().unwrap().len()));
    assert_eq!(next.try_result().unwrap().unwrap(), &0, "nothing to wait for; .NET throws");
}

#[test]
fn cnt_027_in_the_order_of_those_who_wait() {
    struct Noted(Log<&'static str>);
    impl std::task::Wake for Noted {
        fn wake(self: Arc<Self>) {
            self.0.push("await");
        }
    }
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let log = Log::new();
    let note = |entry| {
        let log = log.clone();
        move |_: &Task<u32>| {
            log.push(entry);
            Ok(())
        }
    };
    let _first: Task<()> = task.continue_with(INLINE, note("first"));
    let mut wait = (&task).into_future();
    let waker = Arc::new(Noted(log.clone())).into();
    assert!(crate::support::poll_with(&waker, &mut wait).is_pending());
    let _second: Task<()> = task.continue_with(INLINE, note("second"));
    promise.set_result(1);
    assert_eq!(log.take(), ["first", "await", "second"]);
}

/// The same on real threads: a continuation never runs in the call that ends the task.
#[test]
fn cnt_024_never_inside_the_call() {
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let (sender, receiver) = mpsc::channel();
    let (promise, task) = TaskCompletionSource::<u32>::pair();
    let counter = Arc::new(AtomicUsize::new(0));
    let runs = counter.clone();
    let next: Task<()> = task.continue_with(ContinuationOptions::on(smol), move |_| {
        receiver.recv().unwrap();
        runs.fetch_add(1, SeqCst);
        Ok(())
    });
    promise.set_result(1);
    assert_eq!(counter.load(SeqCst), 0);
    sender.send(()).unwrap();
    smol::block_on(next.into_future()).unwrap();
    assert_eq!(counter.load(SeqCst), 1);
}
