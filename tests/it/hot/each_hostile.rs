//! `Task::when_each` with hostile wakers and drops, under several threads, and over very many tasks.

use super::each::{Each, next};
use super::{Source, pairs};
use crate::support::exec::{Executor, Inline};
use crate::support::hooked::Hooks;
use crate::support::{Counter, eventually, poll_with, race};
use futures_util::StreamExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{ContinuationOptions, Task};

const MANY: usize = if cfg!(any(miri, sanitized)) { 300 } else { 1_000_000 };

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 << 10).spawn(f).unwrap().join().unwrap();
}

#[test]
fn a_million_tasks() {
    small_stack(|| {
        let waiter = Counter::new();
        let (sources, tasks) = pairs::<usize>(MANY);
        let mut each = Task::when_each(tasks);
        let mut expected = (0..MANY).rev();
        for (source, n) in sources.iter().enumerate().rev().map(|(n, source)| (source, n)) {
            source.set_result(n);
            if n % 3 == 0 {
                while let Poll::Ready(Some((index, task))) = next(&waiter, &mut each) {
                    assert_eq!(Some(index), expected.next());
                    assert_eq!(task.try_result().unwrap().unwrap(), &index);
                }
            }
        }
        assert_eq!(expected.next(), None);
        assert!(matches!(next(&waiter, &mut each), Poll::Ready(None)));
    });
}

#[test]
fn a_million_that_nobody_takes() {
    small_stack(|| {
        let (sources, tasks) = pairs::<usize>(MANY);
        let each = Task::when_each(tasks.clone());
        sources.iter().step_by(2).for_each(|source| source.set_result(1));
        drop(each);
        assert!(tasks.iter().all(|task| task.listeners() == 0));
    });
}

/// Each task holds a stream over the next one.
#[test]
fn streams_in_tasks_in_streams() {
    struct Deep(Option<Box<Each<Deep>>>);
    small_stack(|| {
        let mut deep = Deep(None);
        for _ in 0..MANY / 10 {
            deep = Deep(Some(Box::new(Task::when_each([Task::from_result(deep)]))));
        }
        let Some(each) = deep.0.take() else { panic!("made above") };
        drop(each);
    });
}

#[test]
fn tasks_completed_by_many_threads() {
    const THREADS: usize = 4;
    let n = if cfg!(miri) { 40 } else { 40_000 };
    let waiter = Counter::new();
    let (sources, tasks) = pairs::<usize>(n);
    let sources: Vec<_> = sources.into_iter().enumerate().collect();
    let mut each = Task::when_each(tasks);
    let mut last = [None; THREADS];
    thread::scope(|scope| {
        for mine in sources.chunks(n / THREADS) {
            scope.spawn(move || mine.iter().for_each(|(n, source)| source.set_result(*n)));
        }
        let mut seen = 0;
        while seen < n {
            let wakes = waiter.wakes();
            match next(&waiter, &mut each) {
                Poll::Ready(Some((index, task))) => {
                    assert_eq!(task.try_result().unwrap().unwrap(), &index);
                    // Of one thread's tasks the order is known.
                    let thread = &mut last[index / (n / THREADS)];
                    assert!(*thread < Some(index), "{thread:?} before {index}");
                    *thread = Some(index);
                    seen += 1;
                }
                Poll::Ready(None) => panic!("not all have come"),
                Poll::Pending => eventually("a wake", || waiter.wakes() > wakes),
            }
        }
    });
    assert!(matches!(next(&waiter, &mut each), Poll::Ready(None)));
}

#[test]
fn made_and_read_while_tasks_are_completed() {
    race(
        2_000,
        || {
            let (sources, tasks) = pairs(3);
            (sources, tasks, Mutex::new(Vec::new()))
        },
        |(sources, ..)| [1, 0, 2].into_iter().for_each(|n| sources[n].set_result(n as u32)),
        |(_, tasks, seen)| {
            let mut each = Task::when_each(tasks.clone());
            let waiter = Counter::new();
            let mut seen = seen.lock().unwrap();
            loop {
                let wakes = waiter.wakes();
                match next(&waiter, &mut each) {
                    Poll::Ready(Some((index, _))) => seen.push(index),
                    Poll::Ready(None) => return,
                    Poll::Pending => eventually("a wake", || waiter.wakes() > wakes),
                }
            }
        },
        |(_, tasks, seen)| {
            let mut seen = seen.into_inner().unwrap();
            seen.sort_unstable();
            assert_eq!(seen, [0, 1, 2]);
            assert!(tasks.iter().all(|task| task.listeners() == 0));
        },
    );
}

