//! The suite's cases of tasks; `suite` lists them.
use super::exec::{Executor, Smol};
use super::{Latch, Log};
use std::thread;
use taskcell::{
    BoxError, BoxFuture, CancellationTokenSource, ContinuationOptions, Task, TaskCompletionSource, TaskError,
};

type Source<T = u32> = TaskCompletionSource<T, BoxError>;

/// The executor as a spawner.
fn spawner<X: Executor>(ex: &X) -> impl Fn(BoxFuture<'static, ()>) + Clone + Send + Sync + 'static + use<X> {
    let ex = ex.clone();
    move |future| ex.spawn(future)
}

/// Starts `n` tasks that await `task` and then arrive at the second latch with the value.
fn awaiting(ex: &impl Executor, task: &Task<u32>, n: usize) -> (Latch, Latch, Log<u32>) {
    let (begun, ended, seen) = (Latch::new(), Latch::new(), Log::new());
    for i in 0..n {
        let (task, begun, ended, seen) = (task.clone(), begun.clone(), ended.clone(), seen.clone());
        ex.spawn(async move {
            begun.arrive();
            let value = if i % 2 == 0 { *(&task).await.unwrap() } else { task.await.unwrap() };
            seen.push(value);
            ended.arrive();
        });
    }
    (begun, ended, seen)
}

pub(crate) fn a_task_is_awaited_by_many(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let (begun, ended, seen) = awaiting(ex, &task, 20);
    ex.run(async move {
        begun.reached(20).await;
        source.set_result(5);
        ended.reached(20).await;
    });
    assert_eq!(seen.take(), [5; 20]);
    assert_eq!(task.listeners(), 0);
}

pub(crate) fn a_task_is_completed_by_another_thread(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let (begun, ended, seen) = awaiting(ex, &task, 20);
    let completer = ex.run(async move {
        begun.reached(10).await;
        let completer = thread::spawn(move || source.set_result(6));
        ended.reached(20).await;
        completer
    });
    completer.join().unwrap();
    assert_eq!(seen.take(), [6; 20]);
}

pub(crate) fn a_task_is_awaited_on_two_executors(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let other = Smol::new();
    let (begun, ended, seen) = awaiting(ex, &task, 10);
    let waiting = thread::spawn({
        let task = task.clone();
        move || other.run(async move { (&task).await.copied().unwrap() })
    });
    ex.run(async move {
        begun.reached(10).await;
        source.set_result(7);
        ended.reached(10).await;
    });
    assert_eq!(waiting.join().unwrap(), 7);
    assert_eq!(seen.take(), [7; 10]);
}

pub(crate) fn an_abandoned_task_ends_its_waits(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let (outcome, thread) = ex.run(async move {
        let abandoned = task.clone();
        let (first, second) = (source.clone(), source);
        drop(first);
        let thread = thread::spawn(move || drop(second));
        (abandoned.await, thread)
    });
    thread.join().unwrap();
    assert!(matches!(outcome, Err(TaskError::Abandoned)));
}

pub(crate) fn tasks_complete_each_other_in_a_chain(ex: &impl Executor) {
    let (source, mut task) = Source::<u32>::pair();
    for _ in 0..200 {
        let (next, following) = Source::<u32>::pair();
        let before = std::mem::replace(&mut task, following);
        ex.spawn(async move { next.set_result(before.await.unwrap() + 1) });
    }
    let last = ex.run(async move {
        source.set_result(0);
        task.await.unwrap()
    });
    assert_eq!(last, 200);
}

pub(crate) fn a_task_runs_a_future(ex: &impl Executor) {
    let gate = Latch::new();
    let opener = gate.clone();
    let task = Task::<_, BoxError>::run(&spawner(ex), async move {
        gate.reached(1).await;
        Ok(3)
    });
    let value = ex.run(async move {
        opener.arrive();
        task.await.unwrap()
    });
    assert_eq!(value, 3);
}

pub(crate) fn a_task_runs_a_closure(ex: &impl Executor) {
    let task = Task::<u32, BoxError>::run_fn(&spawner(ex), || Ok(4));
    let panicking = Task::<u32, BoxError>::run_fn(&spawner(ex), || panic!("in a closure"));
    let (value, panic) = ex.run(async move { (task.await.unwrap(), panicking.await.unwrap_err()) });
    assert_eq!(value, 4);
    assert!(panic.is_panicked());
}

pub(crate) fn a_continuation_runs_on_the_executor(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let next = task.continue_with(ContinuationOptions::on(spawner(ex)), |task| {
        Ok::<_, BoxError>(task.try_result().unwrap().unwrap() * 2)
    });
    let last = next.then(|value| Ok(value + 1));
    let value = ex.run(async move {
        source.set_result(10);
        last.await.unwrap()
    });
    assert_eq!(value, 21);
}

pub(crate) fn a_task_of_a_task_is_flattened(ex: &impl Executor) {
    let gate = Latch::new();
    let (opener, inner) = (gate.clone(), spawner(ex));
    let outer = Task::<_, BoxError>::run(&spawner(ex), async move {
        Ok(Task::<_, BoxError>::run(&inner, async move {
            gate.reached(1).await;
            Ok(8)
        }))
    });
    let value = ex.run(async move {
        let task = outer.flatten();
        opener.arrive();
        task.await.unwrap()
    });
    assert_eq!(value, 8);
}

pub(crate) fn hot_tasks_all_and_any(ex: &impl Executor) {
    let gates: Vec<_> = (0..20).map(|_| Latch::new()).collect();
    let work = gates.iter().enumerate().map(|(i, gate)| {
        let gate = gate.clone();
        Task::<_, BoxError>::run(&spawner(ex), async move {
            gate.reached(1).await;
            Ok(i)
        })
    });
    let tasks: Vec<_> = work.collect();
    let (all, any) = (Task::when_all(tasks.clone()), Task::when_any(tasks.clone()));
    let values = ex.run(async move {
        gates[13].arrive();
        let (index, winner) = any.await.unwrap();
        assert_eq!((index, winner.await.unwrap()), (13, 13));
        gates.iter().for_each(Latch::arrive);
        all.await.unwrap()
    });
    assert_eq!(values, (0..20).collect::<Vec<_>>());
    assert!(tasks.iter().all(|task| task.listeners() == 0));
}

pub(crate) fn a_wait_ends_without_its_task(ex: &impl Executor) {
    let (source, task) = Source::<u32>::pair();
    let cancellation = CancellationTokenSource::new();
    let token = cancellation.token();
    let waiting = task.clone();
    let thread = ex.run(async move {
        let thread = thread::spawn(move || cancellation.cancel());
        assert!(waiting.wait_async(&token).await.is_err());
        assert_eq!(token.listeners(), 0);
        thread
    });
    thread.join().unwrap();
    assert_eq!(task.listeners(), 0);
    source.set_result(1);
}
