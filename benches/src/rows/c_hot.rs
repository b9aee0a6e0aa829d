//! C1h, C2h and C5h: tasks that are under way, joined, taken as they end, and raced. No peer has them: nobody polls anything.

use super::signal::{context, pending, ready};
use crate::meter::Meter;
use futures::Stream;
use std::cell::RefCell;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use taskcell::{Task, TaskCompletionSource};

const WIDTH: usize = 1_000;

type Pair = (TaskCompletionSource<u64>, Task<u64>);

fn pairs() -> Vec<Pair> {
    (0..WIDTH).map(|_| TaskCompletionSource::pair()).collect()
}

fn complete(pairs: &[Pair]) {
    for (source, _) in pairs {
        source.set_result(black_box(7));
    }
}

/// Join `WIDTH` tasks, complete them, look, drop. What the tasks themselves cost is taken off: they are there beforehand,
/// and the run of no operations, which the driver subtracts, completes as many that nobody joined.
pub(super) fn c1h(meter: &mut Meter, n: usize) {
    const ROUNDS: usize = 10;
    for pairs in (0..ROUNDS).map(|_| pairs()) {
        let tasks: Vec<_> = pairs.iter().map(|(_, task)| task.clone()).collect();
        meter.start();
        if n == 0 {
            complete(&pairs);
        } else {
            let all = Task::when_all(tasks);
            complete(&pairs);
            assert!(all.try_result().is_some_and(|result| result.is_ok_and(|values| values.len() == WIDTH)));
        }
        meter.stop(if n == 0 { 0 } else { WIDTH });
    }
}

/// The same where each is taken as it ends: all are completed, then all are taken, one by one.
pub(super) fn c2h(meter: &mut Meter, n: usize) {
    const ROUNDS: usize = 10;
    for pairs in (0..ROUNDS).map(|_| pairs()) {
        let tasks: Vec<_> = pairs.iter().map(|(_, task)| task.clone()).collect();
        let mut context = context();
        meter.start();
        if n == 0 {
            complete(&pairs);
        } else {
            let mut each = Task::when_each(tasks);
            assert!(Pin::new(&mut each).poll_next(&mut context).is_pending());
            complete(&pairs);
            for expected in 0..WIDTH {
                let Poll::Ready(Some((index, task))) = Pin::new(&mut each).poll_next(&mut context) else {
                    panic!("it has ended")
                };
                assert_eq!(index, expected);
                drop(black_box(task));
            }
        }
        meter.stop(if n == 0 { 0 } else { WIDTH });
    }
}

/// The same where each is taken before the next one ends.
pub(super) fn c2h_single(meter: &mut Meter, n: usize) {
    const ROUNDS: usize = 10;
    for pairs in (0..ROUNDS).map(|_| pairs()) {
        let tasks: Vec<_> = pairs.iter().map(|(_, task)| task.clone()).collect();
        let mut context = context();
        meter.start();
        if n == 0 {
            complete(&pairs);
        } else {
            let mut each = Task::when_each(tasks);
            for (expected, (source, _)) in pairs.iter().enumerate() {
                assert!(Pin::new(&mut each).poll_next(&mut context).is_pending());
                source.set_result(black_box(7));
                let Poll::Ready(Some((index, task))) = Pin::new(&mut each).poll_next(&mut context) else {
                    panic!("it has ended")
                };
                assert_eq!(index, expected);
                drop(black_box(task));
            }
        }
        meter.stop(if n == 0 { 0 } else { WIDTH });
    }
}

/// Pending once.
struct Counted(Arc<AtomicUsize>, bool);

impl Future for Counted {
    type Output = Result<u64, taskcell::BoxError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        // ORDERING: a count that its own thread reads.
        self.0.fetch_add(1, Relaxed);
        if std::mem::replace(&mut self.1, true) { Poll::Ready(Ok(7)) } else { Poll::Pending }
    }
}

/// How often a task's future is polled beside what its executor does.
pub(super) fn c1h_polls(meter: &mut Meter, _: usize) {
    let polls = Arc::new(AtomicUsize::new(0));
    let queue = RefCell::new(Vec::new());
    let spawner = |future: taskcell::BoxFuture<'static, ()>| queue.borrow_mut().push(future);
    let tasks: Vec<_> = (0..WIDTH).map(|_| Task::run(&spawner, Counted(polls.clone(), false))).collect();
    let all = Task::when_all(tasks);
    let mut context = context();
    for future in queue.borrow_mut().iter_mut() {
        pending(future.as_mut(), &mut context);
    }
    for future in queue.borrow_mut().iter_mut() {
        ready(future.as_mut(), &mut context);
    }
    assert!(all.is_completed_successfully());
    // ORDERING: as above.
    meter.value((polls.load(Relaxed) - 2 * WIDTH) as f64);
}

/// One long-lived task against a new one that is complete, round after round, as in C5: that wins, and nothing of the race
/// stays.
pub(super) fn c5h(meter: &mut Meter, n: usize) {
    let (_source, long) = TaskCompletionSource::<u64>::pair();
    meter.start();
    for round in 0..n as u64 {
        let any = Task::when_any([long.clone(), Task::from_result(black_box(round))]);
        assert!(any.try_result().is_some_and(|first| first.is_ok_and(|(index, _)| *index == 1)));
    }
    meter.stop(n);
    assert_eq!(long.listeners(), 0);
}

/// The same where the new one is completed when the race is on.
pub(super) fn c5h_pending(meter: &mut Meter, n: usize) {
    let (_source, long) = TaskCompletionSource::<u64>::pair();
    meter.start();
    for round in 0..n as u64 {
        let (source, short) = TaskCompletionSource::pair();
        let any = Task::when_any([long.clone(), short]);
        source.set_result(black_box(round));
        assert!(any.try_result().is_some_and(|first| first.is_ok_and(|(index, _)| *index == 1)));
    }
    meter.stop(n);
    assert_eq!(long.listeners(), 0);
}
