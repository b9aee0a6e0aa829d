//! `ContinueWith`: what .NET's tests ask beyond the list.
use crate::support::{Dropped, Jobs, Log, panic_of};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread;
use taskcell::{
    BoxError, CancellationToken, CancellationTokenSource, Cancelled, ContinuationOptions, Task, TaskCompletionSource,
    TaskError, TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;
type Dull = Task<u32, &'static str>;

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// A task that has ended with a value, with an error, as cancelled, abandoned.
fn endings() -> [Task<u32, &'static str>; 4] {
    let cancelled = Task::from_cancelled(&CancellationToken::NONE);
    [Task::from_result(1), Task::from_error("e"), cancelled, Source::pair().1]
}

/// A continuation that writes `entry` down.
fn notes<N: Send + 'static>(log: &Log<N>, entry: N) -> impl FnOnce(&Dull) -> Result<(), &'static str> + Send + use<N> {
    let note = log.note(entry);
    move |_| {
        note();
        Ok(())
    }
}

#[test]
fn one_branch_for_each_ending() {
    let branches = [INLINE.only_on_ran_to_completion(), INLINE.only_on_faulted(), INLINE.only_on_cancelled()];
    for (task, taken) in endings().into_iter().zip([0, 1, 2, 1]) {
        let ran: Vec<Task<u32, &str>> =
            branches.iter().map(|branch| task.continue_with(branch.clone(), |_| Ok(1))).collect();
        for (n, branch) in ran.iter().enumerate() {
            let status = if n == taken { TaskStatus::RanToCompletion } else { TaskStatus::Cancelled };
            assert_eq!(branch.status(), status, "{task:?}, branch {n}");
        }
        assert_eq!(Task::when_any(ran).try_result().unwrap().unwrap().0, 0, "those that were not taken have ended");
    }
}

#[test]
fn filters_that_together_exclude_everything_cancel_whatever_happens() {
    let never = INLINE.not_on_faulted().not_on_cancelled().not_on_ran_to_completion();
    for task in endings() {
        let next: Task<(), &str> = task.continue_with(never.clone(), |_| unreachable!());
        assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &CancellationToken::NONE);
    }
    let (source, task) = Source::<u32>::pair();
    let next: Task<(), &str> = task.continue_with(never, |_| unreachable!());
    assert_eq!(next.status(), TaskStatus::Pending, "but not before");
    source.set_result(1);
    assert!(next.is_cancelled());
}

#[test]
fn a_fault_goes_down_a_chain_that_does_not_look_at_it() {
    let (source, task) = Source::<u32>::pair();
    let last = task.then(|n| Ok(n + 1)).then(|n| Ok(n * 2)).finally(|| ()).then(|n| Ok(*n));
    source.set_error("first");
    assert_eq!(last.try_result().unwrap().unwrap_err().fault(), Some(&"first"));
}

/// .NET: the exception of the task before is in none of those behind unless they read and throw it again.
#[test]
fn a_continuation_that_does_not_look_has_no_fault_of_its_own() {
    let [_, faulted, cancelled, _] = endings();
    for task in [faulted, cancelled] {
        let next: Task<u32, &str> = task.continue_with(INLINE, |_| Ok(5));
        assert_eq!(next.try_result().unwrap().unwrap(), &5);
    }
}

#[test]
fn a_continuation_fails_by_itself() {
    let next: Task<u32, &str> = Task::<u32>::from_result(1).continue_with(INLINE, |_| Err("of its own"));
    let after: Task<TaskStatus, &str> = next.continue_with(INLINE, |next| Ok(next.status()));
    assert_eq!(next.try_result().unwrap().unwrap_err().fault(), Some(&"of its own"));
    assert_eq!(after.try_result().unwrap().unwrap(), &TaskStatus::Faulted);
}

/// We differ on purpose: .NET cancels a continuation that throws only if the exception names the continuation's own
/// token, and that is cancelled; here a `Cancelled` always cancels, as it does in an async method.
#[test]
fn a_continuation_that_returns_a_cancellation() {
    let own = CancellationTokenSource::new();
    let cancel = own.clone();
    let options = INLINE.with_token(own.token());
    let next: Task<()> = Task::<u32>::from_result(1).continue_with(options.clone(), move |_| {
        cancel.cancel();
        Ok(cancel.token().check()?)
    });
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &own.token());
    let other = CancellationToken::new(true);
    let returned = Cancelled::new(other.clone());
    let lazy = options.lazy_cancellation().with_token(CancellationToken::NONE);
    let next: Task<(), Cancelled> = Task::<u32>::from_result(1).continue_with(lazy, move |_| Err(returned));
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &other);
}

