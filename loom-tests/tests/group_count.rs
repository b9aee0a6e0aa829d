//! What a task group counts: the numbers of its children, who is in it, how many are in progress.
#![cfg(loom)]

use loom::thread::spawn;
use std::future::pending;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Poll, Waker};
use taskcell::{TaskGroup, TaskGroupHandle, task_group};
use taskcell_loom_tests::jobs::{Jobs, work};
use taskcell_loom_tests::{Bound, Wakes, model, name, pending_once, poll_once};

type Handle = TaskGroupHandle<u32, ()>;

/// Two children come on two threads: each has a number of its own, counted from one, which is that of its error.
#[test]
fn two_children_and_their_numbers() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, handle) = (Wakes::new(), OnceLock::<Handle>::new());
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            let _first = handle.set(group.handle());
            async {
                pending_once().await;
                Ok::<_, ()>(())
            }
        });
        assert!(poll_once(&mut group, &wakes.waker()).is_pending());
        let (mine, theirs) = (handle.get().unwrap().clone(), handle.get().unwrap().clone());
        let other = spawn(move || assert!(theirs.run(async { Err(()) }).is_ok()));
        assert!(mine.run(async { Err(()) }).is_ok());
        other.join().unwrap();
        let Poll::Ready(Err(errors)) = poll_once(&mut group, &wakes.waker()) else { panic!("both have failed") };
        let mut numbers: Vec<_> = errors.iter().chain(errors.secondary()).map(|(number, _)| number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2]);
    });
}

/// A hot child ends while its group is dropped: nobody is in it then.
#[test]
fn count_of_a_group_that_is_dropped_against_a_hot_child() {
    model(name!(), Bound::Preemptions(3), || {
        let (jobs, taken) = (Jobs::default(), Arc::new(Mutex::new(None)));
        let spawner = jobs.spawner();
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            group.run_on(&spawner, async { Ok(1) });
            *taken.lock().unwrap() = Some(group);
            pending::<Result<(), ()>>()
        });
        assert!(poll_once(&mut group, Waker::noop()).is_pending());
        let (inner, job) = (taken.lock().unwrap().take().unwrap(), jobs.take());
        assert_eq!(inner.in_progress(), 1);
        let other = spawn(move || work(job));
        drop(group);
        other.join().unwrap();
        assert_eq!(inner.in_progress(), 0);
    });
}

/// As long as there is no room a group with somebody who waits for it does not wake itself.
#[test]
fn group_without_room_sleeps() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, jobs) = (Wakes::new(), Jobs::default());
        let spawner = jobs.spawner();
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            group.run_on(&spawner, async { Ok(1) });
            group.run_on(&spawner, async { Ok(2) });
            pending::<Result<(), ()>>()
        })
        .limit(1.try_into().unwrap());
        for _ in 0..2 {
            assert!(poll_once(&mut group, &wakes.waker()).is_pending());
            assert_eq!((wakes.count(), jobs.count()), (0, 1));
        }
        work(jobs.take());
        assert!(wakes.count() > 0, "there is room");
        assert!(poll_once(&mut group, &wakes.waker()).is_pending());
        work(jobs.take());
    });
}

/// One child ends in the first poll, and its sibling starts another one, which the group takes in at the next poll: it has
/// to see to it that there is one, as nobody listens before the first.
#[test]
fn sibling_of_a_child_that_has_ended_in_the_first_poll() {
    model(name!(), Bound::Exhaustive, || {
        let wakes = Wakes::new();
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            let handle = group.handle();
            group.run(async { Ok(1) });
            group.run(async move {
                assert!(handle.run(async { Ok(2) }).is_ok());
                pending().await
            });
            pending::<Result<(), ()>>()
        });
        assert!(poll_once(&mut group, &wakes.waker()).is_pending());
        assert!(wakes.count() > 0, "one has not begun");
        assert!(poll_once(&mut group, &wakes.waker()).is_pending());
        drop(group);
        assert_eq!(wakes.live(), 0);
    });
}
