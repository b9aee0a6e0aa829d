//! Models of sources without a heap that are used again.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationSlot, StaticCancellationTokenSource, StaticSlot};
use taskcell_loom_tests::{Bound, Data, Wakes, model, name, poll_once};

type Source<const N: usize> = StaticCancellationTokenSource<N>;

/// A source for this run of the model. It stays behind, as a static would.
fn source<const N: usize>() -> &'static Source<N> {
    Box::leak(Box::new(Source::new()))
}

/// A slot of it, with one who waits there.
fn waiting<const N: usize>(source: &'static Source<N>, wakes: &Wakes) -> StaticSlot<'static> {
    let mut slot = source.slot().expect("free");
    assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
    slot
}

/// A cancelled source is reset while somebody cancels it: that one comes before, or cancels it again.
#[test]
fn static_reset_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (source::<1>(), Data::new());
        source.cancel();
        let seen = data.clone();
        let other = spawn(move || {
            data.write();
            source.cancel()
        });
        assert!(source.try_reset());
        let again = source.is_cancelled();
        if again {
            seen.read();
        }
        let theirs = other.join().unwrap();
        assert_eq!(source.is_cancelled(), theirs);
    });
}

/// Whoever finds a source new sees what came before its reset.
#[test]
fn static_reset_is_seen() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (source::<1>(), Data::new());
        source.cancel();
        let seen = data.clone();
        let other = spawn(move || {
            data.write();
            assert!(source.try_reset());
        });
        if !source.is_cancelled() {
            seen.read();
        }
        other.join().unwrap();
    });
}

/// Who waited is woken, sees it and resets, while the firer still delivers; the next round has the same slot.
#[test]
fn static_reset_against_the_end_of_a_delivery() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = waiting(source, &wakes);
        let other = spawn(move || assert!(source.cancel()));
        let (before, again) = (source.is_cancelled(), Wakes::new());
        if before && poll_once(&mut slot.cancelled(), &wakes.waker()).is_ready() && source.try_reset() {
            assert_eq!(wakes.count(), 1, "all has been delivered");
            assert!(poll_once(&mut slot.cancelled(), &again.waker()).is_pending());
            assert!(source.cancel());
            assert_eq!(again.count(), 1);
        }
        other.join().unwrap();
        drop(slot);
        assert_eq!((wakes.count(), wakes.live(), again.live()), (1, 0, 0));
    });
}

/// A waiter changes its waker while somebody cancels and resets: no cancellation passes it by.
#[test]
fn static_reset_against_another_waker() {
    model(name!(), Bound::Exhaustive, || {
        let (source, first, second, data) = (source::<1>(), Wakes::new(), Wakes::new(), Data::new());
        let mut slot = waiting(source, &first);
        let (waker, seen) = (second.waker(), data.clone());
        let other = spawn(move || {
            let ready = poll_once(&mut slot.cancelled(), &waker).is_ready();
            if ready {
                seen.read();
            }
            (ready, slot)
        });
        data.write();
        assert!(source.cancel());
        let is_new = source.try_reset();
        let (ready, slot) = other.join().unwrap();
        assert!(ready || !is_new, "who waited before has not seen it");
        drop(slot);
        assert_eq!((first.live(), second.live()), (0, 0));
    });
}

/// A reset waits for nobody: it refuses until the waiter has gone. Then the slot is another's.
#[test]
fn static_reset_against_a_waiters_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let slot = waiting(source, &wakes);
        source.cancel();
        let other = spawn(move || drop(slot));
        if source.try_reset() {
            let mut slot = source.slot().expect("given back");
            assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
            drop(slot);
        } else {
            assert!(source.is_cancelled());
        }
        other.join().unwrap();
        assert!(source.try_reset() && source.slot().is_ok());
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
    });
}

/// A waiter sees the cancellation while somebody resets and cancels again: it is told of both rounds, or of the second.
#[test]
fn static_reset_against_a_waiters_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = waiting(source, &wakes);
        source.cancel();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut slot.cancelled(), &waker).is_ready());
            let pending = poll_once(&mut slot.cancelled(), &waker).is_pending();
            (pending, slot)
        });
        let again = source.try_reset() && source.cancel();
        let (pending, slot) = other.join().unwrap();
        if pending && again && wakes.count() == 1 {
            panic!("it waits in a round that is over");
        }
        assert!(!pending || again);
        drop(slot);
        assert_eq!(wakes.live(), 0);
    });
}

/// A slot is polled for the first time in a round that ends meanwhile.
#[test]
fn static_first_poll_against_cancel_and_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let (mut slot, waker) = (source.slot().expect("free"), wakes.waker());
        let other = spawn(move || {
            let ready = poll_once(&mut slot.cancelled(), &waker).is_ready();
            (ready, slot)
        });
        assert!(source.cancel());
        let reset = source.try_reset();
        let (ready, slot) = other.join().unwrap();
        assert!(reset || !ready, "who was told at once, or never waited, holds up nobody");
        if reset && !ready {
            assert_eq!(wakes.count(), 0);
            assert!(source.cancel());
        }
        assert_eq!(wakes.count(), usize::from(!ready));
        drop(slot);
        assert_eq!(wakes.live(), 0);
    });
}

