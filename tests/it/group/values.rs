//! Values as they come, and the end of the group.
use super::{Once, drive, settle};
use crate::support::{Counter, Dropped, Latch};
use std::future::{Ready, pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use taskcell::{BoxError, CancellationToken, CancellationTokenSource, Cancelled, TaskGroup, task_group, task_group_of};

#[test]
fn a_group_without_children_is_its_body() {
    let mut group = task_group(|_: TaskGroup<()>| async { Ok::<_, BoxError>(3) });
    assert_eq!(drive(&mut group).unwrap(), 3);
    let mut group = task_group(|mut group: TaskGroup<u8>| async move {
        assert_eq!(group.next().await, None);
        Ok::<_, BoxError>(group.wait_all().await)
    });
    assert_eq!(drive(&mut group).unwrap(), []);
}

#[test]
fn values_come_in_the_order_of_the_ends() {
    let (first, second) = (Latch::new(), Latch::new());
    let mut group = task_group(|mut group| {
        let (first, second) = (&first, &second);
        async move {
            group.run(async {
                second.reached(1).await;
                Ok::<_, ()>(1)
            });
            group.run(async {
                first.reached(1).await;
                second.arrive();
                Ok(2)
            });
            group.run(async { Ok(3) });
            assert_eq!(group.next().await, Some(3));
            first.arrive();
            let rest = (group.next().await, group.next().await, group.next().await);
            assert_eq!(rest, (Some(2), Some(1), None));
            group.run(async { Ok(4) });
            Ok(group.next().await)
        }
    });
    assert_eq!(drive(&mut group).unwrap(), Some(4));
}

#[test]
fn wait_all_gives_what_was_not_taken() {
    let mut group = task_group(|mut group| async move {
        for number in 0..5 {
            group.run(async move {
                Once(false).await;
                Ok::<_, ()>(number)
            });
        }
        assert_eq!(group.next().await, Some(0));
        assert_eq!(group.in_progress(), 0, "they ended together");
        let rest = group.wait_all().await;
        assert_eq!(group.wait_all().await, []);
        Ok(rest)
    });
    assert_eq!(drive(&mut group).unwrap(), [1, 2, 3, 4]);
}

#[test]
fn the_end_of_the_body_cancels_and_waits() {
    let (counter, latch, ended) = (Counter::new(), Latch::new(), AtomicUsize::new(0));
    let mut group = task_group(|group| {
        let (latch, ended) = (&latch, &ended);
        let token = group.token();
        group.run(async move {
            token.cancelled().await;
            latch.reached(1).await;
            ended.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(BoxError::from(Cancelled::new(token)))
        });
        async { Ok("body") }
    });
    settle(&counter, &mut group);
    assert_eq!(ended.load(Ordering::SeqCst), 0);
    latch.arrive();
    assert_eq!(drive(&mut group).unwrap(), "body", "a child that is cancelled then is no error");
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}

#[test]
fn children_borrow_what_outlives_the_group() {
    let text = String::from("borrowed");
    let mut group = task_group(|mut group| {
        let text = &text;
        async move {
            group.run(async { Ok::<_, ()>(text.len()) });
            Ok(group.next().await)
        }
    });
    assert_eq!(drive(&mut group).unwrap(), Some(8));
}

#[test]
fn children_of_one_type_are_not_boxed() {
    let mut group = task_group_of(|mut group: TaskGroup<u32, (), Ready<Result<u32, ()>>>| async move {
        (0..10).for_each(|number| group.push(ready(Ok(number))));
        Ok(group.wait_all().await.iter().sum::<u32>())
    });
    assert_eq!(drive(&mut group).unwrap(), 45);
}

#[test]
fn children_start_siblings() {
    fn countdown(handle: taskcell::TaskGroupHandle<u32, ()>, n: u32) -> Result<u32, ()> {
        if n > 0 {
            let next = handle.clone();
            handle.run(async move { countdown(next, n - 1) }).unwrap();
        }
        Ok(n)
    }
    let mut group = task_group(|mut group: TaskGroup<u32, ()>| async move {
        let handle = group.handle();
        group.run(async move { countdown(handle, 100) });
        Ok(group.wait_all().await)
    });
    assert!(drive(&mut group).unwrap().into_iter().eq((0..=100).rev()));
}

#[test]
fn a_million_children_on_a_small_stack() {
    let run = || {
        let mut group = task_group_of(|mut group: TaskGroup<usize, (), Ready<Result<usize, ()>>>| async move {
            (0..1_000_000).for_each(|number| group.push(ready(Ok(number))));
            let mut sum = 0;
            while let Some(value) = group.next().await {
                sum += value;
            }
            Ok(sum)
        });
        assert_eq!(drive(&mut group).unwrap(), 499_999_500_000usize);
        let counter = Counter::new();
        let mut group = task_group(|group: TaskGroup<(), ()>| async move {
            (0..1_000_000).for_each(|_| group.run(pending()));
            pending::<Result<(), ()>>().await
        });
        settle(&counter, &mut group);
    };
    std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap().join().unwrap();
}

/// Values that nobody takes any more are dropped as they come.
#[test]
fn values_nobody_takes_are_dropped() {
    let (dropped, count) = Dropped::new();
    let (late, late_count) = Dropped::new();
    let (latch, counter) = (Latch::new(), Counter::new());
    let mut group = task_group(|group| {
        let latch = &latch;
        async move {
            group.run(async { Ok::<_, ()>(dropped) });
            group.run(async move {
                latch.reached(2).await;
                Ok(late)
            });
            latch.reached(1).await;
            drop(group);
            pending::<Result<(), ()>>().await
        }
    });
    settle(&counter, &mut group);
    assert_eq!(count.load(Ordering::SeqCst), 0);
    latch.arrive();
    settle(&counter, &mut group);
    assert_eq!((count.load(Ordering::SeqCst), late_count.load(Ordering::SeqCst)), (1, 0));
    latch.arrive();
    settle(&counter, &mut group);
    assert_eq!(late_count.load(Ordering::SeqCst), 1);
}

#[test]
fn a_parent_cancels_the_group_and_not_the_other_way_round() {
    let parent = CancellationTokenSource::new();
    let mut group = task_group(|group: TaskGroup<(), Cancelled>| async move {
        parent.cancel();
        assert!(!group.token().is_cancelled());
        group.token().check()
    })
    .token(&CancellationToken::NONE);
    drive(&mut group).expect("not linked");

    let parent = CancellationTokenSource::new();
    let mut group = task_group(|mut group: TaskGroup<(), Cancelled>| {
        let parent = &parent;
        async move {
            let token = group.token();
            group.run(async move {
                token.cancelled().await;
                token.check()
            });
            parent.cancel();
            group.run(async { unreachable!("not started") });
            group.wait_all().await;
            Ok(())
        }
    })
    .token(&parent.token());
    let error = drive(&mut group).unwrap_err();
    assert!(error.first().is_cancelled() && error.len() == 1 && error.secondary().len() == 0);
    drop(group);
    assert_eq!(parent.token().listeners(), 0);

    let parent = CancellationTokenSource::new();
    let mut group = task_group(|_: TaskGroup<(), ()>| ready(Err::<(), ()>(()))).token(&parent.token());
    assert!(drive(&mut group).is_err() && !parent.is_cancelled());
    assert_eq!(parent.token().listeners(), 0);
}

#[test]
fn a_cancelled_parent_keeps_the_body_from_starting() {
    let mut group = task_group(|_: TaskGroup<()>| async { unreachable!() }).token(&CancellationToken::new(true));
    let outcome: Result<(), _> = drive(&mut group);
    assert!(outcome.unwrap_err().first().is_cancelled());
}
