//! What code over tokio-util's token may count on: one text, over `super::tokio_util`, whichever that is.
//!
//! - `tokens`: handles: clones, equality, what is printed
//! - `traits`: what is `Send`, `Sync`, `Unpin`, unwind-safe: a table that the compiler checks
//! - `waits`: futures that wait, and their wakers
//! - `trees`: children, and who is cancelled with whom
//! - `guards`: cancelling on drop
//! - `runs`: futures beside tokens: who goes first, who is dropped when
//! - `reentrant`: wakers that use the tokens that wake them
//! - `plans`: random trees against a model
//! - `threads`: the same objects on several threads
//! - `upstream`: the scenarios of tokio-util's own tests
mod guards;
mod plans;
mod reentrant;
mod runs;
mod threads;
mod tokens;
mod traits;
mod trees;
mod upstream;
mod waits;

use super::tokio_util;
use crate::support::Counter;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// A future in a box, and who it wakes.
struct Waiting<F> {
    future: Pin<Box<F>>,
    waker: Arc<Counter>,
}

impl<F: Future> Waiting<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), waker: Counter::new() }
    }

    /// One that has been polled, and waits.
    #[track_caller]
    fn begun(future: F) -> Self {
        let mut waiting = Self::new(future);
        assert!(waiting.poll().is_pending(), "it does not wait");
        waiting
    }

    fn poll(&mut self) -> Poll<F::Output> {
        self.waker.poll(&mut self.future)
    }

    fn wakes(&self) -> usize {
        self.waker.wakes()
    }

    #[track_caller]
    fn output(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it waits"),
        }
    }
}
