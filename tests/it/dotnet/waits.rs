//! `Task.WaitAsync`, `Task.Delay`, `TimeProvider`: what .NET's tests ask beyond the list.
use crate::support::{Counter, Log};
use std::future::IntoFuture;
use std::task::Poll;
use std::time::Duration;
use taskcell::{
    CancellationToken, CancellationTokenSource, ContinuationOptions, ManualClock, Task, TaskCompletionSource,
    TaskStatus, TimeProvider, WaitError, delay_on, timeout_on, until_cancelled,
};

type Source = TaskCompletionSource<u32, &'static str>;

const SECOND: Duration = Duration::from_secs(1);
const NONE: CancellationToken = CancellationToken::NONE;

#[test]
fn the_cancellation_of_the_task_is_the_tasks_and_not_that_of_the_wait() {
    let ((promise, task), counter) = (Source::pair(), Counter::new());
    let (users, waits) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    let token = waits.token();
    let mut wait = task.wait_async(&token);
    assert!(counter.poll(&mut wait).is_pending());
    promise.set_cancelled(&users.token());
    let Poll::Ready(Ok(Err(error))) = counter.poll(&mut wait) else { panic!("the task has ended") };
    assert_eq!(error.cancelled().unwrap().token(), &users.token());
}

#[test]
fn token_and_timeout_together() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    for first in ["token", "timeout", "task", "task and token", "all three"] {
        let ((promise, task), user) = (Source::pair(), CancellationTokenSource::new());
        let token = user.token();
        let mut wait = task.wait_async(&token).with_timeout_on(&clock, SECOND);
        assert!(counter.poll(&mut wait).is_pending());
        assert_eq!((task.listeners(), token.listeners(), clock.armed()), (1, 1, 1));
        if first.contains("token") || first == "all three" {
            user.cancel();
        }
        if first == "timeout" || first == "all three" {
            clock.advance(SECOND);
        }
        if first.contains("task") || first == "all three" {
            promise.set_result(1);
        }
        match (first, counter.poll(&mut wait)) {
            ("token", Poll::Ready(Err(WaitError::Cancelled(by)))) => assert_eq!(by.token(), &token),
            ("timeout", Poll::Ready(Err(WaitError::Elapsed(_)))) => {}
            ("task" | "task and token" | "all three", Poll::Ready(Ok(Ok(1)))) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!((task.listeners(), token.listeners(), clock.armed()), (0, 0, 0), "{first}: nothing stays");
    }
}

#[test]
fn an_infinite_timeout_arms_nothing() {
    let (clock, counter, (promise, task)) = (ManualClock::new(), Counter::new(), Source::pair());
    let mut wait = task.wait_async(&NONE).with_timeout_on(&clock, Duration::MAX);
    assert!(counter.poll(&mut wait).is_pending());
    assert_eq!(clock.armed(), 0);
    clock.advance(Duration::MAX);
    assert!(counter.poll(&mut wait).is_pending());
    promise.set_result(1);
    assert!(counter.poll(&mut wait).is_ready());
}

#[test]
fn cancelled_while_it_waits_it_is_woken_once_and_others_wait_on() {
    let ((promise, task), user) = (Source::pair(), CancellationTokenSource::new());
    let (one, two, token) = (Counter::new(), Counter::new(), user.token());
    let (mut gives_up, mut stays) = (task.wait_async(&token), task.wait_async(&NONE));
    assert!(one.poll(&mut gives_up).is_pending() && two.poll(&mut stays).is_pending());
    user.cancel();
    assert_eq!((one.wakes(), two.wakes()), (1, 0));
    assert!(matches!(one.poll(&mut gives_up), Poll::Ready(Err(WaitError::Cancelled(_)))));
    assert_eq!(task.listeners(), 1);
    promise.set_result(1);
    assert_eq!((one.wakes(), two.wakes()), (1, 1));
}

