//! Wakers and callbacks that panic: the others run, the first panic goes on, the source is as good as before.

use super::{Log, call, note, poll, register, source, taken};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

fn payload(f: impl FnOnce()) -> &'static str {
    *catch_unwind(AssertUnwindSafe(f)).unwrap_err().downcast::<&str>().expect("ours")
}

#[test]
fn a_panicking_waker_stops_nobody() {
    let (root, child, log) = (source::<4>(), source::<3>(), Log::default());
    child.link(root).unwrap();
    for _ in 0..3 {
        let mut slots = [root.slot().unwrap(), root.slot().unwrap(), child.slot().unwrap()];
        let angry = call(|| std::panic::panic_any("waker"));
        for (slot, waker) in slots.iter_mut().zip([note(&log, 1), angry, note(&log, 1)]) {
            assert!(poll(slot, &waker).is_pending());
        }
        let callbacks = [register(root.token(), &log, 3), register(child.token(), &log, 2)];
        assert_eq!(payload(|| _ = root.cancel()), "waker");
        let mut what = taken(&log);
        what.sort_unstable();
        assert_eq!(what, [1, 1, 2, 3]);
        assert!(slots.iter_mut().all(|slot| poll(slot, Waker::noop()).is_ready()));
        drop(callbacks);
        drop(slots);
        assert!(root.try_reset() && child.try_reset(), "its delivery is over");
    }
}

#[test]
fn a_panicking_callback_stops_nobody() {
    let (root, child, log) = (source::<3>(), source::<3>(), Log::default());
    child.link(root).unwrap();
    for _ in 0..3 {
        let above = [1, 2].map(|n| register(root.token(), &log, n));
        let first = register(child.token(), &log, 3);
        let angry = child.token().try_register(|| std::panic::panic_any("callback")).map_err(drop).unwrap();
        let last = register(child.token(), &log, 4);
        assert_eq!(payload(|| _ = root.cancel()), "callback");
        assert_eq!(taken(&log), [2, 1, 4, 3]);
        drop((above, first, angry, last));
        assert!(root.try_reset() && child.try_reset());
    }
}

#[cfg(feature = "std")]
#[test]
fn of_many_panics_the_first_goes_on() {
    let (root, child) = (source::<4>(), source::<4>());
    child.link(root).unwrap();
    let mut slots = [root.slot().unwrap(), child.slot().unwrap()];
    assert!(poll(&mut slots[0], &call(|| std::panic::panic_any("first"))).is_pending());
    assert!(poll(&mut slots[1], &call(|| std::panic::panic_any("second"))).is_pending());
    let callbacks = [root, child]
        .map(|source| source.token().try_register(|| std::panic::panic_any("later")).map_err(drop).unwrap());
    assert_eq!(payload(|| _ = root.cancel()), "first");
    drop((slots, callbacks));
    assert!(root.try_reset() && child.try_reset());
}

#[test]
fn a_panicking_clone_or_drop_leaves_nothing_half_done() {
    use std::task::{RawWaker, RawWakerVTable};
    static CLONE: RawWakerVTable = RawWakerVTable::new(|_| std::panic::panic_any("clone"), |_| (), |_| (), |_| ());
    static DROP: RawWakerVTable = RawWakerVTable::new(
        |_| RawWaker::new(std::ptr::null(), &DROP),
        |_| (),
        |_| (),
        |_| std::panic::panic_any("drop"),
    );
    // SAFETY: the tables use no data.
    let (clone, angry) = unsafe {
        (Waker::new(std::ptr::null(), &CLONE), std::mem::ManuallyDrop::new(Waker::new(std::ptr::null(), &DROP)))
    };
    let (source, log) = (source::<1>(), Log::default());
    let mut slot = source.slot().unwrap();
    assert_eq!(payload(|| _ = poll(&mut slot, &clone)), "clone");
    assert!(poll(&mut slot, &note(&log, 1)).is_pending());
    assert_eq!(payload(|| _ = poll(&mut slot, &clone)), "clone");
    source.cancel();
    assert_eq!(taken(&log), [1], "the old one waits on");
    assert!(poll(&mut slot, &clone).is_ready() && source.try_reset());
    assert!(poll(&mut slot, &angry).is_pending());
    assert_eq!(payload(|| _ = poll(&mut slot, &note(&log, 2))), "drop");
    source.cancel();
    assert_eq!(taken(&log), [2], "the new one waits already");
    drop(slot);
    assert!(source.try_reset() && source.slot().is_ok());
}
