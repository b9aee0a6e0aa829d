//! The attempts that run.

use core::task::{Context, Poll};

use super::attempt::{Ended, Running};
use crate::raw::children::Growing;
use crate::time::Timestamp;

/// The attempts that run. Dropping it drops them, without a word.
pub(super) struct Set<F>(Growing<Running<F>>);

impl<F> Set<F> {
    /// None, and no memory yet.
    pub(super) fn new() -> Self {
        Self(Growing::new())
    }

    pub(super) fn with_room(room: usize) -> Self {
        Self(Growing::with_room(room))
    }

    /// How many run.
    pub(super) fn live(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, attempt: Running<F>) {
        self.0.push(attempt);
    }

    /// Cancels each of them, past a callback that panics too. Nobody is woken for what they do about it until the next
    /// poll.
    pub(super) fn cancel(&mut self) {
        let cancels = Cancels(&mut self.0);
        cancels.0.take_wakers();
    }

    /// The number of the oldest of them, and when it was started.
    pub(super) fn oldest(&self) -> Option<(u32, Timestamp)> {
        self.0.futures().map(|attempt| (attempt.number, attempt.started)).min()
    }
}

impl<F: Future> Set<F> {
    /// Polls those that were woken until one has ended. If none has, the next one that is woken wakes the caller.
    pub(super) fn poll_any(&mut self, cx: &mut Context<'_>) -> Option<Ended<F::Output>> {
        match self.0.poll_next(cx.waker()) {
            Poll::Ready(ended) => ended.map(|(_, ended)| ended),
            Poll::Pending => None,
        }
    }
}

/// Cancels them when it is dropped: also if a waker's drop has panicked before.
struct Cancels<'a, F>(&'a mut Growing<Running<F>>);

impl<F> Drop for Cancels<'_, F> {
    fn drop(&mut self) {
        let mut rest = CancelRest(self.0.futures());
        for attempt in rest.0.by_ref() {
            attempt.source.cancel();
        }
    }
}

/// Cancels what an iterator still has, should a panic end the loop over it.
struct CancelRest<'a, F: 'a, I: Iterator<Item = &'a Running<F>>>(I);

impl<'a, F: 'a, I: Iterator<Item = &'a Running<F>>> Drop for CancelRest<'a, F, I> {
    fn drop(&mut self) {
        for attempt in &mut self.0 {
            attempt.source.cancel();
        }
    }
}
