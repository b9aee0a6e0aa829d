//! A future and then its output, in one place.

use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

#[pin_project(project = At, project_replace = Was)]
pub(super) enum Child<F: Future> {
    Pending(#[pin] F),
    Ready(F::Output),
    Taken,
}

impl<F: Future> Child<F> {
    /// Polls it unless it has ended; answers whether it has.
    #[inline]
    pub(super) fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let At::Pending(future) = self.as_mut().project() else { return true };
        let Poll::Ready(output) = future.poll(cx) else { return false };
        self.project_replace(Self::Ready(output));
        true
    }

    /// The output of one that has ended, once.
    #[inline]
    pub(super) fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project_replace(Self::Taken) {
            Was::Ready(output) => output,
            _ => unreachable!("all have ended"),
        }
    }
}

/// Panics if an earlier poll panicked or was the last one.
#[derive(Default)]
pub(super) struct Once {
    over: bool,
}

impl Once {
    /// Calls `poll`, unless an earlier call panicked or was ready.
    #[inline]
    pub(super) fn poll<T>(&mut self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        assert!(!self.over, "polled after it was ready, or after a child panicked");
        self.over = true;
        let polled = poll();
        self.over = polled.is_ready();
        polled
    }
}
