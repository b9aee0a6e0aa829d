//! `Task::when_all`: order, errors, who moves and who clones, who sees which fault.

use crate::support::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskcell::fault::FaultKind;
use taskcell::{
    AggregateError, CancellationToken, CancellationTokenSource, Panic, Task, TaskCompletionSource, TaskError,
    TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

fn sources<T: 'static>(n: usize) -> (Vec<Source<T>>, Vec<Task<T, &'static str>>) {
    (0..n).map(|_| Source::pair()).unzip()
}

/// The errors that a task failed with.
fn errors<T: 'static, E: 'static>(task: &Task<T, AggregateError<TaskError<E>>>) -> &AggregateError<TaskError<E>> {
    task.try_result().expect("it has ended").err().expect("it has no value").fault().expect("it has faulted")
}

/// A value that counts its clones.
struct Counted(usize, Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.1.fetch_add(1, Ordering::SeqCst);
        Self(self.0, self.1.clone())
    }
}

#[test]
fn values_come_in_input_order() {
    for n in [1, 2, 3, 4, 10, 100, 1000] {
        for step in [1, 3, 7] {
            let (sources, tasks) = sources(n);
            let all = Task::when_all(tasks);
            for i in 0..n {
                assert!(!all.is_completed());
                // Every number once: the step and `n` have no divisor in common, or it is 1.
                let i = if n % step == 0 { n - 1 - i } else { i * step % n };
                sources[i].set_result(i as u32);
            }
            assert_eq!(all.try_result().unwrap().unwrap(), &(0..n as u32).collect::<Vec<_>>());
        }
    }
}

#[test]
fn an_empty_list_is_done() {
    let all = Task::<u32>::when_all([]);
    assert!(all.try_result().unwrap().unwrap().is_empty());
}

#[test]
fn those_that_have_ended_already_count() {
    let (source, task) = Source::pair();
    let all = Task::when_all([Task::from_result(0), task, Task::from_result(2)]);
    assert!(!all.is_completed());
    source.set_result(1);
    assert_eq!(smol::block_on(all.into_future()).unwrap(), [0, 1, 2]);
    let all = Task::<u32>::when_all([Task::from_result(0), Task::from_result(1)]);
    assert_eq!(all.try_unwrap().unwrap().unwrap(), [0, 1]);
}

#[test]
fn faults_beat_cancellations_in_input_order() {
    let (sources, tasks) = sources::<u32>(4);
    let all = Task::when_all(tasks);
    sources[0].set_result(1);
    sources[2].set_cancelled(&CancellationToken::NONE);
    sources[3].set_error("B");
    assert!(!all.is_completed(), "all run to the end");
    sources[1].set_error("A");
    assert_eq!(all.status(), TaskStatus::Faulted);
    let listed: Vec<_> = errors(&all).iter().map(|(index, error)| (index, *error.fault().unwrap())).collect();
    assert_eq!(listed, [(1, "A"), (3, "B")]);
    assert_eq!(errors(&all).cancelled_count(), 1);
}

#[test]
fn with_cancellations_only_it_is_cancelled_by_the_first_in_input_order() {
    let (first, second) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let (sources, tasks) = sources::<u32>(3);
    let all = Task::when_all(tasks);
    sources[2].set_cancelled(&second.token());
    sources[1].set_cancelled(&first.token());
    sources[0].set_result(1);
    assert_eq!(all.status(), TaskStatus::Cancelled);
    let error = all.try_result().unwrap().unwrap_err();
    assert!(*error.cancelled().unwrap().token() == first.token());
}

#[test]
fn what_was_abandoned_or_panicked_is_a_fault() {
    let (source, task) = Source::<u32>::pair();
    let panic = TaskError::Panicked(Panic::new(Box::new("oh")));
    let tasks = [task, Task::from_outcome(Err(panic)), Task::from_cancelled(&CancellationToken::NONE)];
    let all = Task::when_all(tasks);
    drop(source);
    let faults: Vec<_> = errors(&all).faults().map(|(index, error)| (index, error.to_string())).collect();
    assert_eq!(faults.len(), 2);
    assert!(errors(&all).first().is_abandoned());
    assert_eq!(faults[1], (1, "the task panicked: oh".to_string()));
}

#[test]
fn aggregates_of_aggregates_flatten() {
    let inner = |name| Task::<u32, &str>::when_all([Task::from_result(1), Task::from_error(name)]);
    let outer = Task::when_all([inner("A"), Task::from_result(vec![]), inner("B")]);
    let flat = errors(&outer).clone().flatten();
    let listed: Vec<_> = flat.iter().map(|(index, error)| (index, *error.fault().unwrap())).collect();
    assert_eq!(listed, [(0, "A"), (2, "B")]);
    let both = Task::when_all([Task::<u32>::when_all([Task::from_result(1)]), Task::when_all([])]);
    assert_eq!(both.try_unwrap().unwrap().unwrap(), [vec![1], vec![]]);
}

