//! Why a source without a heap was cancelled.

use core::error::Error;
use core::fmt;

/// Why a [`StaticCancellationTokenSource`](super::StaticCancellationTokenSource) was cancelled: by the cancellation that
/// reached it first.
///
/// # Examples
///
/// ```
/// use taskcell::StaticCancellationTokenSource;
///
/// static SYSTEM: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
/// static RADIO: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
///
/// RADIO.link(&SYSTEM).unwrap();
/// SYSTEM.cancel();
/// let reason = RADIO.token().reason().unwrap();
/// assert!(reason.is_inherited() && reason.is_requested() && !reason.is_deadline());
/// ```
#[doc(alias = "CancellationReason")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StaticReason {
    is_deadline: bool,
    is_inherited: bool,
}

impl StaticReason {
    pub(super) const fn new(is_deadline: bool, is_inherited: bool) -> Self {
        Self { is_deadline, is_inherited }
    }

    /// Somebody called `cancel`.
    #[must_use]
    pub const fn is_requested(&self) -> bool {
        !self.is_deadline
    }

    /// The deadline of a timer elapsed.
    #[must_use]
    pub const fn is_deadline(&self) -> bool {
        self.is_deadline
    }

    /// True if the parent was cancelled, and this source with it.
    #[must_use]
    pub const fn is_inherited(&self) -> bool {
        self.is_inherited
    }
}

impl fmt::Display for StaticReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_deadline { "the deadline elapsed" } else { "cancellation was requested" })
    }
}

/// An operation ended early because its source without a heap was cancelled.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticCancellationTokenSource, StaticCancelled};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// STOP.cancel();
/// let error: StaticCancelled = STOP.token().check().unwrap_err();
/// assert!(error.reason().is_requested());
/// ```
#[doc(alias = "OperationCanceledException")]
#[doc(alias = "Cancelled")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StaticCancelled {
    reason: StaticReason,
}

impl StaticCancelled {
    pub(super) const fn new(reason: StaticReason) -> Self {
        Self { reason }
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> StaticReason {
        self.reason
    }
}

impl fmt::Display for StaticCancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operation was cancelled")
    }
}

impl Error for StaticCancelled {}
