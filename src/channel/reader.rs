//! The reading half of a channel.

use super::TryReadError;
use super::inner::Inner;
use super::read::Read;
use super::read_all::ReadAll;
use super::state::State;
use super::waits::WaitToRead;
use crate::raw::fault::Then;
use crate::shim::heap::Shared;
use crate::task::{BoxError, Task};
use alloc::vec::Vec;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Reads from a channel. Clones read from the same channel, each item goes to one of them; when the last one goes, nothing
/// more can be written, and what is left is dropped.
///
/// Those who wait are woken in their order, and take the item when they are polled: the one that is at the head then. So a
/// read that is dropped, at whatever time, takes nothing with it, and the items that one reader sees are in order.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{ReadError, unbounded};
/// use taskcell::CancellationToken;
///
/// let (writer, reader) = unbounded::<u32>();
/// writer.try_write(1).unwrap();
/// # smol::block_on(async {
/// let cancelled = CancellationToken::new(true);
/// let nothing = reader.read().with_cancellation(&cancelled).await;
/// assert!(matches!(nothing, Err(ReadError::Cancelled(_))));
/// assert_eq!(reader.len(), 1); // it stays
/// # });
/// ```
///
/// All ways to look into a channel:
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded::<u32>(10);
/// for n in 1..=5 {
///     writer.try_write(n).unwrap();
/// }
/// assert_eq!((reader.len(), reader.is_empty(), reader.capacity()), (5, false, Some(10)));
/// # smol::block_on(async {
/// assert!(reader.wait_to_read().await.unwrap());
/// assert_eq!(reader.peek(|next| next * 10), Some(10)); // it stays
/// assert_eq!(reader.try_read().unwrap(), 1);
///
/// let mut stream = reader.read_all();
/// assert_eq!(stream.next().await.unwrap().unwrap(), 2);
///
/// drop(writer); // completes it
/// assert!(reader.is_closed() && !reader.completion().is_completed());
/// assert_eq!(reader.try_read_all(), [3, 4, 5]);
/// reader.completion().await.unwrap();
/// # });
/// ```
#[doc(alias = "ChannelReader")]
#[doc(alias = "Receiver")]
#[doc(alias = "ISourceBlock")]
pub struct Reader<T, E = BoxError> {
    inner: Shared<Inner<T, E>>,
}

impl<T, E> Reader<T, E> {
    /// The first one.
    pub(super) fn new(inner: Shared<Inner<T, E>>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Shared<Inner<T, E>> {
        &self.inner
    }

    /// The next item, when there is one. What is buffered comes before the end and before an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing: an item leaves the channel inside of the poll that returns it, and if this one was woken
    /// for an item, another reader is woken instead.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// [`ReadError`](super::ReadError).
    #[doc(alias = "ReadAsync")]
    #[doc(alias = "ReceiveAsync")]
    #[doc(alias = "recv")]
    #[inline]
    pub fn read(&self) -> Read<'_, T, E> {
        Read::new(&self.inner)
    }

    /// The next item, if there is one.
    ///
    /// # Errors
    ///
    /// [`TryReadError`].
    #[doc(alias = "TryRead")]
    #[doc(alias = "TryReceive")]
    #[doc(alias = "try_recv")]
    #[inline]
    pub fn try_read(&self) -> Result<T, TryReadError<E>> {
        self.inner.read(State::try_read).map_err(TryReadError::of)
    }

    /// Waits until something can be read: true; or until nothing ever can: false.
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
    /// [`WaitError`](super::WaitError): the channel is completed with an error and nothing is left, or the token of the wait
    /// was cancelled.
    #[doc(alias = "WaitToReadAsync")]
    #[doc(alias = "OutputAvailableAsync")]
    #[inline]
    pub fn wait_to_read(&self) -> WaitToRead<'_, T, E> {
        WaitToRead::new(&self.inner)
    }

    /// Looks at the item that is read next, where it is: `None` if there is none; with capacity 0 that of a pending write.
    /// `look` runs under the channel's lock: it must not use the channel.
    #[doc(alias = "TryPeek")]
    pub fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        self.inner.change(|state, after| state.peek(after).map(look))
    }

    /// All that is buffered, in order. Items of pending writes then take its place; with capacity 0, where nothing is
    /// buffered, they are what is read.
    #[doc(alias = "TryReceiveAll")]
    #[doc(alias = "recv_many")]
    #[doc(alias = "drain")]
    #[must_use = "the items are no longer in the channel"]
    pub fn try_read_all(&self) -> Vec<T> {
        self.inner.change_then(|state, after| state.try_read_all(after), |_| Then::Report).into_vec()
    }

    /// The items as a stream: each `Ok`; then, if the channel was completed with an error, that error once; then none.
    ///
    /// The stream is a reader of its own: it may outlive this one, and dropping it leaves the channel to the others.
    #[doc(alias = "ReadAllAsync")]
    #[doc(alias = "ReceiveAllAsync")]
    #[doc(alias = "GetConsumingEnumerable")]
    pub fn read_all(&self) -> ReadAll<T, E> {
        ReadAll::new(self.clone())
    }

    /// A task that ends when the channel is completed and nothing in it is left; always the same one.
    ///
    /// It faults with the error that the channel was completed with, and is cancelled if the channel's own token was. If the
    /// last reader goes, so does what is left, and the task ends.
    #[doc(alias = "Completion")]
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

    /// True if nothing more can be written: the channel is completed. Items may be left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.inner.look(|state| state.end().is_some())
    }
}

impl<T, E> Clone for Reader<T, E> {
    fn clone(&self) -> Self {
        self.inner.change(|state, _| state.add_reader());
        Self { inner: self.inner.clone() }
    }
}

impl<T, E> Drop for Reader<T, E> {
    fn drop(&mut self) {
        self.inner.change(|state, after| state.drop_reader(after));
    }
}

// A channel is as good after a panic as before.
impl<T, E> UnwindSafe for Reader<T, E> {}
impl<T, E> RefUnwindSafe for Reader<T, E> {}

impl<T, E> fmt::Debug for Reader<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.debug("Reader", f)
    }
}
