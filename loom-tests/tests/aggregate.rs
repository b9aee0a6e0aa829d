//! Models of aggregates: a task for all of several, and for the first of them.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::{Task, TaskStatus};
use taskcell_loom_tests::cells::{Source, Value, read, value};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

/// Two tasks, and the source of each.
fn two() -> ([Source; 2], [Task<Value, ()>; 2]) {
    let ((a, x), (b, y)) = (Source::pair(), Source::pair());
    ([a, b], [x, y])
}

/// Two threads end a task each: the aggregate has the value of either, once.
#[test]
fn any_of_two_that_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a, b], tasks) = two();
        let mut any = Task::when_any(tasks).into_future();
        assert!(poll_once(&mut any, &wakes.waker()).is_pending());
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || a.set_result(one));
        b.set_result(second);
        drop(b);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        let std::task::Poll::Ready(Ok((index, first))) = poll_once(&mut any, &wakes.waker()) else { panic!("ended") };
        assert_eq!(read(first.try_result().unwrap().unwrap()), index as u32 + 1);
        assert_eq!(drops.live(), 1, "the other one has gone");
        drop((any, first));
        assert_eq!(drops.live(), 0);
    });
}

/// A task ends while the aggregate is made.
#[test]
fn any_made_against_an_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        let any = Task::when_any(tasks.clone());
        other.join().unwrap();
        let (index, first) = any.try_unwrap().unwrap().unwrap();
        assert_eq!((index, read(first.try_result().unwrap().unwrap())), (0, 1));
        assert_eq!(tasks[1].listeners(), 0);
        drop((first, tasks));
        assert!(b.is_closed());
        assert_eq!(drops.live(), 0);
    });
}

/// The one that ends is the last in the list, and both do.
#[test]
fn any_made_against_two_ends() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || b.set_result(second));
        let third = spawn(move || a.set_result(one));
        let any = Task::when_any(tasks);
        other.join().unwrap();
        third.join().unwrap();
        let (index, first) = any.try_unwrap().unwrap().unwrap();
        assert_eq!(read(first.try_result().unwrap().unwrap()), index as u32 + 1);
        drop(first);
        assert_eq!(drops.live(), 0);
    });
}

/// Nobody looks any more while a task ends.
#[test]
fn any_dropped_against_an_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let any = Task::when_any(tasks);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        drop(any);
        other.join().unwrap();
        assert!(b.is_closed(), "nobody keeps the other");
        assert_eq!(drops.live(), 0);
    });
}

#[test]
fn all_of_two_that_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a, b], tasks) = two();
        let mut all = Task::when_all(tasks).into_future();
        assert!(poll_once(&mut all, &wakes.waker()).is_pending());
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || a.set_result(one));
        b.set_result(second);
        drop(b);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        let std::task::Poll::Ready(Ok(values)) = poll_once(&mut all, &wakes.waker()) else { panic!("ended") };
        assert_eq!(values.iter().map(read).collect::<Vec<_>>(), [1, 2]);
        drop((all, values));
        assert_eq!(drops.live(), 0);
    });
}

#[test]
fn all_made_against_two_ends() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let (one, second) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || b.set_result(second));
        let third = spawn(move || a.set_result(one));
        let all = Task::when_all(tasks);
        other.join().unwrap();
        third.join().unwrap();
        let values = all.try_unwrap().unwrap().unwrap();
        assert_eq!(values.iter().map(read).collect::<Vec<_>>(), [1, 2]);
        drop(values);
        assert_eq!(drops.live(), 0);
    });
}

/// Nobody looks any more while the last task ends.
#[test]
fn all_dropped_against_the_last_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let all = Task::when_all(tasks);
        a.set_result(value(&drops, 1));
        let second = value(&drops, 2);
        let other = spawn(move || b.set_result(second));
        drop(all);
        other.join().unwrap();
        drop(a);
        assert_eq!(drops.live(), 0);
    });
}

/// One task ends, the other is left pending for good.
#[test]
fn all_left_pending_against_an_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = two();
        let all = Task::when_all(tasks.clone());
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        b.leave_pending();
        other.join().unwrap();
        assert_eq!((all.status(), tasks[0].listeners()), (TaskStatus::Pending, 0));
        drop((all, tasks));
        assert_eq!(drops.live(), 0);
    });
}

/// Two go who looked.
#[test]
fn all_given_up_by_two() {
    model(name!(), Bound::Exhaustive, || {
        let ([a, _b], tasks) = two();
        let all = Task::when_all(tasks);
        let second = all.clone();
        let other = spawn(move || drop(second));
        drop(all);
        other.join().unwrap();
        assert!(a.is_closed());
    });
}

/// An aggregate of an aggregate: the inner one ends while the outer one goes.
#[test]
fn nested_aggregate_dropped_against_an_end() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let (a, x) = Source::pair();
        let outer = Task::when_any([Task::when_all([x])]);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        drop(outer);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}
