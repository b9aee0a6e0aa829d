//! How many members something has, and whether it takes new ones.

use crate::shim::atomic::{AtomicUsize, Ordering};

const CLOSED: usize = 1;
/// One member.
const ONE: usize = 2;

/// The number of members, and whether it is closed.
#[derive(Debug)]
pub(super) struct Life(AtomicUsize);

impl Life {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// One member more, unless it is closed.
    pub(super) fn enter(&self) -> bool {
        // ORDERING: Relaxed, only a guess for the exchange.
        let mut now = self.0.load(Ordering::Relaxed);
        while now & CLOSED == 0 {
            // ORDERING: Relaxed, it only counts.
            match self.0.compare_exchange(now, now + ONE, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => now = other,
            }
        }
        false
    }

    /// One member less. True if it was the last, and there will be none.
    pub(super) fn leave(&self) -> bool {
        // ORDERING: AcqRel, the last one sees what the others have done.
        self.0.fetch_sub(ONE, Ordering::AcqRel) == ONE | CLOSED
    }

    /// Takes no new ones. True if there are none, and this call closed it.
    pub(super) fn close(&self) -> bool {
        // ORDERING: Acquire, with the last one's Release: what the members did comes before the end.
        self.0.fetch_or(CLOSED, Ordering::Acquire) == 0
    }

    pub(super) fn is_closed(&self) -> bool {
        // ORDERING: Relaxed, out of date when it is returned.
        self.0.load(Ordering::Relaxed) & CLOSED != 0
    }
}
