//! Why a caller has no value.

use crate::cancel::Cancelled;
use crate::task::{BoxError, Fault, Panic, TaskError};
use core::error::Error;
use core::fmt;

/// Why a caller of a cache has no value.
///
/// It is two words, and cloned for every `E`: all who are given the same error share it.
///
/// # Examples
///
/// ```
/// use taskcell::{AsyncCache, CacheError, CancellationToken};
///
/// let cache: AsyncCache<u32, u32, &str> = AsyncCache::new(|_, _| async { Err("not found") });
/// # smol::block_on(async {
/// let error = cache.get(&7).await.unwrap_err();
/// assert_eq!(**error.fault().unwrap(), "not found");
///
/// let error: CacheError<&str> = cache.get(&7).with_cancellation(&CancellationToken::new(true)).await.unwrap_err();
/// assert!(error.is_cancelled() && error.fault().is_none());
/// # });
/// ```
#[non_exhaustive]
pub enum CacheError<E = BoxError> {
    /// The loader failed, with this error.
    Faulted(Fault<E>),
    /// The caller's own token was cancelled.
    Cancelled(Cancelled),
    /// The load panicked on the executor to which this caller had given it. A load that a caller polls itself panics in its
    /// poll.
    Panicked(Panic),
    /// The executor dropped the load that this caller had given it.
    Abandoned,
}

impl<E> CacheError<E> {
    /// The loader's error, if there is one.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault<E>> {
        match self {
            Self::Faulted(fault) => Some(fault),
            _ => None,
        }
    }

    /// True if the caller's own token was cancelled.
    #[must_use]
    #[doc(alias = "IsCanceled")]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}

impl<E> Clone for CacheError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Faulted(fault) => Self::Faulted(fault.clone()),
            Self::Cancelled(cancelled) => Self::Cancelled(cancelled.clone()),
            Self::Panicked(panic) => Self::Panicked(panic.clone()),
            Self::Abandoned => Self::Abandoned,
        }
    }
}

impl<E> From<CacheError<E>> for TaskError<E> {
    fn from(error: CacheError<E>) -> Self {
        match error {
            CacheError::Faulted(fault) => Self::Faulted(fault),
            CacheError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            CacheError::Panicked(panic) => Self::Panicked(panic),
            CacheError::Abandoned => Self::Abandoned,
        }
    }
}

impl<E: fmt::Display> fmt::Display for CacheError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulted(fault) => fault.fmt(f),
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Panicked(panic) => panic.fmt(f),
            Self::Abandoned => f.write_str("the executor dropped the load"),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for CacheError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulted(fault) => f.debug_tuple("Faulted").field(fault).finish(),
            Self::Cancelled(cancelled) => f.debug_tuple("Cancelled").field(cancelled).finish(),
            Self::Panicked(panic) => f.debug_tuple("Panicked").field(panic).finish(),
            Self::Abandoned => f.write_str("Abandoned"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for CacheError<E> {}
