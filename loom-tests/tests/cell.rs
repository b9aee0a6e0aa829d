//! Models of one cell: who completes it, who looks, who waits, who goes.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use taskcell::{Task, TaskCompletionSource, TaskError, TaskStatus, WaitForOutcome, fault};
use taskcell_loom_tests::{Bound, Data, Drops, Tracked, Wakes, block_on, model, name, poll_once};

/// What the tasks give: plain memory, a number, and a drop that is counted.
type Value = Arc<(Data, u32, Tracked)>;
type Source = TaskCompletionSource<Value, ()>;

fn value(drops: &Drops, number: u32) -> Value {
    let value = Arc::new((Data::new(), number, drops.track()));
    value.0.write();
    value
}

/// The number of a task that has ended, whose value is complete. None: it was abandoned.
fn number(outcome: Result<&Value, &TaskError<()>>) -> Option<u32> {
    match outcome {
        Ok(value) => {
            value.0.read();
            Some(value.1)
        }
        Err(error) => {
            assert!(error.is_abandoned());
            None
        }
    }
}

/// The same, if it has ended.
fn ended(task: &Task<Value, ()>) -> Option<Option<u32>> {
    task.try_result().map(number)
}

/// The same of a future that must not wait any more.
fn told(mut future: WaitForOutcome<Value, ()>) -> Option<u32> {
    let Poll::Ready(outcome) = poll_once(&mut future, &Wakes::new().waker()) else { panic!("it has ended") };
    number(outcome.as_ref())
}

/// Somebody who waits.
fn waiting(task: &Task<Value, ()>, wakes: &Wakes) -> WaitForOutcome<Value, ()> {
    let mut future = task.clone().into_future();
    assert!(poll_once(&mut future, &wakes.waker()).is_pending());
    future
}

/// One of two wins, and the other gets his value back.
#[test]
fn set_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let (second, one, two) = (source.clone(), value(&drops, 1), value(&drops, 2));
        let other = spawn(move || second.try_set_result(two).is_ok());
        let first = source.try_set_result(one).map_err(|back| assert_eq!(back.1, 1)).is_ok();
        let second = other.join().unwrap();
        assert_ne!(first, second);
        assert_eq!(ended(&task), Some(Some(if first { 1 } else { 2 })));
        assert_eq!(drops.live(), 1);
        drop((source, task));
        assert_eq!(drops.live(), 0);
    });
}

/// Whoever sees that it has ended sees all of the outcome.
#[test]
fn set_against_look() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let other = spawn(move || {
            if task.status() != TaskStatus::Pending {
                assert_eq!(ended(&task), Some(Some(1)));
            }
        });
        source.set_result(value(&drops, 1));
        drop(source);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A waiter is woken once or told at once, and then sees all of the outcome.
#[test]
fn set_against_wait() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::pair());
        let (waker, mut future) = (wakes.waker(), task.into_future());
        let other = spawn(move || match poll_once(&mut future, &waker) {
            Poll::Ready(outcome) => {
                assert_eq!(number(outcome.as_ref()), Some(1));
                None
            }
            Poll::Pending => Some(future),
        });
        source.set_result(value(&drops, 1));
        let waits = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(waits.is_some()), 0));
        assert!(waits.is_none_or(|future| told(future) == Some(1)));
        drop(source);
        assert_eq!(drops.live(), 0);
    });
}

/// A thread that sleeps is woken for good, and moves the value out if it is alone.
#[test]
fn set_against_sleep() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, (source, task)) = (Drops::new(), Source::pair());
        let sleeper = spawn(move || assert_eq!(number(block_on(task.into_future()).as_ref()), Some(1)));
        source.set_result(value(&drops, 1));
        drop(source);
        sleeper.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A waiter comes while the last source goes: it is woken once or told at once.
#[test]
fn wait_against_the_last_source() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let (waker, mut future) = (wakes.waker(), task.into_future());
        let other = spawn(move || match poll_once(&mut future, &waker) {
            Poll::Ready(outcome) => {
                assert_eq!(number(outcome.as_ref()), None);
                None
            }
            Poll::Pending => Some(future),
        });
        drop(source);
        let waits = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(waits.is_some()), 0));
        assert!(waits.is_none_or(|future| told(future).is_none()));
    });
}

/// The last source and the last who looks go: one of them frees the cell.
#[test]
fn last_look_against_the_last_source() {
    model(name!(), Bound::Exhaustive, || {
        let (source, task) = Source::pair();
        let other = spawn(move || assert!(matches!(ended(&task), None | Some(None))));
        drop(source);
        other.join().unwrap();
    });
}

/// One of two sources is the last: the task is abandoned, once.
#[test]
fn two_last_sources() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let (second, future) = (source.clone(), waiting(&task, &wakes));
        let other = spawn(move || drop(second));
        drop(source);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        assert_eq!((told(future), ended(&task)), (None, Some(None)));
    });
}