/// A child is reset while its parent is cancelled: by the firer or by the reset it is cancelled again.
#[test]
fn static_reset_against_the_parents_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child) = (source::<1>(), source::<1>());
        assert_eq!(child.link(parent), Ok(true));
        child.cancel();
        let other = spawn(move || assert!(parent.cancel()));
        let reset = child.try_reset();
        other.join().unwrap();
        assert!(child.is_cancelled());
        let reason = child.token().reason().expect("cancelled");
        assert!(!reset || reason.is_inherited());
    });
}

/// A callback has run; its registration goes while the source is reset and the slot becomes another's.
#[test]
fn static_reset_against_a_late_registrations_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (source, ran) = (source::<1>(), Arc::new(AtomicUsize::new(0)));
        let runs = ran.clone();
        let mut registration =
            source.token().try_register(move || _ = runs.fetch_add(1, SeqCst)).map_err(drop).expect("free");
        source.cancel();
        let other = spawn(move || registration.unregister());
        assert!(source.try_reset());
        let runs = ran.clone();
        let second = source.token().try_register(move || _ = runs.fetch_add(10, SeqCst));
        assert!(source.cancel());
        assert!(!other.join().unwrap());
        assert_eq!(ran.load(SeqCst), if second.is_ok() { 11 } else { 1 });
    });
}

/// A callback is registered while a round ends and another begins: it runs in one of them, once.
#[test]
fn static_callback_against_cancel_and_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, ran) = (source::<1>(), Arc::new(AtomicUsize::new(0)));
        let runs = ran.clone();
        let other = spawn(move || source.token().try_register(move || _ = runs.fetch_add(1, SeqCst)).ok());
        assert!(source.cancel());
        assert!(source.try_reset());
        let registration = other.join().unwrap();
        source.cancel();
        assert_eq!(ran.load(SeqCst), usize::from(registration.is_some()));
    });
}

/// A link is made while both sides are reset: afterwards it holds.
#[test]
fn static_link_against_resets() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, child) = (source::<1>(), source::<1>());
        parent.cancel();
        child.cancel();
        let other = spawn(move || assert_eq!(child.link(parent), Ok(true)));
        let parents = parent.try_reset();
        let childs = child.try_reset();
        other.join().unwrap();
        assert!(parents);
        let _ = childs;
        assert!(child.try_reset(), "nothing is left that would refuse");
        assert!(parent.cancel());
        assert!(child.is_cancelled());
    });
}

/// A child is linked to a cancelled parent while it is reset.
#[test]
fn static_link_to_a_cancelled_one_against_reset() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child) = (source::<1>(), source::<1>());
        parent.cancel();
        child.cancel();
        let other = spawn(move || assert_eq!(child.link(parent), Ok(true)));
        child.try_reset();
        other.join().unwrap();
        assert!(child.is_cancelled(), "its parent is");
        assert!(parent.try_reset() && child.try_reset());
        parent.cancel();
        assert!(child.is_cancelled());
    });
}

/// A child is linked while its parent fires and is reset: the link is there, or the child is cancelled.
#[test]
fn static_link_against_cancel_and_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, child) = (source::<1>(), source::<1>());
        let other = spawn(move || assert_eq!(child.link(parent), Ok(true)));
        parent.cancel();
        assert!(parent.try_reset());
        other.join().unwrap();
        if child.is_cancelled() {
            assert!(child.try_reset());
        }
        parent.cancel();
        assert!(child.is_cancelled());
    });
}

/// Two reset a child whose link is not in place: one places it, once.
#[test]
fn static_two_place_a_link() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, child) = (source::<2>(), source::<1>());
        parent.cancel();
        assert_eq!(child.link(parent), Ok(true));
        assert!(parent.try_reset());
        let other = spawn(move || child.try_reset());
        let mine = child.try_reset();
        let theirs = other.join().unwrap();
        assert!(mine || theirs);
        assert_eq!(parent.token().listeners(), 1);
        parent.cancel();
        assert!(child.is_cancelled());
    });
}

/// A link is placed by a reset while the parent fires.
#[test]
fn static_link_placed_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child) = (source::<1>(), source::<1>());
        parent.cancel();
        assert_eq!(child.link(parent), Ok(true));
        assert!(parent.try_reset());
        let other = spawn(move || assert!(parent.cancel()));
        child.try_reset();
        other.join().unwrap();
        assert!(child.is_cancelled());
    });
}

/// A parent that another thread has made is met by who resets the child.
#[test]
fn static_reset_against_a_link_to_a_new_parent() {
    model(name!(), Bound::Exhaustive, || {
        let child = source::<1>();
        child.cancel();
        let other = spawn(move || {
            let parent = source::<1>();
            assert_eq!(child.link(parent), Ok(true));
            parent
        });
        let reset = child.try_reset();
        let parent = other.join().unwrap();
        assert!(reset || child.try_reset());
        parent.cancel();
        assert!(child.is_cancelled());
    });
}

