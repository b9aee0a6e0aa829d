//! Models of a pair of schedulers: in which order jobs are polled, how many workers there are, and who is a member.
#![cfg(loom)]

use loom::thread::{spawn, yield_now};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;
use taskcell::{PairScheduler, TaskScheduler};
use taskcell_loom_tests::jobs::{drive, pair};
use taskcell_loom_tests::{Bound, Data, Order, model, name, poll_once};

/// Queues jobs that note their numbers.
fn queue(half: &PairScheduler, order: &Order, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let order = order.clone();
        half.queue(Box::new(move || order.note(number)));
    }
}

/// No more workers are started than there may be.
#[test]
fn workers_up_to_the_limit() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        queue(&pair.concurrent(), &order, 1..=3);
        assert_eq!(kept.count(), 2);
        kept.run();
        assert_eq!(order.seen(), [1, 2, 3]);
    });
}

/// An exclusive job waits: the concurrent worker that comes is the exclusive one, which goes before concurrent jobs.
#[test]
fn exclusive_job_goes_first() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        queue(&pair.concurrent(), &order, [2]);
        queue(&pair.exclusive(), &order, [1]);
        queue(&pair.concurrent(), &order, [3]);
        kept.run();
        assert_eq!(order.seen(), [1, 2, 3]);
    });
}

/// After the exclusive jobs' share each concurrent worker polls one, the second of them before the first has looked again.
#[test]
fn turn_of_the_concurrent_jobs() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        queue(&pair.exclusive(), &order, [1, 4]);
        queue(&pair.concurrent(), &order, [2, 3]);
        let mut worker = kept.take();
        assert!(poll_once(&mut worker, Waker::noop()).is_pending());
        drive(kept.take());
        assert_eq!(order.seen(), [1, 2, 3]);
        drive(worker);
        assert_eq!((order.seen(), kept.count()), (vec![1, 2, 3, 4], 0));
    });
}

/// A worker that has polled one in the concurrent jobs' turn ends that turn: the exclusive job is next, and nobody starts a
/// worker for another concurrent one.
#[test]
fn end_of_the_concurrent_jobs_turn() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        queue(&pair.exclusive(), &order, [1, 3]);
        queue(&pair.concurrent(), &order, [2, 4]);
        let mut worker = kept.take();
        assert!(poll_once(&mut worker, Waker::noop()).is_pending());
        let second = kept.take();
        drive(worker);
        assert_eq!(order.seen(), [1, 2]);
        queue(&pair.concurrent(), &order, [5]);
        assert_eq!(kept.count(), 0, "an exclusive one waits");
        drive(second);
        kept.run();
        assert_eq!(order.seen(), [1, 2, 3, 4, 5]);
    });
}

/// The concurrent jobs have their turn, and there are none: the worker goes on with the exclusive ones, alone.
#[test]
fn turn_that_nobody_takes() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        let (concurrent, exclusive) = (pair.concurrent(), pair.exclusive());
        let (keeps, noted) = (kept.clone(), order.clone());
        pair.concurrent().queue(Box::new(move || {
            queue(&exclusive, &noted, [1]);
            // The concurrent queue is empty, which nobody has said yet.
            exclusive.queue(Box::new(move || {
                queue(&concurrent, &noted, [3]);
                noted.note(if keeps.count() == 0 { 2 } else { 0 });
            }));
        }));
        kept.run();
        assert_eq!(order.seen(), [1, 2, 3]);
    });
}

/// The end of a concurrent turn against a push: the number of workers is right, and the exclusive job is alone.
#[test]
fn push_against_the_end_of_a_turn() {
    model(name!(), Bound::Preemptions(3), || {
        let ((kept, pair), order, data) = (pair(2), Order::new(), Data::new());
        let (one, two) = (data.clone(), data.clone());
        queue(&pair.exclusive(), &order, [1]);
        queue(&pair.concurrent(), &order, [2]);
        let noted = order.clone();
        pair.exclusive().queue(Box::new(move || {
            one.write();
            noted.note(3);
        }));
        let mut worker = kept.take();
        assert!(poll_once(&mut worker, Waker::noop()).is_pending());
        assert_eq!(order.seen(), [1, 2]);
        let thread = spawn(move || drive(worker));
        let noted = order.clone();
        pair.concurrent().queue(Box::new(move || {
            two.write();
            noted.note(4);
        }));
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(order.seen().len(), 4);
        // All have gone: as many as before may come.
        queue(&pair.concurrent(), &order, 5..=7);
        assert_eq!(kept.count(), 2);
        kept.run();
    });
}

/// The last concurrent worker leaves while a job comes, which queues an exclusive one: that does not begin before its end.
#[test]
fn exclusive_push_by_a_job_against_a_worker_that_leaves() {
    model(name!(), Bound::Preemptions(3), || {
        let ((kept, pair), order, data) = (pair(2), Order::new(), Data::new());
        queue(&pair.concurrent(), &order, [1]);
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        yield_now();
        let (exclusive, noted) = (pair.exclusive(), order.clone());
        pair.concurrent().queue(Box::new(move || {
            let written = data.clone();
            exclusive.queue(Box::new(move || written.write()));
            data.write();
            noted.note(2);
        }));
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(order.seen().len(), 2);
    });
}

/// Two threads come with a job each: the pair has ended when both have.
#[test]
fn two_members_and_the_end() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), early) = (pair(1), Arc::new(AtomicUsize::new(0)));
        let job = || {
            let (early, completion) = (early.clone(), pair.completion());
            Box::new(move || _ = early.fetch_add(completion.is_completed().into(), SeqCst))
        };
        let (half, theirs) = (pair.exclusive(), job());
        let thread = spawn(move || half.queue(theirs));
        pair.concurrent().queue(job());
        thread.join().unwrap();
        pair.complete();
        kept.run();
        assert_eq!((early.load(SeqCst), pair.completion().is_completed()), (0, true));
    });
}

/// An exclusive job comes when the concurrent queue is empty, but a concurrent job is still being polled: it waits for that.
#[test]
fn exclusive_push_beside_the_last_concurrent_job() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), order) = (pair(2), Order::new());
        let (inside, exclusive, noted) = (kept.clone(), pair.exclusive(), order.clone());
        pair.concurrent().queue(Box::new(move || {
            // The other worker polls what is left, and leaves.
            drive(inside.take());
            queue(&exclusive, &noted, [3]);
            assert_eq!(inside.count(), 0, "nobody starts a worker");
            noted.note(2);
        }));
        queue(&pair.concurrent(), &order, [1]);
        kept.run();
        assert_eq!(order.seen(), [1, 2, 3]);
    });
}
