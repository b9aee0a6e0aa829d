//! What attempts and hooks are told.

use core::fmt;
use core::time::Duration;

/// What an attempt is told.
///
/// # Examples
///
/// ```
/// use taskcell::{RetryAttempt, retry};
///
/// # smol::block_on(async {
/// let answer = retry(async |attempt: RetryAttempt| {
///     if !attempt.is_first() {
///         println!("once more, number {}", attempt.number);
///     }
///     // The last one may ask the slow server.
///     if attempt.is_last() { Ok("slow, but there") } else { Err("busy") }
/// })
/// .await;
/// assert_eq!(answer.unwrap(), "slow, but there");
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RetryAttempt {
    /// Its number, counted from zero: the first one is no retry. Where attempts go on for ever it stays at `u32::MAX - 1`
    /// once it is there.
    #[doc(alias = "AttemptNumber")]
    pub number: u32,
    /// How many may come after it; `None` if there is no end.
    pub remaining: Option<u32>,
}

impl RetryAttempt {
    /// The last one, when so many have been started.
    #[inline]
    pub(super) const fn last_of(started: u32, limit: u32) -> Self {
        Self { number: started - 1, remaining: if limit == 0 { None } else { Some(limit - started) } }
    }

    /// True if nothing was tried before.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.number == 0
    }

    /// True if nothing will be tried after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self.remaining, Some(0))
    }
}

/// What was wrong with an attempt.
///
/// # Examples
///
/// ```
/// use taskcell::{RetryCause, RetryEvent, retry};
///
/// let mut causes = Vec::new();
/// # smol::block_on(async {
/// let answer = retry(async |attempt| if attempt.is_first() { Err("busy") } else { Ok(attempt.number) })
///     .when_value(|number| *number == 1)
///     .on_retry(|event: RetryEvent<'_, _>| causes.push(event.cause))
///     .await;
/// assert_eq!(answer.unwrap(), 2);
/// # });
/// assert_eq!(causes, [RetryCause::Error, RetryCause::Value]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryCause {
    /// It gave an error.
    Error,
    /// It gave a value that [`when_value`](super::Retry::when_value) calls a failure.
    Value,
    /// It took longer than [`attempt_timeout`](super::Retry::attempt_timeout).
    TimedOut,
}

/// An attempt has failed, and there will be another.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{RetryEvent, retry};
///
/// # smol::block_on(async {
/// let answer = retry(async |attempt| if attempt.is_first() { Err("busy") } else { Ok(7) })
///     .delays([Duration::from_millis(1)])
///     .on_retry(|event: RetryEvent<'_, &str>| {
///         assert_eq!(event.error, Some(&"busy"));
///         println!("attempt {} failed: {:?}, another in {:?}", event.attempt.number, event.cause, event.delay);
///     })
///     .await;
/// assert_eq!(answer.unwrap(), 7);
/// # });
/// ```
#[non_exhaustive]
pub struct RetryEvent<'a, E> {
    /// The attempt that failed.
    pub attempt: RetryAttempt,
    /// What was wrong with it.
    pub cause: RetryCause,
    /// Its error, if it gave one.
    pub error: Option<&'a E>,
    /// How long until the next attempt.
    pub delay: Duration,
}

impl<'a, E> RetryEvent<'a, E> {
    #[inline]
    pub(super) const fn new(attempt: RetryAttempt, cause: RetryCause, error: Option<&'a E>, delay: Duration) -> Self {
        Self { attempt, cause, error, delay }
    }
}

impl<E: fmt::Debug> fmt::Debug for RetryEvent<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempt, cause, error, delay } = self;
        let mut debug = f.debug_struct("RetryEvent");
        debug.field("attempt", attempt).field("cause", cause).field("error", error).field("delay", delay).finish()
    }
}