/// The same with a parent that was born cancelled.
#[test]
fn static_reset_against_a_link_to_a_new_cancelled_parent() {
    model(name!(), Bound::Exhaustive, || {
        let child = source::<1>();
        child.cancel();
        let other = spawn(move || {
            let parent = source::<1>();
            parent.cancel();
            assert_eq!(child.link(parent), Ok(true));
        });
        child.try_reset();
        other.join().unwrap();
        assert!(child.is_cancelled() && !child.try_reset());
    });
}

/// Two threads fire round after round: what a firer noted is the next one's to write.
#[test]
fn static_two_rounds() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (source::<2>(), Wakes::new());
        let mut slot = waiting(source, &wakes);
        let second = waiting(source, &wakes);
        let other = spawn(move || source.cancel());
        drop(second);
        if source.is_cancelled() && poll_once(&mut slot.cancelled(), &wakes.waker()).is_ready() && source.try_reset() {
            assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
            assert!(source.cancel());
        }
        assert!(other.join().unwrap());
        drop(slot);
        assert_eq!(wakes.live(), 0);
    });
}

/// A reset that a whole round overtakes passes no waiter of the next one that changes its waker.
#[test]
fn static_reset_overtaken_by_a_round() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, first, second) = (source::<1>(), Wakes::new(), Wakes::new());
        let mut slot = source.slot().expect("free");
        source.cancel();
        let late = spawn(move || source.try_reset());
        if source.try_reset() && poll_once(&mut slot.cancelled(), &first.waker()).is_pending() {
            let waker = second.waker();
            let other = spawn(move || (poll_once(&mut slot.cancelled(), &waker).is_ready(), slot));
            assert!(source.cancel());
            let (ready, slot) = other.join().unwrap();
            late.join().unwrap();
            assert!(ready || second.count() == 1, "a cancellation has passed it by");
            drop(slot);
        } else {
            late.join().unwrap();
        }
        assert_eq!((first.live(), second.live()), (0, 0));
    });
}

/// A reset that a whole round overtakes, because the parent was cancelled, cancels nothing in the next one.
#[test]
fn static_reset_overtaken_with_its_parent() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, child) = (source::<1>(), source::<1>());
        assert_eq!(child.link(parent), Ok(true));
        child.cancel();
        let late = spawn(move || child.try_reset());
        parent.cancel();
        let is_new = parent.try_reset() && child.try_reset();
        late.join().unwrap();
        assert!(!is_new || !child.is_cancelled(), "nobody has cancelled that round");
        assert!(parent.try_reset() && child.try_reset(), "nobody resets it any more");
    });
}

/// A child is linked, reset, and cancelled with its parent, by three: under a cancelled parent it is cancelled.
#[test]
fn static_link_against_reset_and_the_parents_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, child) = (source::<1>(), source::<1>());
        child.cancel();
        let linker = spawn(move || assert_eq!(child.link(parent), Ok(true)));
        let firer = spawn(move || assert!(parent.cancel()));
        child.try_reset();
        linker.join().unwrap();
        firer.join().unwrap();
        assert!(child.is_cancelled());
        assert!(parent.try_reset() && child.try_reset());
        parent.cancel();
        assert!(child.is_cancelled());
    });
}

/// The source in the middle is cancelled by itself and reset while the one above is cancelled: none below stays open.
#[test]
fn static_reset_in_the_middle_of_a_tree() {
    model(name!(), Bound::Preemptions(3), || {
        let (root, middle, leaf, wakes) = (source::<1>(), source::<1>(), source::<1>(), Wakes::new());
        assert_eq!((middle.link(root), leaf.link(middle)), (Ok(true), Ok(true)));
        let slot = waiting(leaf, &wakes);
        let own = spawn(move || middle.cancel());
        let above = spawn(move || assert!(root.cancel()));
        middle.try_reset();
        own.join().unwrap();
        above.join().unwrap();
        assert!(middle.is_cancelled() && leaf.is_cancelled());
        assert_eq!(wakes.count(), 1);
        drop(slot);
        assert!(root.try_reset() && middle.try_reset() && leaf.try_reset());
    });
}

/// Two cancel a source that a third resets: each round has one who cancelled it, and its waiter is told.
#[test]
fn static_two_cancellers_against_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = waiting(source, &wakes);
        let first = spawn(move || usize::from(source.cancel()));
        let second = spawn(move || usize::from(source.cancel()));
        let ready = poll_once(&mut slot.cancelled(), &wakes.waker()).is_ready();
        let is_new = ready && source.try_reset();
        let cancelled = first.join().unwrap() + second.join().unwrap();
        let rounds = if is_new { 1 + usize::from(source.is_cancelled()) } else { 1 };
        assert_eq!(cancelled, rounds);
        assert!(wakes.count() == 1 || ready && wakes.count() == 0);
        drop(slot);
        assert_eq!(wakes.live(), 0);
    });
}
