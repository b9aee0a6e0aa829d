//! A reader as a stream.

use super::read::poll_read;
use super::{ReadError, Reader};
use crate::cancel::{CancellationToken, Cancelled, WaitForCancelledOwned};
use crate::task::BoxError;
use crate::waiting::Place;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::{FusedStream, Stream};

/// The stream of [`Reader::read_all`](super::Reader::read_all).
///
/// Dropping it early takes nothing out of the channel.
///
/// # Examples
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded::<u32>(10);
/// for n in 1..=3 {
///     writer.try_write(n).unwrap();
/// }
/// writer.try_complete_with("no paper".into()).unwrap();
/// # smol::block_on(async {
/// let mut all = reader.read_all();
/// let mut seen = Vec::new();
/// while let Some(Ok(n)) = all.next().await {
///     seen.push(n);
/// }
/// assert_eq!(seen, [1, 2, 3]); // the error was the fourth
/// assert!(all.next().await.is_none());
/// # });
/// ```
#[doc(alias = "IAsyncEnumerable")]
#[must_use = "streams do nothing unless polled"]
pub struct ReadAll<T, E = BoxError> {
    reader: Reader<T, E>,
    place: Option<Place>,
    token: CancellationToken,
    /// None: it cannot be cancelled.
    cancelled: Option<WaitForCancelledOwned>,
    ended: bool,
}

impl<T, E> ReadAll<T, E> {
    pub(super) fn new(reader: Reader<T, E>) -> Self {
        Self { reader, place: None, token: CancellationToken::NONE, cancelled: None, ended: false }
    }

    /// Ends with [`ReadError::Cancelled`], and then none, once `token` is cancelled. Each item is asked for as by a read of
    /// its own: if the token is cancelled before, nothing is read, whatever is there. (.NET's `ReadAllAsync` gives what is
    /// buffered first.)
    #[doc(alias = "WithCancellation")]
    #[doc(alias = "CancellationToken")]
    pub fn with_cancellation(mut self, token: &CancellationToken) -> Self {
        self.token = token.clone();
        self.cancelled = token.can_be_cancelled().then(|| token.clone().cancelled_owned());
        self
    }

    fn quit(&mut self) {
        if let Some(place) = self.place.take() {
            self.reader.inner().change(|state, after| state.quit_read(place, after));
        }
    }

    fn end(&mut self, error: Option<ReadError<E>>) -> Poll<Option<Result<T, ReadError<E>>>> {
        self.ended = true;
        self.cancelled = None;
        Poll::Ready(error.map(Err))
    }
}

impl<T, E> Stream for ReadAll<T, E> {
    type Item = Result<T, ReadError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        if this.token.is_cancelled() {
            this.quit();
            let cancelled = Cancelled::new(this.token.clone());
            return this.end(Some(ReadError::Cancelled(cancelled)));
        }
        match poll_read(this.reader.inner(), &mut this.place, cx) {
            Poll::Ready(Ok(item)) => return Poll::Ready(Some(Ok(item))),
            Poll::Ready(Err(end)) => return this.end(end.fault().map(ReadError::Faulted)),
            Poll::Pending => {}
        }
        let is_cancelled = this.cancelled.as_mut().is_some_and(|cancelled| Pin::new(cancelled).poll(cx).is_ready());
        if is_cancelled {
            this.quit();
            let cancelled = Cancelled::new(this.token.clone());
            return this.end(Some(ReadError::Cancelled(cancelled)));
        }
        Poll::Pending
    }
}

impl<T, E> FusedStream for ReadAll<T, E> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T, E> Drop for ReadAll<T, E> {
    fn drop(&mut self) {
        self.quit();
    }
}

impl<T, E> fmt::Debug for ReadAll<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAll").field("ended", &self.ended).finish_non_exhaustive()
    }
}
