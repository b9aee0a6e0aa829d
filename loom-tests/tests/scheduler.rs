//! Models of schedulers: a job's turns, the run queue of a pair, its permits, its end.
#![cfg(loom)]

use loom::thread::spawn;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use taskcell::{PairScheduler, Spawner, TaskScheduler};
use taskcell_loom_tests::jobs::{drive, pair};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, model, name, poll_once};

/// How many jobs have run; no part of the model.
#[derive(Clone, Default)]
struct Ran(Arc<AtomicUsize>);

impl Ran {
    fn queue(&self, half: &PairScheduler, f: impl FnOnce() + Send + 'static) {
        let ran = self.0.clone();
        half.queue(Box::new(move || {
            f();
            ran.fetch_add(1, SeqCst);
        }));
    }
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// The only worker finds the queue empty and leaves while a job is pushed: it is run by that worker or by a new one.
#[test]
fn push_against_the_worker_that_leaves() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(1);
        let (ran, half) = (Ran::default(), pair.concurrent());
        ran.queue(&half, || ());
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        ran.queue(&half, || ());
        thread.join().unwrap();
        kept.run();
        assert_eq!(ran.count(), 2);
    });
}

/// The same on the exclusive half, whose jobs see what the one before wrote.
#[test]
fn exclusive_push_against_the_worker_that_leaves() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(1);
        let (ran, half, data) = (Ran::default(), pair.exclusive(), Data::new());
        let (one, two) = (data.clone(), data.clone());
        ran.queue(&half, move || one.write());
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        ran.queue(&half, move || two.write());
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(ran.count(), 2);
    });
}

/// A concurrent worker and a push to the exclusive half: the jobs never overlap.
#[test]
fn exclusive_push_against_a_concurrent_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (kept, pair) = pair(2);
        let (ran, data) = (Ran::default(), Data::new());
        let (one, two) = (data.clone(), data.clone());
        ran.queue(&pair.concurrent(), move || one.write());
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        ran.queue(&pair.exclusive(), move || two.write());
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(ran.count(), 2);
    });
}

/// An exclusive worker and a push to the concurrent half.
#[test]
fn concurrent_push_against_the_exclusive_worker() {
    model(name!(), Bound::Exhaustive, || {
        let (kept, pair) = pair(2);
        let (ran, data) = (Ran::default(), Data::new());
        let (one, two) = (data.clone(), data.clone());
        ran.queue(&pair.exclusive(), move || one.write());
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        ran.queue(&pair.concurrent(), move || two.write());
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(ran.count(), 2);
    });
}

/// A job is woken by one thread while it is polled by another: no wake is lost, and what came before it is seen.
#[test]
fn job_woken_against_its_poll() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(1);
        let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
        let done = Arc::new(loom::sync::atomic::AtomicBool::new(false));
        let (keep, sent, drops) = (waker.clone(), done.clone(), Drops::new());
        let tracked = drops.track();
        pair.concurrent().spawn(Box::pin(poll_fn(move |cx| {
            let _ = &tracked;
            *keep.lock().unwrap() = Some(cx.waker().clone());
            if sent.load(loom::sync::atomic::Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        })));
        kept.run();
        let waker = waker.lock().unwrap().take().unwrap();
        // A wake for nothing, so that the other one meets a queue, a poll, or neither.
        waker.wake_by_ref();
        let thread = spawn(move || {
            done.store(true, loom::sync::atomic::Ordering::Relaxed);
            waker.wake();
        });
        kept.run();
        thread.join().unwrap();
        kept.run();
        assert_eq!(drops.count(), 1, "it has ended");
    });
}

/// Two threads wake one job that is idle: it is queued once, and its polls see each other's doings.
#[test]
fn job_woken_by_two() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(1);
        let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
        let (keep, data) = (waker.clone(), Data::new());
        let kept_waker = waker.clone();
        let polled = Arc::new(AtomicUsize::new(0));
        let polls = polled.clone();
        pair.concurrent().spawn(Box::pin(poll_fn(move |cx| {
            data.write();
            *keep.lock().unwrap() = Some(cx.waker().clone());
            polls.fetch_add(1, SeqCst);
            Poll::<()>::Pending
        })));
        kept.run();
        let waker = waker.lock().unwrap().take().unwrap();
        let (other, worker) = (waker.clone(), kept.clone());
        let thread = spawn(move || {
            other.wake();
            worker.run();
        });
        waker.wake();
        kept.run();
        thread.join().unwrap();
        kept.run();
        let polls = polled.load(SeqCst);
        assert!(polls == 2 || polls == 3, "{polls}");
        // It was the job's own: the future goes with it.
        drop(kept_waker.lock().unwrap().take());
    });
}

/// The last future ends while the pair is completed: the completion comes once, and after what the future did.
#[test]
fn complete_against_the_last_end() {
    model(name!(), Bound::Exhaustive, || {
        let (kept, pair) = pair(1);
        let (ran, data, wakes) = (Ran::default(), Data::new(), Wakes::new());
        let written = data.clone();
        ran.queue(&pair.concurrent(), move || written.write());
        let completion = pair.completion();
        let mut wait = completion.clone().into_future();
        assert!(poll_once(&mut wait, &wakes.waker()).is_pending());
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        pair.complete();
        if completion.is_completed() {
            data.write();
        }
        thread.join().unwrap();
        assert_eq!((wakes.count(), completion.is_completed()), (1, true));
    });
}