/// .NET's `Task.WhenAny(task, Task.Delay(..))` leaves the delay running; what is dropped here leaves nothing.
#[test]
fn the_delay_of_a_race_goes_with_it() {
    let (clock, (promise, task)) = (ManualClock::new(), Source::pair());
    let counter = Counter::new();
    let mut limited = Box::pin(timeout_on(&clock, SECOND, task.clone().into_future()));
    assert!(counter.poll(&mut limited).is_pending());
    assert_eq!(clock.armed(), 1);
    promise.set_result(1);
    assert!(counter.poll(&mut limited).is_ready());
    drop(limited);
    assert_eq!((clock.armed(), task.listeners()), (0, 0));
}

#[test]
fn a_delay_counts_from_its_call_and_not_from_its_first_poll() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    let mut delay = delay_on(&clock, SECOND);
    clock.advance(SECOND);
    assert!(counter.poll(&mut delay).is_ready());
    assert_eq!(clock.armed(), 0);
}

#[test]
fn delays_of_one_length_end_in_the_order_of_their_calls() {
    let (clock, log) = (ManualClock::new(), Log::new());
    let mut delays: Vec<_> = (0..100_u32)
        .map(|n| {
            let (clock, log) = (clock.clone(), log.clone());
            Box::pin(async move {
                delay_on(&clock, SECOND).await;
                log.push(n);
            })
        })
        .collect();
    let counters: Vec<_> = delays.iter().map(|_| Counter::new()).collect();
    for (delay, counter) in delays.iter_mut().zip(&counters) {
        assert!(counter.poll(delay).is_pending());
    }
    assert_eq!(clock.advance(SECOND), 100);
    for (delay, counter) in delays.iter_mut().zip(&counters) {
        assert!(counter.wakes() == 1 && counter.poll(delay).is_ready());
    }
    assert!(log.take().into_iter().eq(0..100));
}

#[test]
fn a_delay_never_ends_one_tick_early() {
    let (clock, counter) = (ManualClock::new(), Counter::new());
    for length in [Duration::from_nanos(1), Duration::from_millis(1), Duration::from_secs(86_400 * 50)] {
        let mut delay = delay_on(&clock, length);
        assert!(counter.poll(&mut delay).is_pending());
        clock.advance(length - Duration::from_nanos(1));
        assert!(counter.poll(&mut delay).is_pending(), "{length:?}");
        clock.advance(Duration::from_nanos(1));
        assert!(counter.poll(&mut delay).is_ready(), "{length:?}");
    }
    assert_eq!(clock.armed(), 0);
}

#[test]
fn a_delay_with_a_token_that_is_cancelled_at_its_end() {
    let (clock, user, counter) = (ManualClock::new(), CancellationTokenSource::new(), Counter::new());
    let token = user.token();
    let mut ended = Box::pin(until_cancelled(delay_on(&clock, SECOND), &token));
    assert!(counter.poll(&mut ended).is_pending());
    assert_eq!((clock.armed(), token.listeners()), (1, 1));
    user.cancel();
    let Poll::Ready(Err(_)) = counter.poll(&mut ended) else { panic!("cancelled before the time was up") };
    drop(ended);
    assert_eq!((clock.armed(), token.listeners()), (0, 0));
}

#[test]
fn a_delay_as_a_task_is_continued() {
    let (clock, single) = (ManualClock::new(), <crate::support::exec::Single as crate::support::exec::Executor>::new());
    let inner = clock.clone();
    let task: Task<u32> = Task::run(&single.spawner(), async move {
        delay_on(&inner, SECOND).await;
        Ok(7)
    });
    let next: Task<TaskStatus> =
        task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |task| Ok(task.status()));
    single.drain();
    assert_eq!((task.status(), clock.armed()), (TaskStatus::Pending, 1));
    clock.advance(SECOND);
    single.drain();
    assert_eq!(next.try_result().unwrap().unwrap(), &TaskStatus::RanToCompletion);
}

/// .NET's `TimeProvider.GetElapsedTime`.
#[test]
fn time_that_has_passed_on_a_clock() {
    let clock = ManualClock::new();
    let start = clock.now();
    clock.advance(5 * SECOND);
    assert_eq!(clock.now().saturating_duration_since(start), 5 * SECOND);
    assert_eq!(start.saturating_duration_since(clock.now()), Duration::ZERO, "never negative");
}
