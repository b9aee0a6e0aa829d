//! T23: hot tasks that end one by one cost O(N). No child is polled, since there is nothing to poll; allocations are
//! counted in `tests/memory.rs`, and in place of a time limit this counts wakes and polls of the reader.
use crate::support::{Counter, Jobs, rounds};
use futures_util::StreamExt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use taskcell::{Task, TaskCompletionSource};

type Source = TaskCompletionSource<usize, &'static str>;

fn pairs(n: usize) -> (Vec<Source>, Vec<Task<usize, &'static str>>) {
    (0..n).map(|_| Source::pair()).unzip()
}

/// So many that end one by one, the last one first.
#[test]
fn t23_each_is_given_with_one_wake_and_two_polls() {
    for n in [rounds(16_000), rounds(32_000)] {
        let waiter = Counter::new();
        let (sources, tasks) = pairs(n);
        let mut each = Task::when_each(tasks);
        let mut polls = 0;
        for (index, source) in sources.iter().enumerate().rev() {
            assert!(waiter.poll(&mut each.next()).is_pending());
            source.set_result(index);
            let Poll::Ready(Some((given, _))) = waiter.poll(&mut each.next()) else { panic!("it has ended") };
            assert_eq!(given, index);
            polls += 2;
        }
        assert_eq!((waiter.wakes(), polls), (n, 2 * n));
    }
}

#[test]
fn t23_all_at_once_are_one_wake() {
    let n = rounds(32_000);
    let waiter = Counter::new();
    let (sources, tasks) = pairs(n);
    let mut each = Task::when_each(tasks);
    assert!(waiter.poll(&mut each.next()).is_pending());
    sources.iter().rev().for_each(|source| source.set_result(0));
    assert_eq!(waiter.wakes(), 1);
    for index in (0..n).rev() {
        let Poll::Ready(Some((given, _))) = waiter.poll(&mut each.next()) else { panic!("it has ended") };
        assert_eq!(given, index);
    }
    assert_eq!(waiter.wakes(), 1);
}

/// What their executor does is all that is done to them.
#[test]
fn t23_no_child_is_polled() {
    let n = rounds(4_000);
    let (jobs, polls) = (Jobs::new(), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<Task<usize, &str>> = (0..n)
        .map(|n| {
            let polls = polls.clone();
            let mut again = true;
            Task::run(
                &jobs,
                poll_fn(move |_| {
                    polls.fetch_add(1, Ordering::SeqCst);
                    if std::mem::take(&mut again) { Poll::Pending } else { Poll::Ready(Ok(n)) }
                }),
            )
        })
        .collect();
    let dealt = Task::interleaved(tasks.clone());
    let each = Task::when_each(tasks);
    assert_eq!(jobs.run(), 2 * n);
    assert_eq!(polls.load(Ordering::SeqCst), 2 * n);
    let order: Vec<_> = smol::block_on(each.map(|(index, _)| index).collect());
    assert_eq!(order, (0..n).collect::<Vec<_>>());
    assert!(dealt.iter().zip(0..).all(|(task, n)| task.try_result().unwrap().unwrap() == &n));
    assert_eq!(polls.load(Ordering::SeqCst), 2 * n);
}

#[test]
fn t23_interleaved_tells_each_waiter_once() {
    for n in [rounds(16_000), rounds(32_000)] {
        let waiter = Counter::new();
        let (sources, tasks) = pairs(n);
        let dealt = Task::interleaved(tasks);
        let mut waits: Vec<_> = dealt.iter().map(|task| task.into_future()).collect();
        assert!(waits.iter_mut().all(|wait| waiter.poll(wait).is_pending()));
        for (done, source) in sources.iter().rev().enumerate() {
            source.set_result(done);
            assert_eq!(waiter.wakes(), done + 1);
        }
        assert!(dealt.iter().enumerate().all(|(done, task)| task.try_result().unwrap().unwrap() == &done));
    }
}