/// A worker is dropped while a job is pushed: the job is dropped or run, never left behind.
#[test]
fn push_against_a_worker_that_is_dropped() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(1);
        let (ran, half, drops) = (Ran::default(), pair.concurrent(), Drops::new());
        let tracked = [drops.track(), drops.track()];
        let [one, two] = tracked;
        ran.queue(&half, move || drop(one));
        let worker = kept.take();
        let thread = spawn(move || drop(worker));
        ran.queue(&half, move || drop(two));
        thread.join().unwrap();
        kept.run();
        assert_eq!(drops.count(), 2);
    });
}

/// A job is polled by one worker, and woken at once by a thread that starts another one: the polls follow each other.
#[test]
fn job_polled_by_two_workers() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(2);
        let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
        let (keep, data) = (waker.clone(), Data::new());
        let polled = loom::sync::Arc::new(loom::sync::atomic::AtomicBool::new(false));
        let tell = polled.clone();
        pair.concurrent().spawn(Box::pin(poll_fn(move |cx| {
            data.write();
            *keep.lock().unwrap() = Some(cx.waker().clone());
            tell.store(true, loom::sync::atomic::Ordering::Relaxed);
            Poll::<()>::Pending
        })));
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        if polled.load(loom::sync::atomic::Ordering::Relaxed) {
            let waker = waker.lock().unwrap().take();
            waker.into_iter().for_each(Waker::wake);
            kept.run();
        }
        thread.join().unwrap();
        kept.run();
        drop(waker.lock().unwrap().take());
    });
}

/// The last two futures end on two threads: who is told of the completion sees what both did.
#[test]
fn two_last_ends() {
    model(name!(), Bound::Preemptions(3), || {
        let (kept, pair) = pair(2);
        let (ran, one, two) = (Ran::default(), Data::new(), Data::new());
        let written = [one.clone(), two.clone()];
        for data in written {
            ran.queue(&pair.concurrent(), move || data.write());
        }
        pair.complete();
        let told = Arc::new(AtomicUsize::new(0));
        let (completion, tell) = (pair.completion(), told.clone());
        let look = move |_: &_| {
            one.read();
            two.read();
            tell.fetch_add(1, SeqCst);
        };
        completion.on_completed(look).detach();
        let worker = kept.take();
        let thread = spawn(move || drive(worker));
        kept.run();
        thread.join().unwrap();
        assert_eq!((ran.count(), told.load(SeqCst)), (2, 1));
    });
}

/// A pair that is closed takes nothing new, and nothing is started for what comes.
#[test]
fn job_for_a_pair_that_is_closed() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), ran, drops) = (pair(2), Ran::default(), Drops::new());
        assert!(!pair.is_completed());
        pair.complete();
        assert!(pair.is_completed());
        let tracked = drops.track();
        ran.queue(&pair.concurrent(), move || drop(tracked));
        assert_eq!((ran.count(), drops.live(), kept.pop().is_none()), (0, 0, true));
    });
}

/// One of two workers goes without an end: the other one does what there is to do, and a new one what comes.
#[test]
fn worker_dropped_beside_another() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), ran) = (pair(2), Ran::default());
        let half = pair.concurrent();
        ran.queue(&half, || ());
        ran.queue(&half, || ());
        assert!(!pair.is_completed());
        drop(kept.take());
        drive(kept.take());
        assert_eq!((ran.count(), kept.pop().is_none()), (2, true));
        ran.queue(&half, || ());
        drive(kept.take());
        assert_eq!((ran.count(), kept.pop().is_none()), (3, true));
    });
}

/// While an exclusive job waits no worker comes to the concurrent ones that poll.
#[test]
fn concurrent_job_behind_an_exclusive_one() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), ran) = (pair(2), Ran::default());
        ran.queue(&pair.concurrent(), || ());
        ran.queue(&pair.exclusive(), || ());
        ran.queue(&pair.concurrent(), || ());
        let worker = kept.take();
        assert!(kept.pop().is_none(), "a second worker");
        drive(worker);
        kept.run();
        assert_eq!(ran.count(), 3);
    });
}

/// After the exclusive jobs' share as many workers as there may be poll the concurrent ones, though an exclusive one waits.
#[test]
fn concurrent_jobs_after_the_exclusive_share() {
    model(name!(), Bound::Exhaustive, || {
        let ((kept, pair), ran) = (pair(2), Ran::default());
        for half in [pair.exclusive(), pair.exclusive(), pair.concurrent(), pair.concurrent()] {
            ran.queue(&half, || ());
        }
        let mut worker = kept.take();
        assert!(kept.pop().is_none(), "one polls alone");
        assert!(poll_once(&mut worker, Waker::noop()).is_pending());
        let second = kept.take();
        drive(worker);
        drive(second);
        kept.run();
        assert_eq!(ran.count(), 4);
    });
}
