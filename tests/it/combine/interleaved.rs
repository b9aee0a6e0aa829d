//! `interleaved` over lazy futures: one driver, tasks in the order of the ends.

use std::future::{Future, Ready, pending, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use taskcell::{BoxError, BoxFuture, CancellationToken, Task, interleaved};

use crate::support::{Jobs, faults};

type Gate = Arc<Mutex<(Option<Result<usize, &'static str>>, Option<Waker>)>>;

fn open(gate: &Gate, result: Result<usize, &'static str>) {
    let waker = {
        let mut gate = gate.lock().unwrap();
        gate.0 = Some(result);
        gate.1.take()
    };
    waker.into_iter().for_each(Waker::wake);
}

fn through(gate: &Gate) -> impl Future<Output = Result<usize, &'static str>> + Send + use<> {
    let gate = gate.clone();
    poll_fn(move |cx| {
        let mut gate = gate.lock().unwrap();
        if let Some(result) = gate.0.take() {
            return Poll::Ready(result);
        }
        gate.1 = Some(cx.waker().clone());
        Poll::Pending
    })
}

#[test]
fn without_futures_nothing_is_spawned() {
    let jobs = Jobs::new();
    let none: Vec<Task<u8, BoxError>> = interleaved(&jobs, Vec::<Ready<Result<u8, BoxError>>>::new());
    assert!(none.is_empty());
    assert_eq!(jobs.len(), 0);
}

#[test]
fn the_tasks_end_in_the_order_in_which_the_futures_do() {
    let jobs = Jobs::new();
    let gates: Vec<Gate> = (0..10).map(|_| Gate::default()).collect();
    let tasks = interleaved(&jobs, gates.iter().map(through));
    assert_eq!((tasks.len(), jobs.len()), (10, 1));
    jobs.step();
    for (position, index) in (0..10).map(|n| n * 7 % 10).enumerate() {
        assert!(!tasks[position].is_completed());
        open(&gates[index], if index == 4 { Err("the fourth") } else { Ok(index) });
        jobs.step();
        match tasks[position].try_result().unwrap() {
            Ok(value) => assert_eq!(*value, index),
            Err(error) => assert_eq!((index, error.fault()), (4, Some(&"the fourth"))),
        }
    }
    assert_eq!(jobs.len(), 0, "the driver has ended");
}

#[test]
fn values_faults_and_cancellations_each_in_its_turn() {
    let jobs = Jobs::new();
    let token = CancellationToken::new(true);
    let work: Vec<BoxFuture<'static, Result<u8, BoxError>>> = vec![
        Box::pin(async { Ok(1) }),
        Box::pin(async { Err("no paper".into()) }),
        Box::pin(async move { Err(token.check().unwrap_err().into()) }),
    ];
    let tasks = interleaved(&jobs, work);
    assert_eq!(jobs.run(), 1);
    assert!(tasks[0].is_completed_successfully() && tasks[1].is_faulted() && tasks[2].is_cancelled());
    tasks.into_iter().for_each(Task::ignore);
}

#[test]
fn panics_of_futures_and_of_their_drops_end_their_own_task() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a drop");
        }
    }
    let jobs = Jobs::new();
    let work: Vec<BoxFuture<'static, Result<u8, BoxError>>> = vec![
        Box::pin(async { panic!("a future") }),
        Box::pin(async { Ok(2) }),
        {
            let bad = Bad;
            Box::pin(poll_fn(move |_| {
                let _keep = &bad;
                Poll::Ready(Ok(3))
            }))
        },
        Box::pin(async { Ok(4) }),
    ];
    let tasks = interleaved(&jobs, work);
    jobs.run();
    let ends: Vec<bool> = tasks.iter().map(|task| task.try_result().unwrap().is_ok()).collect();
    assert_eq!(ends, [false, true, false, true]);
    assert!(tasks[0].try_result().unwrap().unwrap_err().is_panicked());
    assert!(tasks[2].try_result().unwrap().unwrap_err().is_panicked());
}

#[test]
fn a_continuation_that_panics_does_not_stop_the_others() {
    let hook = faults::watch();
    let jobs = Jobs::new();
    let tasks = interleaved(&jobs, (0..3).map(|n| async move { Ok::<_, BoxError>(n) }));
    tasks[0].on_completed(|_| panic!("a continuation of an interleaved task")).detach();
    jobs.run();
    assert!(tasks.iter().all(Task::is_completed_successfully));
    assert!(hook.saw("a continuation of an interleaved task"));
}

#[test]
fn a_driver_that_is_dropped_leaves_the_others_abandoned() {
    let jobs = Jobs::new();
    let work: Vec<BoxFuture<'static, Result<u8, BoxError>>> = vec![Box::pin(async { Ok(1) }), Box::pin(pending())];
    let tasks = interleaved(&jobs, work);
    jobs.step();
    jobs.drop_all();
    assert!(tasks[0].is_completed_successfully());
    assert!(tasks[1].try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn each_future_is_polled_only_when_it_was_woken() {
    const N: usize = 10_000;
    let polls = Arc::new(AtomicUsize::new(0));
    let wakers = Arc::new(Mutex::new(Vec::new()));
    let jobs = Jobs::new();
    let tasks = interleaved(
        &jobs,
        (0..N).map(|index| {
            let (polls, wakers, mut polled) = (polls.clone(), wakers.clone(), false);
            poll_fn(move |cx| {
                polls.fetch_add(1, Ordering::Relaxed);
                if std::mem::replace(&mut polled, true) {
                    return Poll::Ready(Ok::<_, BoxError>(index));
                }
                wakers.lock().unwrap().push(cx.waker().clone());
                Poll::Pending
            })
        }),
    );
    jobs.step();
    let wakers = std::mem::take(&mut *wakers.lock().unwrap());
    for waker in wakers.into_iter().rev() {
        waker.wake();
        jobs.step();
    }
    assert_eq!(polls.load(Ordering::Relaxed), 2 * N);
    assert!(tasks.iter().enumerate().all(|(n, task)| *task.try_result().unwrap().unwrap() == N - 1 - n));
}
