//! How a call through a pipeline fails.

use core::any::Any;
use core::error::Error;
use core::fmt;
use core::time::Duration;

use crate::cancel::Cancelled;
use crate::resilience::Rejected;
use crate::shim::heap::Arc;
use crate::task::BoxError;

/// A call through a [`Pipeline`](super::Pipeline) has failed: why, and after how many attempts.
///
/// [`cause`](Self::cause) is the reason, the same whatever strategies it has passed: a retry that gives up passes on what
/// its last attempt gave, as Polly's does, and leaves here how many there were. So a predicate sees the same error
/// wherever its strategy stands.
///
/// # Examples
///
/// ```
/// use taskcell::{PipelineCause, PipelineError};
///
/// fn status(error: &PipelineError<std::io::Error>) -> u16 {
///     match error.cause() {
///         PipelineCause::Failed(_) => 502,
///         PipelineCause::Rejected(_) => 503,
///         PipelineCause::TimedOut(_) => 504,
///         _ => 500,
///     }
/// }
/// assert_eq!(status(&PipelineError::failed(std::io::Error::other("it is raining"))), 502);
/// ```
///
/// Asked, changed and taken apart:
///
/// ```
/// use core::time::Duration;
/// use taskcell::{PipelineCause, PipelineError, Rejected};
///
/// let failed = PipelineError::failed("7").after(3);
/// assert!(failed.is_failed() && failed.attempts() == 3);
/// assert_eq!(failed.clone().map(str::len).error(), Some(&1));
/// assert_eq!(failed.into_inner(), Some("7"));
///
/// let late = PipelineError::<&str>::timed_out(Duration::from_secs(3));
/// assert!(late.is_timed_out() && !late.is_rejected() && !late.is_cancelled());
/// assert!(matches!(late.into_cause(), PipelineCause::TimedOut(time) if time.time() == Duration::from_secs(3)));
///
/// let refused = PipelineError::<&str>::from(Rejected::BulkheadFull);
/// assert_eq!(refused.rejected(), Some(Rejected::BulkheadFull));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineError<E> {
    cause: PipelineCause<E>,
    attempts: u32,
}

/// Why a call through a pipeline has failed.
///
/// # Examples
///
/// ```
/// use taskcell::{PipelineCause, PipelineError};
///
/// fn is_worth_a_page_at_night(error: &PipelineError<std::io::Error>) -> bool {
///     match error.cause() {
///         PipelineCause::Failed(error) => error.kind() == std::io::ErrorKind::StorageFull,
///         PipelineCause::Cancelled(_) => false,
///         _ => true,
///     }
/// }
/// assert!(!is_worth_a_page_at_night(&PipelineError::failed(std::io::Error::other("a typo"))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PipelineCause<E> {
    /// The operation gave this error.
    Failed(E),
    /// It took too long.
    #[doc(alias = "TimeoutRejectedException")]
    TimedOut(TimedOut),
    /// It was not made: a breaker or a bulkhead stood before it.
    #[doc(alias = "ExecutionRejectedException")]
    Rejected(Rejected),
    /// The caller's token was cancelled.
    #[doc(alias = "OperationCanceledException")]
    Cancelled(Cancelled),
    /// A strategy of somebody else's has its own reason.
    Other(OtherCause),
}

impl<E> PipelineError<E> {
    /// For this reason; one attempt.
    #[must_use]
    pub const fn new(cause: PipelineCause<E>) -> Self {
        Self { cause, attempts: 1 }
    }

    /// The operation gave this error.
    #[must_use]
    pub const fn failed(error: E) -> Self {
        Self::new(PipelineCause::Failed(error))
    }

    /// It did not end within `time`.
    #[must_use]
    pub const fn timed_out(time: Duration) -> Self {
        Self::new(PipelineCause::TimedOut(TimedOut::new(time)))
    }

    /// A strategy has a reason of its own, such as a rate limit.
    #[must_use]
    pub fn other(error: impl Into<BoxError>) -> Self {
        Self::new(PipelineCause::Other(OtherCause(Arc::new(error.into()))))
    }

    /// Why.
    #[must_use]
    pub const fn cause(&self) -> &PipelineCause<E> {
        &self.cause
    }

    /// Why, by value.
    #[must_use]
    pub fn into_cause(self) -> PipelineCause<E> {
        self.cause
    }