#[test]
fn values_are_moved_where_nobody_else_has_them() {
    let clones = Arc::new(AtomicUsize::new(0));
    let value = |n| Counted(n, clones.clone());
    let (first, second) = (Source::pair(), Source::pair());
    let kept = Task::from_result(value(2));
    let all = Task::when_all([first.1, second.1, kept.clone(), Task::from_result(value(3))]);
    first.0.set_result(value(0));
    drop(first.0);
    second.0.set_result(value(1));
    let values = all.try_result().unwrap().unwrap();
    assert_eq!(values.iter().map(|value| value.0).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(clones.load(Ordering::SeqCst), 2, "of the one whose source delivers, and of the one that is kept");
    drop(kept);
}

#[test]
fn one_task_in_several_places() {
    let (source, task) = Source::pair();
    let all = Task::when_all([task.clone(), task.clone(), Task::from_result(5), task.clone()]);
    assert_eq!(task.listeners(), 3);
    let dropped = Task::when_all(vec![task.clone(); 50]);
    assert_eq!(task.listeners(), 53);
    drop(dropped);
    assert_eq!(task.listeners(), 3);
    source.set_result(7);
    assert_eq!(all.try_result().unwrap().unwrap(), &[7, 7, 5, 7]);
    let all = Task::when_all(vec![task; 3]);
    assert_eq!(all.try_unwrap().unwrap().unwrap(), [7, 7, 7]);
}

#[test]
fn one_task_in_several_aggregates() {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    let one = Task::when_all([x.clone(), y.clone()]);
    let two = Task::when_all([y.clone(), x.clone()]);
    let any = Task::when_any([x.clone(), y.clone()]);
    let three = Task::when_all([x, y]);
    drop(one);
    a.set_result(1);
    assert_eq!(any.try_unwrap().unwrap().unwrap().0, 0);
    drop(three);
    b.set_result(2);
    assert_eq!(two.try_result().unwrap().unwrap(), &[2, 1]);
}

#[test]
fn a_child_left_pending_leaves_it_pending() {
    for before in [true, false] {
        let (mut sources, tasks) = sources::<u32>(3);
        let kept = tasks.clone();
        let left = sources.remove(1);
        let all = if before {
            left.leave_pending();
            Task::when_all(tasks)
        } else {
            let all = Task::when_all(tasks);
            left.leave_pending();
            all
        };
        assert_eq!(kept.iter().map(Task::listeners).collect::<Vec<_>>(), [0, 0, 0], "nobody waits any more");
        sources.iter().for_each(|source| source.set_result(1));
        assert_eq!(all.status(), TaskStatus::Pending);
    }
}

#[test]
fn dropped_it_is_taken_out_of_all() {
    let (sources, tasks) = sources::<u32>(100);
    let kept = tasks.clone();
    let (all, second) = (Task::when_all(tasks.clone()), Task::when_all(tasks));
    drop(all.clone());
    assert!(kept.iter().all(|task| task.listeners() == 2));
    drop(all);
    assert!(kept.iter().all(|task| task.listeners() == 1));
    sources[7].set_result(1);
    drop(second);
    assert!(kept.iter().all(|task| task.listeners() == 0));
    drop(kept);
    assert!(sources.iter().all(Source::is_closed));
}

#[derive(Clone)]
struct Seen;
#[derive(Clone)]
struct Unseen;

#[test]
fn a_fault_is_owed_by_the_aggregate() {
    unobserved::watch();
    // Gathered, and then seen by nobody: the aggregate's own fault is reported, not the task's.
    drop(Task::when_all([Task::<Seen, _>::from_error("child")]));
    assert_eq!(unobserved::of::<Seen>(), []);
    assert_eq!(unobserved::of::<Vec<Seen>>(), [(FaultKind::Faulted, None)]);
    // Dropped before it could gather: the task's fault is reported.
    let (source, task) = Source::<Unseen>::pair();
    let (other, second) = Source::<Unseen>::pair();
    let all = Task::when_all([task, second]);
    source.set_error("child");
    drop(source);
    drop(all);
    drop(other);
    assert_eq!(
        unobserved::of::<Unseen>(),
        [(FaultKind::Faulted, Some("child".into())), (FaultKind::Abandoned, None)][..1]
    );
}
