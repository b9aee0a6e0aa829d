//! Waiting for a task: blocking, bounded, cancelled; what is released when; hostile wakers.

use crate::support::hooked::Hooks;
use crate::support::*;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use taskcell::time::ManualClock;
use taskcell::{
    BoxError, CancellationToken, CancellationTokenSource, Task, TaskCompletionSource, TaskStatus, WaitError,
};

const SECOND: Duration = Duration::from_secs(1);

type Source = TaskCompletionSource<u32, BoxError>;

#[test]
fn a_thread_waits() {
    let (source, task) = Source::pair();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| *task.wait().unwrap().unwrap())).collect();
        eventually("all wait", || task.listeners() == 4);
        source.set_result(7);
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), 7));
    });
    assert_eq!(task.wait().unwrap().unwrap(), &7, "at once");
    drop(source);
    let (source, task) = Source::pair();
    drop(source);
    assert!(task.wait().unwrap().unwrap_err().is_abandoned());
}

#[test]
fn a_thread_waits_so_long() {
    let (source, task) = Source::pair();
    assert!(task.wait_timeout(Duration::ZERO).is_err());
    assert!(task.wait_timeout(Duration::from_millis(5)).is_err());
    assert_eq!(task.listeners(), 0);
    thread::scope(|scope| {
        let waits = scope.spawn(|| task.wait_timeout(Duration::MAX).map(|outcome| *outcome.unwrap()));
        eventually("it waits", || task.listeners() == 1);
        source.set_result(7);
        assert_eq!(waits.join().unwrap().unwrap(), 7);
    });
    assert!(task.wait_timeout(Duration::ZERO).is_ok());
}

#[test]
fn a_thread_waits_until_cancelled() {
    let cancellation = CancellationTokenSource::new();
    let (source, task) = Source::pair();
    let token = cancellation.token();
    thread::scope(|scope| {
        let waits = scope.spawn(|| task.wait_cancellable(&token).map(drop));
        eventually("it waits", || task.listeners() == 1);
        cancellation.cancel();
        assert!(*waits.join().unwrap().unwrap_err().cancelled().unwrap().token() == token);
    });
    assert_eq!((task.listeners(), task.status()), (0, TaskStatus::Pending));
    source.set_result(7);
    assert_eq!(task.wait_cancellable(&token).unwrap().unwrap(), &7, "the task goes first");
    let (source, task) = Source::pair();
    thread::scope(|scope| {
        let waits = scope.spawn(|| task.wait_cancellable(&CancellationToken::NONE).map(|outcome| *outcome.unwrap()));
        eventually("it waits", || task.listeners() == 1);
        source.set_result(7);
        assert_eq!(waits.join().unwrap().unwrap(), 7);
    });
}

/// Completes the first source in a wake, which completes the next one in a wake, and so on; the deepest of them
/// waits for what was too deep to be delivered.
#[test]
fn a_thread_that_waits_first_delivers_what_it_has_put_off() {
    const DEEPEST: usize = 32;
    const DEEP: usize = 60;
    let pairs: Vec<_> = (0..DEEP).map(|_| Source::pair()).collect();
    let (last, outcome) = Source::pair();
    let mut tasks: Vec<_> = pairs.iter().map(|(_, task)| task.clone()).collect();
    let sources: Vec<_> = pairs.into_iter().map(|(source, _)| source).collect();
    let seen = Arc::new(AtomicUsize::new(0));
    let first = sources[0].clone();
    let mut waits = Vec::new();
    for i in 0..DEEP {
        let (next, last) = (sources.get(i + 1).cloned(), last.clone());
        let (outcome, seen) = (outcome.clone(), seen.clone());
        let (waker, _) = Hooks::new()
            .on_wake(move || match &next {
                Some(next) if i == DEEPEST - 1 => {
                    next.set_result(1);
                    assert!(!outcome.is_completed(), "it is put off");
                    seen.store(*outcome.wait().unwrap().unwrap() as usize, Ordering::SeqCst);
                }
                Some(next) => next.set_result(1),
                None => last.set_result(7),
            })
            .waker();
        let mut wait = tasks.remove(0).into_future();
        assert!(poll_with(&waker, &mut wait).is_pending());
        waits.push(wait);
    }
    drop((sources, last));
    first.set_result(1);
    assert_eq!(seen.load(Ordering::SeqCst), 7);
}

