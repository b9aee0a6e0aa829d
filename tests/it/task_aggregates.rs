//! Aggregates of tasks: many children, several threads, hostile code.

use crate::support::hooked::Hooks;
use crate::support::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{Empty, Task, TaskCompletionSource, TaskStatus};

const MANY: usize = if cfg!(miri) { 300 } else { 100_000 };

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

fn sources<T: 'static>(n: usize) -> (Vec<Source<T>>, Vec<Task<T, &'static str>>) {
    (0..n).map(|_| Source::pair()).unzip()
}

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 << 10).spawn(f).unwrap().join().unwrap();
}

#[test]
fn many_children() {
    small_stack(|| {
        let (sources, tasks) = sources(MANY);
        let (all, any) = (Task::when_all(tasks.clone()), Task::when_any(tasks.clone()));
        drop((Task::when_all(tasks.clone()), Task::when_any(tasks.clone())));
        sources.iter().rev().zip(0..).for_each(|(source, n)| source.set_result(n));
        assert_eq!(any.try_result().unwrap().unwrap().0, MANY - 1);
        let values = all.try_result().unwrap().unwrap();
        assert!(values.iter().rev().zip(0..).all(|(value, n)| *value == n));
    });
}

#[test]
fn many_places_for_one_child() {
    let (source, task) = Source::pair();
    let (all, any) = (Task::when_all(vec![task.clone(); MANY]), Task::when_any(vec![task.clone(); MANY]));
    assert_eq!(task.listeners(), 2 * MANY);
    source.set_result(7);
    assert_eq!(any.try_result().unwrap().unwrap().0, 0);
    assert_eq!(all.try_result().unwrap().unwrap().len(), MANY);
}

#[test]
fn many_aggregates_of_one_child() {
    let (source, task) = Source::pair();
    let mut all: Vec<_> = (0..MANY).map(|_| Task::when_all([task.clone(), Task::from_result(1)])).collect();
    let any: Vec<_> = (0..MANY).map(|_| Task::when_any([task.clone()])).collect();
    all.drain(..MANY / 2);
    source.set_result(7);
    assert!(all.iter().all(|all| all.try_result().unwrap().unwrap() == &[7, 1]));
    assert!(any.iter().all(Task::is_completed_successfully));
}

#[test]
fn children_completed_by_two_threads() {
    race(
        4_000,
        || {
            let ((a, x), (b, y)) = (Source::pair(), Source::pair());
            let list = [x, y];
            (a, b, Task::when_all(list.clone()), Task::when_any(list.clone()), list)
        },
        |(a, ..)| a.set_result(1),
        |(_, b, ..)| b.set_result(2),
        |(_, _, all, any, list)| {
            assert_eq!(all.try_result().unwrap().unwrap(), &[1, 2]);
            let (index, winner) = any.try_result().unwrap().unwrap();
            assert_eq!(winner, &list[*index]);
            assert!(list.iter().all(|task| task.listeners() == 0));
        },
    );
}

#[test]
fn made_while_a_child_is_completed() {
    race(
        4_000,
        || {
            let ((a, x), (b, y), (c, z)) = (Source::pair(), Source::pair(), Source::pair());
            (a, b, c, [x, y, z], Mutex::new(None))
        },
        |(a, b, c, ..)| {
            b.set_result(2);
            a.set_result(1);
            c.set_result(3);
        },
        |(_, _, _, list, made)| {
            *made.lock().unwrap() = Some((Task::when_all(list.clone()), Task::when_any(list.clone())));
        },
        |(a, b, c, list, made)| {
            let (all, any) = made.into_inner().unwrap().unwrap();
            assert_eq!(all.try_result().unwrap().unwrap(), &[1, 2, 3]);
            let (index, winner) = any.try_result().unwrap().unwrap();
            assert_eq!(winner, &list[*index]);
            drop((all, any));
            // Nobody else is left with a handle.
            drop((a, b, c));
            for task in list {
                assert!(task.try_unwrap().is_ok());
            }
        },
    );
}

