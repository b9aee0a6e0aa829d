//! The channel itself, and what can be done with it at once.

use super::{StaticReader, StaticTryReadError, StaticTryWriteError, StaticWriter};
use crate::cancel::Full;
use crate::raw::fault::Then;
use crate::raw::places::{Lent, Places, Whom};
use crate::raw::ring::{Not, Ring};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::task::{Context, Poll};

/// What a look at the channel gave, and who has to be told of it.
pub(super) type Found<R> = Option<(R, Option<Whom>)>;

/// A channel with room for `N` items, and `W` places to wait in, 1 to 16 of them, without a heap.
///
/// It can be made in a `static`. There are no locks and no critical sections in it: everything that it and its handles and
/// futures offer may be called from an interrupt handler that preempted any of it, as long as the wakers that run there may.
/// Nobody ever waits for what a preempted context has yet to do.
///
/// Items are read in the order in which they were written. Any number of contexts may write and read at once with
/// [`try_write`](Self::try_write) and [`try_read`](Self::try_read); only who waits needs a place: a
/// [`reader`](Self::reader) or a [`writer`](Self::writer), that has it as long as it lives. Since the channel is nobody's,
/// it stays open when they go; [`try_complete`](Self::try_complete) closes it.
///
/// # What is promised
///
/// - Nothing is lost. An item leaves the channel only inside the call or poll that returns it, and a write that is not done
///   has its item. An item that races completion is either in the channel, and will be read, or given back.
/// - Who waits is told whenever it may have to look again: an item written wakes all readers that wait, an item read all
///   writers, completion everybody. To be told means to look again, so there is nothing to hand on: who was told, and goes,
///   takes nothing with it. The faster of two gets the item; the other waits on. `W` is meant to be small.
/// - No waker, and no item's drop, is run while anything is half done: wakers may use the channel in any way, and an executor
///   may poll inside of `wake`.
/// - An item is moved in and out in place. A context that is preempted in the middle of that keeps the others from what
///   follows in line: they see the channel empty, or full, from there on; when it goes on, it wakes those who wait.
///
/// A write or read for which nobody waits takes two read-modify-writes. Places cost three words each.
/// In a `static`, all of it is zero at first, so that the image has none of it (without debug assertions).
///
/// # Examples
///
/// An interrupt handler that hands samples to a task, and counts those for which there was no room:
///
/// ```
/// use core::sync::atomic::{AtomicU32, Ordering};
/// use taskcell::{Full, StaticChannel};
///
/// static SAMPLES: StaticChannel<u16, 8, 2> = StaticChannel::new();
/// static MISSED: AtomicU32 = AtomicU32::new(0);
///
/// // The interrupt handler. `lost` is the sample again.
/// fn on_sample(sample: u16) {
///     if let Err(lost) = SAMPLES.try_write(sample) {
///         assert!(lost.is_full());
///         MISSED.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// async fn sum() -> Result<u32, Full> {
///     let mut reader = SAMPLES.reader()?; // the one thing that can fail: both places are taken
///     let mut sum = 0;
///     while let Ok(sample) = reader.read().await {
///         sum += u32::from(sample);
///     }
///     Ok(sum) // the channel was completed
/// }
///
/// for sample in 1..=10 {
///     on_sample(sample);
/// }
/// SAMPLES.try_complete();
/// # smol::block_on(async {
/// assert_eq!(sum().await, Ok(36));
/// # });
/// assert_eq!(MISSED.load(Ordering::Relaxed), 2);
/// ```
///
/// A reader that ends when it is told to, by a token that is cancelled in an interrupt handler, say. What is in the channel
/// stays there: nothing was taken by the read that was given up.
///
/// ```
/// use taskcell::{Full, StaticCancellationTokenSource, StaticChannel, until_cancelled};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
/// static KEYS: StaticChannel<u8, 4, 1> = StaticChannel::new();
///
/// async fn first() -> Result<Option<u8>, Full> {
///     let mut reader = KEYS.reader()?;
///     match until_cancelled(reader.read(), &STOP.token()).await {
///         Ok(key) => Ok(key.ok()),
///         Err(_read) => Ok(None), // cancelled
///     }
/// }
///
/// STOP.cancel();
/// KEYS.try_write(27).unwrap();
/// # smol::block_on(async {
/// assert_eq!(first().await, Ok(None));
/// # });
/// assert_eq!(KEYS.try_read(), Ok(27));
/// ```
///
/// A full channel whose writer waits, and how far it is:
///
/// ```
/// use taskcell::few::when_all;
/// use taskcell::{Full, StaticChannel};
///
/// static LINES: StaticChannel<&str, 1, 2> = StaticChannel::new();
///
/// async fn print() -> Result<(), Full> {
///     let (mut writer, mut reader) = (LINES.writer()?, LINES.reader()?);
///     writer.write("one").await.expect("it is open");
///     assert_eq!((LINES.len(), LINES.capacity(), LINES.is_empty()), (1, 1, false));
///     let (written, read) = when_all((writer.write("two"), reader.read())).await;
///     assert!(written.is_ok() && read == Ok("one"));
///     writer.channel().try_complete();
///     assert!(LINES.is_closed() && !LINES.is_completed()); // "two" is still there
///     assert_eq!(reader.read().await, Ok("two"));
///     assert!(LINES.is_completed());
///     Ok(())
/// }
/// # smol::block_on(print()).unwrap();
/// ```
#[doc(alias = "BoundedChannel")]
#[doc(alias = "CreateBounded")]
#[doc(alias = "mpmc")]
#[doc(alias = "queue")]
pub struct StaticChannel<T, const N: usize, const W: usize> {
    ring: Ring<T, N>,
    places: Places<W>,
}