#[test]
fn dropped_while_a_task_is_completed() {
    race(
        4_000,
        || {
            let (sources, tasks) = pairs(2);
            let waiter = Counter::new();
            let mut each = Task::when_each(tasks.clone());
            assert!(next(&waiter, &mut each).is_pending());
            (sources, tasks, waiter, Mutex::new(Some(each)))
        },
        |(sources, ..)| sources[0].set_result(1),
        |(_, _, _, each)| drop(each.lock().unwrap().take()),
        |(sources, mut tasks, waiter, _)| {
            assert_eq!(waiter.held(), 0);
            drop(sources);
            assert_eq!(tasks[1].listeners(), 0);
            assert!(tasks.swap_remove(0).try_unwrap().is_ok(), "nobody keeps it");
        },
    );
}

/// A reader on a hostile executor completes the next task whenever it is given one: inside the wake that gave it.
#[test]
fn read_inside_the_wake() {
    let n = if cfg!(miri) { 100 } else { 10_000 };
    let (sources, tasks) = pairs::<usize>(n);
    let (sources, seen) = (Arc::new(sources), Arc::new(Mutex::new(Vec::new())));
    let (mut each, mine, noted) = (Task::when_each(tasks), sources.clone(), seen.clone());
    Inline.spawn(async move {
        while let Some((index, _)) = each.next().await {
            noted.lock().unwrap().push(index);
            if index + 1 < n {
                mine[index + 1].set_result(0);
            }
        }
    });
    sources[0].set_result(0);
    assert_eq!(*seen.lock().unwrap(), (0..n).collect::<Vec<_>>());
}

#[test]
fn dropped_inside_the_wake() {
    let (sources, tasks) = pairs(3);
    let kept: Arc<Mutex<Option<Each>>> = Arc::default();
    let mine = kept.clone();
    let (waker, hooks) = Hooks::new().on_wake(move || drop(mine.lock().unwrap().take())).waker();
    let mut each = Task::when_each(tasks.clone());
    assert!(poll_with(&waker, &mut each.next()).is_pending());
    *kept.lock().unwrap() = Some(each);
    drop(waker);
    sources[1].set_result(1);
    assert!(kept.lock().unwrap().is_none());
    assert_eq!(tasks.iter().map(Task::listeners).sum::<usize>(), 0);
    assert_eq!(hooks.wakes.load(Ordering::SeqCst), 1);
    assert_eq!(Arc::strong_count(&hooks), 1, "no waker is left");
}

/// A waker that completes tasks whenever anything is done to it.
#[test]
fn tasks_completed_by_the_waker() {
    let (sources, tasks) = pairs::<u32>(4);
    let sources = Arc::new(sources);
    let (a, b, c) = (sources.clone(), sources.clone(), sources.clone());
    let complete = |sources: &[Source], n: usize| _ = sources[n].try_set_result(n as u32).ok();
    let (waker, hooks) = Hooks::new()
        .on_clone(move || complete(&a, 0))
        .on_wake(move || complete(&b, 2))
        .on_drop(move || complete(&c, 3))
        .waker();
    let mut each = Task::when_each(tasks);
    // It is cloned to be left, and then there is something.
    assert!(matches!(poll_with(&waker, &mut each.next()), Poll::Ready(Some((0, _)))));
    // The clone was dropped, which has completed another one.
    assert!(matches!(poll_with(&waker, &mut each.next()), Poll::Ready(Some((3, _)))));
    assert!(poll_with(&waker, &mut each.next()).is_pending());
    sources[1].set_result(1);
    let rest: Vec<_> = smol::block_on(each.map(|(index, _)| index).collect());
    assert_eq!(rest, [1, 2]);
    drop(waker);
    assert_eq!(Arc::strong_count(&hooks), 1, "no waker is left");
}

