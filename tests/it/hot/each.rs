//! `Task::when_each`: what comes, and when.

use super::{Source, pairs};
use crate::support::{Counter, unobserved};
use futures_core::FusedStream;
use futures_util::{Stream, StreamExt};
use std::sync::Arc;
use std::task::Poll;
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskStatus, WhenEachTask};

pub(super) type Each<T = u32> = WhenEachTask<T, &'static str>;

/// What is there without waiting.
pub(super) fn next<T>(waiter: &Arc<Counter>, each: &mut Each<T>) -> Poll<Option<(usize, Task<T, &'static str>)>> {
    waiter.poll(&mut each.next())
}

/// The indices that are there, and whether the stream has ended.
fn ready<T>(waiter: &Arc<Counter>, each: &mut Each<T>) -> (Vec<usize>, bool) {
    let mut seen = Vec::new();
    loop {
        match next(waiter, each) {
            Poll::Ready(Some((index, task))) => {
                assert!(task.is_completed());
                seen.push(index);
            }
            Poll::Ready(None) => return (seen, true),
            Poll::Pending => return (seen, false),
        }
    }
}

#[test]
fn in_order_of_completion() {
    let waiter = Counter::new();
    let (sources, tasks) = pairs(4);
    let mut each = Task::when_each(tasks.clone());
    assert_eq!(each.size_hint(), (4, Some(4)));
    assert_eq!(ready(&waiter, &mut each), (vec![], false));
    sources[2].set_result(2);
    sources[0].set_result(0);
    assert_eq!(waiter.wakes(), 1, "who has been woken is not woken again");
    assert_eq!(ready(&waiter, &mut each), (vec![2, 0], false));
    sources[3].set_error("bad");
    sources[1].set_cancelled(&CancellationToken::NONE);
    assert_eq!((waiter.wakes(), each.size_hint()), (2, (2, Some(2))));
    let Poll::Ready(Some((index, task))) = next(&waiter, &mut each) else { panic!("it has ended") };
    assert_eq!((index, &task), (3, &tasks[3]));
    assert!(!each.is_terminated());
    assert_eq!(ready(&waiter, &mut each), (vec![1], true));
    assert!(each.is_terminated());
    assert_eq!(ready(&waiter, &mut each), (vec![], true));
    assert_eq!(waiter.held(), 0);
}

#[test]
fn those_that_have_ended_come_first() {
    let waiter = Counter::new();
    let (sources, tasks) = pairs(5);
    sources[3].set_result(3);
    sources[1].set_result(1);
    let mut each = Task::when_each(tasks);
    sources[0].set_result(0);
    assert_eq!(ready(&waiter, &mut each), (vec![1, 3, 0], false));
    assert_eq!(waiter.wakes(), 0);
    drop(each);
    assert_eq!((sources[2].task().listeners(), waiter.held()), (0, 0));
}

#[test]
fn without_tasks() {
    let waiter = Counter::new();
    let mut each: Each = Task::when_each([]);
    assert_eq!(each.size_hint(), (0, Some(0)));
    assert!(each.is_terminated());
    assert_eq!(ready(&waiter, &mut each), (vec![], true));
}

#[test]
fn one_task_several_times() {
    let waiter = Counter::new();
    let (source, task) = Source::pair();
    let mut each = Task::when_each([task.clone(), Task::from_result(1), task.clone()]);
    assert_eq!(task.listeners(), 2);
    assert_eq!(ready(&waiter, &mut each), (vec![1], false));
    source.set_result(7);
    assert_eq!(ready(&waiter, &mut each), (vec![0, 2], true));
    assert_eq!(task.listeners(), 0);
}

#[test]
fn nothing_stays_with_tasks_that_live_long() {
    let (_source, task) = Source::<u32>::pair();
    for polled in [false, true] {
        let waiter = Counter::new();
        let mut each = Task::when_each([task.clone(), Task::from_result(1), task.clone()]);
        if polled {
            assert_eq!(ready(&waiter, &mut each).0, [1]);
        }
        assert_eq!(task.listeners(), 2);
        drop(each);
        assert_eq!((task.listeners(), waiter.held()), (0, 0));
    }
}

#[test]
fn what_was_not_taken_goes_with_the_stream() {
    let (mut sources, tasks) = pairs::<Arc<()>>(4);
    let value = Arc::new(());
    let mut each = Task::when_each(tasks);
    sources.drain(..3).for_each(|source| source.set_result(value.clone()));
    let waiter = Counter::new();
    let Poll::Ready(Some((0, first))) = next(&waiter, &mut each) else { panic!("it has ended") };
    assert_eq!(Arc::strong_count(&value), 4);
    drop(each);
    assert_eq!(Arc::strong_count(&value), 2, "the two that were not given");
    assert!(first.try_unwrap().is_ok(), "nobody else has it");
    assert!(sources[0].is_closed());
}

