//! `try_create`: a stream that an asynchronous function makes, which may fail.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::generator::{Generator, Step};
use super::{Close, Yielder};
use crate::cancel::CancellationToken;

/// Makes a stream of what an asynchronous function yields, and of the error with which it ends, if it fails.
///
/// As [`create`](super::create), for generators that use `?`: items come as `Ok`; an `Err` that the generator returns
/// comes once, as the last item, and then the stream has ended.
///
/// # Cancel safety
///
/// As [`create`](super::create).
///
/// # Panics
///
/// As [`create`](super::create).
///
/// # Errors
///
/// The generator's, as the last item.
///
/// # Examples
///
/// A generator that ends when it is cancelled, as .NET's do:
///
/// ```
/// use futures_util::TryStreamExt;
/// use taskcell::stream::try_create;
/// use taskcell::{CancellationToken, CancellationTokenSource, Cancelled};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let source = CancellationTokenSource::new();
/// let naturals = try_create(|yielder, token: CancellationToken| async move {
///     for n in 0.. {
///         token.check()?;
///         yielder.yield_item(n).await;
///     }
///     Ok::<(), Cancelled>(())
/// });
/// let mut naturals = core::pin::pin!(naturals.with_cancellation(&source.token()));
/// assert_eq!(naturals.try_next().await?, Some(0));
/// source.cancel();
/// assert!(naturals.try_next().await.is_err());
/// assert_eq!(naturals.try_next().await?, None);
/// # Ok::<(), Cancelled>(())
/// # }).unwrap();
/// ```
#[doc(alias = "IAsyncEnumerable")]
#[doc(alias = "try_stream")]
pub fn try_create<T, E, F, Fut>(make: F) -> TryCreate<T, E, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    TryCreate { generator: Generator::new(make) }
}

/// The stream of [`try_create`].
#[doc(alias = "IAsyncEnumerator")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct TryCreate<T, E, F, Fut> {
    #[pin]
    generator: Generator<T, F, Fut, Result<(), E>>,
}

impl<T, E, F, Fut> TryCreate<T, E, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    /// Gives the generator a token, as an argument of the function that makes the stream: see
    /// [`Create::token`](super::Create::token).
    #[doc(alias = "EnumeratorCancellation")]
    pub fn token(mut self, argument: &CancellationToken) -> Self {
        self.generator.set_argument(argument);
        self
    }

    /// Gives the generator a token from whoever enumerates the stream: see
    /// [`Create::with_cancellation`](super::Create::with_cancellation).
    #[doc(alias = "WithCancellation")]
    #[doc(alias = "GetAsyncEnumerator")]
    pub fn with_cancellation(mut self, token: &CancellationToken) -> Self {
        self.generator.set_enumeration(token);
        self
    }

    /// Ends the stream early, and waits for the generator's own cleanup: see [`Create::close`](super::Create::close).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the stream as it is: it gives no items any more, and asked for one (or closed again) it
    /// goes on to its end.
    ///
    /// # Panics
    ///
    /// If the generator panics. The stream has ended then.
    ///
    /// # Errors
    ///
    /// The generator's, which may just say that it was cancelled. `Ok` if it had ended before, or never begins.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::CancellationToken;
    /// use taskcell::stream::try_create;
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let mut rows = Box::pin(try_create(|yielder, token: CancellationToken| async move {
    ///     while !token.is_cancelled() {
    ///         yielder.yield_item("a row").await;
    ///     }
    ///     Err("the connection was not closed in good order")
    /// }));
    /// assert_eq!(rows.next().await, Some(Ok("a row")));
    /// assert!(rows.as_mut().close().await.is_err());
    /// assert_eq!(rows.next().await, None);
    /// # })
    /// ```
    #[doc(alias = "DisposeAsync")]
    pub fn close(self: Pin<&mut Self>) -> Close<'_, T, F, Fut, Result<(), E>> {
        Close::new(self.project().generator)
    }
}

impl<T, E, F, Fut> Stream for TryCreate<T, E, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    type Item = Result<T, E>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        self.project().generator.poll_step(cx).map(|step| match step {
            Step::Item(item) => Some(Ok(item)),
            Step::End(Err(error)) => Some(Err(error)),
            Step::End(Ok(())) | Step::Over => None,
        })
    }
}

impl<T, E, F, Fut> FusedStream for TryCreate<T, E, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    fn is_terminated(&self) -> bool {
        self.generator.is_over()
    }
}

impl<T, E, F, Fut> fmt::Debug for TryCreate<T, E, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryCreate").field("is_over", &self.generator.is_over()).finish_non_exhaustive()
    }
}
