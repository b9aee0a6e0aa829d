//! A task whose drop cancels.

use crate::support::hooked::Hooks;
use crate::support::*;
use std::sync::atomic::Ordering;
use taskcell::{CancellationTokenSource, TaskCompletionSource};

type Source = TaskCompletionSource<u32>;

#[test]
fn dropped_it_cancels_unless_the_task_has_ended() {
    for ended in [true, false] {
        let ((source, task), cancellation) = (Source::pair(), CancellationTokenSource::new());
        let token = cancellation.token();
        let guard = task.cancel_on_drop(cancellation);
        assert_eq!((guard.is_completed(), guard.listeners()), (false, 0));
        if ended {
            source.set_result(7);
        }
        drop(guard);
        assert_eq!((token.is_cancelled(), token.can_be_cancelled()), (!ended, !ended));
    }
}

#[test]
fn disarmed_it_cancels_nothing() {
    let ((source, task), cancellation) = (Source::pair(), CancellationTokenSource::new());
    let token = cancellation.token();
    let same = task.clone();
    assert_eq!(task.cancel_on_drop(cancellation).disarm(), same);
    assert!(!token.is_cancelled() && !token.can_be_cancelled());
    drop(source);
}

#[test]
fn awaited_it_cancels_only_if_the_future_is_dropped_before() {
    let ((source, task), cancellation) = (Source::pair(), CancellationTokenSource::new());
    let token = cancellation.token();
    let waiter = Counter::new();
    let mut wait = task.cancel_on_drop(cancellation).into_future();
    assert!(waiter.poll(&mut wait).is_pending());
    source.set_result(7);
    assert!(waiter.poll(&mut wait).is_ready());
    drop(wait);
    assert!(!token.is_cancelled());

    for (polled, ended) in [(false, false), (true, false), (false, true), (true, true)] {
        let ((source, task), cancellation) = (Source::pair(), CancellationTokenSource::new());
        let token = cancellation.token();
        // What cancellation leads to: the task ends, which must not wake whoever drops the future.
        let cancelled = token.register({
            let (source, token) = (source.clone(), token.clone());
            move || assert!(source.try_set_cancelled(&token))
        });
        let waiter = Counter::new();
        let mut wait = task.clone().cancel_on_drop(cancellation).into_future();
        if polled {
            assert!(waiter.poll(&mut wait).is_pending());
        }
        if ended {
            source.set_result(7);
        }
        drop(wait);
        assert_eq!((token.is_cancelled(), task.is_cancelled()), (!ended, !ended));
        assert_eq!((waiter.wakes(), waiter.held()), (usize::from(polled && ended), 0));
        drop(cancelled);
    }
}

#[test]
fn a_waker_whose_drop_panics_does_not_keep_it_from_cancelling() {
    let ((_source, task), cancellation) = (Source::pair(), CancellationTokenSource::new());
    let token = cancellation.token();
    let mut wait = task.cancel_on_drop(cancellation).into_future();
    let (waker, hooks) = Hooks::new().on_drop(|| panic!("dropped")).waker();
    assert!(poll_with(&waker, &mut wait).is_pending());
    assert_eq!(panic_of(|| drop(wait)), Some("dropped"));
    assert!(token.is_cancelled());
    assert_eq!(panic_of(|| drop(waker)), Some("dropped"));
    assert_eq!(hooks.drops.load(Ordering::SeqCst), 2);
}
