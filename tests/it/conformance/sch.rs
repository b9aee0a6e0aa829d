//! SCH: `TaskScheduler`, `ConcurrentExclusiveSchedulerPair`, limited concurrency.
//!
//! | entry | why there is no test |
//! |---|---|
//! | SCH-003 | "unrepresentable": a queued future is a box that one scheduler owns |
//! | SCH-004 | "optional": there is no `RunSynchronously`; `InlineScheduler` runs what it is given at once |
use crate::support::{Jobs, Log, panic_of};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use taskcell::{
    BoxFuture, Callback, ConcurrentExclusiveSchedulerPair as Pair, ContextScheduler, ContinuationOptions, PostError,
    SpawnerScheduler, StartOn, SynchronizationContext, Task, TaskCompletionSource, TaskScheduler, limited_scheduler,
};

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn jobs() -> (Jobs, SpawnerScheduler<Jobs>) {
    let jobs = Jobs::new();
    (jobs.clone(), SpawnerScheduler::new("jobs", jobs))
}

/// A context that counts posts and keeps them.
#[derive(Default)]
struct Counting(Mutex<Vec<Callback>>, AtomicUsize);

impl SynchronizationContext for Counting {
    fn name(&self) -> &str {
        "counting"
    }
    fn post(&self, callback: Callback) -> Result<(), PostError> {
        self.1.fetch_add(1, SeqCst);
        self.0.lock().unwrap().push(callback);
        Ok(())
    }
    fn is_current(&self) -> bool {
        false
    }
}

/// .NET has a default scheduler and a current one. Here none is built in: what runs somewhere says where.
#[test]
fn sch_001_the_scheduler_is_the_one_that_is_given() {
    let (jobs, scheduler) = jobs();
    assert_eq!((scheduler.name(), scheduler.max_concurrency()), ("jobs", None));
    let task: Task<u32> = Task::run(&scheduler, async { Ok(7) });
    assert_eq!((jobs.run(), task.is_completed()), (1, true));
}

/// .NET: `TaskSchedulerException`, and a faulted task. Here a scheduler that refuses drops the future, and its task is
/// abandoned; one that panics panics in who starts the task.
#[test]
fn sch_006_a_scheduler_that_refuses_or_panics() {
    let refuses = |future: BoxFuture<'static, ()>| drop(future);
    let started: Task<u32> = async { Ok(1) }.start_on(&refuses);
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let next: Task<u32> = input.continue_with(ContinuationOptions::on(refuses), |_| Ok(1));
    source.set_result(1);
    for task in [started, next] {
        assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
        assert!(task.is_faulted());
    }
    let panics = |_: BoxFuture<'static, ()>| panic!("no room");
    assert_eq!(panic_of(|| Task::<u32>::run(&panics, async { Ok(1) })), Some("no room"));
}

#[test]
fn sch_007_no_current_context_is_none() {
    assert!(ContextScheduler::current().is_none());
}

#[test]
fn sch_008_a_start_on_a_context_is_one_post() {
    let context = Arc::new(Counting::default());
    let scheduler = <dyn SynchronizationContext>::enter(Some(context.clone()), ContextScheduler::current).unwrap();
    assert_eq!(scheduler.max_concurrency(), Some(n(1)));
    let task: Task<String> =
        Task::run(&scheduler, async { Ok(<dyn SynchronizationContext>::current().unwrap().name().to_owned()) });
    assert!(!task.is_completed());
    let posted = std::mem::take(&mut *context.0.lock().unwrap());
    posted.into_iter().for_each(|callback| callback());
    assert_eq!(task.try_result().unwrap().unwrap(), "counting");
    assert_eq!(context.1.load(SeqCst), 1);
}

#[test]
fn sch_010_exclusive_ones_run_alone() {
    let smol = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
    let pair = Pair::new(smol, n(4));
    let now = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let tasks: Vec<Task<()>> = (0..200)
        .map(|number| {
            let now = now.clone();
            let half = if number % 2 == 0 { pair.exclusive() } else { pair.concurrent() };
            Task::run_fn(&half, move || {
                let own = if number % 2 == 0 { &now.0 } else { &now.1 };
                let before = own.fetch_add(1, SeqCst);
                let other = if number % 2 == 0 { before + now.1.load(SeqCst) } else { now.0.load(SeqCst) };
                std::thread::yield_now();
                own.fetch_sub(1, SeqCst);
                assert_eq!(other, 0);
                Ok(())
            })
        })
        .collect();
    Task::when_all(tasks).wait().unwrap().unwrap();
}

#[test]
fn sch_011_the_exclusive_scheduler_runs_one() {
    assert_eq!(Pair::new(jobs().1, n(7)).exclusive().max_concurrency(), Some(n(1)));
}