#[test]
fn a_cancelled_continuation_lets_the_next_one_run_before_the_task_has_ended() {
    let ((_promise, task), source) = (Source::<u32>::pair(), CancellationTokenSource::new());
    let (first, log) = (task.continue_with(INLINE.with_token(source.token()), |_| Ok::<_, &str>(1)), Log::new());
    let said = log.clone();
    let second = first.continue_with(INLINE, move |first| {
        said.push(first.status());
        Ok::<_, &str>(2)
    });
    source.cancel();
    assert_eq!(log.take(), [TaskStatus::Cancelled]);
    assert!(second.is_completed_successfully() && !task.is_completed());
}

#[test]
fn a_token_cancelled_by_an_earlier_continuation() {
    let ((promise, task), source) = (Source::<u32>::pair(), CancellationTokenSource::new());
    let cancel = source.clone();
    task.on_completed(move |_| assert!(cancel.cancel())).detach();
    let eager = task.continue_with(INLINE.with_token(source.token()), |_| -> Result<(), &str> { unreachable!() });
    let lazy = INLINE.with_token(source.token()).lazy_cancellation();
    let lazy = task.continue_with(lazy, |_| -> Result<(), &str> { unreachable!() });
    promise.set_result(1);
    for next in [eager, lazy] {
        assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &source.token());
    }
    assert_eq!(source.token().listeners(), 0);
}

#[test]
fn a_continuation_of_a_continuation_that_is_made_while_it_runs() {
    let ((promise, task), log) = (Source::<u32>::pair(), Log::new());
    let (said, inner) = (log.clone(), task.clone());
    let outer: Task<(), &str> = task.continue_with(INLINE, move |_| {
        said.push("outer");
        inner.continue_with(INLINE, notes(&said, "within")).ignore();
        said.push("outer again");
        Ok(())
    });
    task.continue_with(INLINE, notes(&log, "next")).ignore();
    promise.set_result(1);
    assert!(outer.is_completed());
    let mut ran = log.take();
    assert_eq!(ran.remove(0), "outer");
    assert!(ran.iter().position(|entry| *entry == "next") > ran.iter().position(|entry| *entry == "outer again"));
    assert!(ran.contains(&"within") && ran.len() == 3, "{ran:?}");
}

#[test]
fn a_hundred_thousand_on_one_task() {
    let ((promise, task), log) = (Source::<u32>::pair(), Log::new());
    for n in 0..100_000_u32 {
        task.continue_with(INLINE, notes(&log, n)).ignore();
    }
    promise.set_result(1);
    assert!(log.take().into_iter().eq(0..100_000));
}

#[test]
fn those_that_were_called_off_leave_the_order_of_the_others() {
    let ((promise, task), log, off) = (Source::<u32>::pair(), Log::new(), CancellationTokenSource::new());
    for n in 0..300_u32 {
        let options = if n % 3 == 0 { INLINE.with_token(off.token()) } else { INLINE };
        task.continue_with(options, notes(&log, n)).ignore();
    }
    off.cancel();
    assert_eq!(task.listeners(), 200);
    promise.set_result(1);
    assert!(log.take().into_iter().eq((0..300).filter(|n| n % 3 != 0)));
}

#[test]
fn a_value_lives_until_its_queued_continuation_has_run() {
    let (jobs, (value, drops)) = (Jobs::new(), Dropped::new());
    let task = Task::<Arc<Dropped>, &str>::from_result(Arc::new(value));
    let next = task.continue_with(ContinuationOptions::on(jobs.clone()), |task| Ok::<_, &str>(task.is_completed()));
    drop(task);
    assert_eq!(drops.load(SeqCst), 0);
    jobs.run();
    assert_eq!((drops.load(SeqCst), next.try_result().unwrap().unwrap()), (1, &true));
}

#[test]
fn on_an_executor_it_never_runs_inside_the_call_even_for_a_task_that_has_ended() {
    let (jobs, log) = (Jobs::new(), Log::new());
    for task in endings() {
        let said = log.clone();
        let next = task.continue_with(ContinuationOptions::on(jobs.clone()), move |task| {
            said.push(task.status());
            Ok::<_, &str>(())
        });
        assert_eq!((log.len(), jobs.len(), next.status()), (0, 1, TaskStatus::Pending));
        jobs.run();
        assert_eq!(log.take(), [task.status()]);
        assert!(next.is_completed_successfully());
    }
}

