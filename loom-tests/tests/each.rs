//! Models of tasks in the order in which they end: entries that put against the reader that takes, waits and goes.
#![cfg(loom)]

use loom::thread::spawn;
use std::task::{Poll, Waker};
use taskcell::{CancellationToken, Task, WhenEachTask};
use taskcell_loom_tests::cells::{Source, Value, read, value};
use taskcell_loom_tests::children::Parent;
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

type Each = WhenEachTask<Value, ()>;

static NONE: CancellationToken = CancellationToken::NONE;

/// So many tasks, and the source of each.
fn tasks<const N: usize>() -> ([Source; N], [Task<Value, ()>; N]) {
    let pairs = [(); N].map(|()| Source::pair());
    let tasks = pairs.each_ref().map(|(_, task)| task.clone());
    (pairs.map(|(source, _)| source), tasks)
}

/// The next item, if it is there: its index, and what its task gave.
fn next(each: &mut Each, waker: &Waker) -> Poll<(usize, u32)> {
    poll_once(&mut each.next_or_cancelled(&NONE), waker).map(|next| number(next.unwrap().unwrap()))
}

/// A reader that waits.
struct Reader(std::sync::Arc<Parent>, Waker);

impl Reader {
    fn new() -> Self {
        let (parent, waker) = Parent::new();
        Self(parent, waker)
    }

    /// The next item.
    fn wait(&self, each: &mut Each) -> (usize, u32) {
        let mut wait = each.next_or_cancelled(&NONE);
        let item = match poll_once(&mut wait, &self.1) {
            Poll::Ready(item) => item,
            Poll::Pending => self.0.run(&mut wait, &self.1),
        };
        number(item.unwrap().unwrap())
    }
}

fn number((index, task): (usize, Task<Value, ()>)) -> (usize, u32) {
    (index, read(task.try_result().unwrap().unwrap()))
}

/// A task ends while the reader looks, or leaves its waker.
#[test]
fn put_against_wait() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        let first = next(&mut each, &wakes.waker());
        other.join().unwrap();
        match first {
            Poll::Ready(item) => assert_eq!(item, (0, 1)),
            Poll::Pending => {
                assert_eq!(wakes.count(), 1);
                assert_eq!(next(&mut each, &wakes.waker()), Poll::Ready((0, 1)));
            }
        }
        drop(each);
        assert_eq!((wakes.live(), drops.live()), (0, 0));
    });
}

/// Two tasks end on two threads while the reader looks, or leaves its waker: it is told, once, and gets both.
#[test]
fn two_put_against_a_reader() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a, b], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || a.set_result(one));
        let third = spawn(move || b.set_result(two));
        let first = next(&mut each, &wakes.waker());
        other.join().unwrap();
        third.join().unwrap();
        assert_eq!(wakes.count(), usize::from(first.is_pending()));
        let mut seen: Vec<_> = last_of(first).into_iter().collect();
        while seen.len() < 2 {
            let item = next(&mut each, &wakes.waker());
            assert!(item.is_ready(), "it has been put");
            seen.extend(last_of(item));
        }
        assert!(seen == [(0, 1), (1, 2)] || seen == [(1, 2), (0, 1)]);
        drop(each);
        assert_eq!(drops.live(), 0);
    });
}

/// Two tasks end on two threads, and a third on one of them: that order is kept.
#[test]
fn two_put_and_one_again() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, reader) = (Drops::new(), Reader::new());
        let ([a, b, c], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        let (one, two, three) = (value(&drops, 1), value(&drops, 2), value(&drops, 3));
        let other = spawn(move || a.set_result(one));
        b.set_result(two);
        c.set_result(three);
        let seen = [reader.wait(&mut each), reader.wait(&mut each), reader.wait(&mut each)];
        other.join().unwrap();
        assert_eq!(seen.iter().filter(|item| item.0 > 0).collect::<Vec<_>>(), [&(1, 2), &(2, 3)]);
        drop((each, b, c));
        assert_eq!(drops.live(), 0);
    });
}

/// The reader comes with another waker while a task ends.
#[test]
fn waker_of_a_reader_replaced_against_put() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, old, new) = (Drops::new(), Wakes::new(), Wakes::new());
        let ([a], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        assert!(next(&mut each, &old.waker()).is_pending());
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        let second = next(&mut each, &new.waker());
        other.join().unwrap();
        match second {
            Poll::Ready(item) => assert_eq!((item, new.count()), ((0, 1), 0)),
            Poll::Pending => {
                assert_eq!((old.count(), new.count()), (0, 1));
                assert_eq!(next(&mut each, &new.waker()), Poll::Ready((0, 1)));
            }
        }
        drop(each);
        assert_eq!((old.live(), new.live(), drops.live()), (0, 0, 0));
    });
}

