//! Why no attempt gave a result.

use alloc::vec::Vec;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;

use crate::cancel::Cancelled;
use crate::task::AggregateError;

/// Why no attempt gave a result.
///
/// Where attempts cannot fail, as for `need_only_one`, `E` is [`Infallible`].
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, RedundancyError, first_successful};
///
/// let read = |mirror: &'static str| move |_token| async move { Err::<(), _>(mirror) };
/// # smol::block_on(async {
/// let error = first_successful(["a", "b"].map(read)).await.unwrap_err();
/// assert_eq!(error.errors().unwrap().len(), 2);
/// assert!(error.cancelled().is_none());
/// assert_eq!(error.into_errors().unwrap().first(), &"a");
///
/// let error = first_successful(["a"].map(read)).token(&CancellationToken::new(true)).await.unwrap_err();
/// assert!(error.is_cancelled());
/// let nobody = first_successful([read("a"); 0]).await;
/// assert_eq!(nobody, Err(RedundancyError::Empty));
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedundancyError<E = Infallible> {
    /// All attempts failed: the error of each, under its number.
    Failed(AggregateError<E>),
    /// The token was cancelled before an attempt gave a result.
    #[non_exhaustive]
    Cancelled {
        /// The token.
        by: Cancelled,
        /// The errors of attempts that had failed before, if any did.
        errors: Option<AggregateError<E>>,
        /// The errors of those that failed while they were being cancelled, mostly because of that.
        secondary: Vec<(usize, E)>,
    },
    /// There was nothing to attempt.
    Empty,
}

impl<E> RedundancyError<E> {
    /// The errors of the attempts that failed, each under its number; of a cancellation those from before.
    #[must_use]
    #[doc(alias = "AggregateException")]
    pub fn errors(&self) -> Option<&AggregateError<E>> {
        match self {
            Self::Failed(errors) => Some(errors),
            Self::Cancelled { errors, .. } => errors.as_ref(),
            Self::Empty => None,
        }
    }

    /// [`errors`](Self::errors), by value.
    #[must_use]
    pub fn into_errors(self) -> Option<AggregateError<E>> {
        match self {
            Self::Failed(errors) => Some(errors),
            Self::Cancelled { errors, .. } => errors,
            Self::Empty => None,
        }
    }

    /// The cancellation, if it was one.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        match self {
            Self::Cancelled { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Whether the token was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled().is_some()
    }
}

impl<E: fmt::Display> fmt::Display for RedundancyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(errors) => write!(f, "all attempts failed: {errors}"),
            Self::Cancelled { by, errors: None, .. } => fmt::Display::fmt(by, f),
            Self::Cancelled { by, errors: Some(errors), .. } => write!(f, "{by}, after {errors}"),
            Self::Empty => f.write_str("there was nothing to attempt"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for RedundancyError<E> {}
