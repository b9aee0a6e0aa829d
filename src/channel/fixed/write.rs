//! The future of a write.

use super::{StaticChannel, StaticWriteError};
use crate::raw::fault::Then;
use crate::raw::places::Lent;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The future of [`StaticWriter::write`](super::StaticWriter::write).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct StaticWrite<'a, T, const N: usize, const W: usize> {
    channel: &'a StaticChannel<T, N, W>,
    place: Lent<'a, W>,
    /// None once it was ready.
    item: Option<T>,
}

// The item is moved, never pinned.
impl<T, const N: usize, const W: usize> Unpin for StaticWrite<'_, T, N, W> {}

impl<'a, T, const N: usize, const W: usize> StaticWrite<'a, T, N, W> {
    pub(super) fn new(channel: &'a StaticChannel<T, N, W>, place: Lent<'a, W>, item: T) -> Self {
        Self { channel, place, item: Some(item) }
    }

    /// Gives up; the item, if it was not written: it can be had from a write that a token has ended.
    #[must_use]
    pub fn into_inner(mut self) -> Option<T> {
        self.item.take()
    }
}

impl<T, const N: usize, const W: usize> Future for StaticWrite<'_, T, N, W> {
    type Output = Result<(), StaticWriteError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { channel, place, item } = &mut *self;
        assert!(item.is_some(), "polled after it was ready");
        let written = channel.poll(place, cx, Then::Resume, || channel.look_for_room(item));
        written.map(|()| item.take().map_or(Ok(()), |item| Err(StaticWriteError(item))))
    }
}

impl<T, const N: usize, const W: usize> FusedFuture for StaticWrite<'_, T, N, W> {
    fn is_terminated(&self) -> bool {
        self.item.is_none()
    }
}

impl<T, const N: usize, const W: usize> Drop for StaticWrite<'_, T, N, W> {
    fn drop(&mut self) {
        drop(self.place.stop());
    }
}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticWrite<'_, T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticWrite").field("is_done", &self.item.is_none()).finish_non_exhaustive()
    }
}
