//! Models of the cancellation registry: slots, callbacks, trees, timers.
#![cfg(loom)]

use loom::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use taskcell::{CancellationTokenSource, ManualClock, StaticCancellationTokenSource, Unregistered};
use taskcell_loom_tests::{Bound, Drops, Wakes, block_on, model, name, poll_once};

fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    (count.clone(), count)
}

#[test]
fn register_callback_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let (runs, count) = counter();
        let other = thread::spawn(move || token.register(move || drop(count.fetch_add(1, SeqCst))));
        source.cancel();
        drop(other.join().unwrap());
        assert_eq!(runs.load(SeqCst), 1);
    });
}

#[test]
fn a_waiting_task_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let other = thread::spawn(move || block_on(token.cancelled_owned()));
        source.cancel();
        other.join().unwrap();
    });
}

#[test]
fn unregister_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let (runs, count) = counter();
        let mut registration = source.token().register(move || drop(count.fetch_add(1, SeqCst)));
        let other = thread::spawn(move || {
            let fate = registration.unregister();
            std::mem::forget(registration.unregister());
            fate
        });
        source.cancel();
        let removed = other.join().unwrap() == Unregistered::Removed;
        assert_eq!(runs.load(SeqCst), usize::from(!removed));
    });
}

#[test]
fn a_slot_is_reused_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let (runs, count) = counter();
        let mut first = token.register(|| ());
        let other = thread::spawn(move || {
            let removed = first.unregister().is_removed();
            let second = token.register(move || drop(count.fetch_add(1, SeqCst)));
            (removed, second)
        });
        source.cancel();
        drop(other.join().unwrap());
        assert_eq!(runs.load(SeqCst), 1);
    });
}

#[test]
fn a_slot_is_handed_from_thread_to_thread() {
    model(name!(), Bound::Exhaustive, || {
        static_slots(|source| {
            let slot = source.slot().unwrap();
            let other = thread::spawn(move || drop(slot));
            let mine = source.slot();
            other.join().unwrap();
            drop(mine);
        });
    });
}

fn static_slots(f: impl FnOnce(&'static StaticCancellationTokenSource<1>)) {
    let source = Box::leak(Box::new(StaticCancellationTokenSource::<1>::new()));
    let pointer: *mut _ = source;
    f(source);
    // SAFETY: leaked above; all slots are gone.
    drop(unsafe { Box::from_raw(pointer) });
}

#[test]
fn a_waker_is_replaced_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let (old, new) = (Wakes::new(), Wakes::new());
        let mut wait = token.cancelled_owned();
        assert!(poll_once(&mut wait, &old.waker()).is_pending());
        let waker = new.waker();
        let other = thread::spawn(move || {
            let ready = poll_once(&mut wait, &waker).is_ready();
            (ready, wait)
        });
        source.cancel();
        let (ready, wait) = other.join().unwrap();
        assert!(ready || new.count() == 1 && old.count() == 0);
        drop(wait);
        assert_eq!((old.live(), new.live()), (0, 0));
    });
}

#[test]
fn a_waiter_leaves_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let wakes = Wakes::new();
        let mut wait = source.token().cancelled_owned();
        assert!(poll_once(&mut wait, &wakes.waker()).is_pending());
        let other = thread::spawn(move || drop(wait));
        source.cancel();
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!(wakes.live(), 0);
    });
}

#[test]
fn the_last_source_against_register() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let drops = Drops::new();
        let tracked = drops.track();
        let other = thread::spawn(move || {
            let registration = token.register(move || drop(tracked));
            registration.detach();
            drop(token);
        });
        drop(source);
        other.join().unwrap();
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn growth_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let wakes = Wakes::new();
        let mut first: Vec<_> = (0..2).map(|_| token.clone().cancelled_owned()).collect();
        first.iter_mut().for_each(|wait| assert!(poll_once(wait, &wakes.waker()).is_pending()));
        let waker = wakes.waker();
        let other = thread::spawn(move || {
            let mut wait = token.cancelled_owned();
            let ready = poll_once(&mut wait, &waker).is_ready();
            (ready, wait)
        });
        source.cancel();
        let (ready, wait) = other.join().unwrap();
        assert_eq!(wakes.count(), 2 + usize::from(!ready));
        drop((first, wait));
    });
}

