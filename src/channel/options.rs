//! How a channel is made.

use super::inner::{Dropped, Inner};
use super::items::Items;
use super::priority::Priority;
use super::storage::{Lifo, Storage};
use super::{Reader, Writer};
use crate::cancel::{CancellationToken, Cancelled};
use crate::shim::heap::Shared;
use crate::task::BoxError;
use alloc::boxed::Box;
use core::cmp::Ordering;
use core::fmt;

/// What a full channel does with one more item.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{ChannelOptions, FullMode};
///
/// let what_is_left = |mode| {
///     let (writer, reader) = ChannelOptions::bounded(2).full_mode(mode).create();
///     ["a", "b", "c"].map(|item| writer.try_write(item).is_ok());
///     reader.try_read_all()
/// };
/// assert_eq!(what_is_left(FullMode::Wait), ["a", "b"]); // the third write failed
/// assert_eq!(what_is_left(FullMode::DropWrite), ["a", "b"]); // it succeeded
/// assert_eq!(what_is_left(FullMode::DropNewest), ["a", "c"]);
/// assert_eq!(what_is_left(FullMode::DropOldest), ["b", "c"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "BoundedChannelFullMode")]
pub enum FullMode {
    /// Whoever writes it waits for room.
    #[default]
    Wait,
    /// The newest item in the channel is dropped.
    DropNewest,
    /// The oldest item in the channel is dropped.
    DropOldest,
    /// The item itself is dropped, and the write succeeds.
    DropWrite,
}

/// A channel with room for `capacity` items. With 0 it is a [`rendezvous`].
///
/// # Examples
///
/// ```
/// use taskcell::channel::{TryReadError, bounded};
///
/// let (writer, reader) = bounded::<u32>(2);
/// writer.try_write(1).unwrap();
/// writer.try_write(2).unwrap();
/// assert_eq!(writer.try_write(3).unwrap_err().into_inner(), 3);
/// # smol::block_on(async {
/// assert_eq!(reader.read().await.unwrap(), 1);
/// drop(writer);
/// assert_eq!(reader.read().await.unwrap(), 2);
/// assert!(matches!(reader.try_read(), Err(TryReadError::Closed)));
/// # });
/// ```
#[doc(alias = "Channel")]
#[doc(alias = "CreateBounded")]
#[doc(alias = "channel")]
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Writer<T>, Reader<T>) {
    pair(Inner::new(Items::new(), capacity, FullMode::Wait, None))
}

/// A channel that has always room. Writing never waits.
///
/// # Examples
///
/// ```
/// use taskcell::channel::unbounded;
///
/// let (writer, reader) = unbounded();
/// for n in 0..1000 {
///     writer.try_write(n).unwrap(); // never full
/// }
/// assert_eq!((reader.len(), reader.capacity()), (1000, None));
/// ```
#[doc(alias = "Channel")]
#[doc(alias = "CreateUnbounded")]
#[doc(alias = "unbounded_channel")]
#[must_use]
pub fn unbounded<T>() -> (Writer<T>, Reader<T>) {
    bounded(usize::MAX)
}

/// A channel without a buffer: a write is complete when a reader has come for its item.
///
/// Readers may come first: [`Writer::try_write`] succeeds, a write is ready at once and permits are granted while a reader
/// waits for each. If that reader goes before it has taken the item, the item stays for the next one: it is never lost.
///
/// # Examples
///
/// ```
/// use taskcell::channel::rendezvous;
///
/// let (writer, reader) = rendezvous::<u32>();
/// assert!(writer.try_write(1).is_err()); // nobody reads
/// # smol::block_on(async {
/// let write = writer.write(2);
/// let read = reader.read();
/// let (written, read) = taskcell::few::when_all((write, read)).await;
/// assert!(written.is_ok());
/// assert_eq!(read.unwrap(), 2);
/// # });
/// ```
#[doc(alias = "zero_capacity")]
#[must_use]
pub fn rendezvous<T>() -> (Writer<T>, Reader<T>) {
    bounded(0)
}

