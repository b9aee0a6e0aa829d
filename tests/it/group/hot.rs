//! Hot children: joined by the group, cancelled by its token, run by an executor.
use super::{drive, settle};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::{Counter, Jobs, Latch};
use std::future::pending;
use std::sync::OnceLock;
use taskcell::{BoxError, BoxFuture, TaskError, TaskGroup, TaskGroupHandle, task_group};

#[test]
fn values_of_hot_children_come_through_the_group_or_the_task() {
    let jobs = Jobs::new();
    let counter = Counter::new();
    let mut group = task_group(|mut group| {
        let jobs = &jobs;
        async move {
            group.run_on(jobs, async { Ok::<_, BoxError>(1) });
            let task = group.spawn(jobs, async { Ok(2) });
            assert_eq!(group.next().await, Some(1));
            assert_eq!(group.next().await, None);
            Ok(task.await?)
        }
    });
    settle(&counter, &mut group);
    assert_eq!(jobs.run(), 2);
    assert_eq!(drive(&mut group).unwrap(), 2);
}

#[test]
fn a_hot_childs_error_and_panic_are_the_groups() {
    let jobs = Jobs::new();
    let counter = Counter::new();
    let mut group = task_group(|mut group| {
        let jobs = &jobs;
        async move {
            group.run_on(jobs, async { Err::<(), _>("error") });
            group.run_on(jobs, async { if true { panic!("panic") } else { Ok(()) } });
            group.wait_all().await;
            Ok(())
        }
    });
    settle(&counter, &mut group);
    jobs.run();
    let error = drive(&mut group).unwrap_err();
    assert_eq!(error.first().fault(), Some(&"error"));
    assert!(matches!(error.secondary().next().unwrap(), (2, TaskError::Panicked(_))));
}

#[test]
fn the_group_waits_for_hot_children() {
    let (jobs, latch, counter) = (Jobs::new(), Latch::new(), Counter::new());
    let mut group = task_group(|group: TaskGroup<(), ()>| {
        let (begun, token) = (latch.clone(), group.token());
        group.run_on(&jobs, async move {
            begun.arrive();
            token.cancelled().await;
            begun.reached(2).await;
            Ok(())
        });
        let begun = latch.clone();
        async move {
            begun.reached(1).await;
            drop(group);
            Ok(())
        }
    });
    settle(&counter, &mut group);
    jobs.step();
    settle(&counter, &mut group);
    jobs.step();
    latch.arrive();
    let before = counter.wakes();
    jobs.run();
    assert!(counter.wakes() > before);
    drive(&mut group).unwrap();
}

#[test]
fn a_handle_outlives_the_group() {
    let jobs = Jobs::new();
    let handle: OnceLock<TaskGroupHandle<u8, ()>> = OnceLock::new();
    let mut group = task_group(|group: TaskGroup<u8, ()>| {
        handle.set(group.handle()).unwrap();
        async { Ok(()) }
    });
    drive(&mut group).unwrap();
    let handle = handle.get().unwrap();
    let lazy = handle.run(async { Ok(7) }).unwrap_err();
    assert_eq!(lazy.to_string(), "the task group is over");
    assert_eq!(smol::block_on(lazy.into_inner()), Ok(7));
    let hot = handle.spawn(&jobs, async { Ok(8) }).unwrap_err();
    assert_eq!(smol::block_on(hot.into_inner()), Ok(8));
    assert!(handle.run_on(&jobs, pending()).is_err() && handle.push(Box::pin(pending())).is_err());
    assert!(handle.token().is_cancelled());
    assert_eq!(jobs.len(), 0);
}

/// Children on many executors that start siblings from their threads.
fn siblings<X: Executor>() {
    let executor = X::new();
    let main = executor.clone();
    let spawner = move |future: BoxFuture<'static, ()>| executor.spawn(future);
    let sum = main.run(async move {
        task_group(move |mut group: TaskGroup<usize, BoxError>| async move {
            for number in 0..20 {
                let (handle, spawner) = (group.handle(), spawner.clone());
                group.run_on(&spawner.clone(), async move {
                    let lazy = async move { Ok(number) };
                    handle.run(lazy).unwrap();
                    let other = handle.clone();
                    handle
                        .run_on(&spawner, async move {
                            other.run(async move { Ok(1000) }).unwrap();
                            Ok(1)
                        })
                        .unwrap();
                    Ok(100_000)
                });
            }
            let mut sum = 0;
            while let Some(value) = group.next().await {
                sum += value;
            }
            Ok(sum)
        })
        .limit(4.try_into().unwrap())
        .await
    });
    assert_eq!(sum.unwrap(), 20 * (100_000 + 1000 + 1) + 190);
}

#[test]
fn siblings_from_everywhere_on_smol() {
    siblings::<Smol>();
}

#[test]
fn siblings_from_everywhere_on_a_single_thread() {
    siblings::<Single>();
}

#[test]
fn siblings_from_everywhere_inside_wake() {
    siblings::<Inline>();
}
