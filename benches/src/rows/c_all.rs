//! C1 and C1b: `when_all` over futures that are each pending once.
//!
//! The combinator's own waker is an `Arc` that counts its wakes, as an executor's is: three read-modify-writes a wake
//! (clone, count, drop) are the harness's own. A child leaves its waker in a shared list.
//!
//! Ours is `when_all_settled`, which takes any output, as the peers do; `C1.1000/results` is `when_all`, over `Result`s.

use crate::meter::Meter;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

/// The executor's end of a waker.
pub(super) struct Count(AtomicUsize);

impl Count {
    /// A waker that counts.
    pub(super) fn waker() -> Waker {
        Waker::from(Arc::new(Self(AtomicUsize::new(0))))
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: a count that its own thread reads.
        self.0.fetch_add(1, Relaxed);
    }
}

/// Where a child leaves its waker; whoever wakes it says so here too.
#[derive(Default)]
pub(super) struct Place {
    woken: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Place {
    pub(super) fn wake(&self) {
        self.woken.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// As new.
    pub(super) fn reset(&self) {
        self.woken.set(false);
    }
}

/// Ready once it has been woken: pending once, unless that came before its first poll.
pub(super) struct Once<'a>(pub(super) &'a Place, pub(super) usize);

impl Future for Once<'_> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if self.0.woken.get() {
            return Poll::Ready(self.1);
        }
        *self.0.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

/// What joins them.
pub(super) trait All {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>>;
}

pub(super) struct Ours;

impl All for Ours {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>> {
        taskcell::when_all_settled(children)
    }
}

/// Over futures that may fail, and do not.
pub(super) struct Results;

struct Fine<'a>(Once<'a>);

impl Future for Fine<'_> {
    type Output = Result<usize, usize>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|index| if index == usize::MAX { Err(index) } else { Ok(index) })
    }
}

impl All for Results {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>> {
        let mut all = taskcell::when_all(children.map(Fine));
        std::future::poll_fn(move |context| Pin::new(&mut all).poll(context).map(Result::unwrap_or_default))
    }
}

pub(super) struct JoinAll;

impl All for JoinAll {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>> {
        futures::future::join_all(children)
    }
}

pub(super) struct Buffered;

impl All for Buffered {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>> {
        futures_buffered::join_all(children)
    }
}

pub(super) struct Concurrency;

impl All for Concurrency {
    fn all<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Future<Output = Vec<usize>> {
        futures_concurrency::future::Join::join(children.collect::<Vec<_>>())
    }
}

/// `n` children in all, `WIDTH` at a time. `BATCH`: all are woken before the second poll, otherwise there is a poll after
/// each. A combinator that yields before it has polled every child finds some woken before their first poll.
pub(super) fn c1<A: All, const WIDTH: usize, const BATCH: bool>(meter: &mut Meter, n: usize) {
    joined::<A>(meter, WIDTH, BATCH, n);
}

/// The same with so many children at a time.
#[inline(always)]
pub(super) fn joined<A: All>(meter: &mut Meter, width: usize, batch: bool, n: usize) {
    let places: Vec<Place> = (0..width).map(|_| Place::default()).collect();
    let waker = Count::waker();
    let mut context = Context::from_waker(&waker);
    let rounds = n / width;
    meter.start();
    for _ in 0..rounds {
        let mut all = pin!(A::all(places.iter().enumerate().map(|(index, place)| Once(place, index))));
        let mut poll = all.as_mut().poll(&mut context);
        for place in &places {
            place.wake();
            if !batch {
                poll = all.as_mut().poll(&mut context);
            }
        }
        while poll.is_pending() {
            poll = all.as_mut().poll(&mut context);
        }
        drop(black_box(poll));
        for place in &places {
            place.reset();
        }
    }
    meter.stop(rounds * width);
    meter.rounds(rounds);
}