fn pair<T, E>(inner: Shared<Inner<T, E>>) -> (Writer<T, E>, Reader<T, E>) {
    (Writer::new(inner.clone()), Reader::new(inner))
}

/// How a channel is to be: a builder.
///
/// # Examples
///
/// The three latest readings, and what becomes of the others:
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::sync::Arc;
/// use taskcell::channel::{ChannelOptions, FullMode};
///
/// let missed = Arc::new(AtomicU32::new(0));
/// let count = missed.clone();
/// let (writer, reader) = ChannelOptions::bounded(3)
///     .full_mode(FullMode::DropOldest)
///     .on_dropped(move |_| {
///         count.fetch_add(1, Ordering::Relaxed);
///     })
///     .create();
/// for reading in 1..=5 {
///     writer.try_write(reading).unwrap();
/// }
/// assert_eq!(reader.try_read_all(), [3, 4, 5]);
/// assert_eq!(missed.load(Ordering::Relaxed), 2);
/// ```
#[doc(alias = "BoundedChannelOptions")]
#[doc(alias = "UnboundedChannelOptions")]
#[doc(alias = "DataflowBlockOptions")]
#[must_use = "`create` makes the channel"]
pub struct ChannelOptions<T, E = BoxError> {
    capacity: usize,
    mode: FullMode,
    items: Items<T>,
    on_dropped: Option<Dropped<T>>,
    token: CancellationToken,
    error: core::marker::PhantomData<fn() -> E>,
}

impl<T> ChannelOptions<T> {
    /// With room for `capacity` items; with 0 a [`rendezvous`].
    #[doc(alias = "CreateBounded")]
    #[doc(alias = "BoundedCapacity")]
    pub fn bounded(capacity: usize) -> Self {
        Self {
            capacity,
            mode: FullMode::Wait,
            items: Items::new(),
            on_dropped: None,
            token: CancellationToken::NONE,
            error: core::marker::PhantomData,
        }
    }

    /// With room for all items.
    #[doc(alias = "CreateUnbounded")]
    pub fn unbounded() -> Self {
        Self::bounded(usize::MAX)
    }
}

impl<T, E> ChannelOptions<T, E> {
    /// What a full channel does with one more item: unless this is called, whoever writes it waits.
    ///
    /// In the other modes a write never waits and never fails for lack of room, and permits are always granted. With
    /// capacity 0 all of them drop the item that nobody waits for.
    #[doc(alias = "FullMode")]
    pub fn full_mode(mut self, mode: FullMode) -> Self {
        self.mode = mode;
        self
    }

    /// Is called with each item that a full channel drops, by whoever wrote the one that was too many, outside of any lock:
    /// it may use the channel. Several threads may call it at once.
    ///
    /// It is not called for items that are left when the channel goes or its token is cancelled: those are dropped.
    #[doc(alias = "itemDropped")]
    pub fn on_dropped(mut self, callback: impl Fn(T) + Send + Sync + 'static) -> Self {
        self.on_dropped = Some(Box::new(callback));
        self
    }

    /// When `token` is cancelled the channel ends at once: what is buffered is dropped, pending writes have their items
    /// back, and its [`completion`](Reader::completion) is cancelled. Who reads or writes sees a closed channel.
    ///
    /// The channel leaves the token when it has ended.
    #[doc(alias = "CancellationToken")]
    pub fn token(mut self, token: &CancellationToken) -> Self {
        self.token = token.clone();
        self
    }

    /// The item that was written last is read first.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::channel::ChannelOptions;
    ///
    /// let (writer, reader) = ChannelOptions::unbounded().lifo().create();
    /// [1, 2, 3].map(|n| writer.try_write(n).unwrap());
    /// assert_eq!(reader.try_read_all(), [3, 2, 1]);
    /// ```
    #[doc(alias = "ConcurrentStack")]
    #[doc(alias = "stack")]
    pub fn lifo(self) -> Self
    where
        T: Send + 'static,
    {
        self.storage(Lifo::new())
    }