#[test]
fn dropped_while_a_child_is_completed() {
    for any in [true, false] {
        race(
            4_000,
            || {
                let ((a, x), (b, y)) = (Source::pair(), Source::pair());
                let list = [x, y];
                let kept: Box<dyn std::any::Any + Send> =
                    if any { Box::new(Task::when_any(list.clone())) } else { Box::new(Task::when_all(list.clone())) };
                a.set_result(0);
                let kept: Box<dyn std::any::Any + Send> = if any {
                    let (c, z) = Source::<u32>::pair();
                    drop(kept);
                    Box::new((c, Task::when_any([z, list[1].clone()])))
                } else {
                    kept
                };
                (a, b, list, Mutex::new(Some(kept)))
            },
            |(_, b, ..)| b.set_result(1),
            |(_, _, _, kept)| drop(kept.lock().unwrap().take()),
            |(a, b, list, _)| {
                drop((a, b));
                for (n, task) in (0..).zip(list) {
                    assert_eq!(task.listeners(), 0);
                    assert_eq!(task.try_unwrap().unwrap().unwrap(), n, "nobody keeps it");
                }
            },
        );
    }
}

#[test]
fn two_viewers_dropped_by_two_threads() {
    type Viewers = [Mutex<Option<Task<Vec<u32>, taskcell::AggregateError<taskcell::TaskError<&'static str>>>>>; 2];
    race(
        4_000,
        || {
            let (source, task) = Source::pair();
            let all = Task::when_all([task.clone()]);
            let viewers: Viewers = [Mutex::new(Some(all.clone())), Mutex::new(Some(all))];
            (source, task, viewers)
        },
        |(_, _, viewers)| drop(viewers[0].lock().unwrap().take()),
        |(_, _, viewers)| drop(viewers[1].lock().unwrap().take()),
        |(source, task, _)| {
            assert_eq!(task.listeners(), 0);
            drop(task);
            assert!(source.is_closed());
        },
    );
}

#[test]
fn an_outer_aggregate_outlives_the_handles_of_the_inner_one() {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    let outer = Task::when_any([Task::when_all([x.clone(), y.clone()])]);
    a.set_result(1);
    assert_eq!(y.listeners(), 1);
    b.set_result(2);
    let (_, inner) = outer.try_unwrap().unwrap().unwrap();
    assert_eq!(inner.try_unwrap().unwrap().unwrap(), [1, 2]);

    let (_source, task) = Source::<u32>::pair();
    let outer = Task::when_any([Task::when_all([task.clone()]), Task::when_all([task.clone(), x])]);
    assert_eq!(task.listeners(), 2);
    drop(outer);
    assert_eq!(task.listeners(), 0);
}

/// A value whose drop or clone panics.
#[derive(Debug)]
struct Bomb(&'static str, Arc<AtomicUsize>);

impl Clone for Bomb {
    fn clone(&self) -> Self {
        self.1.fetch_add(1, Ordering::SeqCst);
        if self.0 == "clone" {
            panic!("clone");
        }
        Self(if self.0 == "first drop" { "" } else { self.0 }, self.1.clone())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0.ends_with("drop") && !thread::panicking() {
            panic!("drop");
        }
    }
}

#[test]
fn a_clone_that_panics_is_the_outcome() {
    let count = Arc::new(AtomicUsize::new(0));
    let (source, task) = Source::pair();
    let (_other, kept) = (Source::<Bomb>::new(), task.clone());
    let all = Task::when_all([Task::from_result(Bomb("", count.clone())), task]);
    source.set_result(Bomb("clone", count.clone()));
    let error = all.try_result().unwrap().unwrap_err();
    assert!(error.is_panicked());
    assert_eq!((error.to_string().as_str(), count.load(Ordering::SeqCst)), ("the task panicked: clone", 1));
    assert!(kept.is_completed_successfully());
    assert_eq!(Arc::strong_count(&count), 2, "what was moved out before has been dropped");
}

#[test]
fn a_drop_that_panics_comes_out_of_whoever_caused_it() {
    let count = Arc::new(AtomicUsize::new(0));
    // The value is cloned, since the source delivers; the original goes with the last handle, the aggregate's.
    let (source, task) = Source::pair();
    let (last, second) = Source::pair();
    let (all, kept) = (Task::when_all([task.clone(), second]), task);
    source.set_result(Bomb("first drop", count.clone()));
    drop(source);
    drop(kept.clone());
    let waiter = Counter::new();
    let mut wait = (&all).into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    last.set_result(Bomb("", count.clone()));
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(panic_of(|| drop(kept)), Some("drop"));
    assert_eq!(all.try_result().unwrap().unwrap().len(), 2);

    // A pending aggregate gives up children that have ended, whose values' drops panic: the others are given up, too.
    let (source, pending) = Source::pair();
    let children = ["drop", "drop", ""].map(|name| Task::from_result(Bomb(name, count.clone())));
    let all = Task::when_all(children.into_iter().chain([pending.clone()]));
    assert_eq!(panic_of(|| drop(all)), Some("drop"));
    assert_eq!(pending.listeners(), 0);
    drop(pending);
    assert!(source.is_closed());
    source.set_result(Bomb("", count));
}

#[test]
fn a_waker_that_uses_and_drops_all() {
    for all in [true, false] {
        let (sources, tasks) = sources::<u32>(3);
        let woken = Arc::new(AtomicUsize::new(0));
        let held = Arc::new(Mutex::new(Some((sources.clone(), tasks.clone()))));
        let (in_wake, count) = (held.clone(), woken.clone());
        let hooks = Hooks::new().on_wake(move || {
            count.fetch_add(1, Ordering::SeqCst);
            if let Some((sources, tasks)) = in_wake.lock().unwrap().take() {
                for source in sources {
                    let _ = source.try_set_result(9);
                }
                let (all, any) = (Task::when_all(tasks.clone()), Task::when_any(tasks));
                assert!(all.is_completed() && any.is_completed());
            }
            panic!("woken");
        });
        let (waker, _) = hooks.waker();
        let (mut first, mut second) = (None, None);
        if all {
            first = Some(Task::when_all(tasks).into_future());
            assert!(poll_with(&waker, first.as_mut().unwrap()).is_pending());
            sources[..2].iter().for_each(|source| source.set_result(1));
        } else {
            second = Some(Task::when_any(tasks).into_future());
            assert!(poll_with(&waker, second.as_mut().unwrap()).is_pending());
        }
        assert_eq!(panic_of(|| sources[2].set_result(1)), Some("woken"));
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        assert!(first.is_none_or(|mut wait| Counter::new().poll(&mut wait).is_ready()));
        assert!(second.is_none_or(|mut wait| Counter::new().poll(&mut wait).is_ready()));
    }
}

#[test]
fn aggregates_made_and_dropped_inside_a_wake() {
    let (sources, tasks) = sources::<u32>(2);
    let list = tasks.clone();
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            drop((Task::when_all(list.clone()), Task::when_any(list.clone()), Task::when_any(list[1..].to_vec())));
        })
        .waker();
    let mut wait = (&tasks[0]).into_future();
    assert!(poll_with(&waker, &mut wait).is_pending());
    let all = Task::when_all(tasks.clone());
    sources[0].set_result(1);
    assert_eq!(hooks.wakes.load(Ordering::SeqCst), 1);
    assert_eq!((all.status(), tasks[1].listeners()), (TaskStatus::Pending, 1));
    sources[1].set_result(2);
    assert!(all.is_completed_successfully());
}