#[test]
fn the_summary_never_hides_a_free_slot() {
    model(name!(), Bound::Preemptions(3), || {
        // Two slots in the head, two behind it; three are taken.
        let source = CancellationTokenSource::with_capacity(2);
        let token = source.token();
        let head: Vec<_> = (0..1).map(|_| token.try_register(|| ()).unwrap()).collect();
        let group = token.try_register(|| ()).unwrap();
        let other = thread::spawn(move || drop(group));
        let mine = token.try_register(|| ());
        other.join().unwrap();
        drop(mine);
        let again = token.try_register(|| ());
        assert!(again.is_ok(), "a free slot is found");
        drop((again, head));
    });
}

#[test]
fn two_cancellers() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let (runs, count) = counter();
        let registration = source.token().register(move || drop(count.fetch_add(1, SeqCst)));
        let second = source.clone();
        let other = thread::spawn(move || {
            let first = second.cancel();
            assert!(second.is_cancelled());
            first
        });
        let first = source.cancel();
        assert!(source.is_cancelled());
        assert!(first ^ other.join().unwrap());
        assert_eq!(runs.load(SeqCst), 1);
        drop(registration);
    });
}

#[test]
fn the_reason_comes_before_the_flag() {
    model(name!(), Bound::Exhaustive, || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let other = thread::spawn(move || {
            if token.is_cancelled() {
                assert!(token.reason().unwrap().is_requested());
            }
        });
        source.cancel();
        other.join().unwrap();
    });
}

#[test]
fn a_child_links_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let token = source.token();
        let other = thread::spawn(move || token.child());
        source.cancel();
        assert!(other.join().unwrap().is_cancelled());
    });
}

#[test]
fn a_child_goes_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let child = source.token().child();
        let other = thread::spawn(move || drop(child));
        source.cancel();
        other.join().unwrap();
    });
}

#[test]
fn root_and_middle_are_cancelled_at_once() {
    model(name!(), Bound::Preemptions(3), || {
        let root = CancellationTokenSource::new();
        let middle = root.token().child();
        let leaf = middle.token().child();
        let (runs, count) = counter();
        let seen = leaf.token();
        let registration = leaf.token().register(move || {
            assert!(seen.is_cancelled());
            count.fetch_add(1, SeqCst);
        });
        let other = thread::spawn(move || middle.cancel());
        root.cancel();
        other.join().unwrap();
        assert!(leaf.is_cancelled());
        assert_eq!(runs.load(SeqCst), 1);
        drop(registration);
    });
}

#[test]
fn two_parents_are_dropped_at_once() {
    model(name!(), Bound::Preemptions(3), || {
        let (a, b) = (CancellationTokenSource::new(), CancellationTokenSource::new());
        let child = CancellationTokenSource::linked([&a.token(), &b.token()]);
        let token = child.token();
        drop(child);
        let other = thread::spawn(move || drop(a));
        drop(b);
        other.join().unwrap();
        assert!(!token.can_be_cancelled());
    });
}

#[test]
fn waiting_for_a_running_callback() {
    model(name!(), Bound::Preemptions(3), || {
        let source = CancellationTokenSource::new();
        let (runs, count) = counter();
        let mut registration = source.token().register(move || drop(count.fetch_add(1, SeqCst)));
        let other = thread::spawn(move || block_on(registration.unregister_async()));
        source.cancel();
        let removed = other.join().unwrap().is_removed();
        assert_eq!(runs.load(SeqCst), usize::from(!removed));
    });
}

#[test]
fn a_timer_is_armed_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let clock = ManualClock::new();
        let source = CancellationTokenSource::new();
        let second = source.clone();
        let other = thread::spawn(move || second.cancel());
        source.cancel_after_on(&clock, Duration::from_secs(1));
        other.join().unwrap();
        assert_eq!(clock.armed(), 0);
    });
}

#[test]
fn a_timer_fires_against_a_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let clock = ManualClock::new();
        let mut source = CancellationTokenSource::new();
        source.cancel_after_on(&clock, Duration::from_secs(1));
        let time = clock.clone();
        let other = thread::spawn(move || time.advance(Duration::from_secs(1)));
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!(source.is_cancelled(), !reset);
    });
}