#[test]
fn a_task_that_was_given_is_the_readers_alone() {
    let (source, task) = Source::<Box<u32>>::pair();
    let mut each = Task::when_each([task]);
    source.set_result(Box::new(7));
    drop(source);
    let Poll::Ready(Some((_, task))) = next(&Counter::new(), &mut each) else { panic!("it has ended") };
    assert_eq!(*task.try_unwrap().unwrap().unwrap(), 7);
}

#[test]
fn one_that_is_left_pending_never_comes() {
    let waiter = Counter::new();
    let (mut sources, tasks) = pairs(3);
    sources.swap_remove(1).leave_pending();
    let mut each = Task::when_each(tasks);
    sources.swap_remove(0).leave_pending();
    sources[0].set_result(2);
    assert_eq!(ready(&waiter, &mut each), (vec![2], false));
    assert_eq!((waiter.wakes(), each.size_hint().0), (0, 2));
    drop(each);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn an_abandoned_task_comes() {
    let waiter = Counter::new();
    let (source, task) = Source::<u32>::pair();
    let mut each = Task::when_each([task]);
    assert!(next(&waiter, &mut each).is_pending());
    drop(source);
    assert_eq!(waiter.wakes(), 1);
    let Poll::Ready(Some((0, task))) = next(&waiter, &mut each) else { panic!("it has ended") };
    assert_eq!(task.status(), TaskStatus::Faulted);
    task.ignore();
}

#[test]
fn the_last_waker_is_woken() {
    let (first, second) = (Counter::new(), Counter::new());
    let (sources, tasks) = pairs(2);
    let mut each = Task::when_each(tasks);
    assert!(next(&first, &mut each).is_pending());
    assert!(next(&first, &mut each).is_pending());
    assert_eq!(first.held(), 1);
    assert!(next(&second, &mut each).is_pending());
    assert_eq!((first.held(), second.held()), (0, 1));
    sources[0].set_result(0);
    assert_eq!((first.wakes(), second.wakes(), second.held()), (0, 1, 0));
    assert_eq!(ready(&first, &mut each), (vec![0], false));
    sources[1].set_result(1);
    assert_eq!((first.wakes(), second.wakes()), (1, 1));
}

#[test]
fn an_item_counts_as_seen_by_nobody() {
    #[derive(Clone, Debug)]
    struct Given;
    #[derive(Clone, Debug)]
    struct Kept;
    unobserved::watch();
    let (source, task) = Source::<Given>::pair();
    let mut each = Task::when_each([task]);
    source.set_error("bad");
    drop(source);
    drop(next(&Counter::new(), &mut each));
    assert_eq!(unobserved::of::<Given>().len(), 1);
    let (source, task) = Source::<Kept>::pair();
    let each = Task::when_each([task]);
    source.set_error("bad");
    drop(source);
    drop(each);
    assert_eq!(unobserved::of::<Kept>().len(), 1);
}

#[test]
fn next_or_cancelled() {
    let (waiter, cancellation) = (Counter::new(), CancellationTokenSource::new());
    let token = cancellation.token();
    let (sources, tasks) = pairs(3);
    let mut each = Task::when_each(tasks.clone());
    {
        let mut wait = each.next_or_cancelled(&token);
        assert!(waiter.poll(&mut wait).is_pending());
        assert!(format!("{wait:?}").starts_with("NextTaskOrCancelled"));
    }
    assert_eq!((token.listeners(), tasks[0].listeners()), (0, 1), "a wait that goes leaves nothing");
    sources[1].set_result(1);
    let Poll::Ready(Ok(Some((1, _)))) = waiter.poll(&mut each.next_or_cancelled(&token)) else { panic!("it ended") };
    let mut wait = each.next_or_cancelled(&token);
    assert!(waiter.poll(&mut wait).is_pending());
    cancellation.cancel();
    let Poll::Ready(Err(cancelled)) = waiter.poll(&mut wait) else { panic!("cancelled") };
    assert!(*cancelled.token() == token);
    drop(wait);
    assert_eq!(tasks[0].status(), TaskStatus::Pending);
    // Nothing is lost: what has ended comes first, and the end as well.
    sources[0].set_result(0);
    let Poll::Ready(Ok(Some((0, _)))) = waiter.poll(&mut each.next_or_cancelled(&token)) else { panic!("it ended") };
    assert!(matches!(waiter.poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Err(_))));
    sources[2].set_result(2);
    assert!(matches!(waiter.poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Ok(Some((2, _))))));
    assert!(matches!(waiter.poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Ok(None))));
}

#[test]
fn what_it_says_of_itself() {
    let (_sources, tasks) = pairs::<u32>(2);
    assert_eq!(format!("{:?}", Task::when_each(tasks)), "WhenEachTask { to_come: 2, .. }");
}
