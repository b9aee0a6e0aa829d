//! Wakers that use the tokens that wake them.
use super::Waiting;
use super::tokio_util::sync::CancellationToken;
use crate::support::hooked::Hooks;
use crate::support::poll_with;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

/// A wait that has begun with a waker of the test's own.
#[track_caller]
fn begun<F: Future<Output = ()>>(future: F, waker: &Waker) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(poll_with(waker, &mut future).is_pending());
    future
}

fn counts(hooks: &Hooks) -> (usize, usize) {
    (hooks.wakes.load(Ordering::SeqCst), hooks.clones.load(Ordering::SeqCst))
}

#[test]
fn all_below_reads_as_cancelled_when_the_first_waker_runs() {
    let root = CancellationToken::new();
    let mut tokens = vec![root.clone()];
    for at in 0..40 {
        tokens.push(tokens[at / 2].child_token());
    }
    let seen = Arc::new(AtomicUsize::new(0));
    let wakers: Vec<_> = (0..tokens.len())
        .map(|_| {
            let (all, seen) = (tokens.clone(), Arc::clone(&seen));
            Hooks::new()
                .on_wake(move || {
                    assert!(all.iter().all(CancellationToken::is_cancelled));
                    assert!(all.iter().all(|token| token.child_token().is_cancelled()));
                    seen.fetch_add(1, Ordering::SeqCst);
                })
                .waker()
                .0
        })
        .collect();
    let waits: Vec<_> = tokens.iter().zip(&wakers).map(|(token, waker)| begun(token.cancelled(), waker)).collect();
    root.cancel();
    assert_eq!(seen.load(Ordering::SeqCst), tokens.len());
    drop(waits);
}

#[test]
fn a_waker_cancels_again() {
    let token = CancellationToken::new();
    let (again, child) = (token.clone(), token.child_token());
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            again.cancel();
            child.cancel();
        })
        .waker();
    let wait = begun(token.cancelled(), &waker);
    let beside = Waiting::begun(token.cancelled());
    token.cancel();
    assert_eq!((counts(&hooks).0, beside.wakes()), (1, 1));
    drop(wait);
}

#[test]
fn a_waker_cancels_what_is_above() {
    let root = CancellationToken::new();
    let (child, sibling) = (root.child_token(), root.child_token());
    let above = root.clone();
    let (waker, hooks) = Hooks::new().on_wake(move || above.cancel()).waker();
    let wait = begun(child.cancelled(), &waker);
    let waits = [&root, &child, &sibling].map(|token| Waiting::begun(token.cancelled()));
    child.cancel();
    assert!(root.is_cancelled() && sibling.is_cancelled());
    assert_eq!(counts(&hooks).0, 1);
    assert!(waits.iter().all(|wait| wait.wakes() == 1));
    drop(wait);
}

#[test]
fn wakers_cancel_one_token_after_the_other() {
    const LENGTH: usize = 200;
    let tokens: Vec<_> = (0..LENGTH).map(|_| CancellationToken::new()).collect();
    let wakers: Vec<_> = (1..LENGTH)
        .map(|next| {
            let next = tokens[next].clone();
            Hooks::new().on_wake(move || next.cancel()).waker().0
        })
        .collect();
    let waits: Vec<_> = tokens.iter().zip(&wakers).map(|(token, waker)| begun(token.cancelled(), waker)).collect();
    tokens[0].cancel();
    assert!(tokens.iter().all(CancellationToken::is_cancelled));
    drop(waits);
}

#[test]
fn a_waker_waits_anew() {
    let token = CancellationToken::new();
    let inside = token.clone();
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            Waiting::new(inside.cancelled()).output();
            Waiting::new(inside.clone().cancelled_owned()).output();
            Waiting::new(inside.child_token().cancelled()).output();
        })
        .waker();
    let wait = begun(token.cancelled(), &waker);
    token.cancel();
    assert_eq!(counts(&hooks).0, 1);
    drop(wait);
}

#[test]
fn a_waker_drops_other_waits() {
    let token = CancellationToken::new();
    let waits = Arc::new(Mutex::new(Vec::new()));
    let (inside, child) = (Arc::clone(&waits), token.child_token());
    let (waker, hooks) = Hooks::new()
        .on_wake(move || {
            let dropped = std::mem::take(&mut *inside.lock().expect("nobody panics"));
            drop(dropped);
        })
        .waker();
    for _ in 0..100 {
        let wait = begun(token.clone().cancelled_owned(), &waker);
        let below = begun(child.clone().cancelled_owned(), &waker);
        waits.lock().expect("nobody panics").extend([wait, below]);
    }
    token.cancel();
    assert!((1..=200).contains(&counts(&hooks).0));
    assert!(waits.lock().expect("nobody panics").is_empty());
}

#[test]
fn a_waker_drops_the_tokens() {
    let root = CancellationToken::new();
    let tokens = Arc::new(Mutex::new((0..20).map(|_| root.child_token()).collect::<Vec<_>>()));
    let inside = Arc::clone(&tokens);
    let (waker, hooks) = Hooks::new().on_wake(move || inside.lock().expect("nobody panics").clear()).waker();
    let waits: Vec<_> = tokens
        .lock()
        .expect("nobody panics")
        .iter()
        .map(|token| begun(token.clone().cancelled_owned(), &waker))
        .collect();
    root.cancel();
    assert_eq!((counts(&hooks).0, tokens.lock().expect("nobody panics").len()), (20, 0));
    drop(waits);
}

#[test]
fn a_waker_that_cancels_when_it_is_cloned() {
    let token = CancellationToken::new();
    let inside = token.clone();
    let (waker, hooks) = Hooks::new().on_clone(move || inside.cancel()).waker();
    let mut wait = Box::pin(token.cancelled());
    assert!(poll_with(&waker, &mut wait).is_ready());
    assert_eq!(counts(&hooks), (0, 1));
    drop((wait, waker));
    assert_eq!(Arc::strong_count(&hooks), 1);
}

#[test]
fn a_waker_that_cancels_when_it_is_dropped() {
    let token = CancellationToken::new();
    let inside = token.clone();
    let (waker, hooks) = Hooks::new().on_drop(move || inside.cancel()).waker();
    let wait = begun(token.cancelled(), &waker);
    let beside = Waiting::begun(token.cancelled());
    drop(wait);
    assert!(token.is_cancelled() && beside.wakes() == 1);
    assert_eq!(counts(&hooks).0, 0);
    // And one that is replaced by another.
    let token = CancellationToken::new();
    let inside = token.clone();
    let (waker, hooks) = Hooks::new().on_drop(move || inside.cancel()).waker();
    let mut wait = begun(token.cancelled(), &waker);
    assert!(poll_with(Waker::noop(), &mut wait).is_pending() || token.is_cancelled());
    assert!(token.is_cancelled() && counts(&hooks).0 == 0);
    assert!(poll_with(Waker::noop(), &mut wait).is_ready());
}

#[test]
fn a_guard_that_goes_in_a_waker() {
    let (token, other) = (CancellationToken::new(), CancellationToken::new());
    let guard = Mutex::new(Some(other.clone().drop_guard()));
    let (waker, _hooks) = Hooks::new().on_wake(move || drop(guard.lock().expect("nobody panics").take())).waker();
    let wait = begun(token.cancelled(), &waker);
    let beside = Waiting::begun(other.cancelled());
    token.cancel();
    assert!(other.is_cancelled() && beside.wakes() == 1);
    drop(wait);
}
