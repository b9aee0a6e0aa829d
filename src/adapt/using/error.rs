//! How a scope fails.

use core::error::Error;
use core::fmt;

/// What went wrong in a scope of [`using`](crate::using): its body, the cleanup, or both. Nothing is lost: if the cleanup
/// alone failed, the body's value is here.
///
/// # Examples
///
/// ```
/// use taskcell::{dispose_with, using};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let file = dispose_with("file", |_| async { Err::<(), _>("the disk is full") });
/// let error = using(file, async |_| Ok::<_, &str>(5)).await.unwrap_err();
/// assert_eq!(error.to_string(), "the cleanup failed: the disk is full");
/// assert_eq!(error.into_parts(), (Ok(5), Some("the disk is full")));
/// # })
/// ```
///
/// ```
/// use taskcell::{UsingError, dispose_with, using};
///
/// # smol::block_on(async {
/// let file = dispose_with("file", |_| async { Err::<(), _>("the disk is full") });
/// let error = using(file, async |_| Err::<(), _>("no paper")).await.unwrap_err();
/// assert_eq!((error.body(), error.cleanup()), (Some(&"no paper"), Some(&"the disk is full")));
/// assert!(matches!(error, UsingError::Both { .. }));
/// assert_eq!(error.into_error(), "no paper"); // who wants only one
/// # });
/// ```
#[doc(alias = "AggregateException")]
#[derive(Clone, PartialEq, Eq)]
pub enum UsingError<T, E, D> {
    /// The body failed, the cleanup did not.
    Body(E),
    /// The cleanup failed, the body did not.
    Cleanup {
        /// What the body returned.
        value: T,
        /// How the cleanup failed.
        error: D,
    },
    /// The body failed, and then the cleanup.
    Both {
        /// How the body failed.
        body: E,
        /// How the cleanup failed.
        cleanup: D,
    },
}

impl<T, E, D> UsingError<T, E, D> {
    /// The body's error, if it failed.
    #[must_use]
    pub fn body(&self) -> Option<&E> {
        match self {
            Self::Body(body) | Self::Both { body, .. } => Some(body),
            Self::Cleanup { .. } => None,
        }
    }

    /// The cleanup's error, if it failed.
    #[must_use]
    pub fn cleanup(&self) -> Option<&D> {
        match self {
            Self::Body(_) => None,
            Self::Cleanup { error, .. } | Self::Both { cleanup: error, .. } => Some(error),
        }
    }

    /// What the body gave, and the cleanup's error.
    #[must_use = "it has what the body gave"]
    pub fn into_parts(self) -> (Result<T, E>, Option<D>) {
        match self {
            Self::Body(body) => (Err(body), None),
            Self::Cleanup { value, error } => (Ok(value), Some(error)),
            Self::Both { body, cleanup } => (Err(body), Some(cleanup)),
        }
    }

    /// One error: the body's if it failed, otherwise the cleanup's. The rest is dropped, as an exception that is thrown
    /// in `DisposeAsync` drops the first one, but the other way round. So a body that was cancelled still reads as
    /// cancelled: `using(..).await.map_err(UsingError::into_error)?`.
    #[must_use = "it is the error"]
    pub fn into_error(self) -> E
    where
        D: Into<E>,
    {
        match self {
            Self::Body(body) | Self::Both { body, .. } => body,
            Self::Cleanup { error, .. } => error.into(),
        }
    }
}

impl<T, E: fmt::Display, D: fmt::Display> fmt::Display for UsingError<T, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(body) => body.fmt(f),
            Self::Cleanup { error, .. } => write!(f, "the cleanup failed: {error}"),
            Self::Both { body, cleanup } => write!(f, "{body}; then the cleanup failed: {cleanup}"),
        }
    }
}

impl<T, E: fmt::Debug, D: fmt::Debug> fmt::Debug for UsingError<T, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(body) => f.debug_tuple("Body").field(body).finish(),
            Self::Cleanup { error, .. } => f.debug_struct("Cleanup").field("error", error).finish_non_exhaustive(),
            Self::Both { body, cleanup } => {
                f.debug_struct("Both").field("body", body).field("cleanup", cleanup).finish()
            }
        }
    }
}

impl<T, E: fmt::Debug + fmt::Display, D: fmt::Debug + fmt::Display> Error for UsingError<T, E, D> {}
