//! From channels to streams, and back.

use core::error::Error;
use core::fmt;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use futures_core::Stream;

use crate::adapt::yield_now;
use crate::channel::{ReadAll, Reader, Writer};
use crate::spawn::Spawner;
use crate::task::Task;

/// After so many items in a row other tasks have their turn.
const IN_A_ROW: u32 = 128;

/// Gives what is read from a channel: [`Reader::read_all`] as a function.
///
/// # Examples
///
/// ```
/// use futures_util::TryStreamExt;
/// use taskcell::channel::bounded;
/// use taskcell::stream::from_channel;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let (writer, reader) = bounded(2);
/// writer.write(1).await.unwrap();
/// writer.write(2).await.unwrap();
/// drop(writer);
/// assert_eq!(from_channel(reader).try_collect::<Vec<_>>().await.unwrap(), [1, 2]);
/// # })
/// ```
#[doc(alias = "ReadAllAsync")]
pub fn from_channel<T, E>(reader: Reader<T, E>) -> ReadAll<T, E> {
    reader.read_all()
}

/// Drives a stream into a channel, and completes the channel at its end.
///
/// The future asks for an item when the one before was written: the channel's capacity is how far the stream runs ahead of
/// the readers. At the stream's end the stream is dropped and the channel is completed, also if it has other writers; to
/// join several streams in one channel, write their items yourself and let the last writer go. If the last reader goes the
/// future ends, also while the stream is pending; the stream is dropped. The same if somebody else completes the channel,
/// once it is drained; before that with the stream's next item, which comes back.
///
/// For a stream that may fail there is [`try_into_channel`]; [`into_channel_spawned`] runs it on an executor.
///
/// The channel's completion is one allocation; an item costs what a write does. After 128 items in a row others have their
/// turn.
///
/// # Cancel safety
///
/// Dropping the future drops the stream, the writer, and with it the item that was not written yet. Unless there are other
/// writers the channel is then completed as if the stream had ended; complete it with an error by another writer before, if
/// readers are to know.
///
/// # Errors
///
/// [`IntoChannelError::Closed`], with the item that was not written, if there is one.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, future::join, stream};
/// use taskcell::channel::bounded;
/// use taskcell::stream::{from_channel, into_channel};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let (writer, reader) = bounded::<u32>(8);
/// let sum = from_channel(reader).fold(0, async |sum, item| sum + item.unwrap());
/// let (driven, sum) = join(into_channel(stream::iter(1..=100), writer), sum).await;
/// assert!(driven.is_ok());
/// assert_eq!(sum, 5050);
/// # })
/// ```
#[doc(alias = "ToChannel")]
#[doc(alias = "pipe")]
pub fn into_channel<S: Stream, E: 'static>(
    stream: S,
    writer: Writer<S::Item, E>,
) -> impl Future<Output = Result<(), IntoChannelError<S::Item, E>>> {
    drive(stream, writer, Ok)
}

/// Drives a stream of results into a channel, and completes the channel at its end or with its error.
///
/// As [`into_channel`]; the first error is not written, but ends the stream and is what the channel is completed with.
///
/// # Cancel safety
///
/// As [`into_channel`].
///
/// # Errors
///
/// [`IntoChannelError::Closed`], with the item that was not written, if there is one; and [`IntoChannelError::Failed`], if
/// the stream failed when the channel was completed already.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::channel::{ReadError, bounded};
/// use taskcell::stream::{from_channel, try_into_channel};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let (writer, reader) = bounded::<u32>(8);
/// try_into_channel(stream::iter([Ok(1), Err("the disk is full")]), writer).await.unwrap();
/// let mut all = from_channel(reader);
/// assert_eq!(all.next().await.unwrap().unwrap(), 1);
/// let Err(ReadError::Faulted(error)) = all.next().await.unwrap() else { panic!() };
/// assert_eq!(error.to_string(), "the disk is full");
/// # })
/// ```
pub fn try_into_channel<T, X, S, E>(
    stream: S,
    writer: Writer<T, E>,
) -> impl Future<Output = Result<(), IntoChannelError<T, E>>>
where
    S: Stream<Item = Result<T, X>>,
    E: From<X> + 'static,
{
    drive(stream, writer, |item: S::Item| item.map_err(E::from))
}

