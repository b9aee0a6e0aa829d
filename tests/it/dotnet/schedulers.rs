//! `TaskScheduler`, `ConcurrentExclusiveSchedulerPair`: what .NET's tests ask beyond the list.
use crate::support::{Dropped, Jobs, Log};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use taskcell::{
    BoxFuture, CancellationTokenSource, ConcurrentExclusiveSchedulerPair as Pair, ContinuationOptions,
    SpawnerScheduler, StartOn, Task, TaskCompletionSource, TaskScheduler, TaskStatus, limited_scheduler,
    serial_scheduler, yield_now,
};

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn jobs() -> (Jobs, SpawnerScheduler<Jobs>) {
    let jobs = Jobs::new();
    (jobs.clone(), SpawnerScheduler::new("jobs", jobs))
}

fn on_threads(future: BoxFuture<'static, ()>) {
    thread::spawn(|| smol::block_on(future));
}

#[test]
fn an_unused_pair_completes_when_it_is_told_to_and_not_before() {
    let (jobs, scheduler) = jobs();
    let pair = Pair::new(scheduler, n(4));
    assert_eq!((pair.is_completed(), pair.completion().status()), (false, TaskStatus::Pending));
    assert_eq!(pair.completion(), pair.completion(), "one task");
    pair.complete();
    assert!(pair.is_completed() && pair.completion().is_completed_successfully());
    assert_eq!(jobs.len(), 0, "nobody was asked for a thread");
}

#[test]
fn faults_and_cancellations_of_what_it_ran_are_not_its_own() {
    let ((jobs, scheduler), token) = (jobs(), CancellationTokenSource::new());
    let pair = Pair::new(scheduler, n(2));
    let failed: Task<u32, &str> = Task::run(&pair.concurrent(), async { Err("bad") });
    let panicked: Task<u32, &str> = Task::run_fn(&pair.exclusive(), || panic!("worse"));
    let cancelled: Task<u32> = Task::run_with(&pair.concurrent(), &token.token(), async { Ok(1) });
    token.cancel();
    pair.complete();
    jobs.run();
    assert!(failed.is_faulted() && panicked.is_faulted() && cancelled.is_cancelled());
    assert!(pair.completion().is_completed_successfully());
    failed.ignore();
    panicked.ignore();
}

#[test]
fn what_is_given_by_the_last_job_after_complete_is_refused() {
    let (jobs, scheduler) = jobs();
    let pair = Pair::new(scheduler, n(2));
    let (halves, (held, drops)) = ([pair.concurrent(), pair.exclusive()], Dropped::new());
    let last: Task<bool> = Task::run_fn(&pair.exclusive(), move || {
        let refused = halves.into_iter().all(|half| half.try_spawn(Box::pin(async {})).is_err());
        drop(held);
        Ok(refused)
    });
    pair.complete();
    assert!(!pair.completion().is_completed());
    jobs.run();
    assert_eq!((last.try_result().unwrap().unwrap(), drops.load(SeqCst)), (&true, 1));
    assert!(pair.completion().is_completed_successfully());
}

#[test]
fn an_exclusive_one_waits_for_the_concurrent_ones_that_run_and_holds_up_those_that_come() {
    let pair = Pair::new(on_threads, n(4));
    let (log, (began, ready), (go, gate)) = (Log::new(), mpsc::channel(), mpsc::channel::<()>());
    let said = log.clone();
    let first: Task<()> = Task::run_fn(&pair.concurrent(), move || {
        began.send(()).unwrap();
        gate.recv().unwrap();
        said.push("first");
        Ok(())
    });
    ready.recv().unwrap();
    let (one, two) = (log.clone(), log.clone());
    let exclusive: Task<()> = Task::run_fn(&pair.exclusive(), move || {
        one.push("exclusive");
        Ok(())
    });
    let second: Task<()> = Task::run_fn(&pair.concurrent(), move || {
        two.push("second");
        Ok(())
    });
    assert_eq!((exclusive.status(), second.status(), log.len()), (TaskStatus::Pending, TaskStatus::Pending, 0));
    go.send(()).unwrap();
    Task::when_all([first, exclusive, second]).wait().unwrap().unwrap();
    assert_eq!(log.take(), ["first", "exclusive", "second"]);
}

#[test]
fn exclusive_ones_run_in_the_order_in_which_they_came() {
    let (jobs, scheduler) = jobs();
    let (serial, log) = (serial_scheduler(scheduler), Log::new());
    let tasks: Vec<Task<()>> = (0..100_u32)
        .map(|n| {
            let log = log.clone();
            Task::run_fn(&serial, move || {
                log.push(n);
                if n % 10 == 0 { Err("one in ten".into()) } else { Ok(()) }
            })
        })
        .collect();
    assert_eq!(jobs.len(), 1, "one worker");
    jobs.run();
    assert!(log.take().into_iter().eq(0..100));
    assert_eq!(tasks.iter().filter(|task| task.is_faulted()).count(), 10);
    tasks.into_iter().for_each(Task::ignore);
}

