//! `yield_all`: all that another stream has.

use core::convert::Infallible;
use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project::pin_project;

use super::{YieldItem, Yielder};

impl<T> Yielder<T> {
    /// Gives all items of another stream to the consumer, one after the other, as `await foreach` with a `yield return`
    /// inside, or as Python's `yield from`.
    ///
    /// The other stream is asked for an item only when the one before was taken, and dropped when it has ended. If this
    /// one [is closed](Self::is_closed) the other is not asked any more, but dropped with what it still has, and the future
    /// is ready after it has given other tasks a turn.
    /// A generator within a generator may be `Box::pin`ned; an item comes up through each of them.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the other stream, and the item that was not taken yet. To keep the stream, give it by
    /// reference.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::{Stream, StreamExt};
    /// use std::pin::Pin;
    /// use taskcell::stream::create;
    ///
    /// fn countdown(n: u32) -> Pin<Box<dyn Stream<Item = u32>>> {
    ///     Box::pin(create(move |yielder, _| async move {
    ///         yielder.yield_item(n).await;
    ///         if n > 0 {
    ///             yielder.yield_all(countdown(n - 1)).await;
    ///         }
    ///     }))
    /// }
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// assert_eq!(countdown(3).collect::<Vec<_>>().await, [3, 2, 1, 0]);
    /// # })
    /// ```
    #[doc(alias = "yield from")]
    #[doc(alias = "emitAll")]
    #[inline]
    pub fn yield_all<S: Stream<Item = T>>(&self, stream: S) -> YieldAll<'_, T, S> {
        YieldAll::new(self, stream)
    }

    /// Gives the items of another stream up to its first error.
    ///
    /// As [`yield_all`](Self::yield_all), of a stream of results.
    ///
    /// # Cancel safety
    ///
    /// As [`yield_all`](Self::yield_all).
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// The other stream's, which is then dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use taskcell::stream::try_create;
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let lines = try_create(|yielder, _| async move {
    ///     yielder.try_yield_all(stream::iter([Ok("a"), Err("the line is torn"), Ok("b")])).await?;
    ///     Ok(())
    /// });
    /// assert_eq!(lines.collect::<Vec<_>>().await, [Ok("a"), Err("the line is torn")]);
    /// # })
    /// ```
    #[inline]
    pub fn try_yield_all<E, S: Stream<Item = Result<T, E>>>(&self, stream: S) -> TryYieldAll<'_, T, S> {
        TryYieldAll { all: YieldAll::new(self, stream) }
    }
}

/// The future of [`Yielder::yield_all`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct YieldAll<'a, T, S> {
    yielder: &'a Yielder<T>,
    /// None: it is over.
    #[pin]
    stream: Option<S>,
    item: Option<YieldItem<'a, T>>,
    /// This one is closed, and others have their turn before it is over.
    turn: bool,
}

impl<'a, T, S: Stream> YieldAll<'a, T, S> {
    fn new(yielder: &'a Yielder<T>, stream: S) -> Self {
        Self { yielder, stream: Some(stream), item: None, turn: false }
    }

    /// Gives all items, up to one that `split` finds to be an error.
    #[inline]
    fn poll_all<E>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        split: impl Fn(S::Item) -> Result<T, E>,
    ) -> Poll<Result<(), E>> {
        let mut this = self.project();
        if mem::take(this.turn) {
            return Poll::Ready(Ok(()));
        }
        let result = loop {
            if let Some(item) = this.item {
                ready!(Pin::new(item).poll(cx));
                *this.item = None;
            }
            let stream = this.stream.as_mut().as_pin_mut().expect("polled after it was ready");
            if this.yielder.is_closed() {
                *this.turn = true;
                this.stream.set(None);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match ready!(stream.poll_next(cx)).map(&split) {
                Some(Ok(item)) => *this.item = Some(this.yielder.yield_item(item)),
                Some(Err(error)) => break Err(error),
                None => break Ok(()),
            }
        };
        this.stream.set(None);
        Poll::Ready(result)
    }
}

impl<T, S: Stream<Item = T>> Future for YieldAll<'_, T, S> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_all(cx, Ok::<T, Infallible>).map(|_| ())
    }
}

impl<T, S> fmt::Debug for YieldAll<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YieldAll").field("is_over", &(self.stream.is_none() && !self.turn)).finish_non_exhaustive()
    }
}

/// The future of [`Yielder::try_yield_all`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct TryYieldAll<'a, T, S> {
    #[pin]
    all: YieldAll<'a, T, S>,
}

impl<T, E, S: Stream<Item = Result<T, E>>> Future for TryYieldAll<'_, T, S> {
    type Output = Result<(), E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.project().all.poll_all(cx, |item| item)
    }
}

impl<T, S> fmt::Debug for TryYieldAll<'_, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryYieldAll")
            .field("is_over", &(self.all.stream.is_none() && !self.all.turn))
            .finish_non_exhaustive()
    }
}
