//! A writer: a place to wait in.

use super::waiting::Waiting;
use super::{StaticChannel, StaticWaitToWrite, StaticWrite};
use crate::raw::places::Seat;
use core::fmt;

/// Writes to a [`StaticChannel`], and has one of its places to wait in as long as it lives; given by
/// [`StaticChannel::writer`].
///
/// Dropping it completes nothing: the channel is a `static`'s, and another writer may come. Who never waits needs none, but
/// [`try_write`](StaticChannel::try_write).
#[doc(alias = "ChannelWriter")]
#[doc(alias = "Sender")]
#[must_use = "dropping it gives the place back"]
pub struct StaticWriter<'a, T, const N: usize, const W: usize> {
    channel: &'a StaticChannel<T, N, W>,
    seat: Seat<'a, W>,
}

impl<'a, T, const N: usize, const W: usize> StaticWriter<'a, T, N, W> {
    pub(super) fn new(channel: &'a StaticChannel<T, N, W>, seat: Seat<'a, W>) -> Self {
        Self { channel, seat }
    }

    /// The channel, to write at once, or to complete it: `writer.channel().try_complete()`.
    #[must_use]
    pub fn channel(&self) -> &'a StaticChannel<T, N, W> {
        self.channel
    }

    /// Writes an item, waiting for room. Writers that wait are not in line: whoever is faster when there is room has it.
    ///
    /// # Cancel safety
    ///
    /// The item is in the channel, or here: dropping a write that is not done drops its item;
    /// [`into_inner`](StaticWrite::into_inner) gives it back.
    ///
    /// # Panics
    ///
    /// If polled after it was ready. With the first panic of a waker, after all have been woken: if it is a reader's, the
    /// item is written.
    ///
    /// # Errors
    ///
    /// The item: the channel is completed.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, StaticChannel, until_cancelled};
    ///
    /// static KEYS: StaticChannel<u8, 1, 1> = StaticChannel::new();
    ///
    /// let mut writer = KEYS.writer().unwrap();
    /// # smol::block_on(async {
    /// writer.write(1).await.unwrap();
    /// // No room; a token ends the wait, and the item comes back.
    /// let given_up = until_cancelled(writer.write(2), &CancellationToken::new(true)).await.unwrap_err();
    /// assert_eq!(given_up.into_inner().into_inner(), Some(2));
    /// # });
    /// ```
    #[doc(alias = "WriteAsync")]
    #[doc(alias = "send")]
    pub fn write(&mut self, item: T) -> StaticWrite<'_, T, N, W> {
        StaticWrite::new(self.channel, self.seat.lend(), item)
    }

    /// Waits until something can be written: true; or until nothing ever can, since the channel is completed: false.
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
    /// static KEYS: StaticChannel<u8, 1, 1> = StaticChannel::new();
    ///
    /// let mut writer = KEYS.writer().unwrap();
    /// # smol::block_on(async {
    /// assert!(writer.wait_to_write().await);
    /// writer.channel().try_complete();
    /// assert!(!writer.wait_to_write().await); // nothing ever can
    /// # });
    /// ```
    #[doc(alias = "WaitToWriteAsync")]
    pub fn wait_to_write(&mut self) -> StaticWaitToWrite<'_, T, N, W> {
        StaticWaitToWrite { waiting: Waiting::new(self.channel, self.seat.lend()) }
    }
}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticWriter<'_, T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("StaticWriter", f)
    }
}
