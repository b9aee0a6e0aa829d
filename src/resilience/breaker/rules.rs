//! When a circuit opens, for how long, and what closes it.

use alloc::boxed::Box;
use core::num::NonZeroU32;
use core::time::Duration;

/// How long a break is if nothing was said, or if whoever should say so panics.
pub(super) const DEFAULT_LENGTH: Duration = Duration::from_secs(5);

/// What the builder was told.
pub(super) struct Rules {
    /// So many failures in a row open it.
    pub(super) in_a_row: Option<NonZeroU32>,
    /// Such a share of failures opens it.
    pub(super) ratio: Option<Ratio>,
    pub(super) length: Length,
    /// So many probes at a time.
    pub(super) probes: NonZeroU32,
    /// So many successful ones close it; as many as `probes` if nothing was said.
    pub(super) successes: Option<NonZeroU32>,
    /// When a probe that has not come back counts as lost.
    pub(super) probe_timeout: Duration,
}

#[derive(Clone, Copy)]
pub(super) struct Ratio {
    pub(super) ratio: f64,
    pub(super) window: Duration,
    pub(super) minimum: NonZeroU32,
}

impl Ratio {
    /// Whether so many of so many are too many.
    pub(super) fn is_exceeded(&self, all: u64, failed: u64) -> bool {
        // As precise as need be: both are exact up to 2^53.
        #[expect(clippy::cast_precision_loss, reason = "both are exact up to 2^53")]
        let ratio = failed as f64 / all as f64;
        failed > 0 && all >= u64::from(self.minimum.get()) && ratio >= self.ratio
    }
}

/// How long a break is.
pub(super) enum Length {
    Fixed(Duration),
    By(Box<dyn Fn(NonZeroU32) -> Duration + Send + Sync>),
}

impl Length {
    /// It, if nobody need be asked.
    pub(super) fn known(&self) -> Option<Duration> {
        match self {
            Self::Fixed(length) => Some(*length),
            Self::By(_) => None,
        }
    }

    /// That of the break that is the nth in a row. Foreign code may run.
    pub(super) fn ask(&self, nth: NonZeroU32) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::By(f) => f(nth),
        }
    }
}

impl Rules {
    pub(super) fn successes(&self) -> u32 {
        self.successes.unwrap_or(self.probes).get()
    }

    /// Whether there is room for a probe beside `out` others when so many have succeeded. Whoever has succeeded keeps its
    /// place, unless more of them are needed than there are places.
    pub(super) fn has_room(&self, out: u32, succeeded: u32) -> bool {
        let all = self.successes().max(self.probes.get());
        out < self.probes.get() && out.saturating_add(succeeded) < all
    }
}