/// Runs [`into_channel`] on an executor: the stream goes on while its consumer does something else, as far as the channel
/// has room.
///
/// The task ends when the stream has, or when nobody reads any more: dropping the last reader ends the stream. To do the same
/// with a stream of results spawn [`try_into_channel`].
///
/// # Errors
///
/// The task's are those of [`into_channel`]; a panic of the stream is the task's, too, and readers see an end.
///
/// # Examples
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::BoxFuture;
/// use taskcell::channel::bounded;
/// use taskcell::stream::{create, from_channel, into_channel_spawned};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let squares = create(|yielder, _| async move {
///     for n in 1..=3 {
///         yielder.yield_item(n * n).await;
///     }
/// });
/// let (writer, reader) = bounded::<u32>(2);
/// let driven = into_channel_spawned(&smol, squares, writer);
/// assert_eq!(from_channel(reader).map(Result::unwrap).collect::<Vec<_>>().await, [1, 4, 9]);
/// assert!(driven.await.is_ok());
/// # })
/// ```
pub fn into_channel_spawned<P, S, E>(
    spawner: &P,
    stream: S,
    writer: Writer<S::Item, E>,
) -> Task<(), IntoChannelError<S::Item, E>>
where
    P: Spawner + ?Sized,
    S: Stream<Item: Send + Sync + 'static> + Send + 'static,
    E: Send + Sync + 'static,
{
    Task::run(spawner, into_channel(stream, writer))
}

async fn drive<S: Stream, T, E: 'static>(
    stream: S,
    writer: Writer<T, E>,
    split: impl Fn(S::Item) -> Result<T, E>,
) -> Result<(), IntoChannelError<T, E>> {
    let closed = || IntoChannelError::Closed(None);
    let completion = writer.completion();
    let mut completed = pin!((&completion).into_future());
    // Dropped before the channel is completed.
    let mut stream = pin!(Some(stream));
    if writer.is_closed() {
        return Err(closed());
    }
    let mut in_a_row = 0;
    let error = loop {
        let next = poll_fn(|cx| match stream.as_mut().as_pin_mut().map(|stream| stream.poll_next(cx)) {
            Some(Poll::Ready(next)) => Poll::Ready(Ok(next)),
            _ => completed.as_mut().poll(cx).map(|_| Err(closed())),
        });
        let Some(item) = next.await?.map(&split) else { break None };
        match item {
            Ok(item) => {
                if let Err(error) = writer.write(item).await {
                    return Err(IntoChannelError::Closed(Some(error.into_inner())));
                }
            }
            Err(error) => break Some(error),
        }
        in_a_row += 1;
        if in_a_row == IN_A_ROW {
            in_a_row = 0;
            yield_now().await;
        }
    };
    stream.set(None);
    match error {
        Some(error) => writer.try_complete_with(error).map_err(IntoChannelError::Failed),
        None => {
            writer.try_complete();
            Ok(())
        }
    }
}

/// Why a stream was not driven into a channel to its end.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::channel::bounded;
/// use taskcell::stream::{IntoChannelError, into_channel};
///
/// let (writer, reader) = bounded::<u32>(8);
/// drop(reader); // nobody reads
/// # smol::block_on(async {
/// let error: IntoChannelError<u32, _> = into_channel(stream::iter(1..), writer).await.unwrap_err();
/// assert!(error.is_closed());
/// println!("{error}");
/// assert!(error.into_inner().is_none_or(|item| item == 1)); // what was not written
/// # });
/// ```
#[non_exhaustive]
pub enum IntoChannelError<T, E> {
    /// The channel was completed before the stream's end, or nobody reads from it; and the item that was not written, if
    /// there is one.
    Closed(Option<T>),
    /// The stream failed, and the channel, completed already, did not take its error.
    Failed(E),
}

impl<T, E> IntoChannelError<T, E> {
    /// The item that was not written.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        match self {
            Self::Closed(item) => item,
            Self::Failed(_) => None,
        }
    }

    /// Whether the channel was completed before the stream's end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T, E: fmt::Display> fmt::Display for IntoChannelError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("the channel was closed before the stream's end"),
            Self::Failed(error) => write!(f, "the stream failed when the channel was closed: {error}"),
        }
    }
}

impl<T, E: fmt::Debug> fmt::Debug for IntoChannelError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(item) => f.debug_struct("Closed").field("has_item", &item.is_some()).finish_non_exhaustive(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}

impl<T, E: fmt::Debug + fmt::Display> Error for IntoChannelError<T, E> {}
