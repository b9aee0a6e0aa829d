//! The future of a read.

use super::waiting::Waiting;
use super::{Closed, StaticChannel};
use crate::raw::fault::Then;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The future of [`StaticReader::read`](super::StaticReader::read).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct StaticRead<'a, T, const N: usize, const W: usize> {
    pub(super) waiting: Waiting<'a, T, N, W>,
}

impl<T, const N: usize, const W: usize> Future for StaticRead<'_, T, N, W> {
    type Output = Result<T, Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let read = self.waiting.poll(cx, Then::Report, StaticChannel::look_for_item);
        read.map(|item| item.ok_or(Closed))
    }
}

impl<T, const N: usize, const W: usize> FusedFuture for StaticRead<'_, T, N, W> {
    fn is_terminated(&self) -> bool {
        self.waiting.is_done()
    }
}

impl<T, const N: usize, const W: usize> fmt::Debug for StaticRead<'_, T, N, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticRead").field("is_done", &self.waiting.is_done()).finish_non_exhaustive()
    }
}
