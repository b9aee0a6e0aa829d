//! Tasks of tasks: depth, from both ends; who keeps what; two threads; hostile code.

use crate::support::hooked::Hooks;
use crate::support::*;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{Task, TaskCompletionSource, TaskStatus};

const DEPTH: usize = if cfg!(miri) { 200 } else { 100_000 };

type Source<T> = TaskCompletionSource<T, ()>;

/// A chain: the innermost source, the sources of the levels, innermost first, and the outermost task.
type Chain = (Source<u32>, Vec<Level>, Task<u32, ()>);
type Level = (Source<Task<u32, ()>>, Task<u32, ()>);

/// Runs `f` on a thread with a small stack.
fn small_stack(f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(128 << 10).spawn(f).unwrap().join().unwrap();
}

/// Each level's source comes with the task that is to be its value.
fn chain() -> Chain {
    let (leaf, first) = Source::pair();
    let (mut levels, mut task) = (Vec::with_capacity(DEPTH), first);
    for _ in 0..DEPTH {
        let (outer, nested) = Source::pair();
        levels.push((outer, std::mem::replace(&mut task, nested.flatten())));
    }
    (leaf, levels, task)
}

/// Gives each level its value.
fn nest(levels: Vec<Level>, outermost_first: bool) {
    let set = |(source, value): Level| source.set_result(value);
    if outermost_first { levels.into_iter().rev().for_each(set) } else { levels.into_iter().for_each(set) }
}

#[test]
fn deep_and_completed() {
    for order in 0..4 {
        small_stack(move || {
            let (leaf, levels, task) = chain();
            if order < 2 {
                nest(levels, order == 0);
                assert!(!task.is_completed());
                leaf.set_result(7);
            } else {
                leaf.set_result(7);
                nest(levels, order == 2);
            }
            assert_eq!(task.try_result().unwrap().unwrap(), &7);
        });
    }
    small_stack(|| {
        let (leaf, levels, task) = chain();
        nest(levels, true);
        leaf.set_result(7);
        drop(leaf);
        assert_eq!(task.try_unwrap().unwrap().unwrap(), 7);
    });
}

#[test]
fn deep_and_abandoned_inside() {
    for outermost_first in [true, false] {
        small_stack(move || {
            let (leaf, levels, task) = chain();
            nest(levels, outermost_first);
            drop(leaf);
            assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
        });
    }
}

#[test]
fn deep_and_abandoned_outside() {
    for outermost_first in [true, false] {
        small_stack(move || {
            let (leaf, mut levels, task) = chain();
            if outermost_first {
                levels.reverse();
            }
            levels.into_iter().for_each(drop);
            assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
            drop(leaf);
        });
    }
}

#[test]
fn deep_and_dropped_pending() {
    for nested in [Some(true), Some(false), None] {
        for leaf_first in [true, false] {
            small_stack(move || {
                let (leaf, mut levels, task) = chain();
                let probe = leaf.task();
                if let Some(outermost_first) = nested {
                    nest(std::mem::take(&mut levels), outermost_first);
                }
                if leaf_first {
                    leaf.leave_pending();
                    assert_eq!(task.status(), TaskStatus::Pending);
                    drop((task, levels));
                } else {
                    drop(task);
                    if nested.is_some() {
                        assert_eq!(probe.listeners(), 0);
                        assert!(!leaf.is_closed());
                        drop(probe);
                        assert!(leaf.is_closed(), "nobody keeps it");
                    }
                    levels.reverse();
                    drop(levels);
                    drop(leaf);
                }
            });
        }
    }
}

#[test]
fn deep_with_levels_that_were_complete_from_the_start() {
    for end in 0..3 {
        small_stack(move || {
            let (leaf, mut task) = Source::pair();
            let mut outers = Vec::new();
            for _ in 0..DEPTH {
                let outer = Task::from_result(task);
                task = outer.flatten();
                outers.push(outer);
            }
            match end {
                0 => leaf.set_result(7),
                1 => drop((task, outers)),
                _ => {
                    // The values of the levels hold each other; each is given up inside the drop of the one before.
                    drop(task);
                    outers.drain(..DEPTH - 1).for_each(drop);
                    drop(outers);
                }
            }
        });
    }
}

