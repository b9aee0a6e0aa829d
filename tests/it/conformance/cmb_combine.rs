//! CMB: many futures, one result; and so many at a time.
//!
//! | entry | why there is no test |
//! |---|---|
//! | CMB-026 | moot: there is no semaphore here; async-lock's has no maximum, and what it is for is `limit` |
//! | CMB-027 | moot: there is no barrier here; async-lock has one |

use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::StreamExt;
use taskcell::{
    BoxError, CancellationTokenSource, Cancelled, LocalBoxFuture, TaskGroup, TaskStatus, task_group,
    throttled_map_spawned, throttled_map_stream_spawned, when_all_or_first_error,
};

use crate::support::{Counter, Jobs, Log};

#[test]
fn cmb_014_when_all_or_first_exception_ends_at_once_with_that_error() {
    let source = CancellationTokenSource::new();
    let work = [0, 1, 2].map(|index| -> LocalBoxFuture<'_, Result<u8, &'static str>> {
        if index == 1 { Box::pin(ready(Err("a fault"))) } else { Box::pin(pending()) }
    });
    let error = smol::block_on(when_all_or_first_error(work, &source).without_waiting()).unwrap_err();
    assert!(error.iter().eq([(1, &"a fault")]));
    assert_eq!(error.secondary().len(), 0);
    assert!(source.is_cancelled());
}

/// Work that waits keeps its turn: a serial scheduler would let the next one begin meanwhile, and is for work that does not.
#[test]
fn cmb_028_a_serial_queue_is_a_limit_of_one() {
    let (jobs, log, waiter) = (Jobs::new(), Log::new(), Counter::new());
    let (sender, queue) = smol::channel::unbounded();
    let work = |name: char, token: taskcell::CancellationToken| {
        let log = log.clone();
        async move {
            log.push((name, "begins"));
            smol::future::yield_now().await;
            log.push((name, "ends"));
            match name {
                'a' => Err(BoxError::from("no paper")),
                'b' => panic!("out of ink"),
                'c' => Err(Cancelled::new(token).into()),
                _ => Ok(name),
            }
        }
    };
    let one = 1.try_into().unwrap();
    let mut serial = Box::pin(throttled_map_stream_spawned(&jobs, queue, one, work));
    let mut status = Vec::new();
    for name in 'a'..='d' {
        sender.try_send(name).unwrap();
    }
    sender.close();
    loop {
        match waiter.poll(&mut serial.next()) {
            Poll::Ready(Some(Ok(_))) => status.push(TaskStatus::RanToCompletion),
            Poll::Ready(Some(Err(error))) if error.is_cancelled() => status.push(TaskStatus::Cancelled),
            Poll::Ready(Some(Err(_))) => status.push(TaskStatus::Faulted),
            Poll::Ready(None) => break,
            Poll::Pending => assert!(jobs.len() == 1 && jobs.step(), "one in flight"),
        }
    }
    assert_eq!(status, [TaskStatus::Faulted, TaskStatus::Faulted, TaskStatus::Cancelled, TaskStatus::RanToCompletion]);
    assert_eq!(log.take(), ['a', 'b', 'c', 'd'].map(|name| [(name, "begins"), (name, "ends")]).concat());
}

/// The guide's loop without the loop.
#[test]
fn cmb_029_never_more_than_so_many_and_one_for_each_that_has_finished() {
    const LIMIT: usize = 3;
    let (jobs, waiter, started) = (Jobs::new(), Counter::new(), AtomicUsize::new(0));
    let mut urls = throttled_map_spawned(&jobs, 0..20, LIMIT.try_into().unwrap(), |n: u32, _| {
        started.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, BoxError>(n) }
    });
    let mut finished = 0;
    loop {
        match waiter.poll(&mut urls.next()) {
            Poll::Ready(Some(page)) => _ = page.unwrap(),
            Poll::Ready(None) => break,
            Poll::Pending => {
                assert_eq!(started.load(Ordering::SeqCst), 20.min(finished + LIMIT));
                assert!(jobs.step());
                finished += 1;
            }
        }
    }
    assert_eq!(finished, 20);
    // The same of a group, whose children are counted, too.
    let mut group = task_group(|mut group: TaskGroup<u32>| {
        let jobs = jobs.clone();
        async move {
            (0..20).for_each(|n| group.run_on(&jobs, async move { Ok(n) }));
            Ok(group.wait_all().await.len())
        }
    })
    .limit(LIMIT.try_into().unwrap());
    let got = loop {
        match waiter.poll(&mut group) {
            Poll::Ready(got) => break got.unwrap(),
            Poll::Pending => assert!(jobs.len() <= LIMIT && jobs.step() && jobs.len() < LIMIT),
        }
    };
    assert_eq!(got, 20);
}
