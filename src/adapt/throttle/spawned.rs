//! `throttled_map_spawned`: a function over many items, few at a time, on an executor.

use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::flight::{InFlight, Items};
use super::hot::{Cancelling, Hot, OnExecutor};
use super::queue::{Order, Queue};
use crate::cancel::CancellationToken;
use crate::spawn::Spawner;
use crate::task::TaskError;

/// Maps items to futures with `f`, runs them on an executor, at most `limit` at the same time, and gives what becomes of
/// them as they end.
///
/// [`throttled_map`](super::throttled_map) has a table of what is lazy and what is spawned, and which one makes progress
/// while the consumer works: this one.
///
/// `f` is given an item and a token, and what it makes is started as a task is by [`Task::run`](crate::Task::run): it
/// makes progress while the consumer works, on as many threads as the executor has. A panic in it becomes that item's
/// [`Panicked`](TaskError::Panicked), and a future that the executor drops its [`Abandoned`](TaskError::Abandoned).
/// `items` and `f` themselves stay here, and need not be `Send`: an item is taken, and its future started, only in a poll
/// of this stream, when there is room.
///
/// `limit` bounds how many run at the same time. Those that have ended and wait for the consumer make room for others, as
/// long as at most twice `limit` items are held, running or waiting: so the memory is bounded, and a consumer that stops
/// polling stops everything once the running ones have ended. Results come in the order in which the futures ended;
/// [`ordered`](ThrottledMapSpawned::ordered) gives them in input order, [`with_index`](ThrottledMapSpawned::with_index)
/// with their places.
///
/// An error is given like any value, and stops nothing; an error that means a cancellation is
/// [`Cancelled`](TaskError::Cancelled). After 128 results in a row it wakes its own task and is pending once, so that
/// other tasks have their turn.
///
/// For each item one allocation for its task and one or two for its future.
///
/// # Cancel safety
///
/// Dropping the future of `next()` loses nothing. Dropping the stream cancels the token and starts no more: futures that
/// were not polled yet are dropped by the executor unstarted, those that run go on until they look at the token, and
/// nobody waits for them. A fault of theirs goes to the hook for unobserved faults. A stream that has ended cancels nothing.
///
/// # Panics
///
/// If `items`, `f` or the spawner panics, the panic goes to the caller, and polling again panics.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::StreamExt;
/// use taskcell::{BoxFuture, throttled_map_spawned};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let three = NonZeroUsize::new(3).unwrap();
/// let mut squares = throttled_map_spawned(&smol, 1..=4, three, |n: u64, _token| async move {
///     n.checked_mul(n).ok_or("too large")
/// });
/// let mut sum = 0;
/// while let Some(square) = squares.next().await {
///     sum += square?; // others run meanwhile
/// }
/// assert_eq!(sum, 30);
/// # Ok::<(), taskcell::TaskError<&str>>(())
/// # }).unwrap()
/// ```
#[doc(alias = "ForEachAsync")]
#[doc(alias = "Parallel.ForEachAsync")]
#[doc(alias = "MaxDegreeOfParallelism")]
#[doc(alias = "buffer_unordered")]
#[doc(alias = "Throttling")]
pub fn throttled_map_spawned<'a, P, I, F, R, T, E>(
    spawner: &'a P,
    items: I,
    limit: NonZeroUsize,
    f: F,
) -> ThrottledMapSpawned<'a, P, Items<I::IntoIter>, F, T, E>
where
    P: Spawner + ?Sized,
    I: IntoIterator,
    F: FnMut(I::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    throttled_map_stream_spawned(spawner, Items(items.into_iter()), limit, f)
}

/// [`throttled_map_spawned`] over the items of a stream, which is polled only while there is room for a future.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::{StreamExt, stream};
/// use taskcell::{BoxFuture, throttled_map_stream_spawned};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let words = stream::iter(["a", "bcd"]);
/// let two = NonZeroUsize::new(2).unwrap();
/// let lengths = throttled_map_stream_spawned(&smol, words, two, |word, _| async move { Ok::<_, &str>(word.len()) });
/// let lengths: Result<Vec<_>, _> = lengths.ordered().collect::<Vec<_>>().await.into_iter().collect();
/// assert_eq!(lengths.unwrap(), [1, 3]);
/// # })
/// ```
#[doc(alias = "ForEachAsync")]
pub fn throttled_map_stream_spawned<P, S, F, R, T, E>(
    spawner: &P,
    items: S,
    limit: NonZeroUsize,
    f: F,
) -> ThrottledMapSpawned<'_, P, S, F, T, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    let cancelling = Cancelling::new();
    let start = OnExecutor { spawner, token: cancelling.token(), f };
    ThrottledMapSpawned {
        cancelling,
        flight: InFlight::new(items, limit.get(), start),
        queue: Queue::new(Order::OfEnd),
    }
}

