//! The same objects on several threads: the scenarios of tokio-util's models, and some more, round by round.
use super::tokio_util::future::FutureExt;
use super::tokio_util::sync::CancellationToken;
use crate::support::{Counter, race, rounds};
use std::future::pending;
use std::sync::Mutex;
use std::task::Poll;
use std::thread;

const ROUNDS: usize = 2_000;

#[test]
fn a_wait_against_a_cancel() {
    race(
        ROUNDS,
        || {
            let token = CancellationToken::new();
            (token.child_token(), token)
        },
        |(child, _)| smol::block_on(child.cancelled()),
        |(_, token)| token.cancel(),
        |(child, token)| assert!(child.is_cancelled() && token.is_cancelled()),
    );
}

#[test]
fn an_owning_wait_against_a_cancel() {
    race(
        ROUNDS,
        CancellationToken::new,
        |token| smol::block_on(token.clone().cancelled_owned()),
        CancellationToken::cancel,
        |token| assert!(token.is_cancelled()),
    );
}

#[test]
fn a_poll_against_a_cancel() {
    race(
        ROUNDS,
        || {
            let token = CancellationToken::new();
            (Mutex::new((Box::pin(token.child_token().cancelled_owned()), false)), Counter::new(), token)
        },
        |(wait, waker, _)| {
            let (wait, ready) = &mut *wait.lock().expect("nobody panics");
            *ready = waker.poll(wait) == Poll::Ready(());
        },
        |(_, _, token)| token.cancel(),
        |(wait, waker, _)| {
            let (mut wait, ready) = wait.into_inner().expect("nobody panics");
            assert!(ready || waker.wakes() == 1, "a wake was lost");
            assert!(waker.poll(&mut wait).is_ready());
        },
    );
}

#[test]
fn a_drop_of_a_wait_against_a_cancel() {
    race(
        ROUNDS,
        || {
            let (token, waker) = (CancellationToken::new(), Counter::new());
            let mut wait = Box::pin(token.clone().cancelled_owned());
            assert!(waker.poll(&mut wait).is_pending());
            (Mutex::new(Some(wait)), waker, token)
        },
        |(wait, ..)| drop(wait.lock().expect("nobody panics").take()),
        |(_, _, token)| token.cancel(),
        |(_, waker, _)| assert!(waker.wakes() <= 1 && waker.held() == 0),
    );
}

#[test]
fn a_new_child_against_a_cancel() {
    race(
        ROUNDS,
        || (CancellationToken::new(), Mutex::new(None)),
        |(token, child)| *child.lock().expect("nobody panics") = Some(token.child_token()),
        |(token, _)| token.cancel(),
        |(_, child)| assert!(child.into_inner().expect("nobody panics").expect("made").is_cancelled()),
    );
}

#[test]
fn a_drop_of_the_middle_against_a_cancel_above() {
    race(
        ROUNDS,
        || {
            let root = CancellationToken::new();
            let middle = root.child_token();
            (middle.child_token(), Mutex::new(Some(middle)), root)
        },
        |(_, middle, _)| drop(middle.lock().expect("nobody panics").take()),
        |(_, _, root)| root.cancel(),
        |(last, ..)| assert!(last.is_cancelled()),
    );
}

#[test]
fn a_drop_of_the_middle_against_a_new_grandchild() {
    race(
        ROUNDS,
        || {
            let root = CancellationToken::new();
            let middle = root.child_token();
            (root, middle.child_token(), Mutex::new(Some(middle)), Mutex::new(None))
        },
        |(_, _, middle, _)| drop(middle.lock().expect("nobody panics").take()),
        |(_, last, _, new)| *new.lock().expect("nobody panics") = Some(last.child_token()),
        |(root, _, _, new)| {
            root.cancel();
            assert!(new.into_inner().expect("nobody panics").expect("made").is_cancelled());
        },
    );
}

/// `drop_token_no_child`, `drop_token_with_children`, `drop_and_cancel_token` and `cancel_parent_and_child` of
/// tokio-util's models: three threads, each with a handle of its own, in every combination of what they do.
#[test]
fn three_threads_drop_and_cancel() {
    type Doing = fn(CancellationToken);
    const DOINGS: [Doing; 2] = [drop::<CancellationToken>, |token| token.cancel()];
    for _ in 0..rounds(40) {
        for what in 0..8 {
            for children in 0..4 {
                let token = CancellationToken::new();
                let of = |at: usize| if at < children { token.child_token() } else { token.clone() };
                let theirs = [0, 1, 2].map(of);
                let watched = theirs.each_ref().map(CancellationToken::child_token);
                let root = token.child_token();
                drop(token);
                thread::scope(|scope| {
                    for (at, token) in theirs.into_iter().enumerate() {
                        scope.spawn(move || DOINGS[what >> at & 1](token));
                    }
                });
                let cancels = |at: usize| what >> at & 1 == 1;
                let all = (children..3).any(cancels);
                assert_eq!(root.is_cancelled(), all);
                for (at, token) in watched.iter().enumerate() {
                    assert_eq!(token.is_cancelled(), all || at < children && cancels(at));
                }
            }
        }
    }
}

#[test]
fn many_threads_wait_for_one() {
    for _ in 0..rounds(200) {
        let token = CancellationToken::new();
        thread::scope(|scope| {
            for at in 0..4 {
                let token = if at % 2 == 0 { token.clone() } else { token.child_token() };
                scope.spawn(move || match at {
                    0 => smol::block_on(token.cancelled()),
                    1 => smol::block_on(token.cancelled_owned()),
                    2 => assert_eq!(smol::block_on(token.run_until_cancelled(pending::<()>())), None),
                    _ => assert_eq!(smol::block_on(pending::<()>().with_cancellation_token_owned(token)), None),
                });
            }
            token.cancel();
        });
    }
}