/// A value that holds a pending aggregate of the next one: dropping it drops that.
#[derive(Clone)]
struct Link(#[expect(dead_code, reason = "it is there to be dropped")] Option<Deep>);
type Deep = Task<Vec<Link>, taskcell::AggregateError<taskcell::TaskError<&'static str>>>;

#[test]
fn values_that_hold_pending_aggregates_are_dropped_on_a_small_stack() {
    small_stack(|| {
        let (_source, pending) = Source::pair();
        let mut link = Link(None);
        for _ in 0..MANY {
            link = Link(Some(Task::when_all([Task::from_result(link), pending.clone()])));
        }
        assert_eq!(pending.listeners(), MANY);
        drop(link);
        assert_eq!(pending.listeners(), 0);
    });
}

/// A chain of aggregates: each waits for the one before, or for what is the same for all. Its head, that, the tasks.
type Chain = (TaskCompletionSource<u32, Empty>, TaskCompletionSource<u32, Empty>, Vec<Task<u32, Empty>>);

fn chain() -> Chain {
    let ((head, first), (same, other)) = (TaskCompletionSource::pair(), TaskCompletionSource::pair());
    let mut tasks = vec![first];
    for n in 0..MANY {
        let any = Task::when_any([tasks[n].clone(), other.clone()]);
        tasks.push(any.then(|(_, winner)| Ok(winner.try_result().map_or(0, |value| value.map_or(9, |n| n + 1)))));
    }
    (head, same, tasks)
}

#[test]
fn a_chain_of_aggregates_on_a_small_stack() {
    for backwards in [true, false] {
        small_stack(move || {
            let (head, _same, tasks) = chain();
            head.set_result(0);
            assert_eq!(tasks[MANY].try_result().unwrap().unwrap(), &(MANY as u32));
        });
        small_stack(move || {
            let (_head, same, tasks) = chain();
            same.set_result(5);
            assert_eq!(tasks[MANY].try_result().unwrap().unwrap(), &6);
            assert_eq!(tasks[0].listeners(), 0);
        });
        small_stack(move || {
            let (head, same, mut tasks) = chain();
            let last = tasks.pop().unwrap();
            if backwards {
                tasks.reverse();
            }
            tasks.into_iter().for_each(drop);
            let (first, second) = if backwards { (head, same) } else { (same, head) };
            drop(first);
            assert!(last.is_completed());
            drop((last, second));
        });
        small_stack(move || {
            let (head, same, mut tasks) = chain();
            if backwards {
                tasks.reverse();
            }
            tasks.into_iter().for_each(drop);
            let (first, second) = if backwards { (head, same) } else { (same, head) };
            first.leave_pending();
            second.leave_pending();
        });
    }
}

/// Children whose callbacks run elsewhere, or are dropped, after the aggregates have gone or before.
#[test]
fn children_whose_callbacks_run_elsewhere() {
    for (run, gone) in [(true, false), (false, false), (true, true), (false, true)] {
        let jobs = Jobs::new();
        let (source, (other, pending)) = (Source::run_continuations_on(jobs.clone()), Source::pair());
        let list = [source.task(), pending.clone()];
        let (all, any) = (Task::when_all(list.clone()), Task::when_any(list.clone()));
        let nested = TaskCompletionSource::<Task<u32, _>, &str>::run_continuations_on(jobs.clone());
        let flat = nested.task().flatten();
        source.set_result(1);
        nested.set_result(pending.clone());
        assert_eq!((jobs.len(), any.status(), flat.status()), (2, TaskStatus::Pending, TaskStatus::Pending));
        let kept = (!gone).then_some((all, any, flat));
        if run {
            assert_eq!(jobs.run(), 2);
        } else {
            // Callbacks that nobody runs are run when they are dropped.
            jobs.drop_all();
        }
        if let Some((all, any, flat)) = kept {
            assert_eq!(any.try_result().unwrap().unwrap().0, 0);
            assert_eq!(pending.listeners(), 2, "of the one for all, and of the flat one");
            other.set_result(2);
            assert_eq!(all.try_result().unwrap().unwrap(), &[1, 2]);
            assert_eq!(flat.try_result().unwrap().unwrap(), &2);
        } else {
            assert_eq!(pending.listeners(), 0);
            other.set_result(2);
        }
        drop((source, other, nested));
        assert!(list.into_iter().all(|task| task.status() == TaskStatus::RanToCompletion));
        assert_eq!(pending.try_unwrap().unwrap().unwrap(), 2, "nobody keeps it");
    }
}
