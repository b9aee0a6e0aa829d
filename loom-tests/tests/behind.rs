//! Models of sources in which each step of a call has to show: what stands behind a full head, numbers, counts, and what
//! a delivery lets go. Under loom a head has two slots, the first group two, later ones twice as many.
#![cfg(loom)]

use loom::thread::spawn;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use taskcell::{
    CancellationToken, CancellationTokenSource as Source, Registration, Unregistered, WaitForCancelledOwned,
};
use taskcell_loom_tests::{Bound, Clock, Drops, Order, SOON, Tracked, Wakes, model, name, poll_once};

/// A waiter that waits.
fn waiting(token: &CancellationToken, waker: &Waker) -> WaitForCancelledOwned {
    let mut future = token.clone().cancelled_owned();
    assert!(poll_once(&mut future, waker).is_pending());
    future
}

/// A callback that notes its number. It takes two slots: all of a head, or all of a word behind it.
fn noting(token: &CancellationToken, order: &Order, number: u32) -> Registration {
    let order = order.clone();
    token.register(move || order.note(number))
}

/// How many callbacks have room without growth; all are kept until then.
fn room(token: &CancellationToken) -> usize {
    let kept: Vec<_> = std::iter::from_fn(|| token.try_register(|| ()).ok()).collect();
    kept.len()
}

/// An error whose drop is counted.
#[derive(Debug)]
struct Told(#[expect(dead_code, reason = "for its drop")] Tracked);

impl std::fmt::Display for Told {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Told {}

/// A head has wakers alone; callbacks stand behind it, in a source and in a child.
#[test]
fn callbacks_behind_wakers() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, order) = (Source::new(), Wakes::new(), Order::new());
        let child = source.token().child();
        let waiters = [0, 1, 2].map(|_| waiting(&child.token(), &wakes.waker()));
        let first = noting(&child.token(), &order, 1);
        let more = [0, 1].map(|_| waiting(&source.token(), &wakes.waker()));
        let second = noting(&source.token(), &order, 2);
        let alone = Source::new();
        let others = [0, 1].map(|_| waiting(&alone.token(), &wakes.waker()));
        let third = noting(&alone.token(), &order, 3);
        assert!(source.cancel() && alone.cancel());
        assert_eq!((wakes.count(), wakes.live(), order.seen()), (7, 0, vec![2, 1, 3]));
        drop((waiters, first, more, second, others, third));
    });
}

/// The last source goes where nobody waits in the head any more: who waits behind it is let go.
#[test]
fn waiters_behind_an_empty_head_and_no_source() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, drops) = (Source::new(), Wakes::new(), Drops::new());
        let token = source.token();
        let head = [0, 1].map(|_| waiting(&token, &wakes.waker()));
        let behind = waiting(&token, &wakes.waker());
        let held = drops.track();
        token.register(move || drop(held)).detach();
        drop(head);
        drop(source);
        assert_eq!((wakes.count(), wakes.live(), drops.live()), (0, 0, 0));
        assert!(!token.can_be_cancelled());
        drop(behind);
    });
}

/// A callback goes out of a word that said it was full: the room is found again.
#[test]
fn room_of_a_callback_behind_the_head() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, order) = (Source::with_capacity(2), Wakes::new(), Order::new());
        let token = source.token();
        let [head, behind] = [noting(&token, &order, 1), noting(&token, &order, 2)];
        let waiter = waiting(&token, &wakes.waker());
        drop(behind);
        assert_eq!(room(&token), 2, "the word that was full, and one of the new group");
        drop((head, waiter));
    });
}

/// Two words of a group come free while somebody notes of one that it is full, and finds that it is not.
#[test]
fn two_words_come_free_against_a_search() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes, order) = (Source::with_capacity(4), Wakes::new(), Order::new());
        let token = source.token();
        // The head, a group of one word, one of two; then one of four, whose search has noted that the others are full.
        let [head, behind, first, second] = [0; 4].map(|n| noting(&token, &order, n));
        let waiters = [0, 1].map(|_| waiting(&token, &wakes.waker()));
        let kept = [0; 3].map(|n| noting(&token, &order, n));
        // Of this one it is not noted any more.
        drop(first);
        let first = noting(&token, &order, 0);
        let others = [first, second].map(|mut leaving| spawn(move || (leaving.unregister(), leaving)));
        let coming = waiting(&token, &wakes.waker());
        let gone = others.map(|other| other.join().unwrap());
        let found = room(&token);
        assert!(found == 1 || found == 9, "{found}: a word is hidden");
        drop((source, token, head, behind, waiters, kept, coming, gone));
    });
}

/// Three come to a word with two slots: it is full before anybody waits there. The room is found again.
#[test]
fn three_come_to_a_word_of_two() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes, order) = (Source::with_capacity(2), Wakes::new(), Order::new());
        let token = source.token();
        let head = noting(&token, &order, 1);
        let others = [0, 1].map(|_| {
            let (mut future, waker) = (token.clone().cancelled_owned(), wakes.waker());
            spawn(move || (poll_once(&mut future, &waker).is_pending(), future))
        });
        let mine = waiting(&token, &wakes.waker());
        let theirs = others.map(|other| other.join().unwrap());
        assert!(theirs.iter().all(|(waits, _)| *waits));
        drop((mine, theirs));
        assert_eq!(room(&token), 3, "the word, and two of a new group");
        drop(head);
    });
}

