//! Handles: clones, equality, what is printed.
use super::tokio_util::sync::CancellationToken;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn hash(token: &CancellationToken) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn new_and_default_are_not_cancelled() {
    assert!(!CancellationToken::new().is_cancelled());
    assert!(!CancellationToken::default().is_cancelled());
    assert_ne!(CancellationToken::default(), CancellationToken::default());
}

#[test]
fn a_clone_is_the_same_token() {
    let token = CancellationToken::new();
    let clone = token.clone();
    clone.cancel();
    assert!(token.is_cancelled());
    let late = token.clone();
    assert!(late.is_cancelled());
    assert_eq!((&token, hash(&token)), (&late, hash(&clone)));
}

#[test]
fn cancelling_again_does_nothing() {
    let token = CancellationToken::new();
    for _ in 0..3 {
        token.cancel();
        assert!(token.is_cancelled());
    }
}

#[test]
fn dropping_every_handle_but_one_cancels_nothing() {
    let token = CancellationToken::new();
    let clones: Vec<_> = (0..100).map(|_| token.clone()).collect();
    let last = clones[50].clone();
    drop(token);
    drop(clones);
    assert!(!last.is_cancelled());
    last.cancel();
    assert!(last.is_cancelled());
}

#[test]
fn equality_and_hash_go_by_token_whatever_its_state() {
    let token = CancellationToken::new();
    let (clone, child, other) = (token.clone(), token.child_token(), CancellationToken::new());
    let before = hash(&token);
    assert!(token == clone && token != child && token != other && child != token.child_token());
    token.cancel();
    assert_eq!((hash(&token), hash(&clone)), (before, before));
    assert!(token == clone && token != child);
    // Born cancelled: each is one of its own.
    let born = [token.child_token(), token.child_token()];
    assert!(born[0] != born[1] && born[0] != token && born[0] == born[0].clone());
    assert_ne!(hash(&born[0]), hash(&born[1]));
}

#[test]
fn tokens_are_keys() {
    let tokens: Vec<_> = (0..50).map(|_| CancellationToken::new()).collect();
    let mut names: HashMap<CancellationToken, usize> = tokens.iter().cloned().zip(0..).collect();
    tokens[7].cancel();
    for (number, token) in tokens.iter().enumerate() {
        assert_eq!(names.remove(token), Some(number));
    }
    let twice: HashSet<_> = tokens.iter().chain(&tokens).cloned().collect();
    assert_eq!(twice.len(), 50);
}

#[test]
fn debug() {
    let token = CancellationToken::new();
    let wait = token.cancelled();
    assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: false }");
    assert_eq!(format!("{wait:?}"), "WaitForCancellationFuture");
    assert_eq!(format!("{wait:#?}"), "WaitForCancellationFuture");
    assert_eq!(format!("{:?}", token.clone().cancelled_owned()), "WaitForCancellationFutureOwned");
    let (guard, by_ref) = (token.clone().drop_guard(), token.drop_guard_ref());
    assert_eq!(format!("{guard:?}"), "DropGuard { inner: Some(CancellationToken { is_cancelled: false }) }");
    assert_eq!(format!("{by_ref:?}"), "DropGuardRef { inner: Some(CancellationToken { is_cancelled: false }) }");
    token.cancel();
    assert_eq!(format!("{token:#?}"), "CancellationToken {\n    is_cancelled: true,\n}");
    assert_eq!(format!("{guard:?}"), "DropGuard { inner: Some(CancellationToken { is_cancelled: true }) }");
    assert_eq!(format!("{by_ref:?}"), "DropGuardRef { inner: Some(CancellationToken { is_cancelled: true }) }");
}

#[test]
fn a_panic_beside_a_token_harms_nothing() {
    let token = CancellationToken::new();
    // No `AssertUnwindSafe`: a token may be looked at from outside of a panic.
    let by_ref = catch_unwind(|| {
        token.child_token().cancel();
        if !token.is_cancelled() {
            std::panic::resume_unwind(Box::new(1));
        }
    });
    assert!(by_ref.is_err() && !token.is_cancelled());
    let clone = token.clone();
    let by_value = catch_unwind(move || {
        let _guard = clone.drop_guard();
        std::panic::resume_unwind(Box::new(2));
    });
    assert!(by_value.is_err() && token.is_cancelled());
    let waits = catch_unwind(AssertUnwindSafe(|| smol::block_on(token.cancelled())));
    assert!(waits.is_ok());
}