/// Two sources go and nobody looks: one of them frees the cell.
#[test]
fn two_last_sources_and_nobody_looks() {
    model(name!(), Bound::Exhaustive, || {
        let source = Source::new();
        let second = source.clone();
        let other = spawn(move || drop(second));
        drop(source);
        other.join().unwrap();
    });
}

/// A source that ends the task and goes, against one that only goes: what was set stays, and is delivered once.
fn set_against_a_source_that_goes(go: fn(Source)) {
    let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::pair());
    let (second, future) = (source.clone(), waiting(&task, &wakes));
    let other = spawn(move || go(second));
    source.set_result(value(&drops, 1));
    drop(source);
    other.join().unwrap();
    assert_eq!((wakes.count(), wakes.live()), (1, 0));
    assert_eq!((told(future), ended(&task)), (Some(1), Some(Some(1))));
    drop(task);
    assert_eq!(drops.live(), 0);
}

/// It drops.
#[test]
fn set_against_the_last_source() {
    model(name!(), Bound::Exhaustive, || set_against_a_source_that_goes(drop));
}

/// It leaves the task pending.
#[test]
fn set_against_leave_pending() {
    model(name!(), Bound::Exhaustive, || set_against_a_source_that_goes(Source::leave_pending));
}

/// Somebody waits for what stays pending: he hears nothing, and nothing of him stays.
#[test]
fn leave_pending_against_wait() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let (waker, mut future) = (wakes.waker(), task.into_future());
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        source.leave_pending();
        let future = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
        drop(future);
    });
}

/// One drops and the other leaves: whoever is last decides, and the waiter is woken or dropped.
#[test]
fn leave_pending_against_the_last_source() {
    model(name!(), Bound::Exhaustive, || {
        let (wakes, (source, task)) = (Wakes::new(), Source::pair());
        let (second, future) = (source.clone(), waiting(&task, &wakes));
        let other = spawn(move || second.leave_pending());
        drop(source);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(task.is_completed()), 0));
        drop(future);
    });
}

/// A waiter goes while it is woken; the other one is woken once, and sees the value.
#[test]
fn leave_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, gone, stays, (source, task)) = (Drops::new(), Wakes::new(), Wakes::new(), Source::pair());
        let (goes, future) = (waiting(&task, &gone), waiting(&task, &stays));
        drop(task);
        let other = spawn(move || drop(goes));
        source.set_result(value(&drops, 1));
        other.join().unwrap();
        assert!(gone.count() <= 1);
        assert_eq!((gone.live(), stays.count(), stays.live()), (0, 1, 0));
        assert_eq!(told(future), Some(1));
        drop(source);
        assert_eq!(drops.live(), 0);
    });
}

/// Whoever polls with another waker has that one woken, or hears that it is over; the replaced one is left alone.
#[test]
fn replace_waker_against_set() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, old, new, (source, task)) = (Drops::new(), Wakes::new(), Wakes::new(), Source::pair());
        let (waker, mut future) = (new.waker(), waiting(&task, &old));
        let other = spawn(move || match poll_once(&mut future, &waker) {
            Poll::Ready(outcome) => {
                assert_eq!(number(outcome.as_ref()), Some(1));
                None
            }
            Poll::Pending => Some(future),
        });
        source.set_result(value(&drops, 1));
        let waits = other.join().unwrap();
        match &waits {
            Some(_) => assert_eq!((old.count(), new.count()), (0, 1)),
            None => assert_eq!(new.count(), 0),
        }
        assert_eq!((old.live(), new.live()), (0, 0));
        drop((waits, source, task));
        assert_eq!(drops.live(), 0);
    });
}

/// The same against a source that leaves.
#[test]
fn replace_waker_against_leave_pending() {
    model(name!(), Bound::Exhaustive, || {
        let (old, new, (source, task)) = (Wakes::new(), Wakes::new(), Source::pair());
        let (waker, mut future) = (new.waker(), waiting(&task, &old));
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        source.leave_pending();
        let future = other.join().unwrap();
        assert_eq!((old.count(), old.live(), new.count(), new.live()), (0, 0, 0, 0));
        drop((future, task));
    });
}

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

/// Two handles of a faulted task go, on two threads. How often the hook is told.
fn fault_against_two_that_go(first: fn(Task<(), Unseen>), second: fn(Task<(), Unseen>)) -> usize {
    fault::set_unobserved_hook(|fault| {
        // Other models have faults of other kinds.
        if let Some(Unseen(reports)) = fault.error().and_then(|error| error.downcast_ref()) {
            reports.fetch_add(1, SeqCst);
        }
    });
    let reports = Arc::new(AtomicUsize::new(0));
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
