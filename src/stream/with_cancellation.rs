//! `with_cancellation`: a stream that a token ends.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use crate::cancel::{CancellationToken, Cancelled, WaitForCancelledOwned};

/// Gives the items of any stream until a token is cancelled; then [`Cancelled`], once, and the end.
///
/// The token goes first: when it is cancelled no item is given any more, be one ready or not, also at the first poll; and
/// a consumer that waits is woken. The stream is not asked to end, but dropped, before the error is given; it is dropped
/// at its own end, too. To keep it, give it by reference. For streams that are asked, and answer as they like, see
/// [`Create::with_cancellation`](super::Create::with_cancellation).
///
/// [`CancellationToken::NONE`] costs nothing; another one a look for each item, and a place on the token from the first
/// pending poll on. Nothing is allocated.
///
/// # Cancel safety
///
/// An item is taken from the stream only in the poll that returns it. Dropping this one drops the stream, and leaves
/// nothing on the token.
///
/// # Errors
///
/// [`Cancelled`], with the token, as the last item.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, TryStreamExt, stream};
/// use taskcell::CancellationTokenSource;
/// use taskcell::stream::with_cancellation;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let source = CancellationTokenSource::new();
/// let mut naturals = with_cancellation(stream::iter(0..), &source.token());
/// assert_eq!(naturals.try_next().await, Ok(Some(0)));
/// assert_eq!(naturals.try_next().await, Ok(Some(1)));
/// source.cancel();
/// assert!(naturals.try_next().await.is_err());
/// assert_eq!(naturals.next().await, None);
/// # })
/// ```
#[doc(alias = "ConfiguredCancelableAsyncEnumerable")]
#[doc(alias = "WithCancellation")]
#[doc(alias = "take_until")]
#[inline]
pub fn with_cancellation<S: Stream>(stream: S, token: &CancellationToken) -> WithCancellation<S> {
    WithCancellation { stream: Some(stream), token: token.clone(), cancelled: None }
}

/// The stream of [`with_cancellation`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct WithCancellation<S> {
    /// None: it has ended.
    #[pin]
    stream: Option<S>,
    token: CancellationToken,
    /// There from the first pending poll on.
    cancelled: Option<WaitForCancelledOwned>,
}

impl<S: Stream> Stream for WithCancellation<S> {
    type Item = Result<S::Item, Cancelled>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let Some(stream) = this.stream.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let mut is_cancelled = this.token.is_cancelled();
        if !is_cancelled {
            match stream.poll_next(cx) {
                Poll::Ready(Some(item)) => return Poll::Ready(Some(Ok(item))),
                Poll::Ready(None) => {}
                Poll::Pending if !this.token.can_be_cancelled() => return Poll::Pending,
                Poll::Pending => {
                    let token = &*this.token;
                    let cancelled = this.cancelled.get_or_insert_with(|| token.clone().cancelled_owned());
                    if Pin::new(cancelled).poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    is_cancelled = true;
                }
            }
        }
        *this.cancelled = None;
        this.stream.set(None);
        Poll::Ready(is_cancelled.then(|| Err(Cancelled::new(this.token.clone()))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.stream {
            None => (0, Some(0)),
            // It may be the error that comes next.
            Some(stream) if self.token.can_be_cancelled() => {
                (0, stream.size_hint().1.and_then(|most| most.checked_add(1)))
            }
            Some(stream) => stream.size_hint(),
        }
    }
}

impl<S: Stream> FusedStream for WithCancellation<S> {
    fn is_terminated(&self) -> bool {
        self.stream.is_none()
    }
}

impl<S> fmt::Debug for WithCancellation<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithCancellation").field("token", &self.token).finish_non_exhaustive()
    }
}
