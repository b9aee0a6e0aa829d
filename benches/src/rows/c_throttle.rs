//! C3: a throttled map, sixteen places, over futures that are ready and futures that yield once.
//!
//! A future that yields wakes itself; the consumer's waker does nothing, and is polled again at once.

use super::signal::context;
use crate::meter::Meter;
use futures::StreamExt;
use futures::stream::Stream;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

const LIMIT: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// What an item is mapped to.
pub(super) trait Body: Future<Output = usize> + Sized {
    fn body(n: usize) -> Self;
}

impl Body for Ready<usize> {
    #[inline(always)]
    fn body(n: usize) -> Self {
        ready(n)
    }
}

/// Pending once, and woken by then.
pub(super) struct YieldOnce(usize, bool);

impl Body for YieldOnce {
    #[inline(always)]
    fn body(n: usize) -> Self {
        Self(n, false)
    }
}

impl Future for YieldOnce {
    type Output = usize;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if self.1 {
            return Poll::Ready(self.0);
        }
        self.1 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What maps.
pub(super) trait Throttled {
    fn map<B: Body>(items: std::ops::Range<usize>) -> impl Stream<Item = usize>;
}

pub(super) struct Ours;

impl Throttled for Ours {
    fn map<B: Body>(items: std::ops::Range<usize>) -> impl Stream<Item = usize> {
        taskcell::throttled_map(items, LIMIT, B::body)
    }
}

/// futures-util.
pub(super) struct BufferUnordered;

impl Throttled for BufferUnordered {
    fn map<B: Body>(items: std::ops::Range<usize>) -> impl Stream<Item = usize> {
        futures::stream::iter(items).map(B::body).buffer_unordered(LIMIT.get())
    }
}

/// futures-buffered.
pub(super) struct BufferedUnordered;

impl Throttled for BufferedUnordered {
    fn map<B: Body>(items: std::ops::Range<usize>) -> impl Stream<Item = usize> {
        use futures_buffered::BufferedStreamExt;
        BufferedStreamExt::buffered_unordered(futures::stream::iter(items).map(B::body), LIMIT.get())
    }
}

/// An item. The stream itself is made and dropped in the count.
pub(super) fn c3<T: Throttled, B: Body>(meter: &mut Meter, n: usize) {
    let mut context = context();
    meter.start();
    let mut map = pin!(T::map::<B>(0..n));
    let mut seen = 0;
    loop {
        match map.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(item)) => {
                black_box(item);
                seen += 1;
            }
            Poll::Ready(None) => break,
            Poll::Pending => {}
        }
    }
    meter.stop(n);
    assert_eq!(seen, n);
}

/// futures-concurrency, whose map is driven to its end and gives no stream.
pub(super) fn c3_co<B: Body>(meter: &mut Meter, n: usize) {
    use futures_concurrency::concurrent_stream::{ConcurrentStream, IntoConcurrentStream};
    let mut context = context();
    let seen = std::cell::Cell::new(0);
    let take = async |item| {
        black_box(item);
        seen.set(seen.get() + 1);
    };
    meter.start();
    let items = (0..n).collect::<Vec<_>>().into_co_stream();
    let mut map = pin!(items.map(B::body).limit(Some(LIMIT)).for_each(take));
    while map.as_mut().poll(&mut context).is_pending() {}
    meter.stop(n);
    assert_eq!(seen.get(), n);
}
