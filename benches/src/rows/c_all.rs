//! C1 and C1b: `when_all` over futures that are each pending once.
//!
//! The combinator's own waker is an `Arc` that counts its wakes, as an executor's is: three read-modify-writes a wake
//! (clone, count, drop) are the harness's own. A child keeps its waker in a plain cell.

use super::signal::{pending, ready};
use crate::meter::Meter;
use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

/// The executor's end of a waker.
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: a count that its own thread reads.
        self.0.fetch_add(1, Relaxed);
    }
}

/// Ready once the waker that it left in its place has been taken out.
pub(super) struct Once<'a> {
    place: &'a Cell<Option<Waker>>,
    left: bool,
}

impl Future for Once<'_> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if self.left {
            let Some(waker) = self.place.take() else { return Poll::Ready(1) };
            self.place.set(Some(waker));
        } else {
            self.left = true;
            self.place.set(Some(context.waker().clone()));
        }
        Poll::Pending
    }
}

/// What joins them.
pub(super) trait All {
    fn all<'a>(children: impl Iterator<Item = Once<'a>> + ExactSizeIterator) -> impl Future<Output = Vec<usize>>;
}

pub(super) struct Ours;

impl All for Ours {
    fn all<'a>(children: impl Iterator<Item = Once<'a>> + ExactSizeIterator) -> impl Future<Output = Vec<usize>> {
        taskcell::when_all(children)
    }
}

pub(super) struct JoinAll;

impl All for JoinAll {
    fn all<'a>(children: impl Iterator<Item = Once<'a>> + ExactSizeIterator) -> impl Future<Output = Vec<usize>> {
        futures::future::join_all(children)
    }
}

pub(super) struct Buffered;

impl All for Buffered {
    fn all<'a>(children: impl Iterator<Item = Once<'a>> + ExactSizeIterator) -> impl Future<Output = Vec<usize>> {
        futures_buffered::join_all(children)
    }
}

/// `n` children in all, `WIDTH` at a time. `BATCH`: all are woken before the next poll.
pub(super) fn c1<A: All, const WIDTH: usize, const BATCH: bool>(meter: &mut Meter, n: usize) {
    let places: Vec<Cell<Option<Waker>>> = (0..WIDTH).map(|_| Cell::new(None)).collect();
    let waker = Waker::from(Arc::new(Count(AtomicUsize::new(0))));
    let mut context = Context::from_waker(&waker);
    let rounds = n / WIDTH;
    meter.start();
    for _ in 0..rounds {
        let mut all = pin!(A::all(places.iter().map(|place| Once { place, left: false })));
        pending(all.as_mut(), &mut context);
        let (last, others) = places.split_last().expect("a width above zero");
        for place in others {
            wake(place);
            if !BATCH {
                pending(all.as_mut(), &mut context);
            }
        }
        wake(last);
        drop(black_box(ready(all.as_mut(), &mut context)));
    }
    meter.stop(rounds * WIDTH);
    meter.rounds(rounds);
}

fn wake(place: &Cell<Option<Waker>>) {
    if let Some(waker) = place.take() {
        waker.wake();
    }
}
