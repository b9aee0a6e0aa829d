//! Aggregates of eight: more tasks, threads and consumers than loom's models have.
#![cfg(shuttle)]

use futures_core::Stream;
use shuttle::sync::Mutex;
use shuttle::thread::{self, JoinHandle};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskCompletionSource, TaskStatus, WhenEachTask};
use taskcell::{when_all, when_each};
use taskcell_shuttle_tests::{give_up_after, model, name};

const TASKS: usize = 8;
const THREADS: usize = 4;

/// Its clones are counted, so that none is forgotten.
type Value = (usize, Arc<()>);
type Sources = Vec<TaskCompletionSource<Value, usize>>;
type Tasks = Vec<Task<Value, usize>>;

fn eight() -> (Sources, Tasks, Arc<()>) {
    let (sources, tasks) = (0..TASKS).map(|_| TaskCompletionSource::pair()).unzip();
    (sources, tasks, Arc::new(()))
}

/// Four threads end two of the tasks each, by `end`; the n-th those of the numbers n and n + 4.
fn end_all(
    sources: Sources,
    counted: &Arc<()>,
    end: fn(TaskCompletionSource<Value, usize>, Value),
) -> Vec<JoinHandle<()>> {
    let mut shares: Vec<Vec<_>> = (0..THREADS).map(|_| Vec::new()).collect();
    for (number, source) in sources.into_iter().enumerate() {
        shares[number % THREADS].push((source, (number, counted.clone())));
    }
    let ends = |share: Vec<_>| thread::spawn(move || share.into_iter().for_each(|(source, value)| end(source, value)));
    shares.into_iter().map(ends).collect()
}

fn set(source: TaskCompletionSource<Value, usize>, value: Value) {
    source.set_result(value);
}

/// Of eight, two fail, one is cancelled, one is forgotten.
fn set_in_all_ways(source: TaskCompletionSource<Value, usize>, value: Value) {
    match value.0 {
        1 | 6 => source.set_error(value.0),
        3 => source.set_cancelled(&CancellationToken::NONE),
        4 => drop(source),
        _ => source.set_result(value),
    }
}

/// With a turn of the others after each poll: a stream that finds its waker in use wakes itself.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    shuttle::future::block_on(poll_fn(|cx| {
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            thread::yield_now();
        }
        polled
    }))
}

fn join(threads: Vec<JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Nothing waits for them any more, and no value but those that they keep lives.
fn are_left(tasks: Tasks, counted: &Arc<()>) {
    assert!(tasks.iter().all(|task| task.listeners() == 0));
    drop(tasks);
    assert_eq!(Arc::strong_count(counted), 1, "a value was forgotten");
}

/// Three wait for all, one of whom gives up: the values come in the order of input.
#[test]
fn all_of_eight() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set);
        let all = Task::when_all(tasks);
        let (waits, gives_up) = (all.clone(), all.clone());
        let waits = thread::spawn(move || {
            let values = block_on(waits.into_future()).expect("all have a value");
            assert!(values.iter().map(|value| value.0).eq(0..TASKS));
        });
        let gives_up = thread::spawn(move || drop(give_up_after(1, gives_up.into_future())));
        let values = block_on(all.into_future()).expect("all have a value");
        assert!(values.iter().map(|value| value.0).eq(0..TASKS));
        join(threads.into_iter().chain([waits, gives_up]).collect());
        drop(values);
        are_left(Vec::new(), &counted);
    });
}

/// Some fail, one is cancelled, one is abandoned: each is told with its index, once.
#[test]
fn all_of_eight_with_faults() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set_in_all_ways);
        let all = Task::when_all(tasks.clone());
        let error = block_on(all.into_future()).expect_err("some have no value").fault().expect("some failed").clone();
        join(threads);
        let told: Vec<_> = error.iter().map(|(index, error)| (index, error.fault().copied())).collect();
        assert_eq!(told, [(1, Some(1)), (4, None), (6, Some(6))]);
        assert_eq!(error.cancelled_count(), 1);
        are_left(tasks, &counted);
    });
}

/// Two let go of what waits for all while the tasks end: it leaves all of them.
#[test]
fn all_of_eight_dropped() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let kept = sources.clone();
        let all = Task::when_all(tasks.clone());
        let other = all.clone();
        let mut threads = end_all(sources, &counted, set);
        threads.push(thread::spawn(move || drop(give_up_after(2, other.into_future()))));
        drop(all);
        join(threads);
        drop(kept);
        are_left(tasks, &counted);
    });
}

/// Nobody has another handle of the tasks: with the last consumer they are closed.
#[test]
fn aggregates_of_aggregates_given_up() {
    model(name!(), || {
        let (sources, mut tasks, counted) = eight();
        let others = tasks.split_off(TASKS / 2);
        let outer = Task::when_all([Task::when_any(tasks), Task::when_any(others)]);
        let threads: Vec<_> = (0..3)
            .map(|polls| {
                let outer = outer.clone();
                thread::spawn(move || drop(give_up_after(polls, outer.into_future())))
            })
            .collect();
        drop(outer);
        sources[2].set_result((2, counted.clone()));
        join(threads);
        for (number, source) in sources.into_iter().enumerate() {
            let ended = number == 2 && source.status() == TaskStatus::RanToCompletion;
            assert!(source.is_closed() || ended, "nobody is left who looks");
        }
        are_left(Vec::new(), &counted);
    });
}

