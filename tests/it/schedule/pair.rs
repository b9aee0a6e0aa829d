//! The pair, step by step on an executor that the test polls.
use crate::support::{Counter, Dropped, Jobs, Log};
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::{
    ConcurrentExclusiveSchedulerPair as Pair, ContinuationOptions, InlineScheduler, PairScheduler, Spawner,
    SpawnerScheduler, StartOn, Task, TaskCompletionSource, TaskScheduler, limited_scheduler, serial_scheduler,
};

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn pair(limit: usize) -> (Jobs, Pair) {
    let jobs = Jobs::new();
    (jobs.clone(), Pair::new(SpawnerScheduler::new("jobs", jobs), n(limit)))
}

fn note(scheduler: &PairScheduler, log: &Log<u32>, number: u32) {
    let note = log.note(number);
    scheduler.spawn(Box::pin(async move { note() }));
}

#[test]
fn workers_start_on_demand_and_end_when_idle() {
    let (jobs, pair) = pair(2);
    let log = Log::new();
    for number in 0..5 {
        note(&pair.concurrent(), &log, number);
    }
    assert_eq!(jobs.len(), 2, "one worker for each permit");
    assert_eq!(jobs.run(), 2, "each ends when nothing is left");
    assert_eq!(log.take(), [0, 1, 2, 3, 4], "first in, first out");
    note(&pair.concurrent(), &log, 5);
    assert_eq!((jobs.len(), jobs.run()), (1, 1));
    assert_eq!(log.take(), [5]);
}

#[test]
fn a_pending_future_holds_nothing() {
    let (jobs, pair) = pair(1);
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let task: Task<u32> = Task::run(&pair.exclusive(), async move { Ok(input.await? + 1) });
    jobs.run();
    assert_eq!((jobs.len(), task.is_completed()), (0, false));
    let log = Log::new();
    note(&pair.exclusive(), &log, 1);
    jobs.run();
    assert_eq!(log.take(), [1], "others run meanwhile");
    source.set_result(6);
    assert_eq!((jobs.len(), task.is_completed()), (1, false), "woken it is queued, not polled");
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
}

#[test]
fn exclusive_waits_for_concurrent_and_then_goes_first() {
    let (jobs, pair) = pair(2);
    let log = Log::new();
    let (source, input) = TaskCompletionSource::<()>::pair();
    let (exclusive, inside) = (pair.exclusive(), log.clone());
    let (concurrent, other) = (pair.concurrent(), log.clone());
    pair.concurrent().spawn(Box::pin(async move {
        // In the middle of a concurrent poll.
        note(&exclusive, &inside, 2);
        note(&concurrent, &other, 3);
        inside.push(1);
        input.await.unwrap();
        inside.push(4);
    }));
    jobs.run();
    assert_eq!(log.take(), [1, 2, 3], "the exclusive one goes before the concurrent one that came after it");
    source.set_result(());
    jobs.run();
    assert_eq!(log.take(), [4]);
}

#[test]
fn neither_half_starves() {
    let (jobs, pair) = pair(2);
    let log = Log::new();
    for number in 0..100 {
        note(&pair.exclusive(), &log, number);
    }
    for number in 100..104 {
        note(&pair.concurrent(), &log, number);
    }
    jobs.run();
    let seen = log.take();
    assert_eq!(seen.len(), 104);
    let first = seen.iter().position(|number| *number >= 100).unwrap();
    assert!((1..=16).contains(&first), "concurrent ones have their turn after a share: {first}");
    let (halves, order): (Vec<u32>, Vec<u32>) = seen.into_iter().partition(|number| *number < 100);
    assert!(halves.is_sorted() && order.is_sorted(), "each half in order");

    for number in 0..100 {
        note(&pair.concurrent(), &log, number);
    }
    note(&pair.exclusive(), &log, 200);
    jobs.run();
    assert_eq!(log.take().iter().position(|number| *number == 200), Some(0), "no concurrent poll had begun");
}

