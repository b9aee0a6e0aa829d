//! `create`: a stream that an asynchronous function makes.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::generator::{Generator, Step};
use super::{Close, Yielder};
use crate::cancel::CancellationToken;

/// Makes a stream of what an asynchronous function yields, as a C# method with `yield return` does.
///
/// `make` gets a [`Yielder`] for the items and a token, and returns the generator: a future that is polled in place, on
/// the task that polls the stream. It may borrow, and await whatever it likes. The stream ends when it returns. For a
/// generator that may fail with `?` there is [`try_create`](super::try_create).
///
/// *Lazy*: nothing runs before the first poll, `make` included, whatever becomes of the tokens.
///
/// *Backpressure by nature*: a `yield_item` is pending until its item was taken, so the generator never runs ahead; it
/// makes progress only while the stream is polled. To let it run ahead, drive it into a channel.
///
/// *The token* is told by [`token`](Create::token), by [`with_cancellation`](Create::with_cancellation), by both, and by
/// [`close`](Create::close). It asks: the generator looks at it and ends as it likes. To end any stream from outside
/// there is [`with_cancellation`](crate::stream::with_cancellation).
///
/// *When the consumer leaves early*, by dropping the stream, the generator is dropped where it stands, once, with all its
/// values; then its token is cancelled, for those who work for it elsewhere. For a cleanup that has to be awaited there
/// are [`close`](Create::close) and, inside of the generator, [`using`](crate::using).
///
/// The stream is fused: after the end it gives `None`. The generator is dropped as soon as it has returned. A stream is
/// one enumeration; what can be enumerated again is a function that returns one.
///
/// Two allocations at the first poll, the slot and the token's source; none for an item. The stream is `Send` if the
/// items and the generator are.
///
/// # Cancel safety
///
/// An item leaves the generator only in the poll that returns it: to drop the future of a `next()` loses nothing.
///
/// # Panics
///
/// If the generator panics, the panic goes to the caller of that poll; what it had offered and nobody taken is gone, and
/// the stream has ended. A panic of a waker that waits for its item to be taken goes to the
/// [hook](crate::fault).
///
/// # Examples
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::stream::create;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let squares = create(|yielder, _token| async move {
///     for n in 1..=3 {
///         yielder.yield_item(n * n).await;
///     }
/// });
/// assert_eq!(squares.collect::<Vec<_>>().await, [1, 4, 9]);
/// # })
/// ```
///
/// One without an end, of which each consumer takes what it needs:
///
/// ```
/// use core::pin::pin;
/// use core::time::Duration;
/// use futures_util::StreamExt;
/// use taskcell::stream::create;
/// use taskcell::time::{ManualClock, delay_on};
///
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// clock.block_on(async {
///     let mut ticks = pin!(create(|yielder, _token| {
///         let clock = &clock;
///         async move {
///             for n in 1.. {
///                 delay_on(clock, Duration::from_secs(1)).await;
///                 yielder.yield_item(n).await;
///             }
///         }
///     }));
///     assert_eq!(ticks.next().await, Some(1));
///     assert_eq!(ticks.next().await, Some(2));
/// });
/// ```
#[doc(alias = "IAsyncEnumerable")]
#[doc(alias = "yield return")]
#[doc(alias = "generator")]
#[doc(alias = "flow")]
pub fn create<T, F, Fut>(make: F) -> Create<T, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = ()>,
{
    Create { generator: Generator::new(make) }
}

/// The stream of [`create`].
#[doc(alias = "IAsyncEnumerator")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Create<T, F, Fut> {
    #[pin]
    generator: Generator<T, F, Fut, ()>,
}

impl<T, F, Fut> Create<T, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = ()>,
{
    /// Gives the generator a token, as an argument of the function that makes the stream.
    ///
    /// The generator's own token is linked to this one and to that of [`with_cancellation`](Self::with_cancellation), and
    /// tells their reason. The last one given counts. Nothing comes of it after the first poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::{Stream, StreamExt};
    /// use taskcell::stream::create;
    /// use taskcell::{CancellationToken, CancellationTokenSource};
    ///
    /// fn naturals(token: &CancellationToken) -> impl Stream<Item = u32> + use<> {
    ///     create(|yielder, token: CancellationToken| async move {
    ///         let mut n = 0;
    ///         while !token.is_cancelled() {
    ///             yielder.yield_item(n).await;
    ///             n += 1;
    ///         }
    ///     })
    ///     .token(token)
    /// }
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let source = CancellationTokenSource::new();
    /// let mut naturals = core::pin::pin!(naturals(&source.token()));
    /// assert_eq!(naturals.next().await, Some(0));
    /// source.cancel();
    /// assert_eq!(naturals.next().await, None);
    /// # })
    /// ```
    #[doc(alias = "EnumeratorCancellation")]
    pub fn token(mut self, argument: &CancellationToken) -> Self {
        self.generator.set_argument(argument);
        self
    }

    /// Gives the generator a token from whoever enumerates the stream.
    ///
    /// As [`token`](Self::token), for the consumer's side: the last one given counts, and both sides' are heard.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::stream::create;
    /// use taskcell::{CancellationToken, CancellationTokenSource};
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let source = CancellationTokenSource::new();
    /// let waits = create(|yielder, token: CancellationToken| async move {
    ///     yielder.yield_item("waiting").await;
    ///     token.cancelled().await;
    ///     yielder.yield_item("told").await;
    /// });
    /// let mut waits = core::pin::pin!(waits.with_cancellation(&source.token()));
    /// assert_eq!(waits.next().await, Some("waiting"));
    /// source.cancel();
    /// assert_eq!(waits.next().await, Some("told"));
    /// assert_eq!(waits.next().await, None);
    /// # })
    /// ```
    #[doc(alias = "WithCancellation")]
    #[doc(alias = "GetAsyncEnumerator")]
    pub fn with_cancellation(mut self, token: &CancellationToken) -> Self {
        self.generator.set_enumeration(token);
        self
    }

    /// Ends the stream early, and waits for the generator's own cleanup.
    ///
    /// The generator is told by its token, and runs to its end. Until then a `yield_item` drops its item and is ready
    /// after it gave other tasks a turn, so a generator that looks at neither its token nor
    /// [`is_closed`](Yielder::is_closed) and has no end of its own is never closed. If nothing was ever polled the
    /// generator does not begin; at the end, or closed before, there is nothing to do.
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
    /// # Examples
    ///
    /// ```
    /// use core::cell::Cell;
    /// use futures_util::StreamExt;
    /// use taskcell::stream::create;
    /// use taskcell::yield_now;
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let said_goodbye = Cell::new(false);
    /// let mut lines = Box::pin(create(|yielder, _| async {
    ///     let yielder = yielder;
    ///     while !yielder.is_closed() {
    ///         yielder.yield_item("a line").await;
    ///     }
    ///     yield_now().await; // what takes a while
    ///     said_goodbye.set(true);
    /// }));
    /// assert_eq!(lines.next().await, Some("a line"));
    /// lines.as_mut().close().await;
    /// assert!(said_goodbye.get());
    /// assert_eq!(lines.next().await, None);
    /// # })
    /// ```
    #[doc(alias = "DisposeAsync")]
    pub fn close(self: Pin<&mut Self>) -> Close<'_, T, F, Fut, ()> {
        Close::new(self.project().generator)
    }
}

impl<T, F, Fut> Stream for Create<T, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = ()>,
{
    type Item = T;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.project().generator.poll_step(cx).map(|step| match step {
            Step::Item(item) => Some(item),
            Step::End(()) | Step::Over => None,
        })
    }
}

impl<T, F, Fut> FusedStream for Create<T, F, Fut>
where
    F: FnOnce(Yielder<T>, CancellationToken) -> Fut,
    Fut: Future<Output = ()>,
{
    fn is_terminated(&self) -> bool {
        self.generator.is_over()
    }
}

impl<T, F, Fut> fmt::Debug for Create<T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Create").field("is_over", &self.generator.is_over()).finish_non_exhaustive()
    }
}
