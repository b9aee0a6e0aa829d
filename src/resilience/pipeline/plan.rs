//! Where the delays of each call come from.

#[cfg(feature = "std")]
use crate::adapt::retry_parts::RandomDelays;
use crate::adapt::{Backoff, Delays};
use crate::shim::atomic::{AtomicU32, Ordering};
use core::fmt;
use core::time::Duration;

/// Makes the delays of one call.
pub trait DelayPlan {
    /// One after the other.
    type Delays: Iterator<Item = Duration>;

    /// Those of the next call.
    fn delays(&self) -> Self::Delays;
}

/// Those of a backoff, with a seed from std's entropy.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct Random(pub(super) Backoff);

#[cfg(feature = "std")]
impl DelayPlan for Random {
    type Delays = RandomDelays;

    fn delays(&self) -> RandomDelays {
        RandomDelays::new(self.0)
    }
}

/// Those of a backoff, with a seed that counts up.
pub struct Seeded {
    backoff: Backoff,
    seed: u64,
    calls: AtomicU32,
}

impl Seeded {
    pub(super) fn new(backoff: Backoff, seed: u64) -> Self {
        Self { backoff, seed, calls: AtomicU32::new(0) }
    }
}

impl DelayPlan for Seeded {
    type Delays = Delays;

    fn delays(&self) -> Delays {
        // ORDERING: Relaxed, a counter.
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        self.backoff.delays(self.seed.wrapping_add(u64::from(call)))
    }
}

impl Clone for Seeded {
    /// Counts from the first call again.
    fn clone(&self) -> Self {
        Self::new(self.backoff, self.seed)
    }
}

impl fmt::Debug for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seeded").field("backoff", &self.backoff).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Those that a closure makes.
#[derive(Clone, Copy, Debug)]
pub struct Each<G>(pub(super) G);

impl<I: IntoIterator<Item = Duration>, G: Fn() -> I> DelayPlan for Each<G> {
    type Delays = I::IntoIter;

    fn delays(&self) -> I::IntoIter {
        (self.0)().into_iter()
    }
}