/// Numbers are given by two: who registers later has a higher one.
#[test]
fn numbers_of_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, order) = (Source::with_capacity(5), Order::new());
        let token = source.token();
        let former = noting(&token, &order, 0);
        let (there, theirs) = (token.clone(), order.clone());
        let other = spawn(move || noting(&there, &theirs, 1));
        let mine = [noting(&token, &order, 2), noting(&token, &order, 3)];
        let kept = other.join().unwrap();
        // In the place of one that stood before all others.
        drop(former);
        let last = noting(&token, &order, 4);
        assert!(source.cancel());
        let seen: Vec<_> = order.seen().into_iter().filter(|number| *number != 1).collect();
        assert_eq!(seen, [4, 3, 2]);
        drop((mine, kept, last));
    });
}

/// What is answered after a cancellation: nobody listens any more, and a callback that is over does not run.
#[test]
fn answers_after_a_cancellation() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, order) = (Source::new(), Wakes::new(), Order::new());
        let token = source.token();
        let waiter = waiting(&token, &wakes.waker());
        let mut callback = noting(&token, &order, 1);
        assert_eq!(token.listeners(), 2);
        assert!(source.cancel());
        assert_eq!((token.listeners(), callback.unregister()), (0, Unregistered::Finished));
        drop(waiter);
    });
}

/// Two clone a source at once: as long as one of the three is there it can be cancelled.
#[test]
fn two_clones_of_a_source() {
    model(name!(), Bound::Exhaustive, || {
        let source = Arc::new(Source::new());
        let (token, shared) = (source.token(), source.clone());
        let other = spawn(move || Source::clone(&shared));
        let mine = Source::clone(&source);
        drop((other.join().unwrap(), mine));
        assert!(token.can_be_cancelled());
        assert!(source.cancel() && token.is_cancelled());
    });
}

/// A source is linked to two whose sources go meanwhile: when its own goes, too, nothing can cancel it.
#[test]
fn linked_while_its_parents_sources_go() {
    model(name!(), Bound::Preemptions(3), || {
        let (first, second) = (Source::new(), Source::new());
        let tokens = [first.token(), second.token()];
        let others = [spawn(move || drop(first)), spawn(move || drop(second))];
        let child = Source::linked(&tokens);
        for other in others {
            other.join().unwrap();
        }
        let token = child.token();
        assert!(token.can_be_cancelled());
        drop(child);
        assert!(!token.can_be_cancelled());
    });
}

/// A child of two parents that is cancelled by itself, and then with one: that one's error goes with it.
#[test]
fn error_for_a_cancelled_child_of_two() {
    model(name!(), Bound::Exhaustive, || {
        let (drops, parents) = (Drops::new(), [Source::new(), Source::new()]);
        let child = Source::linked(&[parents[0].token(), parents[1].token()]);
        assert!(child.cancel());
        assert!(parents[0].cancel_with(Told(drops.track())));
        assert!(child.token().reason().is_some_and(|reason| reason.is_requested()));
        drop((parents, child));
        assert_eq!(drops.live(), 0);
    });
}

/// A child of two parents with a timer is cancelled with one of them: the timer ends.
#[test]
fn timer_of_a_child_of_two() {
    model(name!(), Bound::Exhaustive, || {
        let (clock, parents) = (Clock::new(), [Source::new(), Source::new()]);
        let child = Source::linked(&[parents[0].token(), parents[1].token()]);
        child.cancel_after_on(&clock, SOON);
        assert_eq!(clock.armed(), 1);
        assert!(parents[1].cancel() && child.is_cancelled());
        assert_eq!(clock.armed(), 0);
    });
}

/// Takes memory of many sizes, which was given back just now, and writes to it.
fn take_memory() {
    let taken: Vec<_> = (1..64).map(|n| black_box(vec![0xff_u8; 16 * n])).collect();
    drop(black_box(taken));
}

/// The same for memory below on the stack.
#[inline(never)]
fn take_stack() {
    black_box(&mut [0xff_u8; 8 << 10]);
}

/// A child goes in its own callback with all its handles: its memory stays until the callback is over.
#[test]
fn child_that_goes_in_its_own_callback() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, order, all) = (Source::new(), Order::new(), Arc::new(Mutex::new(None)));
        let child = parent.token().child();
        let (noted, own) = (order.clone(), all.clone());
        let registration = child.token().register(move || {
            drop(own.lock().unwrap().take());
            take_memory();
            noted.note(1);
        });
        *all.lock().unwrap() = Some((child, registration));
        assert!(parent.cancel());
        assert_eq!(order.seen(), [1]);
    });
}

/// Inside a callback another source is cancelled, which is over; then it asks after itself: it runs.
#[test]
fn callback_that_asks_after_another_delivery() {
    model(name!(), Bound::Exhaustive, || {
        let (source, inner, order, own) = (Source::new(), Source::new(), Order::new(), Arc::new(Mutex::new(None)));
        let kept = noting(&inner.token(), &order, 1);
        let (asked, shared) = (order.clone(), own.clone());
        let registration: Registration = source.token().register(move || {
            assert!(inner.cancel());
            take_stack();
            let mut registration: Registration = shared.lock().unwrap().take().unwrap();
            let answer = registration.unregister_and_wait();
            asked.note(if matches!(answer, Ok(Unregistered::Running)) { 2 } else { 3 });
        });
        *own.lock().unwrap() = Some(registration);
        assert!(source.cancel());
        assert_eq!(order.seen(), [1, 2]);
        drop(kept);
    });
}
