//! Models of cells that wait for others: flattened tasks and aggregates.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{Task, TaskCompletionSource};
use taskcell_loom_tests::cells::{Value, read, value};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

type Source<T> = TaskCompletionSource<T, ()>;

/// The number of a task's value, which is complete.
fn number(task: &Task<Value, ()>) -> Option<u32> {
    task.try_result().map(|outcome| read(outcome.expect("no fault")))
}

/// The outer and the inner cell are completed by two threads: the flat one ends once, with the inner one's value.
#[test]
fn flatten_of_two_that_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        let flat = nested.flatten();
        drop(nested);
        let mut future = flat.clone().into_future();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || outer.set_result(task));
        inner.set_result(value(&drops, 1));
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live(), number(&flat)), (1, 0, Some(1)));
        drop((future, inner));
        drop(flat);
        assert_eq!(drops.live(), 0);
    });
}

/// A task is flattened while its inner one ends.
#[test]
fn flatten_against_the_inner_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        outer.set_result(task);
        drop(outer);
        let first = value(&drops, 1);
        let other = spawn(move || inner.set_result(first));
        let flat = nested.flatten();
        drop(nested);
        other.join().unwrap();
        assert_eq!(number(&flat), Some(1));
        drop(flat);
        assert_eq!(drops.live(), 0);
    });
}

/// A task is flattened while the outer one ends: its seat may be ready after the inner one's.
#[test]
fn flatten_against_the_outer_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        let watched = task.clone();
        let other = spawn(move || outer.set_result(task));
        let flat = nested.flatten();
        drop(nested);
        other.join().unwrap();
        assert_eq!((watched.listeners(), number(&flat)), (1, None));
        inner.set_result(value(&drops, 1));
        assert_eq!(number(&flat), Some(1));
        drop((flat, watched, inner));
        assert_eq!(drops.live(), 0);
    });
}

/// Nobody looks at a flattened task any more while the outer one ends: nothing stays in the inner one.
#[test]
fn flatten_dropped_against_the_outer_end() {
    model(name!(), Bound::Preemptions(3), || {
        let ((outer, nested), (inner, task)) = (Source::<Task<Value, ()>>::pair(), Source::pair());
        let (flat, watched) = (nested.flatten(), task.clone());
        drop(nested);
        let other = spawn(move || drop(flat));
        outer.set_result(task);
        other.join().unwrap();
        assert_eq!(watched.listeners(), 0);
        drop((outer, inner));
        assert!(watched.try_unwrap().is_ok());
    });
}

/// Nobody looks at it any more while the inner one ends.
#[test]
fn flatten_dropped_against_the_inner_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        let flat = nested.flatten();
        drop(nested);
        outer.set_result(task);
        drop(outer);
        let other = spawn(move || drop(flat));
        inner.set_result(value(&drops, 1));
        drop(inner);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// Two look at a flattened task, and go: the second of them leaves nothing behind.
#[test]
fn flatten_against_its_last_two_looks() {
    model(name!(), Bound::Preemptions(3), || {
        let (outer, nested) = Source::<Task<Value, ()>>::pair();
        let first = nested.flatten();
        let second = first.clone();
        let other = spawn(move || drop(first));
        drop(second);
        other.join().unwrap();
        assert_eq!(nested.listeners(), 0);
        drop((outer, nested));
    });
}

/// A task is flattened while another thread ends first the outer, then the inner one. Under loom each seat is given up by
/// somebody who sees it filled.
#[test]
fn flatten_against_both_ends() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        let value = value(&drops, 1);
        let other = spawn(move || {
            outer.set_result(task);
            inner.set_result(value);
        });
        let flat = nested.flatten();
        drop(nested);
        other.join().unwrap();
        assert_eq!(number(&flat), Some(1));
        drop(flat);
        assert_eq!(drops.live(), 0);
    });
}

/// The outer one stays pending for good while somebody looks no more: the row goes once.
#[test]
fn flatten_dropped_against_leave_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let (outer, nested) = Source::<Task<Value, ()>>::pair();
        let flat = nested.flatten();
        let other = spawn(move || drop(flat));
        outer.leave_pending();
        other.join().unwrap();
        assert_eq!(nested.listeners(), 0);
        drop(nested);
    });
}

/// The outer one stays pending for good while it is flattened: so does the flat one, and its waiter is dropped.
#[test]
fn flatten_against_leave_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let (wakes, (outer, nested)) = (Wakes::new(), Source::<Task<Value, ()>>::pair());
        let other = spawn(move || outer.leave_pending());
        let mut future = nested.flatten().into_future();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
        drop((future, nested));
    });
}

/// A waiter of the flat one goes while the inner one ends.
#[test]
fn waiter_of_a_flat_task_against_the_inner_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ((outer, nested), (inner, task)) = (Source::pair(), Source::pair());
        let mut future = nested.flatten().into_future();
        drop(nested);
        outer.set_result(task);
        drop(outer);
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || drop(future));
        inner.set_result(value(&drops, 1));
        drop(inner);
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!((wakes.live(), drops.live()), (0, 0));
    });
}

/// One hangs a callback into a flattened task and goes, the other one goes: the callback runs all the same, once.
#[test]
fn last_look_against_a_callback() {
    model(name!(), Bound::Preemptions(3), || {
        let ((outer, nested), (inner, task)) = (Source::<Task<u32, ()>>::pair(), TaskCompletionSource::pair());
        let (flat, ran) = (nested.flatten(), Arc::new(AtomicUsize::new(0)));
        let (second, runs) = (flat.clone(), ran.clone());
        let other = spawn(move || {
            second.on_completed(move |_| _ = runs.fetch_add(1, SeqCst)).detach();
            drop(second);
        });
        drop(flat);
        other.join().unwrap();
        outer.set_result(task);
        inner.set_result(7);
        assert_eq!(ran.load(SeqCst), 1);
        drop(nested);
    });
}