#[test]
fn a_limit_of_one_and_the_exclusive_half_never_run_two_at_once() {
    let pair = Pair::new(on_threads, n(1));
    assert_eq!((pair.concurrent().max_concurrency(), pair.exclusive().max_concurrency()), (Some(n(1)), Some(n(1))));
    let inside = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<Task<bool>> = (0..60)
        .map(|k| {
            let half = if k % 3 == 0 { pair.exclusive() } else { pair.concurrent() };
            let inside = inside.clone();
            Task::run_fn(&half, move || {
                let alone = inside.fetch_add(1, SeqCst) == 0;
                thread::yield_now();
                inside.fetch_sub(1, SeqCst);
                Ok(alone)
            })
        })
        .collect();
    assert!(Task::when_all(tasks).wait().unwrap().unwrap().iter().all(|alone| *alone));
}

/// .NET's exclusive tasks are bodies without an `await`; with one, what comes behind it is another task there, and
/// another turn here.
#[test]
fn others_have_their_turn_at_an_await_and_none_between_two() {
    let (jobs, scheduler) = jobs();
    let (pair, log) = (Pair::new(scheduler, n(2)), Log::new());
    let tasks: Vec<Task<()>> = ["a", "b"]
        .into_iter()
        .map(|name| {
            let log = log.clone();
            Task::run(&pair.exclusive(), async move {
                log.push((name, 1));
                log.push((name, 2));
                yield_now().await;
                log.push((name, 3));
                Ok(())
            })
        })
        .collect();
    jobs.run();
    assert_eq!(log.take(), [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("a", 3), ("b", 3)]);
    assert!(tasks.iter().all(Task::is_completed_successfully));
}

#[test]
fn a_chain_from_one_half_to_the_other() {
    let (jobs, scheduler) = jobs();
    let (pair, log) = (Pair::new(scheduler, n(2)), Log::new());
    let mut last: Task<u32> = async { Ok(0) }.start_on(&pair.exclusive());
    for step in 1..=20_u32 {
        let half = if step % 2 == 0 { pair.exclusive() } else { pair.concurrent() };
        let log = log.clone();
        last = last.continue_with(ContinuationOptions::on(half), move |before| {
            log.push(step);
            Ok(*before.try_result().unwrap().unwrap() + 1)
        });
    }
    jobs.run();
    assert_eq!((last.try_result().unwrap().unwrap(), log.len()), (&20, 20));
    assert!(log.take().is_sorted());
}

/// .NET faults a continuation, and the pair, with `TaskSchedulerException`. Here who was refused is abandoned.
#[test]
fn a_continuation_on_a_pair_that_has_been_completed() {
    let (_jobs, scheduler) = jobs();
    let pair = Pair::new(scheduler, n(1));
    let (source, task) = TaskCompletionSource::<u32, &str>::pair();
    let next: Task<(), &str> = task.continue_with(ContinuationOptions::on(pair.exclusive()), |_| Ok(()));
    pair.complete();
    source.set_result(1);
    assert!(next.try_result().unwrap().unwrap_err().is_abandoned());
    assert!(task.is_completed_successfully() && pair.completion().is_completed_successfully());
}

#[test]
fn four_pairs_deep() {
    let (jobs, scheduler) = jobs();
    let one = Pair::new(scheduler, n(3));
    let two = Pair::new(one.concurrent(), n(3));
    let three = Pair::new(two.exclusive(), n(3));
    let four = Pair::new(three.concurrent(), n(3));
    assert_eq!(four.concurrent().max_concurrency(), Some(n(1)), "clamped by the exclusive half on the way");
    let log = Log::new();
    for k in 0..10 {
        four.concurrent().queue(Box::new(log.note(k)));
    }
    jobs.run();
    assert!(log.take().into_iter().eq(0..10));
    [&four, &three, &two, &one].into_iter().for_each(Pair::complete);
    jobs.run();
    assert!([one, two, three, four].iter().all(|pair| pair.completion().is_completed_successfully()));
}

#[test]
fn a_limited_scheduler_wider_than_its_work_asks_for_no_more_workers() {
    let (jobs, scheduler) = jobs();
    let (limited, log) = (limited_scheduler(scheduler, n(8)), Log::new());
    (0..3).for_each(|k| limited.queue(Box::new(log.note(k))));
    assert_eq!(jobs.len(), 3);
    jobs.run();
    assert_eq!(log.take(), [0, 1, 2]);
}
