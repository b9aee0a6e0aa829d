//! Models of growth: groups behind a full head, their summary and their hint.
//! Under loom a head has two slots, the first group two, later words two each.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationToken, CancellationTokenSource as Source, Registration, WaitForCancelledOwned};
use taskcell_loom_tests::{Bound, Data, Wakes, model, name, poll_once};

/// A waiter that waits.
fn waiting(token: &CancellationToken, wakes: &Wakes) -> WaitForCancelledOwned {
    let mut future = token.clone().cancelled_owned();
    assert!(poll_once(&mut future, &wakes.waker()).is_pending());
    future
}

/// A callback, which takes two slots: all of a head, or all of a word behind it.
fn filler(token: &CancellationToken) -> Registration {
    token.register(|| ())
}

/// A waiter behind a full head is caught by the seal, or meets it; who meets it sees what came before the cancel.
fn waiter_behind_the_head_against_cancel(source: &Source) {
    let (wakes, data) = (Wakes::new(), Data::new());
    let token = source.token();
    let full = filler(&token);
    let mut future = token.cancelled_owned();
    let (waker, seen) = (wakes.waker(), data.clone());
    let other = spawn(move || {
        let ready = poll_once(&mut future, &waker).is_ready();
        if ready {
            seen.read();
        }
        (ready, future)
    });
    data.write();
    source.cancel();
    let (ready, future) = other.join().unwrap();
    assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
    drop((future, full));
}

/// The third waiter is caught by the seal, or meets it.
#[test]
fn third_waiter_against_cancel() {
    model(name!(), Bound::Exhaustive, || waiter_behind_the_head_against_cancel(&Source::new()));
}

/// The same with a callback, and whoever is refused sees what came before the cancel.
#[test]
fn callbacks_growth_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, data) = (Source::new(), Data::new());
        let token = source.token();
        let full = filler(&token);
        let seen = data.clone();
        let ran = Arc::new(AtomicUsize::new(0));
        let runs = ran.clone();
        let other = spawn(move || {
            let callback = move || {
                seen.read();
                runs.fetch_add(1, SeqCst);
            };
            let registration = token.register_or(callback).unwrap_or_else(|callback| {
                callback();
                Registration::default()
            });
            (registration, token)
        });
        data.write();
        source.cancel();
        let kept = other.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        drop((kept, full));
    });
}

/// A group that hangs there already, and is entered while the firer comes.
#[test]
fn entry_behind_the_head_against_cancel() {
    model(name!(), Bound::Exhaustive, || waiter_behind_the_head_against_cancel(&Source::with_capacity(2)));
}

/// Two append the first group at once: one group stays, and holds both.
#[test]
fn two_growers() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let full = filler(&token);
        let (mut first, mut second) = (token.clone().cancelled_owned(), token.cancelled_owned());
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut second, &waker).is_pending());
            second
        });
        assert!(poll_once(&mut first, &wakes.waker()).is_pending());
        let second = other.join().unwrap();
        source.cancel();
        assert_eq!((wakes.count(), wakes.live()), (2, 0));
        drop((first, second, full));
    });
}

/// Two append while the firer comes.
#[test]
fn two_growers_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let full = filler(&token);
        let others = [token.clone().cancelled_owned(), token.cancelled_owned()].map(|mut future| {
            let waker = wakes.waker();
            spawn(move || (poll_once(&mut future, &waker).is_ready(), future))
        });
        source.cancel();
        let kept = others.map(|other| other.join().unwrap());
        let waiting = kept.iter().filter(|(ready, _)| !ready).count();
        assert_eq!((wakes.count(), wakes.live()), (waiting, 0));
        drop((kept, full));
    });
}

/// Growth against the last source: the waker is dropped, nothing stays.
#[test]
fn growth_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let full = filler(&token);
        let mut future = token.cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        drop(source);
        let future = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
        drop((future, full));
    });
}

