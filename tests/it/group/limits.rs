//! At most so many in progress.
use super::{Once, drive, settle};
use crate::support::heap::live_bytes;
use crate::support::{Counter, Jobs, Latch, panic_of};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use taskcell::{BoxFuture, TaskGroup, TaskGroupHandle, task_group};

/// How many are in progress, and how many were at most.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

struct In(Gauge);

impl Gauge {
    fn enter(&self) -> In {
        let now = self.0.0.fetch_add(1, SeqCst) + 1;
        self.0.1.fetch_max(now, SeqCst);
        In(self.clone())
    }
    fn most(&self) -> usize {
        self.0.1.load(SeqCst)
    }
}

impl Drop for In {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn lazy_and_hot_children_share_the_limit() {
    let (gauge, jobs) = (Gauge::default(), Jobs::new());
    let counter = Counter::new();
    let mut group = task_group(|mut group| {
        let (gauge, jobs) = (&gauge, &jobs);
        async move {
            for number in 0..100 {
                let of = gauge.clone();
                let child = async move {
                    let _in = of.enter();
                    Once(false).await;
                    Ok::<_, ()>(number)
                };
                if number % 2 == 0 { group.run(child) } else { group.run_on(jobs, child) }
            }
            let mut all = group.wait_all().await;
            all.sort_unstable();
            Ok(all)
        }
    })
    .limit(3.try_into().unwrap());
    let outcome = loop {
        if let std::task::Poll::Ready(outcome) = counter.poll(&mut group) {
            break outcome;
        }
        jobs.step();
    };
    assert!(outcome.unwrap().into_iter().eq(0..100));
    assert_eq!(gauge.most(), 3);
}

#[test]
fn hot_children_start_at_once_where_there_is_room() {
    let (counter, jobs, latch) = (Counter::new(), Jobs::new(), Latch::new());
    let handle = OnceLock::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        handle.set(group.handle()).unwrap();
        pending::<Result<(), ()>>()
    })
    .limit(2.try_into().unwrap());
    settle(&counter, &mut group);
    let handle = handle.get().unwrap();
    let task = |latch: &Latch| {
        let latch = latch.clone();
        async move {
            latch.reached(1).await;
            Ok(())
        }
    };
    let tasks = [(); 3].map(|()| handle.spawn(&jobs, task(&latch)).unwrap());
    assert_eq!(jobs.len(), 2, "without a poll");
    settle(&counter, &mut group);
    assert_eq!(jobs.len(), 2);
    latch.arrive();
    let woken = counter.wakes();
    jobs.run();
    assert!(counter.wakes() > woken, "room is told of");
    assert!(!tasks[2].is_completed());
    settle(&counter, &mut group);
    jobs.run();
    assert!(tasks.iter().all(taskcell::Task::is_completed_successfully));
}

/// The executor drops futures, polls that panic: room comes back, and is never given twice.
#[test]
fn room_comes_back_from_panics_and_drops() {
    let (counter, jobs, gauge) = (Counter::new(), Jobs::new(), Gauge::default());
    let handle: OnceLock<TaskGroupHandle<(), ()>> = OnceLock::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        handle.set(group.handle()).unwrap();
        pending::<Result<(), ()>>()
    })
    .limit(1.try_into().unwrap());
    settle(&counter, &mut group);
    let handle = handle.get().unwrap();
    let of = gauge.clone();
    let dropped = handle
        .spawn(&jobs, async move {
            let _in = of.enter();
            pending().await
        })
        .unwrap();
    let of = gauge.clone();
    let second = handle
        .spawn(&jobs, async move {
            let _in = of.enter();
            Ok(())
        })
        .unwrap();
    jobs.step();
    settle(&counter, &mut group);
    assert_eq!(jobs.len(), 1);
    jobs.drop_all();
    assert!(dropped.is_faulted());
    settle(&counter, &mut group);
    assert!(second.is_cancelled(), "a child was abandoned, which is an error");
    assert_eq!((gauge.most(), handle.token().is_cancelled()), (1, true));
}

#[test]
fn a_spawner_that_panics_keeps_no_room() {
    let bad = |_: BoxFuture<'static, ()>| panic!("spawner");
    let (counter, jobs) = (Counter::new(), Jobs::new());
    let handle: OnceLock<TaskGroupHandle<(), ()>> = OnceLock::new();
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        handle.set(group.handle()).unwrap();
        pending::<Result<(), ()>>()
    })
    .limit(1.try_into().unwrap());
    settle(&counter, &mut group);
    let handle = handle.get().unwrap();
    assert_eq!(panic_of(|| handle.run_on(&bad, async { Ok(()) })), Some("spawner"));
    let task = handle.spawn(&jobs, async { Ok(()) }).unwrap();
    assert_eq!((jobs.run(), task.is_completed_successfully()), (1, true));
}