/// The first of eight, for three who wait: all get the same, which has ended; the others are left alone.
#[test]
fn any_of_eight() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set);
        let any = Task::when_any(tasks.clone());
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let any = any.clone();
                thread::spawn(move || block_on(any.into_future()).expect("one ends").0)
            })
            .collect();
        let (index, first) = block_on(any.into_future()).expect("one ends");
        assert_eq!(number(&first), index, "it is the task of that index, and has ended");
        drop(first);
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), index);
        }
        join(threads);
        are_left(tasks, &counted);
    });
}

/// The number that a task has which has ended.
fn number(task: &Task<Value, usize>) -> usize {
    task.try_result().expect("it has ended").as_ref().expect("with a value").0
}

fn next(each: &mut WhenEachTask<Value, usize>) -> Option<(usize, Task<Value, usize>)> {
    block_on(poll_fn(|cx| Pin::new(&mut *each).poll_next(cx)))
}

/// A stream of eight that stops for a cancellation and goes on in another thread: each comes once.
#[test]
fn each_of_eight() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set);
        let stop = CancellationTokenSource::new();
        let token = stop.token();
        let canceller = thread::spawn(move || _ = stop.cancel());
        let mut each = Task::when_each(tasks.clone());
        let mut seen = Vec::new();
        let mut take = |(index, task): (usize, Task<Value, usize>)| {
            assert_eq!(number(&task), index);
            seen.push(index);
        };
        while let Ok(Some(next)) = block_on(each.next_or_cancelled(&token)) {
            take(next);
        }
        let rest = thread::spawn(move || std::iter::from_fn(|| next(&mut each)).collect::<Vec<_>>());
        rest.join().unwrap().into_iter().for_each(take);
        join(threads.into_iter().chain([canceller]).collect());
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..TASKS), "each comes once");
        are_left(tasks, &counted);
    });
}

/// A stream goes after two of eight, while the others end.
#[test]
fn each_of_eight_dropped() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set);
        let mut each = Task::when_each(tasks.clone());
        let (first, second) = (next(&mut each).unwrap().0, next(&mut each).unwrap().0);
        assert_ne!(first, second);
        drop(each);
        join(threads);
        are_left(tasks, &counted);
    });
}

/// The tasks dealt to are awaited by four, and two of them dropped: each outcome is given once.
#[test]
fn eight_interleaved() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let threads = end_all(sources, &counted, set);
        let mut dealt = Task::interleaved(tasks.clone());
        let dropped = dealt.split_off(TASKS - 2);
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let own = dealt.split_off(dealt.len() - 2);
                thread::spawn(move || {
                    own.into_iter().map(|task| block_on(task.into_future()).unwrap().0).collect::<Vec<_>>()
                })
            })
            .collect();
        drop(dropped);
        let mut seen: Vec<usize> = waiting.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        join(threads);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), TASKS - 2, "an outcome was given twice");
        are_left(tasks, &counted);
    });
}

/// All that is dealt to goes in two threads while the tasks end: they are left alone.
#[test]
fn eight_interleaved_dropped() {
    model(name!(), || {
        let (sources, tasks, counted) = eight();
        let mut dealt = Task::interleaved(tasks.clone());
        let half = dealt.split_off(TASKS / 2);
        let mut threads = end_all(sources, &counted, set);
        threads.extend([dealt, half].map(|dealt| thread::spawn(move || drop(dealt))));
        join(threads);
        are_left(tasks, &counted);
    });
}

/// A future that is ready when somebody has sent, and remembers one waker; cloned for who sends.
#[derive(Clone)]
struct Child(Arc<Mutex<(bool, Option<Waker>)>>, usize);

impl Child {
    fn eight() -> Vec<Self> {
        (0..TASKS).map(|number| Self(Arc::default(), number)).collect()
    }

    /// Vain wakes come first.
    fn send(self) {
        let vain = self.0.lock().unwrap().1.clone();
        if let Some(waker) = vain {
            waker.wake();
        }
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn all_sent(children: &[Self]) -> Vec<JoinHandle<()>> {
        let share = |n| children.iter().skip(n).step_by(3).cloned().collect::<Vec<_>>();
        (0..3).map(share).map(|share| thread::spawn(move || share.into_iter().for_each(Self::send))).collect()
    }
}

impl Future for Child {
    type Output = Result<usize, ()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(Ok(self.1));
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// Three threads wake eight futures, also in vain: no wake is lost.
#[test]
fn eight_futures_woken_by_three_threads() {
    model(name!(), || {
        let children = Child::eight();
        let threads = Child::all_sent(&children);
        let values = block_on(when_all(children)).expect("all have a value");
        assert!(values.into_iter().eq(0..TASKS));
        join(threads);
    });
}

/// A stream of eight futures, polled with another waker in between and dropped after five.
#[test]
fn each_of_eight_futures_dropped() {
    model(name!(), || {
        let children = Child::eight();
        let threads = Child::all_sent(&children);
        let mut each = when_each(children.iter().cloned());
        let mut seen = Vec::new();
        while seen.len() < 5 {
            if let Poll::Ready(next) = Pin::new(&mut each).poll_next(&mut Context::from_waker(Waker::noop())) {
                seen.push(next.expect("there are more").1.unwrap());
            } else {
                let next = block_on(poll_fn(|cx| Pin::new(&mut each).poll_next(cx)));
                seen.push(next.expect("there are more").1.unwrap());
            }
        }
        drop(each);
        join(threads);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 5, "each comes once");
        assert!(children.iter().all(|child| Arc::strong_count(&child.0) == 1));
    });
}
