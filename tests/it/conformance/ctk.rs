//! CTK: `CancellationToken`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | CTK-014 | "unrepresentable": a callback cannot be null |
use crate::support::{Counter, Dropped, Log, eventually};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::thread;
use taskcell::{CancellationToken, CancellationTokenSource, Registration, Unregistered};

#[test]
fn ctk_001_none_never_cancels() {
    let none = CancellationToken::NONE;
    assert!(!none.can_be_cancelled());
    assert!(!none.is_cancelled());
    assert!(none.check().is_ok() && none.reason().is_none());
    let (value, drops) = Dropped::new();
    let mut registration = none.register(move || {
        let _value = &value;
        panic!("never runs");
    });
    assert_eq!(registration.id(), Registration::default().id());
    assert_eq!(registration.unregister(), Unregistered::Finished);
    drop(registration);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn ctk_002_born_cancelled() {
    let token = CancellationToken::new(true);
    assert!(token.can_be_cancelled());
    assert!(token.is_cancelled());
    assert!(token.check().is_err() && token.reason().is_some());
    let log = Log::new();
    let registration = token.register(log.note("inline"));
    assert_eq!(log.take(), ["inline"]);
    assert_eq!(registration.id(), Registration::default().id());
}

#[test]
fn ctk_003_new_false_is_none() {
    assert!(CancellationToken::new(false) == CancellationToken::NONE);
    assert!(CancellationToken::default() == CancellationToken::NONE);
}

#[test]
fn ctk_004_tokens_are_equal_by_source() {
    let (one, two) = (CancellationTokenSource::new(), CancellationTokenSource::new());
    assert!(one.token() == one.token());
    assert!(one.clone().token() == one.token());
    assert!(one.token() != two.token());
    assert!(one.token() != CancellationToken::NONE);
    assert!(one.token().child().token() != one.token());
    let set: HashSet<_> = [one.token(), one.token(), two.token(), CancellationToken::NONE].into_iter().collect();
    assert_eq!(set.len(), 3);
    assert!(set.contains(&one.clone().token()));
}

#[test]
fn ctk_005_born_cancelled_tokens_are_equal() {
    assert!(CancellationToken::new(true) == CancellationToken::new(true));
    assert!(CancellationToken::new(true) != CancellationToken::NONE);
    let source = CancellationTokenSource::new();
    source.cancel();
    assert!(source.token() != CancellationToken::new(true));
}

#[test]
fn ctk_007_check_carries_the_token() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    assert!(token.check().is_ok());
    source.cancel();
    let error = token.check().unwrap_err();
    assert!(error.token().clone() == token);
    assert_eq!(error.to_string(), "the operation was cancelled");
    let error: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert!(error.is::<taskcell::Cancelled>());
}

/// We differ on purpose: `can_be_cancelled` becomes false, because nobody is left who could cancel.
#[test]
fn ctk_008_a_token_without_sources() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    drop(source);
    assert!(!token.is_cancelled());
    assert!(!token.can_be_cancelled());
    assert!(token.check().is_ok());
    // A callback could never run, so it is dropped at once and the registration is empty.
    let (value, drops) = Dropped::new();
    let registration = token.register(move || drop(value));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(registration);
}

#[test]
fn ctk_010_registering_late_runs_inline() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let _early = source.token().register(log.note(("early", thread::current().id())));
    source.cancel();
    let late = log.clone();
    let _late = source.token().register(move || late.push(("late", thread::current().id())));
    let here = thread::current().id();
    assert_eq!(log.take(), [("early", here), ("late", here)]);
    // The other form gives the callback back instead.
    let callback = source.token().register_or(log.note(("or", here))).expect_err("it is cancelled");
    assert_eq!(log.len(), 0);
    callback();
    assert_eq!(log.len(), 1);
}

#[test]
fn ctk_012_waiting_for_none_is_pending() {
    let (none, waiter) = (CancellationToken::NONE, Counter::new());
    let mut wait = none.cancelled();
    assert!(waiter.poll(&mut wait).is_pending());
    assert!(waiter.poll(&mut wait).is_pending());
    drop(wait);
    assert_eq!(waiter.held(), 0);
    assert_eq!(waiter.wakes(), 0);
    assert!(!none.wait_timeout(core::time::Duration::from_millis(1)).unwrap());
}

#[test]
fn ctk_013_a_cancel_ends_blocking_waits() {
    // Before.
    let source = CancellationTokenSource::new();
    source.cancel();
    source.token().wait().unwrap();
    assert!(source.token().wait_timeout(core::time::Duration::ZERO).unwrap());
    assert!(source.token().wait_timeout(core::time::Duration::MAX).unwrap());
    CancellationToken::new(true).wait().unwrap();

    // After.
    let source = CancellationTokenSource::new();
    let waits: Vec<_> = (0..4)
        .map(|n| {
            let token = source.token();
            thread::spawn(move || {
                if n % 2 == 0 {
                    token.wait().unwrap()
                } else {
                    assert!(token.wait_timeout(core::time::Duration::MAX).unwrap())
                }
            })
        })
        .collect();
    eventually("all wait", || source.token().listeners() == 4);
    source.cancel();
    waits.into_iter().for_each(|wait| wait.join().unwrap());

    // And a future that was pending.
    let source = CancellationTokenSource::new();
    let (token, waiter) = (source.token(), Counter::new());
    let mut wait = token.cancelled();
    assert!(waiter.poll(&mut wait).is_pending());
    source.cancel();
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut wait).is_ready());
}
