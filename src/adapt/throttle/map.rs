//! `throttled_map`: a function over many items, few at a time, as its futures end.

use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::flight::{InFlight, Items, Plain};
use super::ordered::ThrottledMapOrdered;

/// Maps items to futures with `f`, at most `limit` of them under way, and gives their outputs as they end.
///
/// # Which one makes progress while the consumer works?
///
/// | | lazy: this one | spawned: [`throttled_map_spawned`](super::throttled_map_spawned) |
/// |---|---|---|
/// | polled by | the consumer, in its poll | the executor |
/// | while the consumer awaits something else | **stands still**, all of it | goes on: up to `limit` run, and wait when they have ended |
/// | threads | the consumer's | the executor's |
/// | futures | may borrow, need not be `Send` | `Send + 'static` |
/// | a panic of a future | goes to the consumer; the siblings are dropped with the stream | is that item's `TaskError::Panicked` |
/// | when dropped | drops what is under way | cancels the token, starts no more, waits for nothing |
/// | holds | `limit` items | twice as many: running, or waiting for the consumer |
///
/// The second row is the trap of every lazy buffer, of futures-util's `buffered` and `FuturesUnordered` too
/// ([futures-rs#2387](https://github.com/rust-lang/futures-rs/issues/2387)). In
///
/// ```text
/// while let Some(page) = pages.next().await { store(page).await; }
/// ```
///
/// no download goes on while `store` waits: connections time out, and a future that holds a lock which `store` wants is a
/// deadlock. The cures: the spawned one; or to put the consumer's work into `f`, so that nothing is awaited between two
/// items ([`for_each_throttled`](super::for_each_throttled) is that loop).
///
/// All of them limit *operations under way*: from the start of a future to its end, whatever it waits for meanwhile. To
/// limit how many futures are *polled* at the same time is another thing, and the work of a scheduler.
///
/// # Behaviour
///
/// An item is taken from `items` only when there is room for its future, so `items` may be endless, and a consumer that
/// stops polling stops everything. `limit` holds in every consumer: from the call of `f` until its output is given,
/// an item has one of `limit` places. Outputs come in the order in which the futures were woken; those that are ready
/// at once, in input order (of more than 256 places, roughly so); with a limit of one, all of them do. [`ordered`](ThrottledMap::ordered) gives them in input
/// order, [`with_index`](ThrottledMap::with_index) with their places. Without items it ends at the first poll. What the
/// outputs say is not looked at.
///
/// A poll begins at most 128 futures, polls those that are new or were woken, each once, and stops at the first that is
/// ready. After 128 outputs in a row it wakes its own task and is pending once, so that other tasks have their turn.
///
/// One allocation for up to 256 places, if `limit` and the iterator's upper size hint need as many; beyond that a few
/// more, each twice the size of the one before. No allocation an item.
///
/// # Cancel safety
///
/// A poll that is pending has taken nothing out: dropping the future of `next()` loses nothing. Dropping the stream drops
/// the futures that are under way, on the thread that drops it.
///
/// # Panics
///
/// If `items`, `f` or a future panics, the panic goes to the caller; the futures under way stay until the stream is
/// dropped, and polling again panics.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::StreamExt;
/// use taskcell::throttled_map;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let three = NonZeroUsize::new(3).unwrap();
/// let squares = throttled_map(1.., three, |n: u64| async move { n * n });
/// assert_eq!(squares.take(4).collect::<Vec<_>>().await, [1, 4, 9, 16]);
/// # })
/// ```
///
/// ## Until a deadline
///
/// What has come is kept, and so is who failed; what is under way goes with the stream:
///
/// ```
/// use core::{num::NonZeroUsize, time::Duration};
/// use futures_util::StreamExt;
/// use taskcell::{AggregateError, CancellationTokenSource, ManualClock, TimeProvider, delay_on, throttled_map};
///
/// let (clock, millis) = (ManualClock::new(), Duration::from_millis);
/// clock.set_auto_advance(true);
/// let ask = async |server: u64| { // with `hedge_on` and `timeout_on` in here, perhaps
///     delay_on(&clock, millis(10 * server)).await;
///     if server == 1 { Err("busy") } else { Ok(server) }
/// };
/// let (mut values, mut errors) = (Vec::new(), Vec::new());
/// let token = CancellationTokenSource::with_timeout_on(&clock, millis(45)).token(); // or a child's of the caller's
/// clock.block_on(async {
///     let mut answers = throttled_map(0..20, NonZeroUsize::new(5).unwrap(), ask).with_index();
///     while let Some(Some((index, answer))) = token.run_until_cancelled(answers.next()).await {
///         match answer {
///             Ok(value) => values.push((index, value)),
///             Err(error) => errors.push((index, error)),
///         }
///     }
/// });
/// assert_eq!(values, [(0, 0), (2, 2), (3, 3), (4, 4)]);
/// assert_eq!(AggregateError::new(errors).to_string(), "1 error: [1] busy");
/// assert!(token.reason().unwrap().is_deadline());
/// assert_eq!((clock.now(), clock.armed()), (millis(45).into(), 0));
/// ```
///
/// Do not give the calls the same token: one of them would end as cancelled in the poll that sees it, and pass for an
/// answer. They are dropped, and so are told, if they have tokens of their own.
#[doc(alias = "buffer_unordered")]
#[doc(alias = "ForEachAsync")]
#[doc(alias = "Parallel.ForEachAsync")]
#[doc(alias = "MaxDegreeOfParallelism")]
#[doc(alias = "Throttling")]
pub fn throttled_map<I, F, R>(items: I, limit: NonZeroUsize, f: F) -> ThrottledMap<Items<I::IntoIter>, F, R::IntoFuture>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> R,
    R: IntoFuture,
{
    throttled_map_stream(Items(items.into_iter()), limit, f)
}