/// Each child starts the next one, for ever; others still have their turn.
#[test]
fn an_endless_generator_lets_others_live() {
    fn again(handle: TaskGroupHandle<(), ()>, count: Arc<AtomicUsize>) -> BoxFuture<'static, Result<(), ()>> {
        Box::pin(async move {
            count.fetch_add(1, SeqCst);
            let next = again(handle.clone(), count);
            if !handle.token().is_cancelled() {
                let _over = handle.run(next);
            }
            Ok(())
        })
    }
    let count = Arc::new(AtomicUsize::new(0));
    let (latch, counter) = (Latch::new(), Counter::new());
    let mut group = task_group(|mut group: TaskGroup<(), ()>| {
        let (count, latch) = (count.clone(), latch.clone());
        async move {
            group.run(again(group.handle(), count));
            latch.reached(1).await;
            assert!(group.next().await.is_some());
            Ok(())
        }
    })
    .limit(1.try_into().unwrap());
    for _ in 0..100 {
        let before = counter.wakes();
        assert!(counter.poll(&mut group).is_pending());
        assert!(counter.wakes() > before, "it goes on");
    }
    let before = count.load(SeqCst);
    assert!((100..100_000).contains(&before), "so many at most in each poll: {before}");
    latch.arrive();
    drive(&mut group).unwrap();
}

/// The same of children that never look at the token: the end of the body, and an error, end them.
#[test]
fn a_generator_that_never_looks_ends_all_the_same() {
    fn again(handle: TaskGroupHandle<u32, ()>, jobs: Jobs, number: u32) -> BoxFuture<'static, Result<u32, ()>> {
        Box::pin(async move {
            let next = |by| again(handle.clone(), jobs.clone(), number + by);
            let _over = (handle.run(next(1)), handle.run_on(&jobs, next(2)));
            if number == 1_000_000 { Err(()) } else { Ok(number) }
        })
    }
    for (limit, first) in [(2, 0), (usize::MAX, 0), (2, 999_990), (usize::MAX, 999_990)] {
        let jobs = Jobs::new();
        let (of, mut polls) = (jobs.clone(), 0);
        let mut group = task_group(|mut group: TaskGroup<u32, ()>| async move {
            group.run(again(group.handle(), of, first));
            if first > 0 {
                group.wait_all().await;
            }
            for _ in 0..10 {
                assert!(group.next().await.is_some() || first > 0);
            }
            Ok(())
        });
        if limit < usize::MAX {
            group = group.limit(limit.try_into().unwrap());
        }
        let counter = Counter::new();
        let outcome = loop {
            if let std::task::Poll::Ready(outcome) = counter.poll(&mut group) {
                break outcome;
            }
            polls += 1;
            assert!(polls < 10_000, "it never ends");
            (0..jobs.len()).for_each(|_| _ = jobs.step());
        };
        assert_eq!((outcome.is_err(), jobs.len()), (first > 0, 0));
    }
}

/// A group that lives for long has the memory of the children that it has at a time, if somebody takes the values, or
/// nobody ever will.
#[test]
fn memory_follows_the_number_of_children_at_a_time() {
    for takes in [true, false] {
        let (jobs, mut seen) = (Jobs::new(), Vec::new());
        let mut group = task_group(|group: TaskGroup<u64, ()>| {
            let (jobs, seen) = (jobs.clone(), &mut seen);
            async move {
                let (handle, mut group) = (group.handle(), takes.then_some(group));
                handle.run(pending()).unwrap();
                for round in 0..20_000 {
                    handle.run(async { Ok(1) }).unwrap();
                    handle.run_on(&jobs, async { Ok(1) }).unwrap();
                    jobs.run();
                    Once(false).await;
                    if let Some(group) = &mut group {
                        assert_eq!((group.next().await, group.next().await), (Some(1), Some(1)));
                    }
                    if round % 10_000 == 9_999 {
                        seen.push(live_bytes());
                    }
                }
                pending::<Result<(), ()>>().await
            }
        });
        let (counter, mut woken) = (Counter::new(), 0);
        while counter.poll(&mut group).is_pending() && counter.wakes() > woken {
            woken = counter.wakes();
        }
        drop(group);
        assert!((seen[1] - seen[0]).abs() < 4096, "{seen:?}");
    }
}
