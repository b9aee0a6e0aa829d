//! A reader: a place to wait in, and the items as a stream.

use super::waiting::Waiting;
use super::{StaticChannel, StaticRead, StaticWaitToRead};
use crate::raw::fault::Then;
use crate::raw::places::Seat;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::Stream;

/// Reads from a [`StaticChannel`], and has one of its places to wait in as long as it lives; given by
/// [`StaticChannel::reader`].
///
/// It is a `Stream` of the items, too, which ends when the channel is completed and nothing is left. Dropping it completes
/// nothing: the channel is a `static`'s, and another reader may come.
#[doc(alias = "ChannelReader")]
#[doc(alias = "Receiver")]
#[must_use = "dropping it gives the place back"]
pub struct StaticReader<'a, T, const N: usize, const W: usize> {
    channel: &'a StaticChannel<T, N, W>,
    seat: Seat<'a, W>,
}

impl<'a, T, const N: usize, const W: usize> StaticReader<'a, T, N, W> {
    pub(super) fn new(channel: &'a StaticChannel<T, N, W>, seat: Seat<'a, W>) -> Self {
        Self { channel, seat }
    }

    /// The channel, to read at once: `reader.channel().try_read()`.
    #[must_use]
    pub fn channel(&self) -> &'a StaticChannel<T, N, W> {
        self.channel
    }

    /// Reads the next item, waiting for one.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes nothing with it: an item leaves the channel in the poll that is ready with it. So
    /// `until_cancelled(reader.read(), &STOP.token())`, or one branch of a choice, loses nothing.
    ///
    /// # Panics
    ///
    /// If polled after it was ready. With what the waker's own `clone` and `drop` panic with; a panic of others' wakers, or
    /// any that would cost an item, goes to the [fault hook](crate::fault). Without std it goes on, and the item is dropped.
    ///
    /// # Errors
    ///
    /// [`Closed`](super::Closed): the channel is completed, and nothing is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::StaticChannel;
    ///
    /// static KEYS: StaticChannel<u8, 4, 1> = StaticChannel::new();
    ///
    /// let mut reader = KEYS.reader().unwrap();
    /// KEYS.try_write(27).unwrap();
    /// # smol::block_on(async {
    /// assert_eq!(reader.read().await, Ok(27));
    /// # });
    /// ```
    #[doc(alias = "ReadAsync")]
    #[doc(alias = "recv")]
    pub fn read(&mut self) -> StaticRead<'_, T, N, W> {
        StaticRead { waiting: Waiting::new(self.channel, self.seat.lend()) }
    }

    /// Waits until something can be read: true; or until nothing ever can: false.
    ///
    /// Another may be faster than who was told.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::StaticChannel;
    ///
    /// static KEYS: StaticChannel<u8, 4, 1> = StaticChannel::new();
    ///
    /// let mut reader = KEYS.reader().unwrap();
    /// KEYS.try_write(27).unwrap();
    /// KEYS.try_complete();
    /// # smol::block_on(async {
    /// let mut keys = Vec::new();
    /// while reader.wait_to_read().await {
    ///     keys.extend(reader.channel().try_read()); // all that are there, at once
    /// }
    /// assert_eq!(keys, [27]);
    /// # });
    /// ```
    #[doc(alias = "WaitToReadAsync")]
    pub fn wait_to_read(&mut self) -> StaticWaitToRead<'_, T, N, W> {
        StaticWaitToRead { waiting: Waiting::new(self.channel, self.seat.lend()) }
    }
}

impl<T, const N: usize, const W: usize> Stream for StaticReader<'_, T, N, W> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let channel = self.channel;
        channel.poll(&mut self.seat.lend(), cx, Then::Report, || channel.look_for_item())
    }
}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticReader<'_, T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("StaticReader", f)
    }
}
