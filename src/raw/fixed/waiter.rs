//! A waiter's slot: claimed as long as it lives, armed while it waits.

use super::super::slot::Payload;
use super::node::{CHANGING, FixedHandle};
use super::place::Place;
use super::word::SEAL;
use core::marker::PhantomData;
use core::task::{Context, Poll, Waker};

/// A slot that was claimed for one waiter.
#[derive(Debug)]
pub(crate) struct FixedSlot<'a> {
    /// `None`: the source was cancelled and had no slot. It is ready, and stays so.
    place: Option<Place>,
    life: PhantomData<FixedHandle<'a>>,
}

// SAFETY: a place is only a key, and a waker may be dropped by any thread.
unsafe impl Send for FixedSlot<'_> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for FixedSlot<'_> {}

impl<'a> FixedHandle<'a> {
    /// A slot to wait in. `None`: there is none.
    pub(crate) fn slot(self) -> Option<FixedSlot<'a>> {
        // SAFETY: borrowed.
        match unsafe { Place::claim(self.head, 0) } {
            Ok(place) => Some(FixedSlot { place: Some(place), life: PhantomData }),
            Err(word) if word & SEAL != 0 => Some(FixedSlot { place: None, life: PhantomData }),
            Err(_) => None,
        }
    }
}

impl FixedSlot<'_> {
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        let Some(place) = self.place else { return Poll::Ready(()) };
        // SAFETY: borrowed, and claimed for this waiter alone.
        unsafe {
            let word = place.head().state();
            let is_armed = word & place.arm_bit() != 0;
            if word & SEAL != 0 {
                if is_armed {
                    // (4): seen. The waker is the firer's.
                    place.disarm();
                }
                return Poll::Ready(());
            }
            if is_armed && place.read().is_waker(cx.waker()) {
                return Poll::Pending;
            }
            wait(place, is_armed, cx.waker())
        }
    }
}

/// Waits at `place`, in the stead of the waker that waits there, if one does.
///
/// The new waker is cloned before, and the old one dropped after: no foreign code runs in between.
///
/// # Safety
///
/// The place is the caller's; the word was open when the arm bit was read.
unsafe fn wait(place: Place, is_armed: bool, waker: &Waker) -> Poll<()> {
    let new = Payload::waker(waker.clone());
    // SAFETY: (1), (2): disarmed on an open word the payload is ours, and so is the new one until it is armed.
    unsafe {
        if !is_armed {
            place.write(new);
            return ended(place.arm(true).is_ok(), new);
        }
        // (4): no reset may pass between the two.
        place.entry().set_number(CHANGING);
        let old = (place.disarm() & SEAL == 0).then(|| place.read().into_waker());
        let waits = old.is_some() && {
            place.write(new);
            place.arm(true).is_ok()
        };
        place.entry().set_number(0);
        drop(old);
        ended(waits, new)
    }
}

/// What a poll answers, and what becomes of a waker that does not wait.
///
/// # Safety
///
/// The payload of a waker that is the caller's unless it waits.
unsafe fn ended(waits: bool, new: Payload) -> Poll<()> {
    if waits {
        return Poll::Pending;
    }
    // SAFETY: the caller's.
    drop(unsafe { new.into_waker() });
    Poll::Ready(())
}

impl Drop for FixedSlot<'_> {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        // SAFETY: borrowed; the place is ours, and given up. (2)
        unsafe {
            let payload = (place.head().state() & place.arm_bit() != 0).then(|| place.read());
            let word = place.give_back();
            if let (Some(payload), 0) = (payload, word & SEAL) {
                drop(payload.into_waker());
            }
        }
    }
}
