//! Models of what is hung into a cell: callbacks, and cells that continue it.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationTokenSource, ContinuationOptions, Task, TaskCompletionSource as Source, TaskStatus};
use taskcell_loom_tests::{Bound, Data, Drops, Order, Wakes, model, name, poll_once};

const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;

/// A counter that is no part of the model.
fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let counter = Arc::new(AtomicUsize::new(0));
    (counter.clone(), counter)
}

/// A callback that does not look at the task sees what came before the end all the same, on whichever side it runs.
#[test]
fn callback_that_does_not_look_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, data, (source, task)) = (Drops::new(), Data::new(), Source::<u32, ()>::pair());
        let ((ran, runs), tracked, seen) = (counter(), drops.track(), data.clone());
        let other = spawn(move || {
            let registration = task.on_completed(move |_| {
                let _tracked = tracked;
                seen.read();
                runs.fetch_add(1, SeqCst);
            });
            (registration, task)
        });
        data.write();
        source.set_result(1);
        let kept = other.join().unwrap();
        assert_eq!((ran.load(SeqCst), drops.live()), (1, 0));
        drop(kept);
    });
}

/// The same behind a waiter, which leaves a head no room for it.
#[test]
fn callback_behind_a_waiter_against_set() {
    model(name!(), Bound::Preemptions(3), || {
        let (order, data, (source, task)) = (Order::new(), Data::new(), Source::<u32, ()>::pair());
        let (mut future, seen, notes) = (task.clone().into_future(), data.clone(), order.clone());
        assert!(poll_once(&mut future, &order.waker(1)).is_pending());
        let other = spawn(move || {
            let registration = task.on_completed(move |_| {
                seen.read();
                notes.note(2);
            });
            (registration, task)
        });
        data.write();
        source.set_result(1);
        let kept = other.join().unwrap();
        let seen = order.seen();
        assert!(seen == [1, 2] || seen == [2, 1]);
        drop((kept, future));
    });
}

/// Two callbacks come, one after the other, while a waiter goes from in front of them.
#[test]
fn callbacks_in_order_against_a_waiter_that_goes() {
    model(name!(), Bound::Preemptions(3), || {
        let (order, (source, task)) = (Order::new(), Source::<u32, ()>::pair());
        let mut goes = task.clone().into_future();
        assert!(poll_once(&mut goes, &order.waker(1)).is_pending());
        let (notes, theirs) = (order.clone(), task.clone());
        let other = spawn(move || {
            [2, 3].map(|number| {
                let notes = notes.clone();
                theirs.on_completed(move |_| notes.note(number))
            })
        });
        drop(goes);
        let kept = other.join().unwrap();
        let mut last = task.into_future();
        assert!(poll_once(&mut last, &order.waker(4)).is_pending());
        source.set_result(1);
        assert_eq!(order.seen(), [2, 3, 4]);
        drop((kept, last));
    });
}

/// A callback behind others is removed, by who registered it, while the task ends.
#[test]
fn removal_of_a_callback_in_a_group_against_set() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::<u32, ()>::pair());
        let ((ran, runs), tracked, mut future) = (counter(), drops.track(), task.clone().into_future());
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let mut registration = task.on_completed(move |_| {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || registration.unregister());
        source.set_result(1);
        let removed = other.join().unwrap();
        assert_eq!((ran.load(SeqCst), drops.live()), (usize::from(!removed), 0));
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        drop((task, future));
    });
}

/// A callback comes and goes while another comes, who may get its slots.
#[test]
fn slots_of_a_callback_used_again() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, (source, task)) = (Drops::new(), Source::<u32, ()>::pair());
        let ((ran, runs), tracked, theirs) = (counter(), drops.track(), task.clone());
        let other = spawn(move || {
            for _ in 0..2 {
                assert!(theirs.on_completed(|_| unreachable!("it is taken back")).unregister());
            }
        });
        let registration = task.on_completed(move |_| {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        other.join().unwrap();
        source.set_result(1);
        assert_eq!((ran.load(SeqCst), drops.live()), (1, 0));
        drop((registration, task));
    });
}

/// A callback comes while the task is left pending: it never runs, and is dropped.
#[test]
fn callback_against_leave_pending() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::<u32, ()>::pair());
        let tracked = drops.track();
        let other = spawn(move || {
            task.on_completed(move |_| {
                let _tracked = tracked;
                unreachable!("the task never ends");
            })
            .detach();
        });
        source.leave_pending();
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A chain from both ends: nobody looks at its last task any more while the first one ends.
#[test]
fn chain_dropped_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::<u32, ()>::pair());
        let tracked = [drops.track(), drops.track()];
        let [one, two] = tracked;
        let middle: Task<u32, ()> = task.continue_with(INLINE, move |_| {
            drop(one);
            Ok(1)
        });
        let last: Task<_, ()> = middle.continue_with(INLINE, move |_| Ok(two));
        drop((task, middle));
        let other = spawn(move || drop(last));
        source.set_result(1);
        drop(source);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// The same while the first one is left pending.
#[test]
fn chain_dropped_against_leave_pending() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::<u32, ()>::pair());
        let [one, two] = [drops.track(), drops.track()];
        let middle: Task<_, ()> = task.continue_with(INLINE, move |_| Ok(one));
        let last: Task<_, ()> = middle.continue_with(INLINE, move |_| Ok(two));
        drop((task, middle));
        let other = spawn(move || drop(last));
        source.leave_pending();
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A chain is made longer while its first task ends.
#[test]
fn longer_chain_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::<u32, ()>::pair();
        let middle: Task<u32, ()> = task.continue_with(INLINE, |task| Ok(task.try_result().unwrap().unwrap() + 1));
        let other = spawn(move || -> Task<u32, ()> {
            middle.continue_with(INLINE, |task| Ok(task.try_result().unwrap().unwrap() + 1))
        });
        source.set_result(1);
        let last = other.join().unwrap();
        assert_eq!(last.try_result().and_then(Result::ok), Some(&3));
        drop(last);
    });
}

/// A task is continued while it is left pending: so is what continues it.
#[test]
fn continuation_against_leave_pending() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::<u32, ()>::pair());
        let tracked = drops.track();
        let other = spawn(move || -> Task<_, ()> { task.continue_with(INLINE, move |_| Ok(tracked)) });
        source.leave_pending();
        let next = other.join().unwrap();
        assert_eq!((drops.live(), next.is_completed()), (0, false));
    });
}

/// The same where a token is cancelled meanwhile: the continuation was cancelled, or stays pending too.
#[test]
fn cancellation_of_a_continuation_against_leave_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, cancel, (source, task)) = (Drops::new(), CancellationTokenSource::new(), Source::<u32, ()>::pair());
        let tracked = drops.track();
        let next: Task<_, ()> = task.continue_with(INLINE.with_token(cancel.token()), move |_| Ok(tracked));
        let other = spawn(move || cancel.cancel());
        source.leave_pending();
        other.join().unwrap();
        assert!(matches!(next.status(), TaskStatus::Pending | TaskStatus::Cancelled));
        assert_eq!(drops.live(), 0);
        drop((task, next));
    });
}

/// A closure returns a task that another thread ends.
#[test]
fn task_of_a_closure_against_its_end() {
    model(name!(), Bound::Preemptions(3), || {
        let ((source, task), (inner, value)) = (Source::<u32, ()>::pair(), Source::<u32, ()>::pair());
        let next = task.then(move |_| value);
        drop(task);
        let other = spawn(move || inner.set_result(8));
        source.set_result(7);
        other.join().unwrap();
        assert_eq!(next.try_result().and_then(Result::ok), Some(&8));
        drop(next);
    });
}