/// [`throttled_map`] over the items of a stream.
///
/// The stream is polled only while there is room for a future. While it is pending the futures go on, and once it has
/// ended it is not polled again.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::{StreamExt, stream};
/// use taskcell::throttled_map_stream;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let two = NonZeroUsize::new(2).unwrap();
/// let lengths = throttled_map_stream(stream::iter(["a", "bcd"]), two, |text| async move { text.len() });
/// assert_eq!(lengths.collect::<Vec<_>>().await, [1, 3]);
/// # })
/// ```
#[doc(alias = "buffer_unordered")]
#[doc(alias = "ForEachAsync")]
pub fn throttled_map_stream<S, F, R>(items: S, limit: NonZeroUsize, f: F) -> ThrottledMap<S, F, R::IntoFuture>
where
    S: Stream,
    F: FnMut(S::Item) -> R,
    R: IntoFuture,
{
    ThrottledMap { flight: InFlight::new(items, limit.get(), Plain(f)) }
}

/// The stream of [`throttled_map`] and [`throttled_map_stream`]. It is `Unpin` if its items are.
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct ThrottledMap<S, F, Fut> {
    #[pin]
    flight: InFlight<S, Plain<F>, Fut>,
}

impl<S, F, Fut> ThrottledMap<S, F, Fut> {
    /// The outputs in the order of their items. To be called before the first poll.
    ///
    /// An output that is ready early waits for those before it, and keeps its place: of `limit` items some are under way
    /// and some wait, so the memory is bounded, and one slow future holds the others up. As many outputs as `limit` says
    /// lie in a buffer.
    ///
    /// # Panics
    ///
    /// If it was polled before.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use futures_util::StreamExt;
    /// use taskcell::throttled_map;
    /// # async fn work(n: u64) -> u64 { for _ in n..5 { smol::future::yield_now().await } n }
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let three = NonZeroUsize::new(3).unwrap();
    /// let results = throttled_map(0..5, three, work).ordered();
    /// assert_eq!(results.collect::<Vec<_>>().await, [0, 1, 2, 3, 4]);
    /// # })
    /// ```
    #[doc(alias = "buffered")]
    pub fn ordered(self) -> ThrottledMapOrdered<S, F, Fut>
    where
        Fut: Future,
    {
        ThrottledMapOrdered::new(self.flight)
    }

    /// Each output with the index of its item, counted from zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use futures_util::StreamExt;
    /// use taskcell::throttled_map;
    ///
    /// # smol::block_on(async {
    /// let lengths = throttled_map(["a", "bcd"], NonZeroUsize::MIN, |text| async move { text.len() });
    /// assert_eq!(lengths.with_index().collect::<Vec<_>>().await, [(0, 1), (1, 3)]);
    /// # });
    /// ```
    pub fn with_index(self) -> ThrottledMapIndexed<S, F, Fut> {
        ThrottledMapIndexed { flight: self.flight }
    }
}

/// The stream of [`ThrottledMap::with_index`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct ThrottledMapIndexed<S, F, Fut> {
    #[pin]
    flight: InFlight<S, Plain<F>, Fut>,
}

macro_rules! stream {
    ($name:ident, $item:ty, $ready:pat => $given:expr) => {
        impl<S, F, R, Fut> Stream for $name<S, F, Fut>
        where
            S: Stream,
            F: FnMut(S::Item) -> R,
            R: IntoFuture<IntoFuture = Fut, Output = Fut::Output>,
            Fut: Future,
        {
            type Item = $item;

            #[inline]
            fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<$item>> {
                self.project().flight.poll_next(cx).map(|next| next.map(|$ready| $given))
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.flight.hint(0)
            }
        }

        impl<S, F, R, Fut> FusedStream for $name<S, F, Fut>
        where
            S: Stream,
            F: FnMut(S::Item) -> R,
            R: IntoFuture<IntoFuture = Fut, Output = Fut::Output>,
            Fut: Future,
        {
            fn is_terminated(&self) -> bool {
                self.flight.is_over()
            }
        }

        impl<S, F, Fut> fmt::Debug for $name<S, F, Fut> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("flight", &self.flight).finish()
            }
        }
    };
}

stream!(ThrottledMap, Fut::Output, (_, output) => output);
stream!(ThrottledMapIndexed, (usize, Fut::Output), next => next);