/// Whoever meets a full word says so while another makes room in it: the room is found again.
#[test]
fn fill_against_room() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::with_capacity(2), Wakes::new());
        let token = source.token();
        let full = filler(&token);
        let leaving = [waiting(&token, &wakes), waiting(&token, &wakes)];
        let mut coming = token.clone().cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut coming, &waker).is_pending());
            coming
        });
        drop(leaving);
        drop(other.join().unwrap());
        // The first group has room for one, a second one for two.
        let kept: Vec<_> = std::iter::from_fn(|| token.try_register(|| ()).ok()).collect();
        assert!(matches!(kept.len(), 1 | 3), "{} of the slots are found", kept.len());
        drop((source, token, kept, full));
    });
}

/// A word that is full and says so comes free while another looks for a slot: he finds it or grows, nothing is lost.
#[test]
fn room_against_claim() {
    model(name!(), Bound::Preemptions(3), || {
        let source = Source::with_capacity(2);
        let token = source.token();
        let (full, leaving) = (filler(&token), filler(&token));
        let other_token = token.clone();
        let other = spawn(move || {
            let registration = other_token.try_register(|| ()).ok();
            (registration, other_token)
        });
        drop(leaving);
        let (registration, other_token) = other.join().unwrap();
        drop(registration);
        assert!(token.try_register(|| ()).is_ok());
        drop((source, token, other_token, full));
    });
}

/// A search finds a word full while it empties, and goes on to another group, where the hint stays: the room is found.
#[test]
fn search_against_room() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::with_capacity(2), Wakes::new());
        let token = source.token();
        let full = filler(&token);
        let leaving = (waiting(&token, &wakes), waiting(&token, &wakes));
        let mut coming = token.clone().cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut coming, &waker).is_pending());
            coming
        });
        drop(leaving);
        let coming = other.join().unwrap();
        // Without growth he sits in the word that emptied; with it in one of two new ones. A callback needs a word alone.
        let found: Vec<_> = core::iter::from_fn(|| token.try_register(|| ()).ok()).collect();
        assert_ne!(found.len(), 1, "the emptied word is hidden");
        drop((source, token, full, coming, found));
    });
}

/// A newcomer follows the hint into a group that he has not walked to.
#[test]
fn hint_against_growth() {
    model(name!(), Bound::Preemptions(3), || {
        let source = Source::with_capacity(2);
        let token = source.token();
        let (head, group) = (filler(&token), filler(&token));
        let other_token = token.clone();
        let other = spawn(move || {
            let registration = filler(&other_token);
            (registration, other_token)
        });
        let registration = filler(&token);
        let kept = other.join().unwrap();
        assert_eq!(token.listeners(), 4);
        drop((registration, kept, head, group, source, token));
    });
}

/// A hint that was given because something came free.
#[test]
fn hint_against_room() {
    model(name!(), Bound::Preemptions(3), || {
        let source = Source::with_capacity(2);
        let token = source.token();
        let (head, group) = (filler(&token), filler(&token));
        let other_token = token.clone();
        let other = spawn(move || {
            drop(filler(&other_token));
            other_token
        });
        let registration = filler(&token);
        let kept = other.join().unwrap();
        drop((registration, kept, head, group, source, token));
    });
}

/// Somebody counts while the first group is appended.
#[test]
fn count_against_growth() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let head = filler(&token);
        let mut future = token.clone().cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        assert!((1..=2).contains(&token.listeners()));
        let future = other.join().unwrap();
        assert_eq!(token.listeners(), 2);
        drop((future, head, source, token));
    });
}

/// Somebody counts while a second group is appended.
#[test]
fn count_against_second_growth() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::with_capacity(2), Wakes::new());
        let token = source.token();
        let kept = [filler(&token), filler(&token)];
        let mut future = token.clone().cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        assert!((2..=3).contains(&token.listeners()));
        let future = other.join().unwrap();
        assert_eq!(token.listeners(), 3);
        drop((future, kept, source, token));
    });
}

/// The last handle that goes frees the group that another has appended.
#[test]
fn growth_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        filler(&token).detach();
        let mut future = token.cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
        });
        drop(source);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
    });
}
