//! Tasks and their sources.

use crate::support::heap::allocations;
use crate::support::*;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use taskcell::{BoxError, Task, TaskCompletionSource, TaskError, TaskStatus};

struct Noted(Log<usize>, usize);

impl Wake for Noted {
    fn wake(self: Arc<Self>) {
        self.0.push(self.1);
    }
}

/// A waker that writes `entry` when it is woken.
fn waker(log: &Log<usize>, entry: usize) -> Waker {
    Arc::new(Noted(log.clone(), entry)).into()
}

#[test]
fn a_result_is_seen_by_all() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    assert_eq!(task.status(), TaskStatus::Pending);
    let other = task.clone();
    assert_eq!(task, other);
    assert_ne!(task, Task::from_result(7));
    source.set_result(7);
    assert_eq!(source.try_set_result(8), Err(8));
    smol::block_on(async {
        assert_eq!((&task).await.unwrap(), &7);
        assert_eq!(task.await.unwrap(), 7);
        assert_eq!(other.try_unwrap().unwrap_err().await.unwrap(), 7);
    });
    drop(source);
}

#[test]
fn the_only_handle_moves_the_value_out() {
    let (source, task) = TaskCompletionSource::<Box<Cell<u32>>>::pair();
    source.set_result(Box::new(Cell::new(1)));
    let task = task.try_unwrap().unwrap_err();
    drop(source);
    assert_eq!(task.try_unwrap().unwrap().unwrap().get(), 1);
}

#[test]
fn waiters_are_told_in_order() {
    for n in [1, 2, 3, 10, 40, 1000] {
        let (source, task) = TaskCompletionSource::<u32>::pair();
        let mut waits: Vec<_> = (0..n).map(|_| (&task).into_future()).collect();
        let log = Log::new();
        for (i, wait) in waits.iter_mut().enumerate() {
            assert!(poll_with(&waker(&log, i), wait).is_pending());
        }
        assert_eq!(task.listeners(), n);
        source.set_result(3);
        assert_eq!(log.take(), (0..n).collect::<Vec<_>>());
        for wait in &mut waits {
            assert!(poll_with(&waker(&log, 0), wait).is_ready());
        }
    }
}

#[test]
fn the_order_holds_when_places_come_free() {
    for n in [2, 3, 10, 100] {
        for gone in 0..n {
            let (source, task) = TaskCompletionSource::<u32>::pair();
            let log = Log::new();
            let mut waits: Vec<_> = (0..n).map(|_| Some((&task).into_future())).collect();
            for (i, wait) in waits.iter_mut().enumerate() {
                assert!(poll_with(&waker(&log, i), wait.as_mut().unwrap()).is_pending());
            }
            waits[gone] = None;
            let mut late: Vec<_> = (0..3).map(|_| (&task).into_future()).collect();
            for (i, wait) in late.iter_mut().enumerate() {
                assert!(poll_with(&waker(&log, n + i), wait).is_pending());
            }
            source.set_result(3);
            let expected: Vec<_> = (0..n + 3).filter(|i| *i != gone).collect();
            assert_eq!(log.take(), expected);
        }
    }
}

#[test]
fn abandoned_when_the_last_source_goes() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let second = source.clone();
    drop(source);
    assert!(!task.is_completed());
    drop(second);
    assert!(task.is_faulted());
    assert!(matches!(task.try_result(), Some(Err(TaskError::Abandoned))));
}

#[test]
fn left_pending() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    source.leave_pending();
    assert_eq!(task.status(), TaskStatus::Pending);
}

#[test]
fn reset() {
    let count = Arc::new(AtomicUsize::new(0));
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let mut source = TaskCompletionSource::<Counted, BoxError>::new();
    for round in 0..10 {
        let task = source.task();
        assert!(!source.try_reset());
        let mut waits: Vec<_> = (0..10).map(|_| (&task).into_future()).collect();
        for wait in &mut waits {
            assert!(Counter::new().poll(wait).is_pending());
        }
        source.set_result(Counted(count.clone()));
        drop(waits);
        drop(task);
        assert!(source.try_reset());
        assert_eq!(count.load(Ordering::Relaxed), round + 1);
        assert_eq!(source.status(), TaskStatus::Pending);
    }
}

#[test]
fn closed_as_long_as_nobody_would_see_a_result() {
    let (source, task) = TaskCompletionSource::<u32>::pair();
    let second = source.clone();
    assert!(!source.is_closed() && !second.is_closed());
    let next = task.then(|n| Ok(n + 1));
    drop(task);
    assert!(!source.is_closed(), "something continues it");
    let late = second.task();
    assert!(!source.is_closed());
    drop(late);
    source.set_result(1);
    assert!(source.is_closed());
    assert_eq!(next.try_unwrap().unwrap().unwrap(), 2);
    assert!(TaskCompletionSource::<u32>::new().is_closed());
}

#[test]
fn a_cell_that_is_used_again_makes_no_more_memory() {
    let (mut source, waiter) = (TaskCompletionSource::<u32>::new(), Counter::new());
    let mut made = Vec::new();
    for _ in 0..4 {
        let task = source.task();
        let mut waits: Vec<_> = (0..99).map(|_| (&task).into_future()).collect();
        let before = allocations();
        for wait in &mut waits {
            assert!(waiter.poll(wait).is_pending());
        }
        made.push(allocations() - before);
        source.set_result(1);
        drop(waits);
        drop(task);
        assert!(source.try_reset());
    }
    assert!(made[0] > 0 && made[1..] == [0; 3], "{made:?}: the groups are made once");
}
