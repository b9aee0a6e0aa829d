//! Tasks under hostile wakers and values: their clone, wake and drop set, read and drop the same task, or panic.
use crate::support::hooked::Hooks;
use crate::support::{Counter, Dropped, Log, eventually, panic_of, poll_with, race};
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use taskcell::{BoxError, Task, TaskCompletionSource, TaskStatus, WaitForOutcome};

type Source<T = u32> = TaskCompletionSource<T, BoxError>;
type Place<T> = Arc<Mutex<Option<T>>>;

/// Everything that a hook may do to a task: none of it may deadlock or disturb the caller.
fn use_everything(source: &Source) {
    let task = source.task();
    let waiter = Counter::new();
    let mut wait = (&task).into_future();
    assert!(waiter.poll(&mut wait).is_pending() || task.is_completed());
    drop(wait);
    let mut owned = task.clone().into_future();
    assert!(waiter.poll(&mut owned).is_pending() || task.is_completed());
    drop(owned);
    let _ = (task.status(), task.listeners(), task.try_result().is_some(), source.is_closed(), source.status());
    let _ = (format!("{task:?}"), format!("{source:?}"));
    assert!(task.clone().try_unwrap().is_err());
    drop((task.settled(), source.clone()));
}

#[test]
fn every_hook_may_use_the_task() {
    let source = Source::new();
    let [in_clone, in_wake, in_drop] = [(); 3].map(|()| source.clone());
    let hooks = Hooks::new()
        .on_clone(move || use_everything(&in_clone))
        .on_wake(move || use_everything(&in_wake))
        .on_drop(move || use_everything(&in_drop));
    let (waker, counts) = hooks.waker();
    let task = source.task();
    for n in [1, 2, 9] {
        let mut waits: Vec<_> = (0..n).map(|_| (&task).into_future()).collect();
        for wait in &mut waits {
            assert!(poll_with(&waker, wait).is_pending());
            assert!(Counter::new().poll(wait).is_pending());
            assert!(poll_with(&waker, wait).is_pending());
        }
    }
    let mut last = task.clone().into_future();
    assert!(poll_with(&waker, &mut last).is_pending());
    source.set_result(1);
    assert_eq!(counts.wakes.load(Ordering::SeqCst), 1);
    assert!(poll_with(&waker, &mut last).is_ready());
}

#[test]
fn a_waker_completes_the_task_in_its_clone() {
    let (source, task) = Source::pair();
    let (waker, counts) = Hooks::new().on_clone(move || assert!(source.try_set_result(5).is_ok())).waker();
    let mut wait = (&task).into_future();
    assert!(matches!(poll_with(&waker, &mut wait), Poll::Ready(Ok(5))));
    assert_eq!(counts.wakes.load(Ordering::SeqCst), 0);
}

#[test]
fn a_replaced_waker_completes_the_task_in_its_drop() {
    let (source, task) = Source::pair();
    let (waker, counts) = Hooks::new().on_drop(move || assert_ne!(source.try_set_result(5), Err(0))).waker();
    let mut wait = (&task).into_future();
    assert!(poll_with(&waker, &mut wait).is_pending());
    let counter = Counter::new();
    let _ = counter.poll(&mut wait);
    assert!(counter.poll(&mut wait).is_ready());
    assert_eq!((counts.wakes.load(Ordering::SeqCst), counter.wakes()), (0, 1));
}

#[test]
fn a_waker_drops_everything_else() {
    let (source, task) = Source::pair();
    let others: Place<Vec<WaitForOutcome<u32, BoxError>>> = Arc::default();
    let handles: Place<(Source, Task<u32>)> = Arc::default();
    let (rest, rest_handles) = (others.clone(), handles.clone());
    let (waker, _) = Hooks::new()
        .on_wake(move || {
            let gone = (rest.lock().unwrap().take(), rest_handles.lock().unwrap().take());
            drop(gone);
        })
        .waker();
    let mut first = task.clone().into_future();
    assert!(poll_with(&waker, &mut first).is_pending());
    let counter = Counter::new();
    let mut waits: Vec<_> = (0..50).map(|_| task.clone().into_future()).collect();
    assert!(waits.iter_mut().all(|wait| counter.poll(wait).is_pending()));
    *others.lock().unwrap() = Some(waits);
    *handles.lock().unwrap() = Some((source.clone(), task));
    source.set_result(1);
    drop(source);
    assert_eq!(counter.held(), 0);
    assert!(counter.poll(&mut first).is_ready());
}

#[test]
fn panicking_wakers_stop_nobody() {
    for n in [2, 5, 40] {
        let (source, task) = Source::pair();
        let counter = Counter::new();
        let mut waits: Vec<_> = (0..n).map(|_| (&task).into_future()).collect();
        for (i, wait) in waits.iter_mut().enumerate() {
            let (hostile, _) = Hooks::new().on_wake(|| panic!("the first")).waker();
            let (late, _) = Hooks::new().on_wake(|| panic!("another")).waker();
            let waker = match i {
                1 => hostile,
                3 | 20 => late,
                _ => counter.waker(),
            };
            assert!(poll_with(&waker, wait).is_pending());
        }
        assert_eq!(panic_of(|| source.set_result(1)), Some("the first"));
        let hostile = [1, 3, 20].into_iter().filter(|i| *i < n).count();
        assert_eq!(counter.wakes(), n - hostile);
        assert_eq!(counter.held(), 0);
        assert!(waits.iter_mut().all(|wait| counter.poll(wait).is_ready()));
        assert!(source.try_set_result(2).is_err());
    }
}

