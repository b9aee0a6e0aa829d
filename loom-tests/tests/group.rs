//! The end of a task group: hot children that end, handles that push, and a group that ends or is dropped.
#![cfg(loom)]

use loom::thread::spawn;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use taskcell::{TaskGroup, TaskGroupHandle, task_group};
use taskcell_loom_tests::children::Parent;
use taskcell_loom_tests::jobs::{Jobs, work};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, model, name, pending_once};

type Handle = TaskGroupHandle<u32, ()>;

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Runs a group that was polled before.
fn finish<F: Future + Unpin>(parent: &Parent, group: &mut F, waker: &Waker) -> F::Output {
    match poll(group, waker) {
        Poll::Ready(output) => output,
        Poll::Pending => parent.run(group, waker),
    }
}

/// Whoever sees the group's end sees all that its hot children did.
#[test]
fn group_ends_against_a_hot_child() {
    model(name!(), Bound::Preemptions(3), || {
        let ((parent, waker), jobs, data) = (Parent::new(), Jobs::default(), Data::new());
        let written = data.clone();
        let spawner = jobs.spawner();
        let mut group = task_group(|group: TaskGroup<(), ()>| {
            let written = written.clone();
            group.run_on(&spawner, async move {
                written.write();
                Ok(())
            });
            async { Ok::<_, ()>(()) }
        });
        assert!(poll(&mut group, &waker).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        finish(&parent, &mut group, &waker).unwrap();
        data.write();
        other.join().unwrap();
    });
}

/// A value that was left is taken before it is said that there is none.
#[test]
fn a_hot_childs_value_against_its_taker() {
    model(name!(), Bound::Preemptions(3), || {
        let ((parent, waker), jobs) = (Parent::new(), Jobs::default());
        let spawner = jobs.spawner();
        let mut group = task_group(|mut group: TaskGroup<u32, ()>| {
            group.run_on(&spawner, async { Ok(7) });
            async move { Ok::<_, ()>((group.next().await, group.next().await)) }
        });
        assert!(poll(&mut group, &waker).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        assert_eq!(finish(&parent, &mut group, &waker).unwrap(), (Some(7), None));
        other.join().unwrap();
    });
}

/// A body looks for a value though nothing rang: it never finds that there is neither a child nor a value.
#[test]
fn a_look_for_a_value_against_a_hot_child() {
    model(name!(), Bound::Preemptions(3), || {
        let ((_, waker), jobs) = (Parent::new(), Jobs::default());
        let spawner = jobs.spawner();
        let mut group = task_group(|mut group: TaskGroup<u32, ()>| {
            group.run_on(&spawner, async { Ok(7) });
            async move {
                pending_once().await;
                std::future::poll_fn(|cx| {
                    let look = poll(&mut group.next(), cx.waker());
                    assert_ne!(look, Poll::Ready(None));
                    Poll::Ready(())
                })
                .await;
                pending::<Result<(), ()>>().await
            }
        });
        assert!(poll(&mut group, &waker).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        assert!(poll(&mut group, &waker).is_pending());
        other.join().unwrap();
    });
}

/// A child's error is there when its group has ended.
#[test]
fn a_hot_childs_error_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let ((parent, waker), jobs) = (Parent::new(), Jobs::default());
        let spawner = jobs.spawner();
        let mut group = task_group(|group: TaskGroup<(), ()>| {
            group.run_on(&spawner, async { Err(()) });
            async { Ok::<_, ()>(()) }
        });
        assert!(poll(&mut group, &waker).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        assert_eq!(finish(&parent, &mut group, &waker).unwrap_err().len(), 1);
        other.join().unwrap();
    });
}

/// A child comes while the group is dropped: it is given back, or dropped, once; nothing is kept in a circle.
#[test]
fn handle_against_the_drop_of_its_group() {
    model(name!(), Bound::Preemptions(3), || {
        let (wakes, drops) = (Wakes::new(), Drops::new());
        let handle: Arc<OnceLock<Handle>> = Arc::default();
        let given = handle.clone();
        let mut group = task_group(move |group: TaskGroup<u32, ()>| {
            let _first = given.set(group.handle());
            pending::<Result<(), ()>>()
        });
        assert!(poll(&mut group, &wakes.waker()).is_pending());
        let (own, tracked) = (Arc::into_inner(handle).and_then(OnceLock::into_inner).unwrap(), drops.track());
        let other = spawn(move || {
            let kept = own.clone();
            let refused = own.run(async move {
                let _kept = (kept, tracked);
                pending().await
            });
            drop(refused);
        });
        drop(group);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A child comes while the group ends: it is given back, or it is waited for.
#[test]
fn handle_against_the_end_of_its_group() {
    model(name!(), Bound::Preemptions(3), || {
        let ((parent, waker), data, drops) = (Parent::new(), Data::new(), Drops::new());
        let handle: Arc<OnceLock<Handle>> = Arc::default();
        let given = handle.clone();
        let mut group = task_group(move |group: TaskGroup<u32, ()>| {
            let _first = given.set(group.handle());
            async move {
                let _group = group;
                pending_once().await;
                Ok::<_, ()>(())
            }
        });
        assert!(poll(&mut group, &waker).is_pending());
        let (own, written, tracked) = (handle.get().unwrap().clone(), data.clone(), drops.track());
        let other = spawn(move || {
            let child = async move {
                let _tracked = tracked;
                written.write();
                Ok(1)
            };
            own.run(child).is_ok()
        });
        parent.run(&mut group, &waker).unwrap();
        let before = drops.count();
        let accepted = other.join().unwrap();
        assert_eq!((drops.live(), before > 0 || !accepted), (0, true), "what was accepted has ended");
        data.write();
    });
}

/// A hot child ends while its group is dropped: it is cancelled or not, and everything goes.
#[test]
fn hot_child_against_the_drop_of_its_group() {
    model(name!(), Bound::Preemptions(3), || {
        let (wakes, jobs, drops) = (Wakes::new(), Jobs::default(), Drops::new());
        let (spawner, tracked) = (jobs.spawner(), drops.track());
        let mut tracked = Some(tracked);
        let mut group = task_group(|group: TaskGroup<_, ()>| {
            let tracked = tracked.take();
            group.run_on(&spawner, async move { Ok(tracked) });
            pending::<Result<(), ()>>()
        });
        assert!(poll(&mut group, &wakes.waker()).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        drop(group);
        other.join().unwrap();
        assert_eq!((drops.live(), wakes.live()), (0, 0));
    });
}

/// A hot child ends while another one comes, and there is room for one: the other one is started, by whomever.
#[test]
fn room_against_a_late_hot_child() {
    model(name!(), Bound::Preemptions(3), || {
        let ((parent, waker), jobs) = (Parent::new(), Jobs::default());
        let spawner = jobs.spawner();
        let handle: OnceLock<Handle> = OnceLock::new();
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            let _first = handle.set(group.handle());
            group.run_on(&spawner, async { Ok(1) });
            drop(group);
            pending::<Result<(), ()>>()
        })
        .limit(1.try_into().unwrap());
        assert!(poll(&mut group, &waker).is_pending());
        let job = jobs.take();
        let other = spawn(move || work(job));
        assert!(handle.get().unwrap().run_on(&spawner, async { Ok(2) }).is_ok());
        // Whoever made room, or came, has rung.
        let mut started = std::future::poll_fn(|cx| {
            assert!(poll(&mut group, cx.waker()).is_pending());
            if jobs.count() == 0 { Poll::Pending } else { Poll::Ready(()) }
        });
        if jobs.count() == 0 {
            parent.run(&mut started, &waker);
        }
        other.join().unwrap();
        work(jobs.take());
    });
}

/// Two hot children come on two threads, and a third one later: there is room for two.
#[test]
fn room_for_two_against_two_hot_children() {
    model(name!(), Bound::Preemptions(3), || {
        let ((_parent, waker), jobs) = (Parent::new(), Jobs::default());
        let spawner = jobs.spawner();
        let handle: OnceLock<Handle> = OnceLock::new();
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            let _first = handle.set(group.handle());
            pending::<Result<(), ()>>()
        })
        .limit(2.try_into().unwrap());
        assert!(poll(&mut group, &waker).is_pending());
        let (theirs, there) = (handle.get().unwrap().clone(), spawner.clone());
        let other = spawn(move || assert!(theirs.run_on(&there, async { Ok(1) }).is_ok()));
        assert!(handle.get().unwrap().run_on(&spawner, async { Ok(2) }).is_ok());
        other.join().unwrap();
        assert_eq!(jobs.count(), 2);
        assert!(handle.get().unwrap().run_on(&spawner, async { Ok(3) }).is_ok());
        assert_eq!(jobs.count(), 2);
    });
}

/// Who has taken the group out of its body is told that it is over, though a child has not ended.
#[test]
fn look_for_a_value_after_the_end() {
    model(name!(), Bound::Exhaustive, || {
        let ((_parent, waker), jobs) = (Parent::new(), Jobs::default());
        let (spawner, taken) = (jobs.spawner(), Arc::new(Mutex::new(None)));
        let mut group = task_group(|group: TaskGroup<u32, ()>| {
            group.run_on(&spawner, async { Ok(1) });
            *taken.lock().unwrap() = Some(group);
            pending::<Result<(), ()>>()
        });
        assert!(poll(&mut group, &waker).is_pending());
        let mut inner = taken.lock().unwrap().take().unwrap();
        assert_eq!(poll(&mut inner.next(), &waker), Poll::Pending);
        drop(group);
        assert_eq!(poll(&mut inner.next(), &waker), Poll::Ready(None));
        drop(inner);
    });
}
