//! WEA: `Task.WhenEach`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | WEA-004 | "moot": there is no null |
use crate::support::Counter;
use futures_util::{FutureExt, StreamExt};
use std::task::Poll;
use taskcell::{CancellationToken, CancellationTokenSource, Task, TaskCompletionSource, TaskStatus};

type Source = TaskCompletionSource<u32, &'static str>;

fn three() -> ([Source; 3], [Task<u32, &'static str>; 3]) {
    let pairs = [(); 3].map(|()| Source::pair());
    let tasks = pairs.each_ref().map(|(_, task)| task.clone());
    (pairs.map(|(source, _)| source), tasks)
}

#[test]
fn wea_001_in_order_of_completion() {
    let ([a, b, c], tasks) = three();
    let each = Task::when_each(tasks.clone());
    c.set_result(3);
    a.set_result(1);
    b.set_result(2);
    let given: Vec<_> = smol::block_on(each.collect());
    assert_eq!(given, [(2, tasks[2].clone()), (0, tasks[0].clone()), (1, tasks[1].clone())], "the tasks themselves");
}

#[test]
fn wea_002_those_that_have_ended_are_there_at_once() {
    let ([a, b, c], tasks) = three();
    c.set_result(3);
    a.set_result(1);
    let mut each = Task::when_each(tasks);
    assert_eq!(each.next().now_or_never().unwrap().unwrap().0, 0);
    assert_eq!(each.next().now_or_never().unwrap().unwrap().0, 2);
    assert!(each.next().now_or_never().is_none());
    drop(b);
}

#[test]
fn wea_003_none_ends_at_once() {
    assert!(Task::<u32>::when_each([]).next().now_or_never().unwrap().is_none());
}

#[test]
fn wea_007_what_has_no_value_is_given_like_any_other() {
    let tasks = [Task::<u32, _>::from_error("bad"), Task::from_cancelled(&CancellationToken::NONE)];
    let given: Vec<_> = smol::block_on(Task::when_each(tasks).map(|(_, task)| task).collect());
    assert_eq!(given[0].try_result().unwrap().unwrap_err().fault(), Some(&"bad"));
    assert_eq!(given[1].status(), TaskStatus::Cancelled);
}

#[test]
fn wea_008_a_token_ends_the_wait_alone() {
    let (cancellation, waiter) = (CancellationTokenSource::new(), Counter::new());
    let token = cancellation.token();
    let (sources, tasks) = three();
    let mut each = Task::when_each(tasks.clone());
    let mut wait = each.next_or_cancelled(&token);
    assert!(waiter.poll(&mut wait).is_pending());
    cancellation.cancel();
    assert_eq!(waiter.wakes(), 1);
    let Poll::Ready(Err(cancelled)) = waiter.poll(&mut wait) else { panic!("cancelled") };
    assert!(*cancelled.token() == token);
    assert!(tasks.iter().all(|task| task.status() == TaskStatus::Pending));
    drop(sources);
}

/// We promise more: the order is that of completion.
#[test]
fn wea_012_the_order_is_promised() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (sources, tasks) = three();
        let each = Task::when_each(tasks);
        order.into_iter().for_each(|n| sources[n].set_result(1));
        assert_eq!(smol::block_on(each.map(|(index, _)| index).collect::<Vec<_>>()), order);
    }
}