#[test]
fn every_exit_releases_waiter_timer_and_registration() {
    for exit in 0..4 {
        let (cancellation, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
        let (source, task) = Source::pair();
        let token = cancellation.token();
        let mut wait = task.wait_async(&token).with_timeout_on(&clock, SECOND);
        assert!(waiter.poll(&mut wait).is_pending());
        assert!(waiter.poll(&mut wait).is_pending());
        assert_eq!((token.listeners(), clock.armed(), task.listeners()), (1, 1, 1));
        match exit {
            0 => source.set_result(7),
            1 => drop(cancellation.cancel()),
            2 => drop(clock.advance(SECOND)),
            _ => {}
        }
        let waited = if exit == 3 { None } else { Some(waiter.poll(&mut wait)) };
        match (exit, &waited) {
            (0, Some(Poll::Ready(Ok(Ok(7)))))
            | (1, Some(Poll::Ready(Err(WaitError::Cancelled(_)))))
            | (2, Some(Poll::Ready(Err(WaitError::Elapsed(_)))))
            | (3, None) => {}
            _ => panic!("exit {exit}"),
        }
        if exit == 3 {
            drop(wait);
        } else {
            // It is still there, and keeps nothing.
            assert_eq!(format!("{wait:?}"), "WaitAsyncFor { was_ready: true, .. }");
        }
        assert_eq!((token.listeners(), clock.armed(), task.listeners(), waiter.held()), (0, 0, 0, 0), "exit {exit}");
    }
}

#[test]
fn the_token_goes_before_the_clock() {
    let (cancellation, clock, waiter) = (CancellationTokenSource::new(), ManualClock::new(), Counter::new());
    let (_source, task) = Source::pair();
    let mut wait = task.wait_async(&cancellation.token()).with_timeout_on(&clock, SECOND);
    assert!(waiter.poll(&mut wait).is_pending());
    clock.advance(SECOND);
    cancellation.cancel();
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Err(WaitError::Cancelled(_)))));
}

#[test]
fn polled_after_it_was_ready_it_panics() {
    let task = Task::<u32>::from_result(7);
    let mut wait = task.wait_async(&CancellationToken::NONE);
    assert!(Counter::new().poll(&mut wait).is_ready());
    assert_eq!(panic_of(|| Counter::new().poll(&mut wait).is_ready()), Some("another payload"));
}

#[test]
fn errors_say_why() {
    let (_source, task) = Source::pair();
    let error = smol::block_on(task.wait_async(&CancellationToken::new(true))).unwrap_err();
    assert_eq!(error.to_string(), "the operation was cancelled");
    let wait = task.wait_async(&CancellationToken::NONE).with_timeout(Duration::ZERO);
    assert_eq!(smol::block_on(wait).unwrap_err().to_string(), "the time is up");
}

#[test]
fn the_last_waker_counts_and_may_do_anything() {
    let (cancellation, clock) = (CancellationTokenSource::new(), ManualClock::new());
    let (source, task) = Source::pair();
    let (set, cancel) = (source.clone(), cancellation.token());
    let (waker, hooks) = Hooks::new()
        .on_drop(move || {
            let _ = set.try_set_result(7);
            assert!(!cancel.is_cancelled());
        })
        .on_wake(|| panic!("woken"))
        .waker();
    let token = cancellation.token();
    let mut wait = task.wait_async(&token).with_timeout_on(&clock, SECOND);
    assert!(poll_with(&waker, &mut wait).is_pending());
    let waiter = Counter::new();
    // The clone that goes completes the task in the middle of the poll.
    let polled = waiter.poll(&mut wait);
    assert!(polled.is_ready() || waiter.wakes() > 0, "no wake is lost");
    assert!(matches!(waiter.poll(&mut wait), Poll::Ready(Ok(Ok(7)))));
    assert_eq!(hooks.wakes.load(Ordering::SeqCst), 0, "a replaced waker is never woken");
    drop(source);
}
