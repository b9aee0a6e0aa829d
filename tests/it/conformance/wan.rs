//! WAN: `Task.WhenAny`.
use crate::support::Jobs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskcell::{CancellationToken, ContinuationOptions, Empty, Task, TaskCompletionSource, TaskStatus};

type Source = TaskCompletionSource<u32, &'static str>;

const INLINE: ContinuationOptions<taskcell::Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// We differ on purpose: an empty list is the task's error, not the caller's panic.
#[test]
fn wan_001_of_none() {
    let any = Task::<u32>::when_any([]);
    assert_eq!(any.try_result().unwrap().unwrap_err().fault(), Some(&Empty));
}

#[test]
fn wan_002_the_first_in_the_list_of_those_that_have_ended() {
    let (_source, pending) = Source::pair();
    let done = Task::from_result(1);
    let any = Task::when_any([pending, done.clone(), Task::from_result(2)]);
    assert_eq!(any.try_result().unwrap().unwrap(), &(1, done));
}

#[test]
fn wan_003_the_first_may_have_no_value() {
    let faulted = Task::<u32, _>::from_error("bad");
    let any = Task::when_any([faulted.clone()]);
    assert_eq!(any.status(), TaskStatus::RanToCompletion);
    assert_eq!(any.try_result().unwrap().unwrap().1.try_result().unwrap().unwrap_err().fault(), Some(&"bad"));
    let any = Task::when_any([Task::<u32, &str>::from_cancelled(&CancellationToken::NONE)]);
    assert_eq!(any.status(), TaskStatus::RanToCompletion);
    assert!(any.try_result().unwrap().unwrap().1.is_cancelled());
}

#[test]
fn wan_004_losers_go_on() {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    let any = Task::when_any([x.clone(), y.clone()]);
    b.set_result(2);
    assert_eq!(x.status(), TaskStatus::Pending);
    a.set_result(1);
    assert_eq!(any.try_result().unwrap().unwrap(), &(1, y));
    assert_eq!(x.try_result().unwrap().unwrap(), &1);
}

#[test]
fn wan_005_the_list_changes_afterwards() {
    let (source, task) = Source::pair();
    let mut list = vec![task];
    let any = Task::when_any(list.clone());
    list.insert(0, Task::from_result(7));
    assert_eq!(any.status(), TaskStatus::Pending);
    source.set_result(1);
    assert_eq!(any.try_result().unwrap().unwrap().0, 0);
}

#[test]
fn wan_006_a_continuation_that_asks_for_it_runs_inline() {
    let (source, task) = Source::pair();
    let here = std::thread::current().id();
    let then =
        Task::when_any([task]).continue_with(INLINE, move |_| Ok::<_, &str>(std::thread::current().id() == here));
    source.set_result(1);
    assert_eq!(then.try_result().unwrap().unwrap(), &true);
}

#[test]
fn wan_007_the_same_twice_and_one_alone() {
    let (source, task) = Source::pair();
    let (twice, once) = (Task::when_any([task.clone(), task.clone()]), Task::when_any([task.clone()]));
    source.set_result(1);
    assert_eq!(twice.try_result().unwrap().unwrap(), &(0, task.clone()));
    assert_eq!(once.try_result().unwrap().unwrap(), &(0, task));
}

#[test]
fn wan_012_a_continuation_elsewhere_stays_elsewhere() {
    let (jobs, count) = (Jobs::new(), Arc::new(AtomicUsize::new(0)));
    let (source, task) = Source::pair();
    let noted = count.clone();
    let then = Task::when_any([task]).continue_with(ContinuationOptions::on(jobs.clone()), move |_| {
        noted.fetch_add(1, Ordering::SeqCst);
        Ok::<_, &str>(())
    });
    source.set_result(1);
    assert_eq!((count.load(Ordering::SeqCst), jobs.len()), (0, 1));
    jobs.run();
    assert!(then.is_completed_successfully());
}

#[test]
fn wan_013_the_winner_is_removed_by_identity() {
    let mut list = vec![Task::<u32, &str>::from_result(1), Task::from_result(1)];
    let (_, winner) = Task::when_any(list.clone()).try_unwrap().unwrap().unwrap();
    list.retain(|task| *task != winner);
    assert_eq!(list.len(), 1);
}
