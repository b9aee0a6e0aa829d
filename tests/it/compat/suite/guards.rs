//! Cancelling on drop.
use super::Waiting;
use super::tokio_util::sync::{CancellationToken, DropGuard};

#[test]
fn a_guard_cancels_when_it_goes() {
    let token = CancellationToken::new();
    let child = token.child_token();
    let mut wait = Waiting::begun(child.cancelled());
    let guard = token.clone().drop_guard();
    assert!(!guard.token().is_cancelled());
    assert_eq!(guard.token(), &token);
    drop(guard);
    assert!(token.is_cancelled() && wait.wakes() == 1);
    wait.output();
}

#[test]
fn a_disarmed_guard_gives_the_token_back() {
    let token = CancellationToken::new();
    let back = token.clone().drop_guard().disarm();
    assert!(back == token && !token.is_cancelled());
    drop((back, token.drop_guard_ref().disarm()));
    assert!(!token.is_cancelled());
}

#[test]
fn each_guard_is_for_itself() {
    let token = CancellationToken::new();
    let (one, other) = (token.clone().drop_guard(), token.clone().drop_guard());
    drop(one.disarm());
    assert!(!token.is_cancelled());
    drop(other);
    assert!(token.is_cancelled());
    // On what is cancelled they do nothing.
    drop((token.clone().drop_guard(), token.drop_guard_ref()));
    assert!(token.clone().drop_guard().disarm().is_cancelled());
}

#[test]
fn a_guard_by_reference_lets_its_token_be_used() {
    let token = CancellationToken::new();
    {
        let guard = token.drop_guard_ref();
        let wait = Waiting::begun(token.cancelled());
        assert!(!guard.token().is_cancelled() && wait.wakes() == 0);
    }
    assert!(token.is_cancelled());
}

#[test]
fn a_guard_may_own_the_last_handle() {
    let guard = CancellationToken::new().drop_guard();
    let child = guard.token().child_token();
    drop(guard);
    assert!(child.is_cancelled());
    let guard = CancellationToken::new().drop_guard();
    let child = guard.token().child_token();
    drop(guard.disarm());
    assert!(!child.is_cancelled());
}

#[test]
fn guards_work_in_a_panic() {
    let token = CancellationToken::new();
    let child = token.child_token();
    let unwound = std::panic::catch_unwind(|| {
        let _guard = token.drop_guard_ref();
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(unwound.is_err() && child.is_cancelled());
}

#[test]
fn guards_are_kept_in_structures() {
    struct Service(Vec<DropGuard>);
    let root = CancellationToken::new();
    let tokens: Vec<_> = (0..5).map(|_| root.child_token()).collect();
    let mut service = Service(tokens.iter().map(|token| token.clone().drop_guard()).collect());
    drop(service.0.remove(2));
    assert_eq!(tokens.iter().position(CancellationToken::is_cancelled), Some(2));
    drop(service);
    assert!(tokens.iter().all(CancellationToken::is_cancelled) && !root.is_cancelled());
}
