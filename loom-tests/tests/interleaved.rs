//! Models of tasks that take over the outcomes of others, in the order in which those end.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::{Task, TaskStatus};
use taskcell_loom_tests::cells::{Source, Value, ended, value};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

/// Two tasks, and the source of each.
fn two() -> ([Source; 2], [Task<Value, ()>; 2]) {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    ([a, b], [x, y])
}

/// What two that were dealt to have.
fn both(dealt: &[Task<Value, ()>]) -> [Option<Option<u32>>; 2] {
    [ended(&dealt[0]), ended(&dealt[1])]
}

/// Two tasks end on two threads: each outcome is dealt once, and the waiter for either is told.
#[test]
fn dealt_by_two_that_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a, b], tasks) = two();
        let dealt = Task::interleaved(tasks);
        let mut wait = (&dealt[1]).into_future();
        assert!(poll_once(&mut wait, &wakes.waker()).is_pending());
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || a.set_result(one));
        b.set_result(second);
        drop(b);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        drop(wait);
        let both = both(&dealt);
        assert!(both == [Some(Some(1)), Some(Some(2))] || both == [Some(Some(2)), Some(Some(1))]);
        assert_eq!(drops.live(), 2);
        drop(dealt);
        assert_eq!(drops.live(), 0);
    });
}

/// Nobody looks at any of them any more while a task ends.
#[test]
fn dealt_and_dropped_against_an_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let dealt = Task::interleaved(tasks);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        drop(dealt);
        other.join().unwrap();
        assert!(b.is_closed(), "nobody keeps the other");
        assert_eq!(drops.live(), 0);
    });
}

/// They are dropped by two threads: the last of them takes the entries out.
#[test]
fn dealt_and_dropped_by_two() {
    model(name!(), Bound::Exhaustive, || {
        let (a, x) = Source::pair();
        let mut dealt = Task::interleaved([x]);
        let first = dealt.pop().unwrap();
        let second = first.clone();
        let other = spawn(move || drop(second));
        drop(first);
        other.join().unwrap();
        assert!(a.is_closed());
    });
}

/// Each of two is dropped by a thread of its own.
#[test]
fn two_dealt_and_each_dropped() {
    model(name!(), Bound::Preemptions(3), || {
        let ([a, b], tasks) = two();
        let mut dealt = Task::interleaved(tasks);
        let (second, first) = (dealt.pop(), dealt.pop());
        let other = spawn(move || drop(second));
        drop(first);
        other.join().unwrap();
        assert!(a.is_closed() && b.is_closed());
    });
}

/// One ends, the other is left pending for good.
#[test]
fn dealt_against_leaving_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let dealt = Task::interleaved(tasks);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        b.leave_pending();
        other.join().unwrap();
        assert_eq!((ended(&dealt[0]), dealt[1].status()), (Some(Some(1)), TaskStatus::Pending));
        drop(dealt);
        assert_eq!(drops.live(), 0);
    });
}

/// Tasks end while others are made of them.
#[test]
fn dealt_while_they_are_made() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || {
            b.set_result(second);
            a.set_result(one);
        });
        let dealt = Task::interleaved(tasks);
        other.join().unwrap();
        let both = both(&dealt);
        assert!(both == [Some(Some(1)), Some(Some(2))] || both == [Some(Some(2)), Some(Some(1))]);
        drop(dealt);
        assert_eq!(drops.live(), 0);
    });
}