    /// How many attempts the outermost retry or hedge had made that passed this on; one if there was none.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The same after so many attempts, for strategies that make some.
    #[must_use]
    pub const fn after(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The operation's error, if it was one.
    #[must_use]
    pub const fn error(&self) -> Option<&E> {
        match &self.cause {
            PipelineCause::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// The operation's error, if it was one.
    #[must_use]
    pub fn into_inner(self) -> Option<E> {
        match self.cause {
            PipelineCause::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// What stood before the operation, if something did.
    #[must_use]
    pub const fn rejected(&self) -> Option<Rejected> {
        match self.cause {
            PipelineCause::Rejected(rejected) => Some(rejected),
            _ => None,
        }
    }

    /// True if the operation gave an error.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self.cause, PipelineCause::Failed(_))
    }

    /// True if it took too long.
    #[must_use]
    pub const fn is_timed_out(&self) -> bool {
        matches!(self.cause, PipelineCause::TimedOut(_))
    }

    /// True if it was not made.
    #[must_use]
    pub const fn is_rejected(&self) -> bool {
        matches!(self.cause, PipelineCause::Rejected(_))
    }

    /// True if the caller's token was cancelled.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(self.cause, PipelineCause::Cancelled(_))
    }

    /// The same with another error of the operation's.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(E) -> U) -> PipelineError<U> {
        let cause = match self.cause {
            PipelineCause::Failed(error) => PipelineCause::Failed(f(error)),
            PipelineCause::TimedOut(timed_out) => PipelineCause::TimedOut(timed_out),
            PipelineCause::Rejected(rejected) => PipelineCause::Rejected(rejected),
            PipelineCause::Cancelled(cancelled) => PipelineCause::Cancelled(cancelled),
            PipelineCause::Other(other) => PipelineCause::Other(other),
        };
        PipelineError { cause, attempts: self.attempts }
    }
}

impl<E> From<Rejected> for PipelineError<E> {
    fn from(rejected: Rejected) -> Self {
        Self::new(PipelineCause::Rejected(rejected))
    }
}

impl<E> From<TimedOut> for PipelineError<E> {
    fn from(timed_out: TimedOut) -> Self {
        Self::new(PipelineCause::TimedOut(timed_out))
    }
}

impl<E> From<Cancelled> for PipelineError<E> {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(PipelineCause::Cancelled(cancelled))
    }
}

impl<E: fmt::Display> fmt::Display for PipelineCause<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => fmt::Display::fmt(error, f),
            Self::TimedOut(timed_out) => fmt::Display::fmt(timed_out, f),
            Self::Rejected(rejected) => fmt::Display::fmt(rejected, f),
            Self::Cancelled(cancelled) => fmt::Display::fmt(cancelled, f),
            Self::Other(other) => fmt::Display::fmt(other, f),
        }
    }
}

impl<E: fmt::Display> fmt::Display for PipelineError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attempts != 1 {
            write!(f, "after {} attempts: ", self.attempts)?;
        }
        fmt::Display::fmt(&self.cause, f)
    }
}

impl<E: fmt::Debug + fmt::Display + 'static> Error for PipelineError<E> {
    /// What is behind the operation's error, where that is a [`BoxError`], or behind what a strategy of somebody else's
    /// said: the text of the error itself is shown already.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            PipelineCause::Failed(error) => (error as &dyn Any).downcast_ref::<BoxError>()?.source(),
            PipelineCause::Other(other) => other.get().source(),
            _ => None,
        }
    }
}

/// A timeout strategy's time was up.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Pipeline, TimedOut, TimeoutStrategy};
///
/// let pipeline = Pipeline::new().timeout(TimeoutStrategy::new(Duration::ZERO).on_timeout(|late: &TimedOut| {
///     assert_eq!(late.time(), Duration::ZERO);
/// }));
/// # smol::block_on(async {
/// let answer = pipeline.call(async |_| core::future::pending::<Result<(), ()>>().await).await;
/// assert!(answer.unwrap_err().is_timed_out());
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "TimeoutRejectedException")]
pub struct TimedOut {
    time: Duration,
}

impl TimedOut {
    pub(super) const fn new(time: Duration) -> Self {
        Self { time }
    }

    /// How long it might have taken.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it took longer than {:?}", self.time)
    }
}

impl Error for TimedOut {}

/// The reason of a strategy of somebody else's; equal to its clones alone.
///
/// # Examples
///
/// ```
/// use taskcell::{OtherCause, PipelineCause, PipelineError};
///
/// let limited = PipelineError::<()>::other("a hundred calls in a minute");
/// let PipelineCause::Other(cause) = limited.cause() else { unreachable!() };
/// let cause: &OtherCause = cause;
/// assert_eq!(cause.get().to_string(), "a hundred calls in a minute");
/// ```
#[derive(Clone, Debug)]
pub struct OtherCause(Arc<BoxError>);

impl OtherCause {
    /// What it said.
    #[must_use]
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &**self.0
    }
}

impl PartialEq for OtherCause {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OtherCause {}

impl fmt::Display for OtherCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