#[test]
fn continued_on_one_thread_while_it_ends_on_another() {
    for _ in 0..200 {
        let ((promise, task), log, start) = (Source::<u32>::pair(), Log::new(), Arc::new(Barrier::new(2)));
        let (said, other) = (log.clone(), start.clone());
        let continuing = thread::spawn(move || {
            other.wait();
            (0..8)
                .map(|n| {
                    let said = said.clone();
                    task.continue_with(INLINE, notes(&said, n))
                })
                .collect::<Vec<_>>()
        });
        start.wait();
        promise.set_result(1);
        let all = continuing.join().unwrap();
        assert!(all.iter().all(|next| next.wait().unwrap().is_ok()));
        let mut ran = log.take();
        ran.sort_unstable();
        assert_eq!(ran, (0..8).collect::<Vec<_>>(), "each once");
    }
}

#[test]
fn a_chain_that_changes_executors() {
    let (one, two, log) = (Jobs::new(), Jobs::new(), Log::new());
    let (promise, task) = Source::<u32>::pair();
    let then = |entry| {
        let note = log.note(entry);
        move |_: &Task<(), &'static str>| {
            note();
            Ok::<_, &str>(())
        }
    };
    let last = task
        .continue_with(ContinuationOptions::on(one.clone()), notes(&log, "one"))
        .continue_with(ContinuationOptions::on(two.clone()), then("two"))
        .continue_with(INLINE, then("inline"));
    promise.set_result(1);
    assert_eq!((one.len(), two.len()), (1, 0));
    one.run();
    assert_eq!((one.len(), two.len(), log.take()), (0, 1, vec!["one"]));
    two.run();
    assert_eq!(log.take(), ["two", "inline"]);
    assert!(last.is_completed_successfully());
}

#[test]
fn a_panic_of_a_callback_comes_out_of_the_completion_and_of_no_continuation() {
    let ((promise, task), log) = (Source::<u32>::pair(), Log::new());
    task.on_completed(|_| panic!("callback")).detach();
    let next: Task<(), BoxError> = task.continue_with(INLINE, |_| panic!("continuation"));
    task.continue_with(INLINE, notes(&log, "last")).ignore();
    assert_eq!(panic_of(|| promise.set_result(1)), Some("callback"));
    assert!(task.is_completed_successfully());
    assert!(
        matches!(next.try_result(), Some(Err(TaskError::Panicked(panic))) if panic.message() == Some("continuation"))
    );
    assert_eq!(log.take(), ["last"]);
}

#[test]
fn a_continuation_waited_for_on_another_thread() {
    let (promise, task) = Source::<u32>::pair();
    let next = task.continue_with(INLINE, |task| Ok::<_, &str>(*task.try_result().unwrap().unwrap() * 2));
    let waiter = thread::spawn(move || *next.wait().unwrap().unwrap());
    promise.set_result(21);
    assert_eq!(waiter.join().unwrap(), 42);
}

/// We differ on purpose: .NET hands over all continuations that run elsewhere before it runs the first inline one, and
/// all awaits but the first are queued. Here everybody has the place at which it came.
#[test]
fn one_that_runs_elsewhere_keeps_its_place_behind_an_inline_one() {
    let ((promise, task), jobs, log) = (Source::<u32>::pair(), Jobs::new(), Log::new());
    for _ in 0..3 {
        let (queue, said) = (jobs.clone(), log.clone());
        let looks = move |_: &Dull| {
            said.push(queue.len());
            Ok::<_, &str>(())
        };
        task.continue_with(INLINE, looks).ignore();
        task.continue_with(ContinuationOptions::on(jobs.clone()), notes(&log, 10)).ignore();
    }
    promise.set_result(1);
    assert_eq!(log.take(), [0, 1, 2]);
    jobs.run();
    assert_eq!(log.take(), [10, 10, 10]);
}

#[test]
fn a_lazy_one_that_is_called_off_in_the_queue_ends_when_its_turn_comes() {
    let ((promise, task), jobs, off) = (Source::<u32>::pair(), Jobs::new(), CancellationTokenSource::new());
    let (held, drops) = Dropped::new();
    let options = ContinuationOptions::on(jobs.clone()).with_token(off.token()).lazy_cancellation();
    let next = task.continue_with(options, move |_| -> Result<(), &str> {
        drop(held);
        unreachable!()
    });
    promise.set_result(1);
    off.cancel();
    assert_eq!((next.status(), jobs.run()), (TaskStatus::Pending, 1));
    assert_eq!(next.try_result().unwrap().unwrap_err().cancelled().unwrap().token(), &off.token());
    assert_eq!((drops.load(SeqCst), off.token().listeners()), (1, 0));
}
