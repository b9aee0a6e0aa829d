//! Children of tokens whose source is gone: linked to whatever can still cancel them.
use core::time::Duration;
use taskcell::CancellationTokenSource;
use taskcell::time::ManualClock;

const MS: Duration = Duration::from_millis(1);

/// The last handle of a cancelled source gives cancelled children, though its parent lives and could cancel.
#[test]
fn a_child_of_a_cancelled_child_is_born_cancelled() {
    let root = CancellationTokenSource::new();
    let middle = root.token().child();
    let token = middle.token();
    middle.cancel_with("mine");
    drop(middle);
    let child = token.child();
    assert!(child.is_cancelled() && !root.is_cancelled());
    assert_eq!(child.token().reason().unwrap().to_string(), "mine");
    assert!(CancellationTokenSource::linked([&token]).is_cancelled());
}

/// The same one level further up: the parent of a lone token was cancelled.
#[test]
fn a_grandchild_of_a_cancelled_child_is_born_cancelled() {
    let root = CancellationTokenSource::new();
    let middle = root.token().child();
    let token = middle.token().child().token();
    middle.cancel();
    drop(middle);
    assert!(token.is_cancelled());
    assert!(token.child().is_cancelled());
}

/// A timer is the one cause left, not the parent.
#[test]
fn a_child_of_a_timed_token_hears_the_timer() {
    let clock = ManualClock::new();
    let root = CancellationTokenSource::new();
    let middle = root.token().child();
    middle.cancel_after_on(&clock, MS);
    let token = middle.token();
    drop(middle);
    drop(root);
    assert!(token.can_be_cancelled());
    let child = token.child();
    assert!(child.token().can_be_cancelled());
    clock.advance(MS);
    assert!(token.is_cancelled() && child.is_cancelled());
}

/// A child whose parent has become impossible, and whose own source has gone, has no cause left.
#[test]
fn a_child_of_an_impossible_token_is_impossible_but_for_itself() {
    let root = CancellationTokenSource::new();
    let token = root.token().child().token();
    drop(root);
    assert!(!token.can_be_cancelled());
    let child = token.child();
    let grandchild = child.token().child();
    assert!(child.token().can_be_cancelled());
    child.cancel();
    assert!(grandchild.is_cancelled() && !token.is_cancelled());
}
