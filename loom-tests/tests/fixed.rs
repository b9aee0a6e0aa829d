//! Models of sources without a heap.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationSlot, StaticCancellationTokenSource};
use taskcell_loom_tests::{Bound, Data, Wakes, block_on, model, name, poll_once};

type Source<const N: usize> = StaticCancellationTokenSource<N>;

/// A source for this run of the model. It stays behind, as a static would.
fn source<const N: usize>() -> &'static Source<N> {
    Box::leak(Box::new(Source::new()))
}

/// A slot that waits is woken once, or told at once.
#[test]
fn static_wait_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, data) = (source::<1>(), Wakes::new(), Data::new());
        let (waker, seen) = (wakes.waker(), data.clone());
        let other = spawn(move || {
            let mut slot = source.slot().expect("nobody else wants one");
            let ready = poll_once(&mut slot.cancelled(), &waker).is_ready();
            if ready {
                seen.read();
            }
            (ready, slot)
        });
        data.write();
        assert!(source.cancel());
        let (ready, slot) = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
        drop(slot);
    });
}

/// A thread that sleeps on a slot is woken.
#[test]
fn static_sleep_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let mut slot = source.slot().expect("free");
        let other = spawn(move || block_on(slot.cancelled()));
        source.cancel();
        other.join().unwrap();
    });
}

/// A slot that waits is given back while the firer comes.
#[test]
fn static_leave_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = source.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        let other = spawn(move || drop(slot));
        source.cancel();
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!(wakes.live(), 0);
    });
}

/// A slot that was never used is given back while the firer comes.
#[test]
fn static_unused_slot_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let slot = source.slot().expect("free");
        let other = spawn(move || drop(slot));
        assert!(source.cancel());
        other.join().unwrap();
        assert_eq!(source.token().listeners(), 0);
    });
}

/// A slot goes from one thread to another.
#[test]
fn static_slot_handed_over() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = source.slot().expect("free");
        let (waker, other_waker) = (wakes.waker(), wakes.waker());
        assert!(poll_once(&mut slot.cancelled(), &waker).is_pending());
        let other = spawn(move || drop(slot));
        let second = source.slot().map(|mut slot| {
            assert!(poll_once(&mut slot.cancelled(), &other_waker).is_pending());
            slot
        });
        other.join().unwrap();
        drop((second, waker));
        assert!(source.slot().is_ok());
    });
}

/// A callback is registered, and taken back, while the firer comes.
#[test]
fn static_callback_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let ran = Arc::new(AtomicUsize::new(0));
        let runs = ran.clone();
        let other = spawn(move || match source.token().try_register(move || _ = runs.fetch_add(1, SeqCst)) {
            Ok(mut registration) => usize::from(!registration.unregister()),
            Err(_) => 0,
        });
        source.cancel();
        assert_eq!(ran.load(SeqCst), other.join().unwrap());
    });
}

/// A child is linked while its parent fires: it is cancelled by the firer, or by the link.
#[test]
fn static_link_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child, data) = (source::<1>(), source::<1>(), Data::new());
        let seen = data.clone();
        let other = spawn(move || {
            assert_eq!(child.link(parent).ok(), Some(true));
            if child.is_cancelled() {
                seen.read();
            }
        });
        data.write();
        parent.cancel();
        other.join().unwrap();
        assert!(child.is_cancelled());
    });
}

/// A child is linked by two at once: one link is made.
#[test]
fn static_two_links() {
    model(name!(), Bound::Exhaustive, || {
        let (left, right, child) = (source::<1>(), source::<1>(), source::<1>());
        let other = spawn(move || child.link(left).ok());
        let mine = child.link(right).ok();
        assert_eq!([mine, other.join().unwrap()].iter().filter(|l| **l == Some(true)).count(), 1);
        right.cancel();
        assert_eq!(child.is_cancelled(), mine == Some(true));
    });
}

/// Parent and child are cancelled from two sides.
#[test]
fn static_parent_and_child_cancelled() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child, wakes) = (source::<1>(), source::<1>(), Wakes::new());
        assert!(child.link(parent).is_ok());
        let mut slot = child.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        let other = spawn(move || child.cancel());
        parent.cancel();
        other.join().unwrap();
        assert!(child.is_cancelled());
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        drop(slot);
    });
}

