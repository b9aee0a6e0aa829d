//! Models of one cell: who completes it, who waits, who goes.
#![cfg(loom)]

use loom::thread::spawn;
use std::task::Poll;
use taskcell::TaskStatus;
use taskcell_loom_tests::cells::{Source, ended, number, told, value, waiting};
use taskcell_loom_tests::{Bound, Drops, Wakes, block_on, model, name, poll_once};

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

/// Somebody comes to wait by reference, and goes again: if he is told, he sees all of the outcome.
#[test]
fn set_against_wait_by_reference() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes, (source, task)) = (Drops::new(), Wakes::new(), Source::pair());
        let waker = wakes.waker();
        let other = spawn(move || {
            if let Poll::Ready(outcome) = poll_once(&mut (&task).into_future(), &waker) {
                assert_eq!(number(outcome), Some(1));
            }
        });
        source.set_result(value(&drops, 1));
        drop(source);
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!((wakes.live(), drops.live()), (0, 0));
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