#[test]
fn a_clone_that_panics_leaves_nothing() {
    let (source, task) = Source::pair();
    let (waker, counts) = Hooks::new().on_clone(|| panic!("no clone")).waker();
    let mut wait = (&task).into_future();
    assert_eq!(panic_of(|| poll_with(&waker, &mut wait).is_ready()), Some("no clone"));
    assert_eq!(task.listeners(), 0);
    let counter = Counter::new();
    assert!(counter.poll(&mut wait).is_pending());
    assert_eq!(panic_of(|| poll_with(&waker, &mut wait).is_ready()), Some("no clone"));
    source.set_result(1);
    assert_eq!((counter.wakes(), counts.wakes.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn a_source_dropped_by_a_waker_abandons_another_task() {
    let (first, task) = Source::<u32>::pair();
    let (second, other) = Source::<u32>::pair();
    let held: Place<Source> = Arc::new(Mutex::new(Some(second)));
    let (waker, _) = Hooks::new().on_wake(move || drop(held.lock().unwrap().take())).waker();
    let mut wait = (&task).into_future();
    assert!(poll_with(&waker, &mut wait).is_pending());
    drop(first);
    assert!(task.is_faulted() && other.is_faulted());
    task.clone().ignore();
    other.ignore();
}

/// A value whose drop panics, once.
struct Bad(#[expect(dead_code, reason = "dropped with it")] Dropped);

impl Drop for Bad {
    fn drop(&mut self) {
        panic!("bad value");
    }
}

#[test]
fn a_value_whose_drop_panics() {
    let (dropped, drops) = Dropped::new();
    let (source, task) = Source::<Bad>::pair();
    assert!(source.try_set_result(Bad(dropped)).is_ok());
    drop(source);
    assert_eq!(panic_of(|| drop(task)), Some("bad value"));
    assert_eq!(drops.load(Ordering::SeqCst), 1);

    let (dropped, drops) = Dropped::new();
    let mut source = Source::<Bad>::new();
    assert!(source.try_set_result(Bad(dropped)).is_ok());
    assert_eq!(panic_of(|| source.try_reset()), Some("bad value"));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(source.status(), TaskStatus::Pending);
    drop(source);
}

#[test]
fn a_value_that_completes_another_task_in_its_drop() {
    struct Last(Source, Option<u32>);
    impl Drop for Last {
        fn drop(&mut self) {
            let _ = self.0.try_set_result(self.1.take().unwrap());
        }
    }
    let (inner, last) = Source::pair();
    let (outer, task) = Source::<Last>::pair();
    assert!(outer.try_set_result(Last(inner, Some(4))).is_ok());
    drop((outer, task));
    assert_eq!(last.try_unwrap().unwrap().unwrap(), 4);
}

#[test]
fn a_value_that_is_neither_clone_nor_sync() {
    let (source, task) = Source::<Cell<u32>>::pair();
    source.set_result(Cell::new(3));
    let other = task.clone();
    other.try_result().unwrap().unwrap().set(4);
    assert_eq!(smol::block_on(async { (&task).await.unwrap().get() }), 4);
    drop((source, other));
    assert_eq!(task.try_unwrap().unwrap().unwrap().into_inner(), 4);
}

/// A task that completes the next one when it is woken: without a limit each wake would stand on the one before.
struct Chain(Mutex<Option<Source>>);

impl Wake for Chain {
    fn wake(self: Arc<Self>) {
        let next = self.0.lock().unwrap().take();
        if let Some(source) = next {
            source.set_result(1);
        }
    }
}

#[test]
fn wakers_that_complete_the_next_task() {
    const LINKS: usize = 100_000;
    let run = || {
        let (first, mut task) = Source::pair();
        let mut waits = Vec::new();
        for _ in 0..LINKS {
            let (source, next) = Source::pair();
            let mut wait = task.into_future();
            let waker = Waker::from(Arc::new(Chain(Mutex::new(Some(source)))));
            assert!(poll_with(&waker, &mut wait).is_pending());
            waits.push(wait);
            task = next;
        }
        first.set_result(1);
        assert!(task.is_completed());
        let counter = Counter::new();
        assert!(waits.iter_mut().all(|wait| counter.poll(wait).is_ready()));
    };
    thread::Builder::new().stack_size(128 << 10).spawn(run).unwrap().join().unwrap();
}

/// T3: two threads await clones of one task, 64 waiters each.
#[test]
fn t3_every_waiter_is_told_once_and_in_order() {
    struct Noted(Log<(usize, usize)>, usize, usize, AtomicUsize);
    impl Wake for Noted {
        fn wake(self: Arc<Self>) {
            self.0.push((self.1, self.2));
            self.3.fetch_add(1, Ordering::SeqCst);
        }
    }
    for round in 0..100 {
        let (source, task) = Source::pair();
        let log = Log::new();
        let waiters = [0, 1].map(|number| {
            let (task, log) = (task.clone(), log.clone());
            thread::spawn(move || {
                let mut waits: Vec<_> = (0..64).map(|_| (&task).into_future()).collect();
                let mut woken = Vec::new();
                for (i, wait) in waits.iter_mut().enumerate() {
                    let noted = Arc::new(Noted(log.clone(), number, i, AtomicUsize::new(0)));
                    if poll_with(&noted.clone().into(), wait).is_pending() {
                        woken.push(noted);
                    }
                }
                eventually("the task ends", || task.is_completed());
                for wait in &mut waits {
                    assert!(matches!(Counter::new().poll(wait), Poll::Ready(Ok(7))));
                }
                eventually("all are woken", || woken.iter().all(|noted| noted.3.load(Ordering::SeqCst) == 1));
                woken.len()
            })
        });
        if round % 2 == 0 {
            eventually("some wait", || task.listeners() > round % 64);
        }
        source.set_result(7);
        let waited = waiters.map(|waiter| waiter.join().unwrap());
        let order = log.take();
        for number in [0, 1] {
            let own: Vec<_> = order.iter().filter(|(n, _)| *n == number).map(|(_, i)| *i).collect();
            assert_eq!(own.len(), waited[number]);
            assert!(own.is_sorted());
        }
    }
}

#[test]
fn a_set_races_with_everything() {
    race(
        20_000,
        || {
            let (source, task) = Source::pair();
            let counter = Counter::new();
            let mut wait = task.clone().into_future();
            assert!(counter.poll(&mut wait).is_pending());
            (source, task, Mutex::new(Some(wait)), counter)
        },
        |(source, ..)| assert!(source.try_set_result(1).is_ok()),
        |(_, task, wait, counter)| {
            let mut late = task.into_future();
            let _ = counter.poll(&mut late);
            drop(wait.lock().unwrap().take());
            if task.is_completed() {
                assert_eq!(task.try_result().unwrap().unwrap(), &1);
            }
        },
        |(source, task, _, counter)| {
            assert!(matches!(task.try_result(), Some(Ok(1))));
            drop((source, task));
            assert_eq!(counter.held(), 0);
        },
    );
}

#[test]
fn the_last_handles_go_on_two_threads() {
    race(
        20_000,
        || {
            let (dropped, drops) = Dropped::new();
            let (source, task) = TaskCompletionSource::<Dropped>::pair();
            assert!(source.try_set_result(dropped).is_ok());
            (Mutex::new(Some(source)), Mutex::new(Some(task)), drops)
        },
        |(source, ..)| drop(source.lock().unwrap().take()),
        |(_, task, _)| match task.lock().unwrap().take().unwrap().try_unwrap() {
            Ok(outcome) => drop(outcome),
            Err(task) => drop(task),
        },
        |(_, _, drops)| assert_eq!(drops.load(Ordering::SeqCst), 1),
    );
}

#[test]
fn a_future_that_is_moved_while_it_waits() {
    fn moved<F: Future + Unpin>(mut future: F, cx: &mut Context<'_>) -> F {
        assert!(Pin::new(&mut future).poll(cx).is_pending());
        future
    }
    let (source, task) = Source::pair();
    let counter = Counter::new();
    let waker = counter.waker();
    let mut cx = Context::from_waker(&waker);
    let mut wait = Box::new(moved(moved(task.into_future(), &mut cx), &mut cx));
    source.set_result(2);
    assert!(matches!(counter.poll(&mut *wait), Poll::Ready(Ok(2))));
}

/// A callback that blocks for what its own delivery has not come to yet.
#[test]
fn a_callback_waits_for_what_comes_after_it() {
    let (source, task) = Source::pair();
    let last = task.then(|n| Ok(n + 1)).then(|n| Ok(n + 1));
    let (seen, end) = (Log::new(), last.clone());
    let log = seen.clone();
    task.on_completed(move |_| log.push(*end.wait().unwrap().unwrap())).detach();
    source.set_result(1);
    assert_eq!(seen.take(), [3]);
}

/// The same where everything is so deep that it was put off.
#[test]
fn a_callback_waits_for_what_was_put_off() {
    let (first, mut task) = Source::pair();
    let seen = Log::new();
    for depth in 0..100 {
        let (source, next) = Source::pair();
        let (tail, log) = (next.then(|n| Ok(n + 1)), seen.clone());
        task.on_completed(move |task| {
            source.set_result(*task.try_result().unwrap().unwrap());
            log.push((depth, *tail.wait().unwrap().unwrap()));
        })
        .detach();
        task = next;
    }
    first.set_result(1);
    let mut seen = seen.take();
    seen.sort_unstable();
    assert_eq!(seen, (0..100).map(|depth| (depth, 2)).collect::<Vec<_>>());
}