    /// The smallest item is read first; of equal ones the one that was written first. For the greatest, wrap items in
    /// [`Reverse`](core::cmp::Reverse).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::channel::ChannelOptions;
    ///
    /// let (writer, reader) = ChannelOptions::unbounded().prioritized().create();
    /// [(3, "sweep"), (1, "alarm")].map(|job| writer.try_write(job).unwrap());
    /// assert_eq!(reader.try_read().unwrap(), (1, "alarm"));
    /// ```
    #[doc(alias = "UnboundedPrioritizedChannelOptions")]
    #[doc(alias = "CreateUnboundedPrioritized")]
    #[doc(alias = "PriorityQueue")]
    pub fn prioritized(self) -> Self
    where
        T: Ord + Send + 'static,
    {
        self.storage(Priority::new(T::cmp))
    }

    /// The same in an order of the caller's, that may capture things. It runs under the channel's lock: see [`Storage`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::channel::ChannelOptions;
    ///
    /// // The longest first; the closure has to be told what it compares.
    /// let options = ChannelOptions::unbounded().prioritized_by(|a: &String, b: &String| b.len().cmp(&a.len()));
    /// let (writer, reader) = options.create();
    /// ["a", "bcd", "ef"].map(|text| writer.try_write(text.to_owned()).unwrap());
    /// assert_eq!(reader.try_read_all(), ["bcd", "ef", "a"]);
    /// ```
    #[doc(alias = "Comparer")]
    pub fn prioritized_by(self, compare: impl FnMut(&T, &T) -> Ordering + Send + 'static) -> Self
    where
        T: Send + 'static,
    {
        self.storage(Priority::new(compare))
    }

    /// Items are kept, and read in the order, as a [`Storage`] says. It may hold some already.
    pub fn storage(mut self, storage: impl Storage<T> + Send + 'static) -> Self {
        self.items = Items::Storage(Box::new(storage));
        self
    }

    /// The type of the error that the channel may be completed with.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use taskcell::channel::ChannelOptions;
    ///
    /// let (writer, reader) = ChannelOptions::<u32>::bounded(8).with_error::<io::Error>().create();
    /// writer.try_complete_with(io::ErrorKind::BrokenPipe.into()).unwrap();
    /// let error = reader.try_read().unwrap_err();
    /// assert_eq!(error.fault().unwrap().kind(), io::ErrorKind::BrokenPipe);
    /// ```
    pub fn with_error<F>(self) -> ChannelOptions<T, F> {
        let Self { capacity, mode, items, on_dropped, token, error: _ } = self;
        ChannelOptions { capacity, mode, items, on_dropped, token, error: core::marker::PhantomData }
    }
}

impl<T: Send + 'static, E: Send + Sync + 'static> ChannelOptions<T, E> {
    /// Makes the channel.
    #[doc(alias = "CreateBounded")]
    #[doc(alias = "CreateUnbounded")]
    #[must_use]
    pub fn create(self) -> (Writer<T, E>, Reader<T, E>) {
        let inner = Inner::new(self.items, self.capacity, self.mode, self.on_dropped);
        if self.token.can_be_cancelled() || self.token.is_cancelled() {
            let cancelled = inner.clone();
            let registration = self.token.register_with(move |token| {
                let token = Cancelled::new(token.clone());
                cancelled.change(|state, after| state.cancel(token, after));
            });
            inner.change(|state, after| state.keep(registration, after));
        }
        pair(inner)
    }
}

impl<T, E> fmt::Debug for ChannelOptions<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ChannelOptions");
        debug.field("capacity", &self.capacity).field("full_mode", &self.mode).field("token", &self.token);
        debug.finish_non_exhaustive()
    }
}
