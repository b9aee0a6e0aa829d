//! The scenarios of tokio-util's own tests (`sync_cancellation_token.rs`, `future.rs`) that the other files lack, as told
//! there: which future waits, who is woken how often.
use super::Waiting;
use super::tokio_util::future::FutureExt;
use super::tokio_util::sync::CancellationToken;
use std::future::{pending, ready};

#[test]
fn a_child_is_cancelled_through_its_parent() {
    let parent = CancellationToken::new();
    let child = parent.child_token();
    let mut waits = [Waiting::begun(child.cancelled()), Waiting::begun(parent.cancelled())];
    parent.cancel();
    assert!(parent.is_cancelled() && child.is_cancelled());
    for wait in &mut waits {
        assert_eq!(wait.wakes(), 1);
        wait.output();
    }
}

#[test]
fn a_grandchild_is_cancelled_though_what_was_between_is_gone() {
    let root = CancellationToken::new();
    let middle = root.child_token();
    let child = middle.child_token();
    drop(middle);
    assert!(!child.is_cancelled());
    let mut waits = [Waiting::begun(child.cancelled()), Waiting::begun(root.cancelled())];
    root.cancel();
    for wait in &mut waits {
        assert_eq!(wait.wakes(), 1);
        wait.output();
    }
}

#[test]
fn one_child_is_cancelled_and_the_next_one_is_made() {
    let parent = CancellationToken::new();
    let first = parent.child_token();
    let (mut of_first, mut of_parent) = (Waiting::begun(first.cancelled()), Waiting::begun(parent.cancelled()));
    first.cancel();
    assert_eq!((of_first.wakes(), of_parent.wakes()), (1, 0));
    of_first.output();
    assert!(of_parent.poll().is_pending() && !parent.is_cancelled());
    let second = parent.child_token();
    let mut of_second = Waiting::begun(second.cancelled());
    parent.cancel();
    assert_eq!((of_first.wakes(), of_second.wakes(), of_parent.wakes()), (1, 1, 1));
    of_second.output();
    of_parent.output();
}

#[test]
fn children_of_a_cancelled_token_are_dropped_in_either_order() {
    for child_first in [true, false] {
        let parent = CancellationToken::new();
        parent.cancel();
        let child = parent.child_token();
        Waiting::new(child.cancelled()).output();
        Waiting::new(parent.cancelled()).output();
        if child_first {
            drop(child);
            drop(parent);
        } else {
            drop(parent);
            drop(child);
        }
    }
}

#[test]
fn children_are_dropped_from_the_first_or_from_the_last() {
    for forwards in [true, false] {
        let parent = CancellationToken::new();
        let mut children = vec![parent.child_token(), parent.child_token(), parent.child_token()];
        while !children.is_empty() {
            drop(children.remove(if forwards { 0 } else { children.len() - 1 }));
            assert!(!parent.is_cancelled());
        }
    }
}

#[test]
fn all_descendants_and_nobody_else() {
    let parent = CancellationToken::new();
    let (token, sibling) = (parent.child_token(), parent.child_token());
    let (child1, child2) = (token.child_token(), token.child_token());
    let (grandchild1, grandchild2) = (child1.child_token(), child1.child_token());
    let great = grandchild1.child_token();
    let below = [&token, &child1, &child2, &grandchild1, &grandchild2, &great];
    let mut waits = below.map(|token| Waiting::begun(token.cancelled()));
    let mut others = [&parent, &sibling].map(|token| Waiting::begun(token.cancelled()));
    token.cancel();
    assert!(below.iter().all(|token| token.is_cancelled()));
    assert!(!parent.is_cancelled() && !sibling.is_cancelled());
    for wait in &mut waits {
        assert_eq!(wait.wakes(), 1);
        wait.output();
        assert_eq!(wait.wakes(), 1);
    }
    assert!(others.iter_mut().all(|wait| wait.poll().is_pending() && wait.wakes() == 0));
}

#[test]
fn a_parent_goes_before_its_children() {
    let parent = CancellationToken::new();
    let (first, second) = (parent.child_token(), parent.child_token());
    drop(parent);
    assert!(!first.is_cancelled() && !second.is_cancelled());
    drop(first);
    assert!(!second.is_cancelled());
}

#[test]
fn futures_with_tokens() {
    let (live, dead) = (CancellationToken::new(), CancellationToken::new());
    dead.cancel();
    assert_eq!(Waiting::new(ready(1).with_cancellation_token(&live)).output(), Some(1));
    assert_eq!(Waiting::new(ready(1).with_cancellation_token_owned(live.clone())).output(), Some(1));
    let mut of_dead = Waiting::new(ready(1).with_cancellation_token(&dead));
    assert_eq!((of_dead.output(), of_dead.wakes()), (None, 0));
    let mut of_dead = Waiting::new(pending::<()>().with_cancellation_token_owned(dead.clone()));
    assert_eq!((of_dead.output(), of_dead.wakes()), (None, 0));
    let mut waits = Waiting::begun(pending::<()>().with_cancellation_token(&live));
    let mut owning = Waiting::begun(pending::<()>().with_cancellation_token_owned(live.clone()));
    live.cancel();
    assert_eq!((waits.wakes(), owning.wakes()), (1, 1));
    assert_eq!((waits.output(), owning.output()), (None, None));
}