#[test]
fn wakers_that_panic() {
    let (sources, tasks) = pairs::<u32>(3);
    let (waker, hooks) = Hooks::new().on_wake(|| panic!("wake")).waker();
    let mut each = Task::when_each(tasks.clone());
    let later = tasks[0].on_completed(|_| ());
    assert!(poll_with(&waker, &mut each.next()).is_pending());
    let panic = catch_unwind(AssertUnwindSafe(|| sources[0].set_result(0))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"wake"));
    assert_eq!(tasks[0].listeners(), 0, "all others were told");
    drop(later);
    // Nothing was lost by it.
    assert!(matches!(poll_with(&waker, &mut each.next()), Poll::Ready(Some((0, _)))));
    assert!(poll_with(&waker, &mut each.next()).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| sources[2].set_result(2))).is_err());
    sources[1].set_result(1);
    let rest: Vec<_> = smol::block_on(each.map(|(index, _)| index).collect());
    assert_eq!(rest, [2, 1]);
    drop(waker);
    assert_eq!(Arc::strong_count(&hooks), 1);
}

#[test]
fn wakers_whose_clones_and_drops_panic() {
    let (sources, tasks) = pairs::<u32>(2);
    let mut each = Task::when_each(tasks.clone());
    let (bad, _clones) = Hooks::new().on_clone(|| panic!("clone")).waker();
    assert!(catch_unwind(AssertUnwindSafe(|| poll_with(&bad, &mut each.next()).is_ready())).is_err());
    let armed = Arc::new(AtomicUsize::new(0));
    let counted = armed.clone();
    let (bad, _drops) = Hooks::new()
        .on_drop(move || {
            if counted.load(Ordering::SeqCst) == 1 {
                counted.store(2, Ordering::SeqCst);
                panic!("drop");
            }
        })
        .waker();
    let good = Counter::new();
    assert!(poll_with(&bad, &mut each.next()).is_pending());
    armed.store(1, Ordering::SeqCst);
    // The first waker is replaced; its drop panics when the new one stands there.
    assert!(catch_unwind(AssertUnwindSafe(|| next(&good, &mut each).is_pending())).is_err());
    assert_eq!(armed.load(Ordering::SeqCst), 2);
    sources[1].set_result(1);
    assert_eq!(good.wakes(), 1);
    assert!(matches!(next(&good, &mut each), Poll::Ready(Some((1, _)))));
    assert!(poll_with(&bad, &mut each.next()).is_pending());
    armed.store(1, Ordering::SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(each))).is_err(), "the waker's drop");
    assert_eq!(tasks[0].listeners(), 0);
}

/// Inline continuations run where the task is completed; the reader inherits nothing of that.
#[test]
fn continuations_and_readers_in_the_order_in_which_they_came() {
    let (source, task) = Source::<u32>::pair();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let seen = seen.clone();
        move || seen.lock().unwrap().push(name)
    };
    let (first, last, woken) = (note("first"), note("last"), note("woken"));
    let first = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, move |_| {
        first();
        Ok::<_, &str>(())
    });
    let mut each = Task::when_each([task.clone()]);
    let last = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, move |_| {
        last();
        Ok::<_, &str>(())
    });
    let (waker, _hooks) = Hooks::new().on_wake(woken).waker();
    assert!(poll_with(&waker, &mut each.next()).is_pending());
    source.set_result(1);
    assert_eq!(*seen.lock().unwrap(), ["first", "woken", "last"]);
    assert!(first.is_completed_successfully() && last.is_completed_successfully());
}

/// A value whose drop completes a task of the same stream, while the stream goes.
#[test]
fn values_that_complete_others_when_they_are_dropped() {
    struct Chained(Option<Arc<TaskCompletionSourceOf>>);
    type TaskCompletionSourceOf = taskcell::TaskCompletionSource<Chained, &'static str>;
    impl Drop for Chained {
        fn drop(&mut self) {
            if let Some(next) = self.0.take() {
                drop(next.try_set_result(Chained(None)));
            }
        }
    }
    let (a, x) = TaskCompletionSourceOf::pair();
    let (b, y) = TaskCompletionSourceOf::pair();
    let each = Task::when_each([x, y.clone()]);
    a.set_result(Chained(Some(Arc::new(b))));
    drop(a);
    drop(each);
    assert!(y.is_completed());
}