/// An item's index, and what became of it.
type Indexed<T, E> = (usize, Result<T, TaskError<E>>);

/// The stream of [`throttled_map_spawned`].
///
/// # Examples
///
/// In the order of the items, with their indices, and a token that whoever else has work for them may hear:
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::StreamExt;
/// use taskcell::{BoxFuture, throttled_map_spawned};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # smol::block_on(async {
/// let lengths = throttled_map_spawned(&smol, ["a", "bcd"], NonZeroUsize::MIN, |text, _| async move {
///     Ok::<_, &str>(text.len())
/// });
/// let token = lengths.token();
/// let mut seen = Vec::new();
/// let mut lengths = lengths.ordered().with_index();
/// while let Some((index, length)) = lengths.next().await {
///     seen.push((index, length.unwrap()));
/// }
/// assert_eq!(seen, [(0, 1), (1, 3)]);
/// assert!(!token.is_cancelled()); // it came to its end
/// # });
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct ThrottledMapSpawned<'a, P: ?Sized, S, F, T, E: 'static> {
    cancelling: Cancelling,
    #[pin]
    flight: InFlight<S, OnExecutor<'a, P, F>, Hot<T, E>>,
    queue: Queue<Result<T, TaskError<E>>>,
}

impl<'a, P: ?Sized, S, F, T, E> ThrottledMapSpawned<'a, P, S, F, T, E> {
    /// The results in the order of their items; those that come early wait. At most twice `limit` items are held, so one
    /// slow future holds the others up when so many have been begun. To be called before the first poll.
    ///
    /// # Panics
    ///
    /// If it was polled before.
    #[doc(alias = "buffered")]
    pub fn ordered(mut self) -> Self {
        assert!(self.flight.is_new(), "`ordered` after the first poll");
        self.queue = Queue::new(Order::OfInput);
        self
    }

    /// Each result with the index of its item, counted from zero.
    pub fn with_index(self) -> ThrottledMapSpawnedIndexed<'a, P, S, F, T, E> {
        ThrottledMapSpawnedIndexed { map: self }
    }

    /// The token that the bodies are given: cancelled when the stream is dropped before its end.
    pub fn token(&self) -> CancellationToken {
        self.cancelling.token()
    }
}

/// The stream of [`ThrottledMapSpawned::with_index`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct ThrottledMapSpawnedIndexed<'a, P: ?Sized, S, F, T, E: 'static> {
    #[pin]
    map: ThrottledMapSpawned<'a, P, S, F, T, E>,
}

impl<P, S, F, R, T, E> ThrottledMapSpawned<'_, P, S, F, T, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    fn poll_indexed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Indexed<T, E>>> {
        let mut this = self.project();
        // What has ended makes room. No more can end in here than are held.
        let ended = loop {
            let places = this.flight.limit().saturating_mul(2) - this.queue.len();
            this.flight.as_mut().allow(places);
            match this.flight.as_mut().poll_next(cx) {
                Poll::Ready(Some((index, result))) => this.queue.put(index, result),
                Poll::Ready(None) => break true,
                Poll::Pending => break false,
            }
        };
        match this.queue.next() {
            None if ended => {
                this.cancelling.disarm();
                Poll::Ready(None)
            }
            None => Poll::Pending,
            next => Poll::Ready(next),
        }
    }
}

impl<P, S, F, R, T, E> Stream for ThrottledMapSpawned<'_, P, S, F, T, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    type Item = Result<T, TaskError<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_indexed(cx).map(|next| next.map(|(_, result)| result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.flight.hint(self.queue.len())
    }
}

impl<P, S, F, R, T, E> FusedStream for ThrottledMapSpawned<'_, P, S, F, T, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    fn is_terminated(&self) -> bool {
        self.flight.is_over() && self.queue.len() == 0
    }
}

impl<P, S, F, R, T, E> Stream for ThrottledMapSpawnedIndexed<'_, P, S, F, T, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
    R::IntoFuture: Send + 'static,
    T: Send + 'static,
    E: Send + Sync + 'static,
{
    type Item = Indexed<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().map.poll_indexed(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.map.size_hint()
    }
}

impl<P: ?Sized, S, F, T, E> fmt::Debug for ThrottledMapSpawned<'_, P, S, F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThrottledMapSpawned").field("flight", &self.flight).field("ready", &self.queue.len()).finish()
    }
}

impl<P: ?Sized, S, F, T, E> fmt::Debug for ThrottledMapSpawnedIndexed<'_, P, S, F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThrottledMapSpawnedIndexed").field("map", &self.map).finish()
    }
}
