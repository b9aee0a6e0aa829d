//! Wakers and callbacks that do anything.

use super::{Log, Source, call, note, poll, register, source, taken};
use crate::support::leak;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{RawWaker, RawWakerVTable, Waker};
use taskcell::{StaticRegistration, StaticSlot};

/// All that can be done to a source from inside of it; it is cancelled, and `cancel` delivers.
fn anything(source: &'static Source<6>) {
    assert!(source.is_cancelled() && !source.cancel());
    assert!(!source.try_reset(), "somebody delivers");
    assert!(source.token().try_register(|| ()).is_err());
    let mut slot = source.slot().unwrap();
    assert!(poll(&mut slot, Waker::noop()).is_ready());
    drop(slot);
    assert_eq!((source.link(source), source.token().listeners()), (Ok(false), 0));
    assert!(source.token().check().is_err());
}

#[test]
fn wakers_may_do_anything() {
    let (parent, source, log) = (source::<1>(), source::<6>(), Log::default());
    source.link(parent).unwrap();
    for _ in 0..3 {
        let (mut a, mut b) = (source.slot().unwrap(), source.slot().unwrap());
        let third = std::sync::Arc::new(Mutex::new(Some(source.slot().unwrap())));
        let (victim, seen) = (third.clone(), log.clone());
        let hostile = call(move || {
            anything(source);
            seen.lock().unwrap().push(1);
            // One that was taken by the same delivery, and may not have been woken yet.
            drop(victim.lock().unwrap().take());
        });
        assert!(poll(third.lock().unwrap().as_mut().unwrap(), &note(&log, 2)).is_pending());
        assert!(poll(&mut a, &hostile).is_pending() && poll(&mut b, &hostile).is_pending());
        source.cancel();
        let mut what = taken(&log);
        what.sort_unstable();
        assert_eq!(what, [1, 1, 2]);
        drop((a, b));
        assert!(source.try_reset());
    }
}

static HELD: Mutex<Vec<StaticRegistration<'static>>> = Mutex::new(Vec::new());

#[test]
fn callbacks_may_do_anything() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (parent, source): (&'static Source<1>, &'static Source<6>) = (source(), source());
    source.link(parent).unwrap();
    for _ in 0..3 {
        let token = source.token();
        let mut held = Vec::new();
        // Those behind the one that runs are dropped by it, and its own registration, too.
        held.extend((0..3).map(|_| token.try_register(|| _ = CALLS.fetch_add(100, SeqCst)).map_err(drop).unwrap()));
        held.push(
            token
                .try_register(move || {
                    anything(source);
                    let mut held = std::mem::take(&mut *HELD.lock().unwrap());
                    assert!(!held[3].unregister(), "it runs");
                    assert!(held[1].unregister() && held[0].unregister());
                    CALLS.fetch_add(1, SeqCst);
                })
                .map_err(drop)
                .unwrap(),
        );
        HELD.lock().unwrap().extend(held);
        source.cancel();
        assert_eq!(CALLS.swap(0, SeqCst), 1);
        assert!(source.try_reset());
    }
}

