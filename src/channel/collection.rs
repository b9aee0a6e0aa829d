//! Both halves of a channel in one handle.

use super::{
    AlreadyCompleted, ChannelOptions, Read, ReadAll, Reader, TryReadError, TryWriteError, WaitToRead, Write, Writer,
    unbounded,
};
use crate::task::{BoxError, Task};
use core::fmt;

/// A collection that some add to, and others take from: a channel whose two halves are one handle. Clones are the same
/// collection.
///
/// Those who take before there is something are served in their order. Since every handle can add, dropping handles does
/// not complete it while one is left: [`complete_adding`](Self::complete_adding) does.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{AsyncProducerConsumerCollection, ChannelOptions};
///
/// let jobs = AsyncProducerConsumerCollection::with_options(ChannelOptions::unbounded().prioritized());
/// # smol::block_on(async {
/// for (priority, job) in [(3, "sweep"), (1, "alarm"), (2, "water")] {
///     jobs.add((priority, job)).await.unwrap();
/// }
/// assert_eq!(jobs.take().await.unwrap(), (1, "alarm"));
/// jobs.complete_adding().unwrap();
/// assert_eq!(jobs.take().await.unwrap(), (2, "water"));
/// assert_eq!(jobs.take().await.unwrap(), (3, "sweep"));
/// assert!(jobs.take().await.is_err());
/// # });
/// ```
///
/// Without waiting, and in halves:
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::channel::AsyncProducerConsumerCollection;
///
/// let jobs = AsyncProducerConsumerCollection::<u32>::new();
/// # smol::block_on(async {
/// jobs.try_add(1).unwrap();
/// jobs.writer().try_write(2).unwrap(); // the same
/// assert!(jobs.output_available().await.unwrap());
/// assert_eq!((jobs.len(), jobs.is_empty()), (2, false));
/// assert_eq!(jobs.try_take().unwrap(), 1);
/// assert_eq!(jobs.reader().len(), 1);
///
/// jobs.complete_adding().unwrap();
/// let rest: Vec<_> = jobs.take_all().map(Result::unwrap).collect().await;
/// assert_eq!(rest, [2]);
/// assert!(jobs.completion().is_completed());
/// let (writer, _reader) = jobs.into_parts();
/// assert!(writer.is_closed());
/// # });
/// ```
#[doc(alias = "AsyncProducerConsumerQueue")]
#[doc(alias = "AsyncCollection")]
#[doc(alias = "BufferBlock")]
#[doc(alias = "BlockingCollection")]
pub struct AsyncProducerConsumerCollection<T, E = BoxError> {
    writer: Writer<T, E>,
    reader: Reader<T, E>,
}

impl<T> AsyncProducerConsumerCollection<T> {
    /// Unbounded, first in first out.
    #[must_use]
    pub fn new() -> Self {
        Self::from(unbounded())
    }
}

impl<T: Send + 'static, E: Send + Sync + 'static> AsyncProducerConsumerCollection<T, E> {
    /// As the options say: with a capacity, in another order, with a token.
    #[must_use]
    pub fn with_options(options: ChannelOptions<T, E>) -> Self {
        Self::from(options.create())
    }
}

impl<T, E> AsyncProducerConsumerCollection<T, E> {
    /// Adds `item`, when there is room: [`Writer::write`].
    #[doc(alias = "AddAsync")]
    #[doc(alias = "EnqueueAsync")]
    #[doc(alias = "SendAsync")]
    pub fn add(&self, item: T) -> Write<'_, T, E> {
        self.writer.write(item)
    }

    /// Adds `item`, if there is room at once: [`Writer::try_write`].
    ///
    /// # Errors
    ///
    /// [`TryWriteError`], with the item.
    #[doc(alias = "TryAdd")]
    #[doc(alias = "Add")]
    #[doc(alias = "Post")]
    pub fn try_add(&self, item: T) -> Result<(), TryWriteError<T, E>> {
        self.writer.try_write(item)
    }

    /// Takes the next item, when there is one: [`Reader::read`].
    #[doc(alias = "TakeAsync")]
    #[doc(alias = "DequeueAsync")]
    #[doc(alias = "Take")]
    pub fn take(&self) -> Read<'_, T, E> {
        self.reader.read()
    }

    /// Takes the next item, if there is one: [`Reader::try_read`].
    ///
    /// # Errors
    ///
    /// [`TryReadError`].
    #[doc(alias = "TryTake")]
    pub fn try_take(&self) -> Result<T, TryReadError<E>> {
        self.reader.try_read()
    }

    /// Waits until something can be taken, or never can: [`Reader::wait_to_read`].
    #[doc(alias = "OutputAvailableAsync")]
    pub fn output_available(&self) -> WaitToRead<'_, T, E> {
        self.reader.wait_to_read()
    }

    /// The items as a stream: [`Reader::read_all`].
    #[doc(alias = "GetConsumingEnumerable")]
    pub fn take_all(&self) -> ReadAll<T, E> {
        self.reader.read_all()
    }

    /// Nothing more is added; what is there can still be taken.
    ///
    /// # Errors
    ///
    /// That was said before.
    #[doc(alias = "CompleteAdding")]
    pub fn complete_adding(&self) -> Result<(), AlreadyCompleted> {
        self.writer.complete()
    }

    /// Ends when nothing more is added and nothing is left: [`Reader::completion`].
    pub fn completion(&self) -> Task<(), E> {
        self.reader.completion()
    }

    /// How many items are there.
    #[must_use]
    #[doc(alias = "Count")]
    pub fn len(&self) -> usize {
        self.reader.len()
    }

    /// True if none is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reader.is_empty()
    }

    /// The half that writes.
    #[must_use]
    pub fn writer(&self) -> &Writer<T, E> {
        &self.writer
    }

    /// The half that reads.
    #[must_use]
    pub fn reader(&self) -> &Reader<T, E> {
        &self.reader
    }

    /// Both halves, as handles of their own.
    #[must_use]
    pub fn into_parts(self) -> (Writer<T, E>, Reader<T, E>) {
        (self.writer, self.reader)
    }
}

impl<T, E> From<(Writer<T, E>, Reader<T, E>)> for AsyncProducerConsumerCollection<T, E> {
    /// The two halves need not be of one channel: then what is added goes one way, and what is taken comes another.
    fn from((writer, reader): (Writer<T, E>, Reader<T, E>)) -> Self {
        Self { writer, reader }
    }
}

impl<T> Default for AsyncProducerConsumerCollection<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E> Clone for AsyncProducerConsumerCollection<T, E> {
    fn clone(&self) -> Self {
        Self { writer: self.writer.clone(), reader: self.reader.clone() }
    }
}

impl<T, E> fmt::Debug for AsyncProducerConsumerCollection<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AsyncProducerConsumerCollection");
        debug.field("len", &self.len()).field("is_closed", &self.writer.is_closed()).finish_non_exhaustive()
    }
}
