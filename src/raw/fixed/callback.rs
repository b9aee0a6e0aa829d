//! A callback's slot: claimed as long as its registration lives, armed until it
//! has started or is taken back.

use super::super::callback::{Callback, pack_small, unpack_small};
use super::super::slot::Payload;
use super::node::FixedHandle;
use super::place::Place;
use super::word::SEAL;
use core::marker::PhantomData;

/// Why a callback was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Cancelled,
}

impl Refused {
    fn by(word: usize) -> Self {
        if word & SEAL != 0 { Self::Cancelled } else { Self::Full }
    }
}

/// A registered callback.
#[derive(Debug)]
pub(crate) struct FixedRegistration<'a> {
    /// `None`: taken back, or over.
    place: Option<Place>,
    life: PhantomData<FixedHandle<'a>>,
}

// SAFETY: a place is only a key; the callback behind it is `Send`, and is reached through `&mut self`.
unsafe impl Send for FixedRegistration<'_> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for FixedRegistration<'_> {}

impl<'a> FixedHandle<'a> {
    /// Registers a callback of one word.
    pub(crate) fn register<C: Callback + Send + 'static>(
        self,
        callback: C,
    ) -> Result<FixedRegistration<'a>, (C, Refused)> {
        let (captured, vtable) = pack_small(callback);
        // SAFETY: borrowed; the word was packed just now, and is ours where this fails.
        unsafe {
            match register(self, Payload::callback(captured, vtable)) {
                Ok(place) => Ok(FixedRegistration { place: Some(place), life: PhantomData }),
                Err(word) => Err((unpack_small(captured), Refused::by(word))),
            }
        }
    }
}

/// `Err`: the word, which has no room or is sealed; the payload is the caller's.
///
/// # Safety
///
/// The source lives.
unsafe fn register(handle: FixedHandle<'_>, payload: Payload) -> Result<Place, usize> {
    // SAFETY: (1): claimed on an open word.
    unsafe {
        let place = Place::claim(handle.head, SEAL)?;
        place.write_numbered(payload);
        place.arm(true).inspect_err(|_| _ = place.give_back())?;
        Ok(place)
    }
}

impl FixedRegistration<'_> {
    /// Takes the callback back. True: it will never run.
    pub(crate) fn unregister(&mut self) -> bool {
        let Some(place) = self.place.take() else { return false };
        // SAFETY: borrowed; the place is ours, and given up. (3): a copy that does not count is forgotten.
        unsafe {
            let payload = place.read();
            let is_ours = place.give_back() & place.arm_bit() != 0;
            if is_ours {
                (payload.vtable().drop)(payload.captured(), core::ptr::null());
            }
            is_ours
        }
    }
}

impl Drop for FixedRegistration<'_> {
    fn drop(&mut self) {
        self.unregister();
    }
}