#[test]
fn a_callback_cancels_and_resets_others() {
    static OTHERS: Mutex<Vec<&'static Source<2>>> = Mutex::new(Vec::new());
    let (first, log) = (source::<2>(), Log::default());
    let others: [&'static Source<2>; 3] = std::array::from_fn(|_| source());
    let noted: Vec<_> = others.iter().zip(1..).map(|(other, n)| register(other.token(), &log, n)).collect();
    OTHERS.lock().unwrap().extend(others);
    let all = first
        .token()
        .try_register(|| {
            for other in std::mem::take(&mut *OTHERS.lock().unwrap()) {
                assert!(other.cancel() && other.try_reset());
            }
        })
        .map_err(drop)
        .unwrap();
    first.cancel();
    assert_eq!(taken(&log), [1, 2, 3]);
    drop((all, noted));
}

/// A waker whose clone, wake and drop call something.
struct Hooks {
    clone: fn(&'static Source<2>),
    wake: fn(&'static Source<2>),
    drop: fn(&'static Source<2>),
    source: &'static Source<2>,
    live: AtomicUsize,
}

static TABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        let hooks = hooks(data);
        hooks.live.fetch_add(1, SeqCst);
        (hooks.clone)(hooks.source);
        RawWaker::new(data, &TABLE)
    },
    |data| {
        let hooks = hooks(data);
        hooks.live.fetch_sub(1, SeqCst);
        (hooks.wake)(hooks.source);
    },
    |data| (hooks(data).wake)(hooks(data).source),
    |data| {
        let hooks = hooks(data);
        hooks.live.fetch_sub(1, SeqCst);
        (hooks.drop)(hooks.source);
    },
);

fn hooks(data: *const ()) -> &'static Hooks {
    // SAFETY: the data of these wakers is a leaked `Hooks`.
    unsafe { &*data.cast::<Hooks>() }
}

fn hooked(hooks: Hooks) -> (&'static Hooks, Waker) {
    let hooks = leak(hooks);
    hooks.live.fetch_add(1, SeqCst);
    // SAFETY: the table keeps the contract: the data lives for ever and is `Sync`.
    (hooks, unsafe { Waker::new(std::ptr::from_ref(hooks).cast(), &TABLE) })
}

fn nothing(_: &'static Source<2>) {}

fn cancel(source: &'static Source<2>) {
    source.cancel();
}

fn cancel_and_reset(source: &'static Source<2>) {
    source.cancel();
    source.try_reset();
}

fn use_slots(source: &'static Source<2>) {
    if let Ok(mut slot) = source.slot() {
        let _ = poll(&mut slot, Waker::noop());
    }
    drop(source.token().try_register(|| ()));
}

#[test]
fn clones_and_drops_of_wakers_may_do_anything() {
    let what: [fn(&'static Source<2>); 4] = [nothing, cancel, cancel_and_reset, use_slots];
    for [clone, wake, drop_it] in cases(what) {
        let source = source::<2>();
        let (hooks, waker) = hooked(Hooks { clone, wake, drop: drop_it, source, live: AtomicUsize::new(0) });
        let mut slot: StaticSlot<'static> = source.slot().unwrap();
        for _ in 0..3 {
            // First with this one, then by this one in the place of another, then by another in its place.
            let _ = poll(&mut slot, &waker);
            let _ = poll(&mut slot, Waker::noop());
            let _ = poll(&mut slot, &waker);
            source.cancel();
            assert!(poll(&mut slot, &waker).is_ready() || !source.is_cancelled());
            source.try_reset();
        }
        let _ = poll(&mut slot, &waker);
        drop(slot);
        assert_eq!(hooks.live.load(SeqCst), 1, "only ours");
        assert!(source.try_reset() && source.slot().is_ok());
        assert_eq!(source.token().listeners(), 0);
        std::mem::forget(waker);
    }
}

fn cases(what: [fn(&'static Source<2>); 4]) -> impl Iterator<Item = [fn(&'static Source<2>); 3]> {
    (0..64).map(move |i: usize| [what[i % 4], what[i / 4 % 4], what[i / 16]])
}

#[test]
fn a_waker_that_is_told_starts_the_next_round_later() {
    // An executor that polls inside the wake: the reset is refused there, and granted after.
    let (source, log) = (source::<1>(), Log::default());
    let slot = std::sync::Arc::new(Mutex::new(source.slot().unwrap()));
    let (inner, seen) = (slot.clone(), log.clone());
    let inline = call(move || {
        let mut slot = inner.lock().unwrap();
        assert!(poll(&mut slot, Waker::noop()).is_ready());
        seen.lock().unwrap().push(u32::from(source.try_reset()));
    });
    for _ in 0..3 {
        assert!(poll(&mut slot.lock().unwrap(), &inline).is_pending());
        assert!(source.cancel());
        assert_eq!(taken(&log), [0]);
        assert!(source.try_reset());
    }
}
