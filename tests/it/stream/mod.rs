//! Asynchronous streams.
//!
//! - `generator`: items, order, laziness, the end
//! - `yielders`: yielders that are shared, carried elsewhere, used too late
//! - `close`: the end by the consumer, awaited
//! - `cancellation`: tokens of generators, and `with_cancellation` of any stream
//! - `paged`: pages
//! - `channels`: from channels to streams, and back
//! - `blocking`: iterators that block
//! - `ops_items`, `ops_reductions`, `ops_time`, `ops_retry`, `ops_random`: operators; `script`: what they are tried on
//! - `linq_table`: where all operators are
//! - `hostile`: wakers, drops and panics in the wrong place

mod blocking;
mod cancellation;
mod channels;
mod close;
mod generator;
mod hostile;
mod linq_table;
mod ops_items;
mod ops_random;
mod ops_reductions;
mod ops_retry;
mod ops_time;
mod paged;
mod script;
mod yielders;

use crate::support::Counter;
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A stream that is polled by hand.
pub(crate) struct ByHand<S> {
    pub(crate) stream: Pin<Box<S>>,
    pub(crate) counter: Arc<Counter>,
}

impl<S: Stream> ByHand<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream: Box::pin(stream), counter: Counter::new() }
    }
    /// Polls it once.
    pub(crate) fn poll(&mut self) -> Poll<Option<S::Item>> {
        let waker = self.counter.waker();
        self.stream.as_mut().poll_next(&mut Context::from_waker(&waker))
    }
    /// The item that is there.
    #[track_caller]
    pub(crate) fn item(&mut self) -> S::Item {
        match self.poll() {
            Poll::Ready(Some(item)) => item,
            Poll::Ready(None) => panic!("the stream has ended"),
            Poll::Pending => panic!("the stream is pending"),
        }
    }
    #[track_caller]
    pub(crate) fn is_over(&mut self) {
        assert!(matches!(self.poll(), Poll::Ready(None)));
        assert!(matches!(self.poll(), Poll::Ready(None)), "it is fused");
    }
}
