//! Models of one thread: what is used round after round, with all that there can be too much of. Races have models of
//! their own; here each step of a round has to show.
#![cfg(loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationToken, CancellationTokenSource as Source, WaitForCancelledOwned};
use taskcell_loom_tests::cells::{Source as Cell, told, value, waiting as awaiting};
use taskcell_loom_tests::{Bound, Drops, Wakes, model, name, poll_once};

/// More than a head and two groups hold, under loom.
const MANY: usize = 9;

fn waiting(token: &CancellationToken, wakes: &Wakes) -> WaitForCancelledOwned {
    let mut future = token.clone().cancelled_owned();
    assert!(poll_once(&mut future, &wakes.waker()).is_pending());
    future
}

/// Rounds with more waiters than fit, of which some go early: each round has all its slots again.
fn rounds(mut source: Source) {
    for round in 0..3 {
        let (wakes, token) = (Wakes::new(), source.token());
        let mut futures: Vec<_> = (0..MANY).map(|_| waiting(&token, &wakes)).collect();
        assert_eq!(token.listeners(), MANY);
        futures.truncate(MANY - round);
        assert_eq!((token.listeners(), wakes.live()), (MANY - round, MANY - round));
        futures.extend((0..round).map(|_| waiting(&token, &wakes)));
        if round == 2 {
            source.cancel();
            assert_eq!((wakes.count(), wakes.live()), (MANY, 0));
            assert!(futures.iter_mut().all(|future| poll_once(future, &wakes.waker()).is_ready()));
            assert!(!source.try_reset());
        } else {
            drop((futures, token));
            assert_eq!((wakes.count(), wakes.live()), (0, 0));
            assert!(source.try_reset());
            assert!(!source.is_cancelled());
        }
    }
}

#[test]
fn source_grown_and_reset() {
    model(name!(), Bound::Exhaustive, || rounds(Source::new()));
}

#[test]
fn source_with_room_reset() {
    model(name!(), Bound::Exhaustive, || rounds(Source::with_capacity(MANY)));
}

/// Rounds of a cell with more waiters than fit.
#[test]
fn cell_grown_and_reset() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, mut source) = (Drops::new(), Cell::new());
        for round in 0..3 {
            let (wakes, task) = (Wakes::new(), source.task());
            assert!(!source.try_reset());
            let mut futures: Vec<_> = (0..MANY).map(|_| awaiting(&task, &wakes)).collect();
            futures.truncate(MANY - round);
            source.set_result(value(&drops, 1));
            assert_eq!((wakes.count(), wakes.live()), (MANY - round, 0));
            for future in futures {
                assert_eq!(told(future), Some(1));
            }
            drop(task);
            assert!(source.try_reset());
            assert_eq!(drops.live(), 0);
        }
    });
}

/// Tokens without a node: they say at once what they are, and so do their children.
#[test]
fn tokens_without_a_source() {
    model(name!(), Bound::Exhaustive, || {
        for cancelled in [false, true] {
            let (wakes, drops, token) = (Wakes::new(), Drops::new(), CancellationToken::new(cancelled));
            assert_eq!((token.is_cancelled(), token.can_be_cancelled(), token.listeners()), (cancelled, cancelled, 0));
            assert_eq!((token.reason().is_some(), token.check().is_err()), (cancelled, cancelled));
            assert_eq!(poll_once(&mut token.cancelled(), &wakes.waker()).is_ready(), cancelled);
            assert_eq!(poll_once(&mut token.clone().cancelled_owned(), &wakes.waker()).is_ready(), cancelled);
            let child = token.child();
            assert_eq!((child.is_cancelled(), child.token().reason().is_some()), (cancelled, cancelled));
            let tracked = drops.track();
            let refused = token.register_or(move || drop(tracked));
            assert_eq!((refused.is_err(), wakes.live(), drops.live()), (true, 0, 1));
            drop(refused);
            let (tracked, ran) = (drops.track(), Arc::new(AtomicUsize::new(0)));
            let runs = ran.clone();
            let registration = token.register(move || {
                drop(tracked);
                runs.fetch_add(1, SeqCst);
            });
            assert_eq!((ran.load(SeqCst), drops.live()), (usize::from(cancelled), 0));
            drop(registration);
        }
        assert!(CancellationToken::new(true) == CancellationToken::new(true));
        assert!(CancellationToken::new(true) != CancellationToken::new(false));
    });
}
