//! The attempts that run.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::attempt::{Ended, Running};
use crate::time::Timestamp;

/// The attempts that run. Dropping it drops them, without a word.
pub(super) struct Set<F>(FuturesUnordered<Running<F>>);

impl<F> Set<F> {
    pub(super) fn new() -> Self {
        Self(FuturesUnordered::new())
    }

    /// How many run.
    pub(super) fn live(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, attempt: Running<F>) {
        self.0.push(attempt);
    }

    /// Cancels each of them, past a callback that panics too.
    pub(super) fn cancel(&self) {
        let mut rest = CancelRest(Pin::new(&self.0).iter_pin_ref());
        for attempt in rest.0.by_ref() {
            attempt.source.cancel();
        }
    }

    /// When the one with the lowest number was started.
    pub(super) fn oldest(&self) -> Option<(u32, Timestamp)> {
        Pin::new(&self.0).iter_pin_ref().map(|attempt| (attempt.number, attempt.started)).min()
    }
}

impl<F: Future> Set<F> {
    /// Polls those that were woken until one has ended. If none has, the next one that is woken wakes the caller.
    pub(super) fn poll_any(&mut self, cx: &mut Context<'_>) -> Option<Ended<F::Output>> {
        match self.0.poll_next_unpin(cx) {
            Poll::Ready(ended) => ended,
            Poll::Pending => None,
        }
    }
}

/// Cancels what an iterator still has, should a panic end the loop over it.
struct CancelRest<'a, F: 'a, I: Iterator<Item = Pin<&'a Running<F>>>>(I);

impl<'a, F: 'a, I: Iterator<Item = Pin<&'a Running<F>>>> Drop for CancelRest<'a, F, I> {
    fn drop(&mut self) {
        for attempt in &mut self.0 {
            attempt.source.cancel();
        }
    }
}