impl<T, const N: usize, const W: usize> StaticChannel<T, N, W> {
    /// An empty channel. Without room for an item, and without a place or with more than 16, it does not compile.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self { ring: Ring::new(), places: Places::new() }
    }

    /// An empty channel.
    #[cfg(loom)]
    #[must_use]
    pub fn new() -> Self {
        Self { ring: Ring::new(), places: Places::new() }
    }

    /// Writes an item if there is room, and wakes the readers that wait. Lock-free, O(1) and O(W) wakes.
    ///
    /// # Errors
    ///
    /// The item: the channel is full, or completed.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker, after all have been woken: the item is written. Without std the others are woken
    /// while it unwinds.
    #[doc(alias = "TryWrite")]
    #[doc(alias = "try_send")]
    #[inline]
    pub fn try_write(&self, item: T) -> Result<(), StaticTryWriteError<T>> {
        match self.ring.push(item) {
            Ok(()) => {
                self.places.tell(Whom::Readers, [None, None], Then::Resume);
                Ok(())
            }
            Err((item, Not::Now)) => Err(StaticTryWriteError::Full(item)),
            Err((item, Not::Ever)) => Err(StaticTryWriteError::Closed(item)),
        }
    }

    /// Reads the next item, if there is one, and wakes the writers that wait. Lock-free, O(1) and O(W) wakes.
    ///
    /// A panic of a waker must not cost the item: it goes to the [fault hook](crate::fault). Without std it goes on
    /// unwinding, and the item is dropped.
    ///
    /// # Errors
    ///
    /// The channel is empty, for now or, since it is completed, for ever.
    #[doc(alias = "TryRead")]
    #[doc(alias = "try_recv")]
    #[inline]
    pub fn try_read(&self) -> Result<T, StaticTryReadError> {
        match self.ring.pop() {
            Ok(item) => {
                self.places.tell(Whom::Writers, [None, None], Then::Report);
                Ok(item)
            }
            Err(Not::Now) => Err(StaticTryReadError::Empty),
            Err(Not::Ever) => Err(StaticTryReadError::Closed),
        }
    }

    /// A reader, with a place to wait in.
    ///
    /// # Errors
    ///
    /// [`Full`] if all places are taken. Nobody is ever evicted.
    pub fn reader(&self) -> Result<StaticReader<'_, T, N, W>, Full> {
        self.places.claim(Whom::Readers).map(|seat| StaticReader::new(self, seat)).ok_or(Full)
    }

    /// A writer, with a place to wait in.
    ///
    /// # Errors
    ///
    /// [`Full`] if all places are taken. Nobody is ever evicted.
    pub fn writer(&self) -> Result<StaticWriter<'_, T, N, W>, Full> {
        self.places.claim(Whom::Writers).map(|seat| StaticWriter::new(self, seat)).ok_or(Full)
    }

    /// Completes the channel, for ever: nothing more is written, and readers come to the end when they have read what is in
    /// it. Wakes everybody. True for the call that did it.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker, after all have been woken. Without std the others are woken while it unwinds.
    #[doc(alias = "TryComplete")]
    #[doc(alias = "close")]
    pub fn try_complete(&self) -> bool {
        let is_first = self.ring.close();
        if is_first {
            self.places.tell(Whom::Everyone, [None, None], Then::Resume);
        }
        is_first
    }

    /// True if nothing more can be written: the channel is completed. Items may be left. One load.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.ring.is_closed()
    }

    /// True if the channel is completed, and nothing is left.
    #[must_use]
    #[doc(alias = "IsCompleted")]
    pub fn is_completed(&self) -> bool {
        self.ring.item() == Err(Not::Ever)
    }

    /// How many items are buffered at the moment. For diagnostics: one that is just being written counts.
    #[must_use]
    #[doc(alias = "Count")]
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// True if nothing is buffered at the moment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items have room: `N`.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Reads: the item, or that there never will be one.
    pub(super) fn look_for_item(&self) -> Found<Option<T>> {
        match self.ring.pop() {
            Ok(item) => Some((Some(item), Some(Whom::Writers))),
            Err(Not::Now) => None,
            Err(Not::Ever) => Some((None, None)),
        }
    }

    /// Writes what `item` holds; leaves it there if the channel is completed, or full.
    pub(super) fn look_for_room(&self, item: &mut Option<T>) -> Found<()> {
        match self.ring.push(item.take()?) {
            Ok(()) => Some(((), Some(Whom::Readers))),
            Err((back, why)) => {
                *item = Some(back);
                (why == Not::Ever).then_some(((), None))
            }
        }
    }

    /// True if there is an item, false if there never will be one.
    pub(super) fn look_whether_to_read(&self) -> Found<bool> {
        found(self.ring.item())
    }

    /// True if there is room, false if there never will be any.
    pub(super) fn look_whether_to_write(&self) -> Found<bool> {
        found(self.ring.room())
    }

    /// Waits in this place until a look gives something, then tells who is concerned. Their panics come after that:
    /// `then` says what becomes of them.
    pub(super) fn poll<R>(
        &self,
        place: &mut Lent<'_, W>,
        cx: &Context<'_>,
        then: Then,
        look: impl FnMut() -> Found<R>,
    ) -> Poll<R> {
        match place.poll(cx.waker(), look) {
            (Some((result, Some(whom))), spent) => {
                self.places.tell(whom, spent, then);
                Poll::Ready(result)
            }
            (Some((result, None)), _) => Poll::Ready(result),
            (None, _) => Poll::Pending,
        }
    }

    pub(super) fn describe(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct(name);
        debug.field("len", &self.len()).field("capacity", &N).field("is_closed", &self.is_closed());
        debug.finish_non_exhaustive()
    }
}

fn found(look: Result<usize, Not>) -> Found<bool> {
    match look {
        Ok(_) => Some((true, None)),
        Err(Not::Now) => None,
        Err(Not::Ever) => Some((false, None)),
    }
}

impl<T, const N: usize, const W: usize> Default for StaticChannel<T, N, W> {
    fn default() -> Self {
        Self::new()
    }
}

// A channel is as good after a panic as before.
impl<T, const N: usize, const W: usize> UnwindSafe for StaticChannel<T, N, W> {}
impl<T, const N: usize, const W: usize> RefUnwindSafe for StaticChannel<T, N, W> {}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticChannel<T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("StaticChannel", f)
    }
}
