//! The future of a read.

use super::{Closed, StaticChannel};
use crate::raw::fault::Then;
use crate::raw::places::Lent;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The future of [`StaticReader::read`](super::StaticReader::read).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct StaticRead<'a, T, const N: usize, const W: usize> {
    channel: &'a StaticChannel<T, N, W>,
    /// None once it was ready.
    place: Option<Lent<'a, W>>,
}

impl<'a, T, const N: usize, const W: usize> StaticRead<'a, T, N, W> {
    pub(super) fn new(channel: &'a StaticChannel<T, N, W>, place: Lent<'a, W>) -> Self {
        Self { channel, place: Some(place) }
    }
}

impl<T, const N: usize, const W: usize> Future for StaticRead<'_, T, N, W> {
    type Output = Result<T, Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let channel = self.channel;
        let place = self.place.as_mut().expect("polled after it was ready");
        let read = channel.poll(place, cx, Then::Report, || channel.look_for_item());
        if read.is_ready() {
            self.place = None;
        }
        read.map(|item| item.ok_or(Closed))
    }
}

impl<T, const N: usize, const W: usize> FusedFuture for StaticRead<'_, T, N, W> {
    fn is_terminated(&self) -> bool {
        self.place.is_none()
    }
}

impl<T, const N: usize, const W: usize> Drop for StaticRead<'_, T, N, W> {
    fn drop(&mut self) {
        drop(self.place.as_mut().and_then(Lent::stop));
    }
}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticRead<'_, T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticRead").field("is_done", &self.place.is_none()).finish_non_exhaustive()
    }
}
