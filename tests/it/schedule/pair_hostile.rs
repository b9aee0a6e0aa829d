//! Panics, drops and executors that misbehave, in a pair and under it.
use crate::support::hooked::Hooks;
use crate::support::{Counter, Dropped, Jobs, Log, faults, panic_of};
use std::future::{pending, poll_fn};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use taskcell::{
    BoxFuture, ConcurrentExclusiveSchedulerPair as Pair, InlineScheduler, Spawner, SpawnerScheduler, Task,
    TaskCompletionSource, TaskScheduler,
};

fn pair(limit: usize) -> (Jobs, Pair) {
    let jobs = Jobs::new();
    (jobs.clone(), Pair::new(SpawnerScheduler::new("jobs", jobs), NonZeroUsize::new(limit).unwrap()))
}

#[test]
fn a_panic_ends_its_future_alone() {
    let faults = faults::watch();
    let (jobs, pair) = pair(1);
    let log = Log::new();
    pair.exclusive().spawn(Box::pin(async { panic!("of a future in a pair") }));
    pair.exclusive().queue(Box::new(log.note(1)));
    let task: Task<()> = Task::run(&pair.exclusive(), async { panic!("of a task in a pair") });
    jobs.run();
    assert_eq!(log.take(), [1]);
    assert!(faults.saw("of a future in a pair") && !faults.saw("of a task in a pair"));
    assert!(task.try_result().unwrap().unwrap_err().is_panicked());
    pair.complete();
    assert!(pair.completion().is_completed());
}

#[test]
fn a_drop_that_panics_ends_its_future_alone() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("of a drop in a pair");
        }
    }
    let faults = faults::watch();
    for drops_worker in [false, true] {
        let (jobs, pair) = pair(1);
        for _ in 0..2 {
            let bomb = Bomb;
            pair.concurrent().spawn(Box::pin(poll_fn(move |_| {
                let _ = &bomb;
                Poll::Ready(())
            })));
        }
        if drops_worker {
            jobs.drop_all()
        } else {
            assert_eq!(jobs.run(), 1)
        }
        pair.complete();
        assert!(pair.completion().is_completed(), "{drops_worker}");
    }
    assert_eq!(faults.count("of a drop in a pair"), 4);
}

#[test]
fn a_worker_that_is_dropped_refuses_what_is_queued() {
    let (jobs, pair) = pair(1);
    let (source, input) = TaskCompletionSource::<u32>::pair();
    let waits: Task<u32> = Task::run(&pair.concurrent(), async move { Ok(input.await?) });
    jobs.run();
    let tasks: Vec<Task<u32>> = (0..3).map(|_| Task::run(&pair.exclusive(), async { Ok(1) })).collect();
    assert_eq!(jobs.len(), 1);
    jobs.drop_all();
    for task in &tasks {
        assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
    }
    assert!(!waits.is_completed(), "it was not queued");
    let later: Task<u32> = Task::run(&pair.concurrent(), async { Ok(7) });
    jobs.run();
    assert_eq!(later.try_result().unwrap().unwrap(), &7, "what comes later is tried again");
    source.set_result(5);
    jobs.run();
    assert_eq!(waits.try_result().unwrap().unwrap(), &5);
}

#[test]
fn one_worker_of_two_that_is_dropped_leaves_the_work_to_the_other() {
    let (jobs, pair) = pair(2);
    let tasks: Vec<Task<u32>> = (0..4).map(|_| Task::run(&pair.concurrent(), async { Ok(1) })).collect();
    assert_eq!(jobs.len(), 2);
    jobs.drop_first();
    jobs.run();
    assert!(tasks.iter().all(Task::is_completed_successfully));
}

