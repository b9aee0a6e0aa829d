//! The writing half of a channel.

use super::inner::Inner;
use super::reserve::Reserve;
use super::waits::WaitToWrite;
use super::write::Write;
use super::writing::Put;
use super::{AlreadyCompleted, Permit, TryReserveError, TryWriteError};
use crate::shim::heap::Shared;
use crate::task::{BoxError, Task};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Writes into a channel, and completes it. Clones write into the same channel; when the last one goes it is completed.
///
/// Writes that wait are served in their order, and none is overtaken by a later one, waiting or not. `T` is never touched
/// under the channel's lock.
///
/// # Examples
///
/// ```
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded::<u32>(1);
/// # smol::block_on(async {
/// smol::spawn(async move {
///     for n in 0..10 {
///         writer.write(n).await?; // waits while the channel is full
///     }
///     Ok::<_, taskcell::channel::WriteError<u32>>(())
/// })
/// .detach();
/// let mut sum = 0;
/// while let Ok(n) = reader.read().await {
///     sum += n;
/// }
/// assert_eq!(sum, 45);
/// # });
/// ```
///
/// Without waiting, and to the end:
///
/// ```
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded::<u32>(2);
/// # smol::block_on(async {
/// assert!(writer.wait_to_write().await.unwrap());
/// let permit = writer.try_reserve().unwrap();
/// writer.try_write(1).unwrap();
/// assert!(writer.try_write(3).is_err()); // the other place is promised
/// permit.write(2).unwrap();
/// assert_eq!((writer.len(), writer.is_empty(), writer.capacity()), (2, false, Some(2)));
///
/// writer.try_complete_with("no paper".into()).unwrap();
/// assert!(writer.is_closed() && !writer.try_complete());
/// assert_eq!(reader.try_read_all(), [1, 2]);
/// assert!(writer.completion().await.is_err()); // all was read, then came the error
/// # });
/// ```
#[doc(alias = "ChannelWriter")]
#[doc(alias = "Sender")]
#[doc(alias = "ITargetBlock")]
pub struct Writer<T, E = BoxError> {
    inner: Shared<Inner<T, E>>,
}

impl<T, E> Writer<T, E> {
    /// The first one.
    pub(super) fn new(inner: Shared<Inner<T, E>>) -> Self {
        Self { inner }
    }

