//! `BreakerPermit`: a call that may be made.

use super::CircuitBreaker;
use super::circuit::Outcome;
use core::fmt;

/// A call may be made, and its result is to be told; given by [`CircuitBreaker::try_acquire`].
///
/// Dropped without a word it counts as neither: the place of a probe is free again, and nothing else changes. So it is, too,
/// if the call panics; whoever thinks that a panic is a failure says so, as [`CircuitBreaker::call`] does.
///
/// A permit from before the circuit's last change, or from before it was last closed by hand, changes nothing any more:
/// what it tells counts in the [statistics](CircuitBreaker::stats) alone.
///
/// # Panics
///
/// What a hook or a watcher's waker panics with, when the result changes the circuit's state; the change is made.
///
/// # Examples
///
/// ```
/// use taskcell::{BreakerPermit, CircuitBreaker};
///
/// fn tell(permit: BreakerPermit, status: u16) {
///     match status {
///         500.. => permit.failure(),
///         400.. => permit.ignore(),
///         _ => permit.success(),
///     }
/// }
/// let breaker = CircuitBreaker::builder().build();
/// for status in [200, 404, 503] {
///     tell(breaker.try_acquire()?, status);
/// }
/// assert_eq!((breaker.stats().successes, breaker.stats().failures), (1, 1));
/// # Ok::<(), taskcell::Rejected>(())
/// ```
#[must_use = "dropped, it counts as a call that was not made"]
pub struct BreakerPermit {
    breaker: CircuitBreaker,
    generation: u64,
    /// Nothing was said yet.
    is_open: bool,
}

impl BreakerPermit {
    pub(super) fn new(breaker: CircuitBreaker, generation: u64) -> Self {
        Self { breaker, generation, is_open: true }
    }

    /// The call succeeded.
    #[doc(alias = "onSuccess")]
    pub fn success(mut self) {
        self.end(Outcome::Success);
    }

    /// The call failed.
    #[doc(alias = "onError")]
    pub fn failure(mut self) {
        self.end(Outcome::Failure);
    }

    /// The call's result says nothing about the service, as that of one that its caller has cancelled. The same as a drop.
    #[doc(alias = "releasePermission")]
    pub fn ignore(mut self) {
        self.end(Outcome::Ignored);
    }

    pub(super) fn end(&mut self, outcome: Outcome) {
        if core::mem::take(&mut self.is_open) {
            self.breaker.shared().settle(&self.breaker, self.generation, outcome);
        }
    }
}

impl Drop for BreakerPermit {
    fn drop(&mut self) {
        self.end(Outcome::Ignored);
    }
}

impl fmt::Debug for BreakerPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerPermit").field("generation", &self.generation).finish_non_exhaustive()
    }
}