#[test]
fn a_worker_lets_others_of_its_executor_run() {
    let (jobs, pair) = pair(1);
    let log = Log::new();
    for number in 0..100 {
        note(&pair.concurrent(), &log, number);
    }
    let polls = jobs.run();
    assert!((3..=5).contains(&polls), "{polls}");
    assert_eq!(log.take(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_future_that_wakes_itself_is_queued_behind_the_others() {
    let (jobs, pair) = pair(1);
    let log = Log::new();
    for task in 0..2 {
        let log = log.clone();
        pair.concurrent().spawn(Box::pin(async move {
            for step in 0..3 {
                log.push((task, step));
                smol::future::yield_now().await;
            }
        }));
    }
    jobs.run();
    assert_eq!(log.take(), [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]);
}

#[test]
fn completion_comes_after_all_that_was_spawned() {
    let (jobs, pair) = pair(2);
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let task: Task<u32> = async move { Ok(input.await?) }.start_on(&pair.concurrent());
    jobs.run();
    let (completion, waiter) = (pair.completion(), Counter::new());
    let mut wait = completion.clone().into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    assert!(!pair.is_completed());
    for _ in 0..3 {
        pair.complete();
    }
    assert!(pair.is_completed() && !completion.is_completed(), "one future has not ended");
    let refused: Task<u32> = async { Ok(1) }.start_on(&pair.exclusive());
    assert!(refused.try_result().unwrap().unwrap_err().is_abandoned());
    let (dropped, drops) = Dropped::new();
    let closed = pair.concurrent().try_spawn(Box::pin(async move { drop(dropped) })).unwrap_err();
    assert_eq!(closed.to_string(), "the scheduler takes nothing any more");
    assert_eq!(drops.load(Ordering::SeqCst), 0, "it comes back");
    drop(closed.into_inner());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    source.set_result(7);
    assert_eq!(waiter.wakes(), 0);
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
    assert_eq!(waiter.wakes(), 1);
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(()))));
}

#[test]
fn an_unused_pair_completes_at_once_and_one_that_goes_is_abandoned() {
    let (_jobs, pair) = pair(1);
    let completion = pair.completion();
    pair.complete();
    assert!(completion.is_completed_successfully());
    let (_jobs, pair) = self::pair(1);
    let completion = pair.completion();
    drop(pair);
    assert!(completion.try_result().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn the_limit_is_that_of_the_underlying_scheduler_if_that_is_lower() {
    let scheduler = SpawnerScheduler::new("three", Jobs::new()).with_max_concurrency(n(3));
    for (asked, given) in [(2, 2), (3, 3), (5, 3), (usize::MAX, 3)] {
        let pair = Pair::new(scheduler.clone(), n(asked));
        assert_eq!(pair.concurrent().max_concurrency(), Some(n(given)));
        assert_eq!(pair.exclusive().max_concurrency(), Some(n(1)));
    }
    let nested = Pair::new(Pair::new(scheduler, n(2)).concurrent(), n(9));
    assert_eq!(nested.concurrent().max_concurrency(), Some(n(2)));
    assert_eq!(format!("{nested:?}"), "ConcurrentExclusiveSchedulerPair { limit: 2, .. }");
    assert_eq!(format!("{:?}", nested.exclusive()), "PairScheduler { name: \"exclusive\", max_concurrency: Some(1) }");
}

#[test]
fn pairs_nest() {
    let (jobs, outer) = pair(2);
    let inner = Pair::new(outer.exclusive(), n(4));
    let log = Log::new();
    let (concurrent, deep) = (inner.concurrent(), log.clone());
    let task: Task<u32> = Task::run(&inner.exclusive(), async move {
        let inner: Task<u32> = Task::run(&concurrent, async move {
            deep.push(1);
            Ok(6)
        });
        Ok(inner.await? + 1)
    });
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
    assert_eq!(log.take(), [1]);
}

#[test]
fn continuations_run_on_a_half() {
    let jobs = Jobs::new();
    let scheduler = limited_scheduler(SpawnerScheduler::new("jobs", jobs.clone()), n(1));
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let next: Task<u32> =
        input.continue_with(ContinuationOptions::on(scheduler), |input| Ok(input.try_result().unwrap().unwrap() + 1));
    source.set_result(1);
    assert!(!next.is_completed());
    assert_eq!(jobs.run(), 1);
    assert_eq!(next.try_result().unwrap().unwrap(), &2);
}

#[test]
fn a_scheduler_behind_a_pointer_is_one() {
    let scheduler: std::sync::Arc<dyn TaskScheduler + Send + Sync> =
        std::sync::Arc::new(serial_scheduler(InlineScheduler));
    assert_eq!((scheduler.name(), scheduler.max_concurrency()), ("exclusive", Some(n(1))));
    let log = Log::new();
    scheduler.queue(Box::new(log.note(1)));
    assert_eq!(log.take(), [1]);
    let task: Task<u32> = Task::run(&scheduler, async { Ok(7) });
    assert!(task.is_completed());
    let closure = |_: taskcell::BoxFuture<'static, ()>| ();
    assert_eq!((closure.name(), closure.max_concurrency()), ("", None));
}
