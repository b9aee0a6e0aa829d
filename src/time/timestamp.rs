//! A point in time of one clock.

use core::fmt;
use core::time::Duration;

/// A point in time: nanoseconds since the start of the clock that told it.
///
/// Timestamps of different clocks have nothing to do with each other. All
/// arithmetic saturates: [`Timestamp::MAX`], 584 years, means "never".
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::Timestamp;
///
/// let start = Timestamp::from_nanos(1_000);
/// let later = start.saturating_add(Duration::from_micros(2));
/// assert_eq!(later.as_nanos(), 3_000);
/// assert_eq!(later.saturating_duration_since(start), Duration::from_micros(2));
/// assert_eq!(start.saturating_duration_since(later), Duration::ZERO);
/// assert_eq!(Timestamp::from(Duration::MAX), Timestamp::MAX); // never
/// assert!(Timestamp::ZERO < start);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The clock's start.
    pub const ZERO: Self = Self(0);
    /// Never.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the clock's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the clock's start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The point `by` later, at most [`Timestamp::MAX`].
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(nanos(by)))
    }

    /// The time from `earlier` to here, zero if `earlier` is later.
    #[doc(alias = "GetElapsedTime")]
    #[must_use]
    #[inline]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl From<Duration> for Timestamp {
    /// The point `since_start` after the clock's start, at most
    /// [`Timestamp::MAX`].
    fn from(since_start: Duration) -> Self {
        Self(nanos(since_start))
    }
}

#[inline]
const fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos() as u64)
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::MAX => f.write_str("never"),
            Self(nanos) => Duration::from_nanos(nanos).fmt(f),
        }
    }
}
