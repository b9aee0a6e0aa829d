//! A place in which one future waits until it is ready.

use super::StaticChannel;
use super::channel::Found;
use crate::raw::fault::Then;
use crate::raw::places::Lent;
use core::task::{Context, Poll};

/// What the futures have that hold nothing themselves.
pub(super) struct Waiting<'a, T, const N: usize, const W: usize> {
    channel: &'a StaticChannel<T, N, W>,
    /// None once it was ready.
    place: Option<Lent<'a, W>>,
}

impl<'a, T, const N: usize, const W: usize> Waiting<'a, T, N, W> {
    pub(super) fn new(channel: &'a StaticChannel<T, N, W>, place: Lent<'a, W>) -> Self {
        Self { channel, place: Some(place) }
    }

    pub(super) fn is_done(&self) -> bool {
        self.place.is_none()
    }

    /// Waits until a look at the channel gives something; then it is done.
    pub(super) fn poll<R>(
        &mut self,
        cx: &Context<'_>,
        then: Then,
        look: impl Fn(&StaticChannel<T, N, W>) -> Found<R>,
    ) -> Poll<R> {
        let channel = self.channel;
        let place = self.place.as_mut().expect("polled after it was ready");
        let looked = channel.poll(place, cx, then, || look(channel));
        if looked.is_ready() {
            self.place = None;
        }
        looked
    }
}

impl<T, const N: usize, const W: usize> Drop for Waiting<'_, T, N, W> {
    fn drop(&mut self) {
        drop(self.place.as_mut().and_then(Lent::stop));
    }
}
