//! Why.

use crate::raw::reason::Cause;
use core::error::Error;
use core::fmt;

/// Why a token was cancelled.
///
/// It is the reason of the cancellation that reached the token first, and tells whether that came from a parent. A
/// custom error is shared, not copied.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::CancellationTokenSource;
///
/// let shutdown = CancellationTokenSource::new();
/// let request = shutdown.token().child();
/// shutdown.cancel_with("the disk is full");
///
/// let reason = request.token().reason().unwrap();
/// assert!(reason.is_inherited() && !reason.is_requested());
/// assert_eq!(reason.error().unwrap().to_string(), "the disk is full");
///
/// let late = CancellationTokenSource::with_timeout(Duration::ZERO);
/// assert!(late.token().reason().unwrap().is_deadline());
/// ```
#[derive(Clone)]
pub struct CancellationReason {
    cause: Cause,
    inherited: bool,
}

impl CancellationReason {
    pub(super) fn new(cause: Cause, inherited: bool) -> Self {
        Self { cause, inherited }
    }

    /// Somebody called `cancel`.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        matches!(self.cause, Cause::Requested)
    }

    /// The deadline of a timer elapsed.
    #[must_use]
    pub fn is_deadline(&self) -> bool {
        matches!(self.cause, Cause::Deadline)
    }

    /// The error given to [`cancel_with`](super::CancellationTokenSource::cancel_with).
    #[must_use]
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.cause {
            Cause::Custom(error) => Some(&***error),
            _ => None,
        }
    }

    /// True if a parent was cancelled, and this token with it.
    #[must_use]
    pub fn is_inherited(&self) -> bool {
        self.inherited
    }
}

impl fmt::Display for CancellationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Requested => f.write_str("cancellation was requested"),
            Cause::Deadline => f.write_str("the deadline elapsed"),
            Cause::Custom(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl fmt::Debug for CancellationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CancellationReason");
        match &self.cause {
            Cause::Requested => debug.field("cause", &"requested"),
            Cause::Deadline => debug.field("cause", &"deadline"),
            Cause::Custom(error) => debug.field("cause", error),
        };
        debug.field("is_inherited", &self.inherited).finish()
    }
}
