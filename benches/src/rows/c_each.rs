//! C2: the outputs of futures that are each pending once, as they come.
//!
//! Children and waker are those of C1.

use super::c_all::{Count, Once, Place};
use crate::meter::Meter;
use futures::Stream;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll};

/// What gives them.
pub(super) trait Each {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized>;
}

pub(super) struct Ours;

impl Each for Ours {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized> {
        taskcell::when_each(children)
    }
}

/// futures-util.
pub(super) struct Unordered;

impl Each for Unordered {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized> {
        children.collect::<futures::stream::FuturesUnordered<_>>()
    }
}

pub(super) struct UnorderedBuffered;

impl Each for UnorderedBuffered {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized> {
        children.collect::<futures_buffered::FuturesUnordered<_>>()
    }
}

pub(super) struct Group;

impl Each for Group {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized> {
        children.collect::<futures_concurrency::future::FutureGroup<_>>()
    }
}

/// `select_all` over those that are left, again and again.
pub(super) struct SelectLoop;

impl Each for SelectLoop {
    fn each<'a>(children: impl ExactSizeIterator<Item = Once<'a>>) -> impl Stream<Item: Sized> {
        let mut rest = children.collect::<Vec<_>>();
        let mut select: Option<futures::future::SelectAll<_>> = None;
        futures::stream::poll_fn(move |context| {
            let running = match &mut select {
                Some(running) => running,
                None if rest.is_empty() => return Poll::Ready(None),
                none => none.insert(futures::future::select_all(std::mem::take(&mut rest))),
            };
            let (output, _, left) = std::task::ready!(std::pin::Pin::new(running).poll(context));
            (select, rest) = (None, left);
            Poll::Ready(Some(output))
        })
    }
}

/// `WIDTH` at a time, woken one by one, the item of each taken at once.
pub(super) fn c2<E: Each, const WIDTH: usize>(meter: &mut Meter, n: usize) {
    taken::<E>(meter, WIDTH, n);
}

/// The same with so many at a time.
#[inline(always)]
pub(super) fn taken<E: Each>(meter: &mut Meter, width: usize, n: usize) {
    let places: Vec<Place> = (0..width).map(|_| Place::default()).collect();
    let waker = Count::waker();
    let mut context = Context::from_waker(&waker);
    let rounds = n / width;
    meter.start();
    for _ in 0..rounds {
        let mut each = pin!(E::each(places.iter().enumerate().map(|(index, place)| Once(place, index))));
        let mut items = 0;
        let mut take = |wait: bool| loop {
            match each.as_mut().poll_next(&mut context) {
                Poll::Ready(Some(item)) => items += usize::from(black_box(Some(item)).is_some()),
                Poll::Ready(None) => return items,
                Poll::Pending if wait => return items,
                Poll::Pending => {}
            }
        };
        take(true);
        for place in &places {
            place.wake();
            take(true);
        }
        assert_eq!(take(false), width);
        for place in &places {
            place.reset();
        }
    }
    meter.stop(rounds * width);
    meter.rounds(rounds);
}

/// A stream that runs on: an item comes, and a future is pushed in its place. `WIDTH` at a time.
pub(super) fn c2_push<const WIDTH: usize>(meter: &mut Meter, n: usize) {
    let places: Vec<Place> = (0..WIDTH).map(|_| Place::default()).collect();
    let waker = Count::waker();
    let mut context = Context::from_waker(&waker);
    let mut each = pin!(taskcell::WhenEach::new());
    each.extend(places.iter().enumerate().map(|(index, place)| Once(place, index)));
    assert!(each.as_mut().poll_next(&mut context).is_pending());
    meter.start();
    for index in 0..n {
        let place = &places[index % WIDTH];
        place.wake();
        assert!(black_box(each.as_mut().poll_next(&mut context)).is_ready());
        place.reset();
        each.push(Once(place, index));
        assert!(each.as_mut().poll_next(&mut context).is_pending());
    }
    meter.stop(n);
}
