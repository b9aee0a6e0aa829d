//! How a retry fails.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::time::Duration;

use super::earlier::Earlier;

/// Why a retry gave up.
///
/// # Examples
///
/// ```
/// use taskcell::{RetryErrorKind, retry};
///
/// # smol::block_on(async {
/// let error = retry(async |_| Err::<(), _>("forbidden")).when(|error| *error != "forbidden").await.unwrap_err();
/// match error.kind() {
///     RetryErrorKind::Refused => assert_eq!(error.attempts(), 1),
///     kind => panic!("{kind:?}"),
/// }
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryErrorKind {
    /// The last attempt that was allowed failed, or the delays came to an end.
    Exhausted,
    /// The last attempt that was allowed took longer than an attempt may.
    AttemptTimedOut,
    /// The whole took too long, or the next delay would have.
    Deadline,
    /// The error, or what was waited for between attempts, said that another attempt is not worth it.
    Refused,
    /// The token was cancelled.
    #[doc(alias = "Canceled")]
    Cancelled,
    /// The token had no free slot to wait in; nothing was tried. Only where there is no heap.
    Full,
}

/// What the last attempt gave that was no success.
#[derive(Clone)]
pub(super) enum Failure<E, R> {
    Error(E),
    Rejected(R),
}

/// A retry gave up: why, after how many attempts, and with what.
///
/// `R` is what became of a value that [`when_value`](super::Retry::when_value) called a failure: that value. Without
/// `when_value` there is none.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{CancellationToken, ManualClock, RetryErrorKind, retry_on};
///
/// let clock = ManualClock::new();
/// # smol::block_on(async {
/// let error = retry_on(&clock, async |attempt| Err::<(), _>(attempt.number)).collect_errors().await.unwrap_err();
/// assert!(error.is_exhausted() && error.kind() == RetryErrorKind::Exhausted);
/// assert_eq!((error.attempts(), error.elapsed()), (3, Duration::ZERO));
/// assert_eq!(error.last(), Some(&2));
/// assert_eq!(error.errors().count(), 3);
/// assert_eq!(error.clone().into_errors(), [0, 1, 2]);
/// assert_eq!(error.into_inner(), Some(2));
///
/// // A value that counts as a failure comes back as it was.
/// let error = retry_on(&clock, async |_| Ok::<_, ()>(503)).when_value(|status| *status == 503).await.unwrap_err();
/// assert_eq!(error.rejected(), Some(&503));
/// assert_eq!(error.into_rejected(), Some(503));
///
/// let stopped = CancellationToken::new(true);
/// let error = retry_on(&clock, async |_| Ok::<_, ()>(7)).token(&stopped).await.unwrap_err();
/// assert!(error.is_cancelled());
/// # });
/// ```
#[derive(Clone)]
pub struct RetryError<E, R = Infallible> {
    pub(super) kind: RetryErrorKind,
    pub(super) attempts: u32,
    pub(super) elapsed: Duration,
    pub(super) last: Option<Failure<E, R>>,
    pub(super) earlier: Earlier<E>,
}

impl<E, R> RetryError<E, R> {
    /// Why.
    #[must_use]
    pub fn kind(&self) -> RetryErrorKind {
        self.kind
    }

    /// True if time or attempts ran out.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        use RetryErrorKind::{AttemptTimedOut, Deadline, Exhausted};
        matches!(self.kind, Exhausted | AttemptTimedOut | Deadline)
    }

    /// True if the token was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.kind == RetryErrorKind::Cancelled
    }

    /// How many attempts were started.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long it took, from its first poll.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The error of the last attempt that ended by itself, if it was an error.
    #[must_use]
    pub fn last(&self) -> Option<&E> {
        match &self.last {
            Some(Failure::Error(error)) => Some(error),
            _ => None,
        }
    }

    /// The error of the last attempt that ended by itself.
    ///
    /// `None` if that gave a value, if each attempt timed out, or if there was none.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        match self.last {
            Some(Failure::Error(error)) => Some(error),
            _ => None,
        }
    }

    /// The value of the last attempt that ended by itself, if it was one that counts as a failure.
    #[must_use]
    pub fn rejected(&self) -> Option<&R> {
        match &self.last {
            Some(Failure::Rejected(value)) => Some(value),
            _ => None,
        }
    }

    /// The value of the last attempt that ended by itself, if it was one that counts as a failure.
    #[must_use]
    pub fn into_rejected(self) -> Option<R> {
        match self.last {
            Some(Failure::Rejected(value)) => Some(value),
            _ => None,
        }
    }

    /// The errors of all attempts in their order, if `collect_errors` asked for them; else the last alone.
    #[doc(alias = "InnerExceptions")]
    pub fn errors(&self) -> impl Iterator<Item = &E> {
        self.earlier.iter().chain(self.last())
    }

    /// The errors of all attempts in their order, if [`collect_errors`](super::Retry::collect_errors) asked for them; else
    /// the last alone.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn into_errors(self) -> alloc::vec::Vec<E> {
        let mut errors = self.earlier.into_vec();
        if let Some(Failure::Error(error)) = self.last {
            errors.push(error);
        }
        errors
    }

    fn why(&self) -> &'static str {
        match self.kind {
            RetryErrorKind::Exhausted => "gave up",
            RetryErrorKind::AttemptTimedOut => "an attempt took too long",
            RetryErrorKind::Deadline => "the time is up",
            RetryErrorKind::Refused => "not worth another attempt",
            RetryErrorKind::Cancelled => "cancelled",
            RetryErrorKind::Full => "no slot is free on the token",
        }
    }
}

impl<E: fmt::Display, R> fmt::Display for RetryError<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.attempts == 1 { "" } else { "s" };
        write!(f, "{} after {} attempt{s}", self.why(), self.attempts)?;
        match &self.last {
            Some(Failure::Error(error)) => write!(f, ": {error}"),
            Some(Failure::Rejected(_)) => f.write_str(": the last value was no success"),
            None => Ok(()),
        }
    }
}

impl<E: fmt::Debug, R> fmt::Debug for RetryError<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RetryError");
        debug.field("kind", &self.kind).field("attempts", &self.attempts).field("elapsed", &self.elapsed);
        debug.field("last", &self.last()).finish_non_exhaustive()
    }
}

impl<E: fmt::Debug + fmt::Display, R> Error for RetryError<E, R> {}