    /// Writes `item`, when there is room.
    ///
    /// A pending write is complete as soon as a reader makes room: its item is in the channel then, before anybody polls it
    /// again. In a full mode other than [`Wait`](super::FullMode::Wait) it is ready at once. Nothing is written before the
    /// first poll. When the channel is completed a pending write has its item back.
    ///
    /// # Cancel safety
    ///
    /// Dropping a pending write takes its item with it, unless it was in the channel already. To keep the item, use
    /// [`with_cancellation`](Write::with_cancellation), which gives it back, or [`reserve`](Self::reserve).
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// [`WriteError`](super::WriteError), with the item.
    #[doc(alias = "WriteAsync")]
    #[doc(alias = "SendAsync")]
    #[doc(alias = "send")]
    #[inline]
    pub fn write(&self, item: T) -> Write<'_, T, E> {
        Write::new(&self.inner, item)
    }

    /// Writes `item`, if there is room at once. Without a buffer there is room if a reader waits.
    ///
    /// # Errors
    ///
    /// [`TryWriteError`], with the item.
    #[doc(alias = "TryWrite")]
    #[doc(alias = "Post")]
    #[doc(alias = "try_send")]
    #[inline]
    pub fn try_write(&self, item: T) -> Result<(), TryWriteError<T, E>> {
        let mut item = Some(item);
        let put = self.inner.change(|state, after| state.put(&mut item, after));
        match (item, put) {
            (Some(item), Put::Full) => Err(TryWriteError::Full(item)),
            (Some(item), Put::Ended(end)) => Err(TryWriteError::of(item, end)),
            _ => Ok(()),
        }
    }

    /// Waits for room, and keeps it: for who must not lose an item, or has none yet.
    ///
    /// In line with the writes that wait. Where there is no buffer it waits for a reader, in line with others of its kind.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the place up, to the next who waits.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// [`ReserveError`](super::ReserveError).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::channel::bounded;
    ///
    /// let (writer, reader) = bounded::<u32>(1);
    /// # smol::block_on(async {
    /// let permit = writer.reserve().await.unwrap();
    /// assert!(writer.try_write(1).is_err()); // the only place is promised
    /// writer.complete().unwrap();
    /// permit.write(2).unwrap(); // and the promise holds
    /// assert_eq!(reader.read().await.unwrap(), 2);
    /// assert!(reader.read().await.is_err());
    /// # });
    /// ```
    #[inline]
    pub fn reserve(&self) -> Reserve<'_, T, E> {
        Reserve::new(&self.inner)
    }

    /// A permit, if there is room at once.
    ///
    /// # Errors
    ///
    /// [`TryReserveError`].
    pub fn try_reserve(&self) -> Result<Permit<T, E>, TryReserveError<E>> {
        match self.inner.change(|state, _| state.reserve()) {
            Put::Done => Ok(Permit::new(self.inner.clone())),
            Put::Full => Err(TryReserveError::of(None)),
            Put::Ended(end) => Err(TryReserveError::of(Some(end))),
        }
    }

    /// Waits until something could be written: true; or until nothing ever can: false.
    ///
    /// All who wait are told at once, so another may be faster.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// [`WaitError`](super::WaitError): the channel is completed with an error, or the token of the wait was cancelled.
    #[doc(alias = "WaitToWriteAsync")]
    #[doc(alias = "poll_ready")]
    #[inline]
    pub fn wait_to_write(&self) -> WaitToWrite<'_, T, E> {
        WaitToWrite::new(&self.inner)
    }

    /// Completes the channel: nothing more is written, what is in it can still be read. False: it was completed before.
    ///
    /// Pending writes have their items back; permits that were granted hold.
    #[doc(alias = "TryComplete")]
    #[doc(alias = "CompleteAdding")]
    #[doc(alias = "close")]
    pub fn try_complete(&self) -> bool {
        self.inner.try_complete()
    }

    /// Completes the channel with an error, which readers are given after all items, and writers at once.
    ///
    /// The [completion](Self::completion) faults; if the error is a [`Cancelled`](crate::Cancelled), or a box that holds
    /// one, it is cancelled.
    ///
    /// # Errors
    ///
    /// The error, if the channel was completed before.
    #[doc(alias = "TryComplete")]
    #[doc(alias = "Fault")]
    pub fn try_complete_with(&self, error: E) -> Result<(), E>
    where
        E: 'static,
    {
        self.inner.try_complete_with(error)
    }

    /// [`try_complete`](Self::try_complete) for who expects to be the first.
    ///
    /// # Errors
    ///
    /// The channel was completed before.
    #[doc(alias = "Complete")]
    pub fn complete(&self) -> Result<(), AlreadyCompleted> {
        if self.try_complete() { Ok(()) } else { Err(AlreadyCompleted) }
    }

    /// See [`Reader::completion`](super::Reader::completion).
    pub fn completion(&self) -> Task<(), E> {
        self.inner.completion()
    }

    /// How many items are buffered. Pending writes do not count; without a buffer it is 0.
    #[must_use]
    #[doc(alias = "Count")]
    pub fn len(&self) -> usize {
        self.inner.look(|state| state.len())
    }

    /// True if nothing is buffered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items have room: `None` if all, `Some(0)` for a [`rendezvous`](super::rendezvous).
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        self.inner.look(|state| state.limit())
    }

    /// True if nothing more can be written: the channel is completed, or no reader is left.
    #[doc(alias = "IsAddingCompleted")]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.look(|state| state.end().is_some())
    }
}

impl<T, E> Clone for Writer<T, E> {
    fn clone(&self) -> Self {
        self.inner.change(|state, _| state.add_writer());
        Self { inner: self.inner.clone() }
    }
}

impl<T, E> Drop for Writer<T, E> {
    fn drop(&mut self) {
        self.inner.change(|state, after| state.drop_writer(after));
    }
}

// A channel is as good after a panic as before.
impl<T, E> UnwindSafe for Writer<T, E> {}
impl<T, E> RefUnwindSafe for Writer<T, E> {}

impl<T, E> fmt::Debug for Writer<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.debug("Writer", f)
    }
}
