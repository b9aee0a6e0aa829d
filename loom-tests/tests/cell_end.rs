//! Models of what becomes of a cell in the end: its outcome is moved out, it is used again, its fault was seen or not.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;
use taskcell::{BoxFuture, ContinuationOptions, Task, TaskCompletionSource, TaskStatus, fault};
use taskcell_loom_tests::cells::{Source, ended, told, value, waiting};
use taskcell_loom_tests::{Bound, Data, Drops, Order, Wakes, model, name, poll_once};

/// A source that finds nobody who looks sees what the last of them did.
#[test]
fn last_look_against_is_closed() {
    model(name!(), Bound::Exhaustive, || {
        let (data, (source, task)) = (Data::new(), Source::pair());
        let seen = data.clone();
        let other = spawn(move || {
            seen.read();
            drop(task);
        });
        if source.is_closed() {
            data.write();
        }
        other.join().unwrap();
        assert!(source.is_closed());
    });
}

/// The outcome is moved out only if nobody else looks any more, be it a handle that a source made just now.
#[test]
fn take_against_a_new_handle() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        source.set_result(value(&drops, 1));
        let other = spawn(move || {
            let task = source.task();
            drop(source);
            assert_eq!(ended(&task), Some(Some(1)));
        });
        match task.try_unwrap() {
            Ok(outcome) => outcome.unwrap().0.write(),
            Err(task) => assert_eq!(ended(&task), Some(Some(1))),
        }
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// Two want to move the outcome out: one of them does, or none.
#[test]
fn take_against_take() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        source.set_result(value(&drops, 1));
        drop(source);
        let second = task.clone();
        let other = spawn(move || second.try_unwrap().is_ok());
        let (first, second) = (task.try_unwrap().is_ok(), other.join().unwrap());
        assert!(!first || !second);
        assert_eq!(drops.live(), 0);
    });
}

/// A cell is used again only when a late waiter has gone, whose slot may then be written.
fn reset_against_a_waiter_that_goes(set: bool) {
    let (drops, old, new) = (Drops::new(), Wakes::new(), Wakes::new());
    let mut source = Source::new();
    let goes = waiting(&source.task(), &old);
    if set {
        source.set_result(value(&drops, 1));
    }
    let other = spawn(move || drop(goes));
    if source.try_reset() {
        assert_eq!(drops.live(), 0);
        let task = source.task();
        let future = waiting(&task, &new);
        source.set_result(value(&drops, 2));
        assert_eq!((new.count(), new.live(), told(future)), (1, 0, Some(2)));
    }
    other.join().unwrap();
    assert_eq!((old.count(), old.live()), (usize::from(set), 0));
    drop(source);
    assert_eq!(drops.live(), 0);
}

/// After its end.
#[test]
fn reset_against_a_late_waiter() {
    model(name!(), Bound::Exhaustive, || reset_against_a_waiter_that_goes(true));
}

/// While it is pending.
#[test]
fn reset_of_a_pending_cell_against_a_waiter() {
    model(name!(), Bound::Exhaustive, || reset_against_a_waiter_that_goes(false));
}

/// An error that counts how often the hook is told of it.
struct Unseen(Arc<AtomicUsize>);

/// Counts how often the hook is told from now on.
fn reports() -> Arc<AtomicUsize> {
    fault::set_unobserved_hook(|fault| {
        // Other models have faults of other kinds.
        if let Some(Unseen(reports)) = fault.error().and_then(|error| error.downcast_ref()) {
            reports.fetch_add(1, SeqCst);
        }
    });
    Arc::new(AtomicUsize::new(0))
}

/// Two handles of a faulted task go, on two threads. How often the hook is told.
fn fault_against_two_that_go(first: fn(Task<(), Unseen>), second: fn(Task<(), Unseen>)) -> usize {
    let reports = reports();
    let task = Task::from_error(Unseen(reports.clone()));
    let theirs = task.clone();
    let other = spawn(move || second(theirs));
    first(task);
    other.join().unwrap();
    assert_eq!(Arc::strong_count(&reports), 1);
    reports.load(SeqCst)
}

/// Nobody looks: the hook is told once. A status is no look.
#[test]
fn unseen_fault_against_two_that_go() {
    model(name!(), Bound::Exhaustive, || {
        let reports = fault_against_two_that_go(drop, |task| assert_eq!(task.status(), TaskStatus::Faulted));
        assert_eq!(reports, 1);
    });
}

/// One looks: the hook is not told, whoever goes last.
#[test]
fn seen_fault_against_the_last_that_goes() {
    model(name!(), Bound::Exhaustive, || {
        let reports = fault_against_two_that_go(drop, |task| assert!(task.try_result().unwrap().is_err()));
        assert_eq!(reports, 0);
    });
}

/// A source begins anew after a fault: the hook is told of one that nobody has seen, of each.
#[test]
fn reset_after_a_fault() {
    model(name!(), Bound::Exhaustive, || {
        let (reports, mut source) = (reports(), TaskCompletionSource::<(), _>::new());
        let mut told = 0;
        for is_seen in [true, false, true, false] {
            source.set_error(Unseen(reports.clone()));
            if is_seen {
                assert!(source.task().try_result().unwrap().is_err());
            }
            assert!(source.try_reset());
            told += usize::from(!is_seen);
            assert_eq!(reports.load(SeqCst), told);
        }
        assert_eq!(Arc::strong_count(&reports), 1);
    });
}

/// A pending source begins anew: its callbacks go on waiting, also where only those behind the head are left, and nobody
/// has said yet that the fault to come may go unseen.
#[test]
fn reset_of_a_pending_cell_with_callbacks() {
    model(name!(), Bound::Exhaustive, || {
        let (reports, order) = (reports(), Order::new());
        let mut source = TaskCompletionSource::<(), _>::new();
        let mut first = source.task().on_completed(|_| unreachable!("it is taken back"));
        assert!(!source.is_closed());
        for number in [1, 2] {
            let notes = order.clone();
            source.task().on_completed(move |_| notes.note(number)).detach();
        }
        assert!(first.unregister());
        drop(first);
        assert!(!source.is_closed());
        source.task().ignore();
        assert!(source.try_reset() && !source.is_closed());
        source.set_error(Unseen(reports.clone()));
        assert_eq!(order.seen(), [1, 2]);
        drop(source);
        assert_eq!((reports.load(SeqCst), Arc::strong_count(&reports)), (1, 1));
    });
}

/// What stays pending gives no outcome, though one handle is left.
#[test]
fn take_of_a_pending_cell() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::pair();
        source.leave_pending();
        let Err(task) = task.try_unwrap() else { panic!("there is no outcome") };
        assert_eq!(ended(&task), None);
    });
}

/// An executor drops the job of a continuation, or does it on the spot: the next task is abandoned, or complete.
#[test]
fn continuation_of_an_executor_that_drops() {
    model(name!(), Bound::Exhaustive, || {
        for does in [false, true] {
            let (wakes, (source, task)) = (Wakes::new(), Source::pair());
            let place = move |mut job: BoxFuture<'static, ()>| {
                assert!(!does || poll_once(&mut job, Waker::noop()).is_ready());
            };
            let next: Task<u32, ()> = task.continue_with(ContinuationOptions::on(place), |_| Ok(1));
            let mut future = next.clone().into_future();
            assert!(poll_once(&mut future, &wakes.waker()).is_pending());
            source.set_result(value(&Drops::new(), 1));
            assert_eq!((wakes.count(), wakes.live()), (1, 0));
            assert_eq!(next.try_result().unwrap().is_ok(), does);
        }
    });
}