/// A waiter comes with another waker while the firer comes: one of them is woken, or it is told at once.
#[test]
fn static_replace_waker_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, first, second, data) = (source::<1>(), Wakes::new(), Wakes::new(), Data::new());
        let mut slot = source.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &first.waker()).is_pending());
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
        let (ready, slot) = other.join().unwrap();
        assert!(ready || (first.count(), second.count()) == (0, 1));
        assert!(first.count() + second.count() <= 1);
        drop(slot);
        assert_eq!((first.live(), second.live()), (0, 0));
    });
}

/// A slot is claimed by one who saw it free, while another has it and gives it back.
#[test]
fn static_slot_used_meanwhile() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let other = spawn(move || drop(source.token().try_register(|| ())));
        drop(source.token().try_register(|| ()));
        other.join().unwrap();
        assert!(source.slot().is_ok());
    });
}

/// A deadline elapses while somebody cancels: the reason is that of who did.
#[test]
fn static_deadline_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (source::<1>(), Data::new());
        let (waker, seen) = (source.deadline_waker(), data.clone());
        data.write();
        let other = spawn(move || waker.wake());
        let mine = source.cancel();
        if !mine {
            seen.read();
        }
        other.join().unwrap();
        let reason = source.token().reason().expect("cancelled");
        assert_eq!((reason.is_requested(), reason.is_deadline(), reason.is_inherited()), (mine, !mine, false));
    });
}

/// A deadline of the parent against one who cancels the child.
#[test]
fn static_two_cancellers_and_their_reasons() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child, wakes) = (source::<1>(), source::<1>(), Wakes::new());
        assert_eq!(child.link(parent), Ok(true));
        let mut slot = child.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        let waker = parent.deadline_waker();
        let other = spawn(move || waker.wake());
        let mine = child.cancel();
        let reason = child.token().reason().expect("cancelled");
        assert_eq!((reason.is_requested(), reason.is_deadline(), reason.is_inherited()), (mine, !mine, !mine));
        other.join().unwrap();
        assert_eq!(child.token().reason(), Some(reason));
        drop(slot);
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
    });
}

/// Two sources that are linked in a circle are cancelled from two sides.
#[test]
fn static_circle() {
    model(name!(), Bound::Exhaustive, || {
        let (left, right) = (source::<2>(), source::<2>());
        let ran = Arc::new(AtomicUsize::new(0));
        assert_eq!((left.link(right), right.link(left)), (Ok(true), Ok(true)));
        let registrations = [left, right].map(|source| {
            let runs = ran.clone();
            source.token().try_register(move || _ = runs.fetch_add(1, SeqCst)).map_err(drop).expect("free")
        });
        let other = spawn(move || left.cancel());
        right.cancel();
        other.join().unwrap();
        assert!(left.is_cancelled() && right.is_cancelled());
        assert_eq!(ran.load(SeqCst), 2);
        drop(registrations);
    });
}

/// A slot of a cancelled source is claimed while its former owner goes.
#[test]
fn static_slot_of_a_cancelled_source() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<1>(), Wakes::new());
        let mut slot = source.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        let other = spawn(move || source.cancel());
        drop(slot);
        if source.is_cancelled() {
            let mut slot = source.slot().expect("cancelled");
            assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_ready());
        }
        other.join().unwrap();
        assert_eq!(wakes.live(), 0);
    });
}

/// A source is linked to one that is open, and to one that is cancelled: it is cancelled if it got the second.
#[test]
fn static_link_to_an_open_one_against_a_cancelled_one() {
    model(name!(), Bound::Exhaustive, || {
        let (open, over, child) = (source::<1>(), source::<1>(), source::<1>());
        assert!(over.cancel());
        let other = spawn(move || child.link(open).unwrap());
        let linked = child.link(over).unwrap();
        assert!(linked != other.join().unwrap());
        assert_eq!(child.is_cancelled(), linked);
    });
}