#[test]
fn an_executor_that_drops_or_panics_refuses() {
    let gone = |future: BoxFuture<'static, ()>| drop(future);
    let pair = Pair::new(gone, NonZeroUsize::MIN);
    for _ in 0..3 {
        let task: Task<u32> = Task::run(&pair.exclusive(), async { Ok(1) });
        assert!(task.try_result().unwrap().unwrap_err().is_abandoned());
    }
    let (dropped, drops) = Dropped::new();
    let pair = Pair::new(|_: BoxFuture<'static, ()>| panic!("no executor"), NonZeroUsize::MIN);
    let run = || {
        Task::<()>::run(&pair.exclusive(), async move {
            drop(dropped);
            Ok(())
        })
    };
    assert_eq!(panic_of(run), Some("no executor"));
    assert_eq!(drops.load(SeqCst), 1);
    pair.complete();
    assert!(pair.completion().is_completed());
}

#[test]
fn wakers_outlive_everything() {
    let (jobs, pair) = pair(1);
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let (keep, first) = (kept.clone(), AtomicBool::new(true));
    pair.concurrent().spawn(Box::pin(poll_fn(move |cx| {
        *keep.lock().unwrap() = Some(cx.waker().clone());
        if first.swap(false, SeqCst) { Poll::Pending } else { Poll::Ready(()) }
    })));
    jobs.run();
    let waker = kept.lock().unwrap().take().unwrap();
    waker.wake_by_ref();
    waker.wake_by_ref();
    assert_eq!(jobs.len(), 1, "queued once");
    jobs.run();
    kept.lock().unwrap().take();
    waker.wake_by_ref();
    assert_eq!(jobs.len(), 0, "its future has ended");
    drop((pair, jobs));
    let other = waker.clone();
    waker.wake();
    other.wake_by_ref();
}

#[test]
fn a_future_without_wakers_is_dropped() {
    let (jobs, pair) = pair(1);
    let (dropped, drops) = Dropped::new();
    pair.concurrent().spawn(Box::pin(async move {
        let _dropped = dropped;
        pending::<()>().await;
    }));
    jobs.run();
    assert_eq!(drops.load(SeqCst), 1, "nobody can wake it");
    pair.complete();
    assert!(pair.completion().is_completed());
}

#[test]
fn spawning_and_completing_inside_a_poll_and_a_drop() {
    struct Spawns(Pair, Log<u32>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            self.0.exclusive().queue(Box::new(self.1.note(2)));
            self.0.complete();
        }
    }
    for inline in [false, true] {
        let jobs = Jobs::new();
        let pair = if inline {
            Pair::new(InlineScheduler, NonZeroUsize::MIN)
        } else {
            Pair::new(SpawnerScheduler::new("jobs", jobs.clone()), NonZeroUsize::MIN)
        };
        let log = Log::new();
        let spawns = Spawns(pair.clone(), log.clone());
        pair.exclusive().spawn(Box::pin(async move { spawns.1.push(1) }));
        jobs.run();
        assert_eq!(log.take(), [1, 2]);
        assert!(pair.completion().is_completed());
    }
}

#[test]
fn the_executors_waker_may_do_anything() {
    // A worker yields by waking the executor's waker in the middle of its poll.
    let kept: Arc<Mutex<Vec<BoxFuture<'static, ()>>>> = Arc::default();
    let keep = kept.clone();
    let pair = Pair::new(move |future: BoxFuture<'static, ()>| keep.lock().unwrap().push(future), NonZeroUsize::MIN);
    let log = Log::new();
    for number in 0..40 {
        pair.concurrent().queue(Box::new(log.note(number)));
    }
    let (again, other) = (pair.clone(), log.clone());
    let (waker, hooks) = Hooks::new().on_wake(move || again.exclusive().queue(Box::new(other.note(1_000)))).waker();
    let mut worker = kept.lock().unwrap().pop().unwrap();
    assert!(crate::support::poll_with(&waker, &mut worker).is_pending());
    assert_eq!(hooks.wakes.load(SeqCst), 1);
    assert!(Counter::new().poll(&mut worker).is_ready());
    assert_eq!(log.len(), 41);
    assert_eq!(log.take()[32], 1_000, "the exclusive one did not wait for the rest");
}

#[test]
fn inline_a_future_that_wakes_itself_needs_no_stack() {
    let task: Task<u32> = Task::run(&InlineScheduler, async {
        for _ in 0..100_000 {
            smol::future::yield_now().await;
        }
        Ok(7)
    });
    assert_eq!(task.try_result().unwrap().unwrap(), &7);
    assert_eq!(panic_of(|| InlineScheduler.spawn(Box::pin(async { panic!("inline") }))), Some("inline"));
}
