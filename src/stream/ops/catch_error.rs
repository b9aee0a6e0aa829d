//! `catch_error`: another stream after the first error.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

/// The items up to the first error, and then those of the stream that is made of the error: the stream of
/// [`catch_error`](super::AsyncEnumerableExt::catch_error).
///
/// The first stream is dropped before the second is made, and whatever it had after the error with it. An error of the
/// second is given. If the first ends without an error the closure is dropped, and there is no second. To replace each
/// error by a value and go on with the same stream: futures-util's `or_else`.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of a stream goes to the caller; one of the closure, too, and then it has ended.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let fresh = stream::iter([Ok(1), Err("timeout"), Ok(3)]);
/// let items = fresh.catch_error(|_| stream::iter([Ok::<_, &str>(10)]));
/// assert_eq!(items.collect::<Vec<_>>().await, [Ok(1), Ok(10)]);
/// # })
/// ```
#[doc(alias = "Catch")]
#[doc(alias = "OnErrorResumeNext")]
#[doc(alias = "onErrorResume")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct CatchError<S, N, F> {
    /// None once it has ended.
    #[pin]
    first: Option<S>,
    #[pin]
    second: Option<N>,
    make: Option<F>,
}

impl<S, N, F> CatchError<S, N, F> {
    pub(super) const fn new(stream: S, make: F) -> Self {
        Self { first: Some(stream), second: None, make: Some(make) }
    }
}

impl<T, E, X, S, N, F> Stream for CatchError<S, N, F>
where
    S: Stream<Item = Result<T, E>>,
    N: Stream<Item = Result<T, X>>,
    F: FnOnce(E) -> N,
{
    type Item = Result<T, X>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if let Some(first) = this.first.as_mut().as_pin_mut() {
            let item = ready!(first.poll_next(cx));
            if let Some(Ok(item)) = item {
                return Poll::Ready(Some(Ok(item)));
            }
            let make = this.make.take();
            this.first.set(None);
            if let (Some(Err(error)), Some(make)) = (item, make) {
                this.second.set(Some(make(error)));
            }
        }
        let Some(second) = this.second.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let item = ready!(second.poll_next(cx));
        if item.is_none() {
            this.second.set(None);
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match (&self.first, &self.second) {
            // The next may be an error, and what follows is not known; or it ends as it says.
            (Some(first), _) if first.size_hint().1 == Some(0) => (0, Some(0)),
            (Some(_), _) => (0, None),
            (None, Some(second)) => second.size_hint(),
            (None, None) => (0, Some(0)),
        }
    }
}

impl<T, E, X, S, N, F> FusedStream for CatchError<S, N, F>
where
    S: Stream<Item = Result<T, E>>,
    N: Stream<Item = Result<T, X>>,
    F: FnOnce(E) -> N,
{
    fn is_terminated(&self) -> bool {
        self.first.is_none() && self.second.is_none()
    }
}

impl<S, N, F> fmt::Debug for CatchError<S, N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchError").field("caught", &self.second.is_some()).finish_non_exhaustive()
    }
}
