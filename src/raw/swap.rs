//! A waiter comes with another waker, or too late.

use super::registry::{NoSlot, Place, Shape};
use super::slot::Payload;
use core::task::{Poll, Waker};

/// Another waker than before waits at `place`, or nobody any more, since the word was closed.
///
/// # Safety
///
/// As in `swap`.
#[cold]
#[inline(never)]
pub(super) unsafe fn replace<S: Shape>(place: &mut Place<S>, waker: &Waker) -> Poll<()> {
    // SAFETY: as the caller says.
    match unsafe { swap(*place, waker) } {
        Ok(()) => Poll::Pending,
        Err(closed) => {
            place.clear();
            ready(closed)
        }
    }
}

/// Puts `waker` in the place of the one that waits; in a line, the place in the order stays. `Err`: the word was closed
/// meanwhile, and nobody waits there any more.
///
/// The new waker is cloned before the old one is disarmed, which is dropped after the new one is armed: no foreign code
/// runs in between.
///
/// # Safety
///
/// An armed waker of the caller's, in a registry that lives.
unsafe fn swap<S: Shape>(place: Place<S>, waker: &Waker) -> Result<(), NoSlot> {
    let new = Payload::waker(waker.clone());
    // SAFETY: the caller's. Disarmed the payload is ours alone, and so are both where the word is closed.
    unsafe {
        if let Err(closed) = place.disarm() {
            drop(new.into_waker());
            return Err(closed);
        }
        let old = (*place.slot()).read().unnumbered();
        place.write(if place.is_numbered() { new.numbered() } else { new });
        let armed = place.arm();
        let new = armed.is_err().then(|| new.into_waker());
        drop(old.into_waker());
        drop(new);
        armed
    }
}

/// What a poll answers that found the word closed.
#[inline(always)]
pub(super) fn ready(closed: NoSlot) -> Poll<()> {
    if closed == NoSlot::Sealed { Poll::Ready(()) } else { Poll::Pending }
}

/// The word was closed while a waiter was on its way in.
#[cold]
#[inline(never)]
pub(super) fn refused(closed: NoSlot, waker: Waker) -> Poll<()> {
    assert!(closed != NoSlot::Full, "a heap grows, and a static's slot is claimed beforehand");
    drop(waker);
    ready(closed)
}
