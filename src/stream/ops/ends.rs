//! `last` and `single`: one item of a stream, by its place.

use core::fmt;
use core::ops::ControlFlow;

use super::reduction::{Rule, named};

/// The last item, or `None`: the rule of [`last`](super::AsyncEnumerableExt::last).
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter(1..=3).last().await, Some(3));
/// assert_eq!(stream::empty::<u8>().last().await.ok_or("nothing came"), Err("nothing came"));
/// # })
/// ```
#[doc(alias = "LastAsync")]
#[doc(alias = "LastOrDefaultAsync")]
pub struct Last<T>(pub(super) Option<T>);

impl<T> Rule<T> for Last<T> {
    type Output = Option<T>;

    fn take(&mut self, item: T) -> ControlFlow<Option<T>> {
        self.0 = Some(item);
        ControlFlow::Continue(())
    }

    fn finish(self) -> Option<T> {
        self.0
    }
}

/// The only item, or why there is none: the rule of [`single`](super::AsyncEnumerableExt::single).
///
/// With the second item the answer is known, and no third is asked for.
///
/// # Errors
///
/// [`SingleError::Empty`] if the stream ends without an item, [`SingleError::MoreThanOne`] if it has two.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, SingleError};
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter([7]).single().await, Ok(7));
/// assert_eq!(stream::iter(1..).single().await, Err(SingleError::MoreThanOne));
///
/// // .NET's `SingleOrDefaultAsync`.
/// let or_default = match stream::empty().single().await {
///     Err(SingleError::Empty) => Ok(0),
///     other => other,
/// };
/// assert_eq!(or_default, Ok(0));
/// # })
/// ```
#[doc(alias = "SingleAsync")]
#[doc(alias = "SingleOrDefaultAsync")]
#[doc(alias = "exactly_one")]
pub struct Single<T>(pub(super) Option<T>);

impl<T> Rule<T> for Single<T> {
    type Output = Result<T, SingleError>;

    fn take(&mut self, item: T) -> ControlFlow<Self::Output> {
        if self.0.is_some() {
            return ControlFlow::Break(Err(SingleError::MoreThanOne));
        }
        self.0 = Some(item);
        ControlFlow::Continue(())
    }

    fn finish(self) -> Self::Output {
        self.0.ok_or(SingleError::Empty)
    }
}

/// Why a stream has no single item.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, SingleError};
///
/// # smol::block_on(async {
/// assert_eq!(stream::empty::<u32>().single().await, Err(SingleError::Empty));
/// assert_eq!(stream::iter([1, 2]).single().await, Err(SingleError::MoreThanOne));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "InvalidOperationException")]
pub enum SingleError {
    /// It has none at all.
    Empty,
    /// It has more than one.
    MoreThanOne,
}

impl fmt::Display for SingleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the stream has no item",
            Self::MoreThanOne => "the stream has more than one item",
        })
    }
}

impl core::error::Error for SingleError {}

named!(Last[T]);
named!(Single[T]);
