//! `Task.WhenAll`, `WhenAny`, `WhenEach`, `Unwrap`, and what is built of them: what .NET's tests ask beyond the list.
use crate::support::polls::poll;
use crate::support::{Dropped, Jobs, Log, unobserved};
use futures_util::StreamExt;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;
use taskcell::fault::FaultKind;
use taskcell::{
    CancellationToken, CancellationTokenSource, ContinuationOptions, Empty, Task, TaskCompletionSource, TaskError,
    TaskStatus,
};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

fn pairs<const N: usize>() -> ([Source; N], [Task<u32, &'static str>; N]) {
    let sources = [(); N].map(|()| Source::new());
    let tasks = std::array::from_fn(|n| sources[n].task());
    (sources, tasks)
}

#[test]
fn faults_stand_in_the_order_of_the_arguments_whichever_came_first() {
    let (sources, tasks) = pairs::<3>();
    let all = Task::when_all(tasks);
    for (source, error) in sources.iter().zip(["a", "b", "c"]).rev() {
        source.set_error(error);
    }
    let error = all.try_result().unwrap().unwrap_err().fault().unwrap();
    let seen: Vec<_> = error.iter().map(|(index, error)| (index, *error.fault().unwrap())).collect();
    assert_eq!(seen, [(0, "a"), (1, "b"), (2, "c")]);
    assert_eq!(error.first().fault(), Some(&"a"), "what an await shows");
}

#[test]
fn several_errors_of_one_task_stay_together() {
    let (sources, tasks) = pairs::<2>();
    let all = Task::when_all(tasks);
    sources[1].set_error("c");
    sources[0].try_set_errors(["a", "b"]).unwrap();
    let error = all.try_result().unwrap().unwrap_err().fault().unwrap();
    let flat: Vec<_> = error.iter().flat_map(|(_, error)| error.errors().copied()).collect();
    assert_eq!((error.len(), flat), (2, vec!["a", "b", "c"]));
}

#[test]
fn of_several_cancelled_ones_the_first_argument_names_the_token() {
    let (sources, tasks) = pairs::<3>();
    let users = [CancellationTokenSource::new(), CancellationTokenSource::new()];
    let all = Task::when_all(tasks);
    sources[2].set_cancelled(&users[1].token());
    sources[0].set_result(1);
    sources[1].set_cancelled(&users[0].token());
    let error = all.try_result().unwrap().unwrap_err();
    assert_eq!(error.cancelled().unwrap().token(), &users[0].token());
}

#[test]
fn all_of_none_that_can_end() {
    let (first, second) = (Source::<u32>::new(), Source::<u32>::new());
    let all = Task::when_all([first.task(), second.task()]);
    drop(first);
    assert_eq!(all.status(), TaskStatus::Pending, "an abandoned one ends nothing early either");
    second.set_result(2);
    let error = all.try_result().unwrap().unwrap_err().fault().unwrap();
    assert!(error.first().is_abandoned() && error.len() == 1);
}

#[test]
fn the_continuation_of_all_runs_on_the_thread_that_ends_the_last() {
    let ([one, two], tasks) = pairs::<2>();
    let all = Task::when_all(tasks).continue_with(INLINE, |_| Ok::<_, &str>(thread::current().id()));
    thread::spawn(move || one.set_result(1)).join().unwrap();
    assert!(!all.is_completed());
    let last = thread::spawn(move || {
        two.set_result(2);
        thread::current().id()
    });
    let last = last.join().unwrap();
    assert_eq!(all.try_result().unwrap().unwrap(), &last);
}

#[test]
fn a_task_of_all_in_a_task_of_all() {
    let (sources, tasks) = pairs::<4>();
    let [a, b, c, d] = tasks;
    let inner = [Task::when_all([a, b]), Task::when_all([c, d])];
    let outer = Task::when_all(inner);
    for (n, source) in (1..).zip(&sources) {
        source.set_result(n);
    }
    assert_eq!(outer.try_result().unwrap().unwrap(), &[vec![1, 2], vec![3, 4]]);
}

#[test]
fn the_loser_of_many_races_keeps_nothing() {
    let ((_slow, task), last) = (Source::<u32>::pair(), Log::new());
    for n in 0..1_000 {
        let any = Task::when_any([task.clone(), Task::from_result(n)]);
        last.push(any.try_result().unwrap().unwrap().0);
        let (fast, quick) = Source::<u32>::pair();
        let any = Task::when_any([task.clone(), quick]);
        assert_eq!(task.listeners(), 1);
        fast.set_result(n);
        assert_eq!((any.try_result().unwrap().unwrap().0, task.listeners()), (1, 0));
    }
    assert!(last.take().into_iter().all(|index| index == 1));
}

#[test]
fn the_fault_of_a_loser_is_its_own() {
    struct Loser;
    unobserved::watch();
    let (source, loser) = TaskCompletionSource::<Loser, &str>::pair();
    let any = Task::when_any([loser, Task::from_result(Loser)]);
    source.set_error("late");
    drop((any, source));
    assert_eq!(unobserved::of::<Loser>(), [(FaultKind::Faulted, Some("late".into()))]);
}

#[test]
fn two_that_end_at_once_give_one_first() {
    for _ in 0..100 {
        let ([a, b], tasks) = pairs::<2>();
        let any = Task::when_any(tasks.clone());
        let start = Arc::new(Barrier::new(2));
        let other = start.clone();
        let thread = thread::spawn(move || {
            other.wait();
            a.set_result(0);
        });
        start.wait();
        b.set_result(1);
        thread.join().unwrap();
        let (index, first) = any.try_result().unwrap().unwrap();
        assert!(first == &tasks[*index] && first.try_result().unwrap().unwrap() == &u32::try_from(*index).unwrap());
    }
}

/// `Task.WhenAny(tasks).Unwrap()`: of all the tasks the outcome of the first. Their errors are of two kinds here, so it
/// is an `await` for each.
#[test]
fn the_outcome_of_the_first_to_end() {
    let ([_slow, fast], tasks) = pairs::<2>();
    let jobs = Jobs::new();
    let first = Task::<u32, String>::run(&jobs, async move {
        let (_, first) = Task::when_any(tasks).await.map_err(|error: TaskError<Empty>| error.to_string())?;
        first.await.map_err(|error| error.to_string())
    });
    fast.set_error("no paper");
    jobs.run();
    assert_eq!(first.try_result().unwrap().unwrap_err().fault().unwrap(), "no paper");
}

#[test]
fn any_whose_tasks_are_all_abandoned_or_cancelled() {
    let source = Source::<u32>::new();
    let any = Task::when_any([source.task(), source.task()]);
    drop(source);
    let (index, first) = any.try_result().unwrap().unwrap();
    assert!(*index == 0 && first.try_result().unwrap().unwrap_err().is_abandoned());
    let token = CancellationToken::new(true);
    let any = Task::when_any([Task::<u32, &str>::from_cancelled(&token)]);
    assert!(any.is_completed_successfully() && any.try_result().unwrap().unwrap().1.is_cancelled());
}

#[test]
fn each_goes_on_after_it_was_cancelled_and_ends_once() {
    let ((source, late), user) = (Source::<u32>::pair(), CancellationTokenSource::new());
    let mut each = Task::when_each([late.clone(), late.clone(), Task::from_result(7)]);
    user.cancel();
    let token = user.token();
    assert!(matches!(poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Ok(Some((2, _))))));
    assert!(matches!(poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Err(by)) if by.token() == &token));
    assert_eq!(late.status(), TaskStatus::Pending);
    source.set_error("late");
    let rest: Vec<_> = smol::block_on(each.by_ref().collect());
    assert!(rest.iter().map(|(index, _)| *index).eq([0, 1]) && rest.iter().all(|(_, task)| *task == late));
    for _ in 0..3 {
        assert!(smol::block_on(each.next()).is_none());
    }
}