/// The reader has been given what came, and waits again, while its last waker is still being taken.
#[test]
fn next_wait_against_the_taking_of_the_last_waker() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, old, new) = (Drops::new(), Wakes::new(), Wakes::new());
        let ([a, b], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        assert!(next(&mut each, &old.waker()).is_pending());
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        let first = next(&mut each, &new.waker());
        let second = next(&mut each, &new.waker());
        b.set_result(value(&drops, 2));
        other.join().unwrap();
        let seen = match (first, second) {
            (Poll::Ready(first), Poll::Ready(second)) => vec![first, second],
            (Poll::Ready(item), _) | (_, Poll::Ready(item)) => {
                let last = next(&mut each, &new.waker());
                assert!(new.count() > 0 && last.is_ready());
                std::iter::once(item).chain(last_of(last)).collect()
            }
            _ => {
                assert!(new.count() > 0);
                [next(&mut each, &new.waker()), next(&mut each, &new.waker())].into_iter().flat_map(last_of).collect()
            }
        };
        assert!(seen == [(0, 1), (1, 2)] || seen == [(1, 2), (0, 1)]);
        drop((each, b));
        assert_eq!((old.live(), new.live(), drops.live()), (0, 0, 0));
    });
}

fn last_of(item: Poll<(usize, u32)>) -> Option<(usize, u32)> {
    match item {
        Poll::Ready(item) => Some(item),
        Poll::Pending => None,
    }
}

/// The reader waits with the waker that is just being taken: that wake is enough.
#[test]
fn wait_with_the_waker_that_is_being_taken() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || {
            a.set_result(one);
            b.set_result(two);
        });
        let wakes = Wakes::new();
        let waker = wakes.waker();
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.extend(last_of(next(&mut each, &waker)).filter(|_| seen.len() < 2));
            if seen.len() == 2 {
                break;
            }
        }
        other.join().unwrap();
        if seen.len() < 2 {
            assert!(wakes.count() > 0);
        }
        while seen.len() < 2 {
            seen.extend(last_of(next(&mut each, &waker)));
        }
        assert_eq!(seen, [(0, 1), (1, 2)]);
        drop((each, waker));
        assert_eq!((wakes.live(), drops.live()), (0, 0));
    });
}

/// The reader goes while a task ends that would wake it.
#[test]
fn reader_dropped_against_put() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a, b], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        assert!(next(&mut each, &wakes.waker()).is_pending());
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        drop(each);
        other.join().unwrap();
        assert_eq!(wakes.live(), 0);
        assert!(b.is_closed(), "nobody keeps the other");
        assert_eq!(drops.live(), 0);
    });
}

/// The reader has all, and goes, while the last entry is still at work.
#[test]
fn reader_with_all_dropped_against_the_last_entry() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, wakes) = (Drops::new(), Wakes::new());
        let ([a], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        assert!(next(&mut each, &wakes.waker()).is_pending());
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        let item = next(&mut each, &wakes.waker());
        drop(each);
        other.join().unwrap();
        if let Poll::Ready(item) = item {
            assert_eq!(item, (0, 1));
        }
        assert_eq!((wakes.live(), drops.live()), (0, 0));
    });
}

/// Two tasks end while the reader goes.
#[test]
fn reader_dropped_against_two_puts() {
    model(name!(), Bound::Preemptions(3), || {
        let drops = Drops::new();
        let ([a, b], tasks) = tasks();
        let each = Task::when_each(tasks);
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || {
            a.set_result(one);
            b.set_result(two);
        });
        drop(each);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// Tasks end while the reader is made.
#[test]
fn reader_made_against_two_ends() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, reader) = (Drops::new(), Reader::new());
        let ([a, b], tasks) = tasks();
        let (one, two) = (value(&drops, 1), value(&drops, 2));
        let other = spawn(move || {
            b.set_result(two);
            a.set_result(one);
        });
        let mut each = Task::when_each(tasks);
        let (first, second) = (reader.wait(&mut each), reader.wait(&mut each));
        other.join().unwrap();
        assert!((first, second) == ((0, 1), (1, 2)) || (first, second) == ((1, 2), (0, 1)));
        drop(each);
        assert_eq!(drops.live(), 0);
    });
}

/// A task is left pending for good while another one ends.
#[test]
fn put_against_leaving_pending() {
    model(name!(), Bound::Preemptions(3), || {
        let (drops, reader) = (Drops::new(), Reader::new());
        let ([a, b], tasks) = tasks();
        let mut each = Task::when_each(tasks);
        let one = value(&drops, 1);
        let other = spawn(move || a.set_result(one));
        b.leave_pending();
        assert_eq!(reader.wait(&mut each), (0, 1));
        other.join().unwrap();
        drop(each);
        assert_eq!(drops.live(), 0);
    });
}