#[test]
fn sch_013_never_more_than_the_limit() {
    let smol = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
    let pair = Pair::new(smol, n(2));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<Task<()>> = (0..30)
        .map(|_| {
            let (now, most) = (now.clone(), most.clone());
            Task::run_fn(&pair.concurrent(), move || {
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, SeqCst);
                Ok(())
            })
        })
        .collect();
    Task::when_all(tasks).wait().unwrap().unwrap();
    assert!(most.load(SeqCst) <= 2);
}

#[test]
fn sch_014_the_limit_is_clamped_to_that_of_the_scheduler_below() {
    let below = jobs().1.with_max_concurrency(n(2));
    assert_eq!(Pair::new(below.clone(), n(8)).concurrent().max_concurrency(), Some(n(2)));
    assert_eq!(Pair::new(below, n(1)).concurrent().max_concurrency(), Some(n(1)));
}

/// .NET throws at whoever queues later. Here the task is abandoned, and `try_spawn` gives the future back.
#[test]
fn sch_015_complete_lets_all_end_and_takes_nothing_more() {
    let (jobs, scheduler) = jobs();
    let pair = Pair::new(scheduler, n(2));
    let before: Task<u32> = async { Ok(1) }.start_on(&pair.exclusive());
    pair.complete();
    pair.complete();
    assert!(!pair.completion().is_completed());
    let after: Task<u32> = async { Ok(1) }.start_on(&pair.concurrent());
    assert!(after.try_result().unwrap().unwrap_err().is_abandoned());
    assert!(pair.exclusive().try_spawn(Box::pin(async {})).is_err());
    jobs.run();
    assert!(before.is_completed_successfully() && pair.completion().is_completed_successfully());
}

/// Zero and -2 cannot be written; -1, no limit, is the largest number.
#[test]
fn sch_016_no_limit_is_the_largest_number() {
    let (jobs, scheduler) = jobs();
    let pair = Pair::new(scheduler, NonZeroUsize::MAX);
    let tasks: Vec<Task<u32>> = (0..100).map(|_| async { Ok(1) }.start_on(&pair.concurrent())).collect();
    assert_eq!(jobs.len(), 100, "a worker for each");
    jobs.run();
    assert!(tasks.iter().all(Task::is_completed));
}

/// By awaiting, not by blocking: a thread that blocks holds its permit.
#[test]
fn sch_019_nested_pairs_do_not_deadlock() {
    let (jobs, scheduler) = jobs();
    let outer = Pair::new(scheduler, n(1));
    let inner = Pair::new(outer.exclusive(), n(1));
    let (again, half) = (inner.clone(), inner.exclusive());
    let task: Task<u32> = Task::run(&half, async move {
        let first: Task<u32> = Task::run(&again.concurrent(), async { Ok(1) });
        let second: Task<u32> = Task::run(&again.exclusive(), async { Ok(2) });
        Ok(first.await? + second.await?)
    });
    jobs.run();
    assert_eq!(task.try_result().unwrap().unwrap(), &3);
}

#[test]
fn sch_020_a_wait_runs_nothing_on_a_foreign_thread() {
    let (jobs, scheduler) = jobs();
    let limited = limited_scheduler(scheduler, n(1));
    let task: Task<u32> = Task::run(&limited, async { Ok(1) });
    assert!(task.wait_timeout(std::time::Duration::from_millis(5)).is_err(), "nobody has run it");
    jobs.run();
    assert_eq!(task.wait().unwrap().unwrap(), &1);
}

#[test]
fn sch_022_a_degree_of_zero_cannot_be_written() {
    assert_eq!(NonZeroUsize::new(0), None);
    assert_eq!(limited_scheduler(jobs().1, NonZeroUsize::MIN).max_concurrency(), Some(n(1)));
}

#[test]
fn sch_023_in_order_by_workers_that_come_and_go() {
    let (jobs, scheduler) = jobs();
    let (limited, log) = (limited_scheduler(scheduler, n(2)), Log::new());
    for round in 0..3 {
        (0..10).for_each(|number| limited.queue(Box::new(log.note(round * 10 + number))));
        assert_eq!(jobs.len(), 2);
        jobs.run();
        assert_eq!(jobs.len(), 0, "idle workers end");
    }
    assert_eq!(log.take(), (0..30).collect::<Vec<_>>());
}

/// Not promised: nobody adds threads to an executor that are all blocked. What awaits instead needs none.
#[test]
fn sch_025_what_awaits_needs_no_threads_to_spare() {
    let (jobs, scheduler) = jobs();
    let limited = limited_scheduler(scheduler, n(1));
    let (source, gate) = TaskCompletionSource::<u32>::pair();
    let waiting: Vec<Task<u32>> = (0..50)
        .map(|_| {
            let gate = gate.clone();
            async move { Ok(gate.await?) }.start_on(&limited)
        })
        .collect();
    let opens: Task<()> = Task::run_fn(&limited, move || {
        source.set_result(7);
        Ok(())
    });
    jobs.run();
    assert!(opens.is_completed() && waiting.iter().all(Task::is_completed_successfully));
}