#[test]
fn leaving_a_loop_over_each_early_leaves_the_tasks_alone() {
    let (sources, tasks) = pairs::<3>();
    let mut each = Task::when_each(tasks.clone());
    sources[1].set_result(1);
    assert_eq!(smol::block_on(each.next()).unwrap().0, 1);
    drop(each);
    assert!(tasks.iter().all(|task| task.listeners() == 0));
    sources[0].set_result(0);
    assert!(tasks[0].is_completed_successfully());
}

#[test]
fn unwrapping_twice_and_an_inner_task_of_many_outer_ones() {
    let (inner, value) = Source::<u32>::pair();
    let (outer, nested) = TaskCompletionSource::<_, &str>::pair();
    let flat = [nested.flatten(), nested.flatten()];
    outer.set_result(value);
    assert!(flat.iter().all(|task| task.status() == TaskStatus::Pending));
    inner.set_error("no paper");
    assert!(flat.iter().all(|task| task.try_result().unwrap().unwrap_err().fault() == Some(&"no paper")));
    assert!(flat[0] != flat[1]);
}

#[test]
fn an_outer_task_that_fails_after_its_inner_one_was_made() {
    let (outer, nested) = TaskCompletionSource::<Task<u32, &str>, &str>::pair();
    let (_inner, pending) = Source::<u32>::pair();
    let flat = nested.flatten();
    outer.set_error("outer");
    assert_eq!(flat.try_result().unwrap().unwrap_err().fault(), Some(&"outer"));
    assert_eq!(pending.listeners(), 0);
    let abandoned = TaskCompletionSource::<Task<u32, &str>, &str>::new().task().flatten();
    assert!(abandoned.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn an_async_body_is_unwrapped_once() {
    let jobs = Jobs::new();
    let inner: Task<u32, &str> = Task::from_result(7);
    let nested: Task<Task<u32, &str>, &str> = Task::run(&jobs, async move { Ok(inner) });
    jobs.run();
    assert_eq!(nested.flatten().try_result().unwrap().unwrap(), &7);
}

#[test]
fn ten_thousand_tasks_that_have_ended() {
    let all = Task::when_all((0..10_000_u32).map(Task::<u32>::from_result));
    assert!(all.try_result().unwrap().unwrap().iter().copied().eq(0..10_000));
    let any = Task::when_any((0..10_000_u32).map(Task::<u32>::from_result));
    assert_eq!(any.try_result().unwrap().unwrap().0, 0);
    let each = Task::when_each((0..10_000_u32).map(Task::<u32>::from_result));
    assert!(smol::block_on(each.map(|(index, _)| index).collect::<Vec<_>>()).into_iter().eq(0..10_000));
}

#[test]
fn values_of_a_task_of_all_that_fails_are_dropped() {
    let ((value, drops), fails) = (Dropped::new(), TaskCompletionSource::<Arc<Dropped>, &str>::new());
    let all = Task::when_all([Task::from_result(Arc::new(value)), fails.task()]);
    assert_eq!(drops.load(SeqCst), 0);
    fails.set_error("bad");
    assert!(all.is_faulted());
    drop(all);
    assert_eq!(drops.load(SeqCst), 1);
}
