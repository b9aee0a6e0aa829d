//! Delays at the atomic operations, where the library is built with them.

#[cfg(delays)]
pub(crate) const KIND: &str = "with delays";
#[cfg(not(delays))]
pub(crate) const KIND: &str = "without delays";

/// Delays follow from this seed.
#[cfg(delays)]
pub(crate) fn from(seed: u64) {
    taskcell::delays::seed(seed);
}

/// There are none.
#[cfg(not(delays))]
pub(crate) fn from(_seed: u64) {}
