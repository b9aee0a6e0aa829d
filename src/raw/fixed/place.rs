//! A slot: claim, arm, disarm, give back.

use super::super::slot::Payload;
use super::node::{Entry, Head};
use super::word::{self, SEAL};
use crate::shim::atomic::Ordering;

/// A slot that somebody claimed: the source, and where its claim bit stands.
///
/// Everything here is unsafe for one reason: the source has to live, and the slot to be the caller's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) head: *const Head,
    pub(super) position: usize,
}

impl Place {
    /// Claims a slot, unless the word has any bit of `refused`. `Err`: the word, which has such a bit, or no room.
    pub(super) unsafe fn claim(head: *const Head, refused: usize) -> Result<Self, usize> {
        // SAFETY: the source lives.
        let word = unsafe { &(*head).word };
        // ORDERING: Acquire, for a sealed word: who is refused sees what came before the cancellation.
        let mut old = word.load(Ordering::Acquire);
        loop {
            let free = word::free(old);
            if old & refused != 0 || free == 0 {
                return Err(old);
            }
            let position = word::lowest(free);
            // ORDERING: Acquire, with the Release of whoever gave the slot back: its copy was read before we write. On
            // failure as above.
            match word.compare_exchange(old, old | 1 << position, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Ok(Self { head, position }),
                Err(now) => old = now,
            }
        }
    }

    pub(super) fn claim_bit(self) -> usize {
        1 << self.position
    }

    pub(super) fn arm_bit(self) -> usize {
        2 << self.position
    }

    pub(super) unsafe fn head<'a>(self) -> &'a Head {
        // SAFETY: the source lives.
        unsafe { &*self.head }
    }

    pub(super) unsafe fn entry<'a>(self) -> &'a Entry {
        // SAFETY: the place was claimed, so there is such a slot.
        unsafe { &*Head::entry(self.head, self.position) }
    }

    /// The payload: of an armed slot, or a copy that may not count.
    pub(super) unsafe fn read(self) -> Payload {
        // SAFETY: it was written before it was armed, and (1) says that nobody writes.
        unsafe { self.entry().payload.read() }
    }

    /// Writes a waker.
    pub(super) unsafe fn write(self, payload: Payload) {
        // SAFETY: (1).
        unsafe { self.entry().payload.write(payload) };
    }

    /// Writes what has a number.
    pub(super) unsafe fn write_numbered(self, payload: Payload) {
        // SAFETY: (1).
        unsafe {
            let number = self.head().number();
            self.entry().set_number(number);
            self.write(payload);
        }
    }

    /// Makes a payload count: a waker or a callback keeps the claim, a link does not. `Err`: the word, which is sealed;
    /// the payload is still the caller's.
    pub(super) unsafe fn arm(self, keep: bool) -> Result<(), usize> {
        // SAFETY: the source lives.
        let word = unsafe { &self.head().word };
        // ORDERING: Acquire, for a sealed word: who is refused sees what came before the cancellation.
        let mut old = word.load(Ordering::Acquire);
        loop {
            if old & SEAL != 0 {
                return Err(old);
            }
            let new = old & !self.claim_bit() | self.arm_bit() | if keep { self.claim_bit() } else { 0 };
            // ORDERING: Release publishes the payload to the seal. On failure as above.
            match word.compare_exchange(old, new, Ordering::Release, Ordering::Acquire) {
                Ok(_) => return Ok(()),
                Err(now) => old = now,
            }
        }
    }

    /// Clears the arm bit of a waker. The word before: if it is open, the payload is the caller's again.
    pub(super) unsafe fn disarm(self) -> usize {
        // ORDERING: Acquire, for a sealed word: the waiter sees what came before the cancellation. Release, for who resets it:
        // that one sees the mark of a waiter who changes its waker.
        // SAFETY: the source lives.
        unsafe { self.head() }.word.fetch_and(!self.arm_bit(), Ordering::AcqRel)
    }

    /// Gives the slot back, armed or not. The word before.
    pub(super) unsafe fn give_back(self) -> usize {
        // ORDERING: Release lets the next claimer write after what stands there has been read or written.
        // SAFETY: the source lives.
        unsafe { self.head() }.word.fetch_and(!(self.claim_bit() | self.arm_bit()), Ordering::Release)
    }
}