#[test]
fn the_value_need_not_be_clone_or_shared_with_threads() {
    let (leaf, value) = TaskCompletionSource::<Rc<Cell<u32>>>::pair();
    let task = Task::<_>::from_result(value).flatten();
    leaf.set_result(Rc::new(Cell::new(7)));
    drop(leaf);
    assert_eq!(task.try_unwrap().unwrap().unwrap().get(), 7);

    let (dropped, count) = Dropped::new();
    let task = Task::<Task<Dropped>>::from_result(Task::from_result(dropped)).flatten();
    assert_eq!(count.load(Ordering::SeqCst), 0);
    drop(task);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn dropped_it_leaves_nothing_behind() {
    let ((outer, nested), (inner, value)) = (Source::<Task<u32, ()>>::pair(), Source::pair());
    drop(nested.flatten());
    assert_eq!(nested.listeners(), 0);
    let task = nested.flatten();
    assert_eq!(nested.listeners(), 1);
    outer.set_result(value.clone());
    assert_eq!(value.listeners(), 1);
    let second = task.clone();
    drop(task);
    assert_eq!(value.listeners(), 1);
    drop(second);
    assert_eq!(value.listeners(), 0);
    drop((value, nested, outer));
    assert!(inner.is_closed());
}

#[test]
fn left_pending_is_left_pending() {
    let (outer, nested) = Source::<Task<u32, ()>>::pair();
    let task = nested.flatten();
    outer.leave_pending();
    assert_eq!((task.status(), nested.flatten().status()), (TaskStatus::Pending, TaskStatus::Pending));

    let ((outer, nested), (inner, value)) = (Source::<Task<u32, ()>>::pair(), Source::pair());
    let task = nested.flatten();
    outer.set_result(value.clone());
    inner.leave_pending();
    assert_eq!((task.status(), nested.flatten().status()), (TaskStatus::Pending, TaskStatus::Pending));
}

#[test]
fn a_task_of_itself_is_abandoned() {
    let (outer, nested) = Source::<Task<u32, ()>>::pair();
    let task = nested.flatten();
    outer.set_result(task.clone());
    assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn two_of_one() {
    let ((outer, nested), (inner, value)) = (Source::<Task<u32, ()>>::pair(), Source::pair());
    let (a, b) = (nested.flatten(), nested.flatten());
    outer.set_result(value);
    drop(a);
    inner.set_result(7);
    assert_eq!(b.try_result().unwrap().unwrap(), &7);
}

#[test]
fn outer_and_inner_completed_by_two_threads() {
    let make = || {
        let ((outer, nested), (inner, value)) = (Source::<Task<u32, ()>>::pair(), Source::pair());
        (Mutex::new(Some(value)), outer, inner, nested.flatten())
    };
    race(
        4_000,
        make,
        |(value, outer, ..)| outer.set_result(value.lock().unwrap().take().unwrap()),
        |(_, _, inner, _)| inner.set_result(7),
        |(_, _, _, task)| assert_eq!(task.try_result().unwrap().unwrap(), &7),
    );
}

#[test]
fn dropped_while_outer_or_inner_ends() {
    for ends_outer in [true, false] {
        let make = || {
            let ((outer, nested), (inner, value)) = (Source::<Task<Dropped, ()>>::pair(), Source::pair());
            let (dropped, count) = Dropped::new();
            let task = nested.flatten();
            if !ends_outer {
                outer.set_result(value.clone());
            }
            (Mutex::new(Some((task, dropped))), Mutex::new(None), value, outer, inner, count)
        };
        race(
            4_000,
            make,
            |(task, kept, ..)| {
                let (task, dropped) = task.lock().unwrap().take().unwrap();
                *kept.lock().unwrap() = Some(dropped);
                drop(task);
            },
            |(_, _, value, outer, inner, _)| {
                if ends_outer {
                    let _ = outer.try_set_result(value.clone());
                } else {
                    let _ = inner.try_set_result(Dropped::new().0);
                }
            },
            |(_, kept, value, outer, inner, count)| {
                if !value.is_completed() {
                    assert_eq!(value.listeners(), 0);
                }
                drop(outer);
                let dropped = kept.lock().unwrap().take().unwrap();
                let back = inner.try_set_result(dropped);
                drop((value, inner, back));
                assert_eq!(count.load(Ordering::SeqCst), 1);
            },
        );
    }
}

#[test]
fn a_waker_that_reads_and_drops_all() {
    let ((outer, nested), (inner, value)) = (Source::<Task<u32, ()>>::pair(), Source::pair());
    let task = nested.flatten();
    let (held, sum) = (Arc::new(Mutex::new(vec![task.clone(), value.clone()])), Arc::new(AtomicUsize::new(0)));
    let (in_wake, total) = (held.clone(), sum.clone());
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            for task in std::mem::take(&mut *in_wake.lock().unwrap()) {
                total.fetch_add(**task.try_result().unwrap().as_ref().unwrap() as usize, Ordering::SeqCst);
            }
            panic!("woken");
        })
        .waker();
    let mut wait = task.clone().into_future();
    assert!(poll_with(&waker, &mut wait).is_pending());
    outer.set_result(value);
    assert_eq!(panic_of(|| inner.set_result(7)), Some("woken"));
    assert_eq!((sum.load(Ordering::SeqCst), hooks.wakes.load(Ordering::SeqCst)), (14, 1));
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
}
