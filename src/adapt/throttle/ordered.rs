//! `throttled_map(..).ordered()`: outputs in the order of their items.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::flight::{InFlight, Plain};
use super::queue::{Order, Queue};

/// The stream of [`ThrottledMap::ordered`](super::ThrottledMap::ordered).
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct ThrottledMapOrdered<S, F, Fut: Future> {
    #[pin]
    flight: InFlight<S, Plain<F>, Fut>,
    outputs: Queue<Fut::Output>,
}

impl<S, F, Fut: Future> ThrottledMapOrdered<S, F, Fut> {
    pub(super) fn new(flight: InFlight<S, Plain<F>, Fut>) -> Self {
        assert!(flight.is_new(), "`ordered` after the first poll");
        Self { flight, outputs: Queue::new(Order::OfInput) }
    }
}

impl<S, F, R, Fut> Stream for ThrottledMapOrdered<S, F, Fut>
where
    S: Stream,
    F: FnMut(S::Item) -> R,
    R: IntoFuture<IntoFuture = Fut, Output = Fut::Output>,
    Fut: Future,
{
    type Item = Fut::Output;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Fut::Output>> {
        let mut this = self.project();
        loop {
            if let Some((_, next)) = this.outputs.next() {
                return Poll::Ready(Some(next));
            }
            let places = this.flight.limit() - this.outputs.len();
            this.flight.as_mut().allow(places);
            match this.flight.as_mut().poll_next(cx) {
                Poll::Ready(Some((index, output))) => this.outputs.put(index, output),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.flight.hint(self.outputs.len())
    }
}

impl<S, F, R, Fut> FusedStream for ThrottledMapOrdered<S, F, Fut>
where
    S: Stream,
    F: FnMut(S::Item) -> R,
    R: IntoFuture<IntoFuture = Fut, Output = Fut::Output>,
    Fut: Future,
{
    fn is_terminated(&self) -> bool {
        self.flight.is_over() && self.outputs.len() == 0
    }
}

impl<S, F, Fut: Future> fmt::Debug for ThrottledMapOrdered<S, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThrottledMapOrdered").field("flight", &self.flight).field("ready", &self.outputs.len()).finish()
    }
}
