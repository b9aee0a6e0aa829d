//! `when_each` as its users see it.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::future::{Future, Ready, pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::stream::FusedStream;
use futures_util::{Stream, StreamExt};
use taskcell::{BoxFuture, LocalBoxFuture, WhenEach, when_each};

use crate::children::{child, places};
use crate::support::heap::{allocations, live_bytes};
use crate::support::{Counter, panic_of};

/// Polls once with that counter's waker.
pub(super) fn poll<F: Future>(each: &mut WhenEach<F>, counter: &Arc<Counter>) -> Poll<Option<(usize, F::Output)>> {
    Pin::new(each).poll_next(&mut Context::from_waker(&counter.waker()))
}

/// Polls once with no waker to speak of.
pub(super) fn next<F: Future>(each: &mut WhenEach<F>) -> Poll<Option<(usize, F::Output)>> {
    Pin::new(each).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_empty_set_has_no_item_and_takes_no_memory() {
    let before = allocations();
    let mut none = when_each(Vec::<Ready<u8>>::new());
    assert!(none.is_terminated());
    assert_eq!(next(&mut none), Poll::Ready(None));
    assert_eq!(next(&mut none), Poll::Ready(None));
    assert_eq!(next(&mut WhenEach::<Ready<u8>>::new()), Poll::Ready(None));
    assert_eq!(allocations() - before, 0);
}

#[test]
fn ready_futures_come_in_input_order() {
    let items = smol::block_on(when_each((0..50).map(ready)).collect::<Vec<_>>());
    assert_eq!(items, (0..50).map(|n| (n, n)).collect::<Vec<_>>());
}

#[test]
fn pending_futures_come_as_they_end() {
    let places = places(100);
    let counter = Counter::new();
    let mut each = when_each((0..100).map(|index| child(&places, index)));
    assert!(poll(&mut each, &counter).is_pending());
    let order: Vec<usize> = (0..100).map(|n| n * 37 % 100).collect();
    for chunk in order.chunks(7) {
        let wakes = counter.wakes();
        chunk.iter().for_each(|&index| places[index].finish());
        assert_eq!(counter.wakes() - wakes, 1, "one wake for all");
        for &index in chunk {
            assert_eq!(poll(&mut each, &counter), Poll::Ready(Some((index, index))));
        }
        assert!(poll(&mut each, &counter).is_pending() || each.is_empty());
    }
    assert_eq!(poll(&mut each, &counter), Poll::Ready(None));
    assert!(places.iter().all(|place| *place.polls.borrow() == 2), "only woken futures are polled");
    assert_eq!(counter.held(), 0);
}

#[test]
fn one_allocation_for_all_futures() {
    let before = allocations();
    let mut each = when_each((0..1000).map(ready));
    for n in 0..1000 {
        assert_eq!(next(&mut each), Poll::Ready(Some((n, n))));
    }
    assert_eq!(next(&mut each), Poll::Ready(None));
    assert_eq!(allocations() - before, 1);
}

#[test]
fn a_million_inputs() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let wakers = RefCell::new(Vec::new());
    let wakers = &wakers;
    let mut each = when_each((0..N).map(|index| {
        let mut polled = false;
        poll_fn(move |cx| {
            if polled {
                return Poll::Ready(index);
            }
            polled = true;
            wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
    }));
    assert!(next(&mut each).is_pending());
    wakers.take().into_iter().rev().for_each(Waker::wake);
    for index in (0..N).rev() {
        assert_eq!(next(&mut each), Poll::Ready(Some((index, index))));
    }
    assert_eq!(next(&mut each), Poll::Ready(None));
}

#[test]
fn a_million_pushed_futures_are_each_seen_once() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let mut each = WhenEach::new();
    each.extend((0..N).map(|n| ready(n % 7)));
    let mut seen = HashSet::new();
    while let Poll::Ready(Some((index, output))) = next(&mut each) {
        assert_eq!(output, index % 7);
        assert!(seen.insert(index));
    }
    assert_eq!((seen.len(), each.len()), (N, 0));
}

#[test]
fn it_grows_while_it_runs_and_after_its_end() {
    let mut each = when_each([ready('a'), ready('b')]);
    assert_eq!(next(&mut each), Poll::Ready(Some((0, 'a'))));
    assert_eq!(each.push(ready('c')), 2);
    assert_eq!(each.push(ready('d')), 3);
    assert_eq!(each.len(), 3);
    let mut seen = Vec::new();
    while let Poll::Ready(Some(item)) = next(&mut each) {
        seen.push(item);
    }
    seen.sort_unstable();
    assert_eq!(seen, [(1, 'b'), (2, 'c'), (3, 'd')]);
    assert!(each.is_terminated());
    assert_eq!(each.push(ready('e')), 4);
    assert!(!each.is_terminated());
    assert_eq!(each.size_hint(), (1, Some(1)));
    assert_eq!(next(&mut each), Poll::Ready(Some((4, 'e'))));
    assert_eq!(next(&mut each), Poll::Ready(None));
}

#[test]
fn a_pushed_future_is_polled_at_the_next_poll_beside_pending_ones() {
    let counter = Counter::new();
    let mut each: WhenEach<BoxFuture<'_, usize>> = (0..20).map(|_| Box::pin(pending()) as _).collect();
    for round in 0..100 {
        assert!(poll(&mut each, &counter).is_pending());
        let index = each.push(Box::pin(ready(round)));
        assert_eq!((index, poll(&mut each, &counter)), (20 + round, Poll::Ready(Some((20 + round, round)))));
    }
    assert_eq!((each.len(), counter.wakes()), (20, 0));
}

#[test]
fn slots_are_used_again_without_an_allocation() {
    let mut each = WhenEach::new();
    each.extend((0..100).map(ready));
    let (before, live) = (allocations(), live_bytes());
    for n in 0..10_000 {
        assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
        each.push(ready(n));
    }
    assert_eq!((allocations() - before, live_bytes() - live, each.len()), (0, 0, 100));
}

/// Pending until it is told to end.
struct Held(Rc<Cell<bool>>, Rc<RefCell<Option<Waker>>>);

impl Future for Held {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.get() {
            return Poll::Ready(());
        }
        *self.1.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn memory_follows_the_number_of_futures_at_a_time() {
    let mut each = WhenEach::new();
    let start = live_bytes();
    let mut least = Vec::new();
    for _ in 0..20 {
        let held: Vec<(Rc<Cell<bool>>, _)> = (0..1000).map(|_| Default::default()).collect();
        each.extend(held.iter().map(|(end, waker)| Held(end.clone(), Rc::clone(waker))));
        assert!(next(&mut each).is_pending());
        for (end, waker) in &held[1..] {
            end.set(true);
            waker.take().unwrap().wake();
            assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
        }
        assert!(next(&mut each).is_pending());
        held[0].0.set(true);
        held[0].1.take().unwrap().wake();
        assert!(matches!(next(&mut each), Poll::Ready(Some(_))));
        drop(held);
        assert_eq!(next(&mut each), Poll::Ready(None));
        least.push(live_bytes() - start);
    }
    assert!(least.iter().all(|&bytes| bytes < 2048), "{least:?}");
}

#[test]
fn futures_that_wake_themselves_yield_and_are_fair() {
    let counter = Counter::new();
    let polls = Rc::new(Cell::new(0));
    let mut each: WhenEach<Pin<Box<dyn Future<Output = usize>>>> = WhenEach::new();
    for _ in 0..30 {
        let polls = polls.clone();
        each.push(Box::pin(poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            cx.waker().wake_by_ref();
            Poll::Pending
        })));
    }
    for round in 1..=10 {
        let wakes = counter.wakes();
        assert!(poll(&mut each, &counter).is_pending());
        assert_eq!(polls.get(), 30 * round, "each is polled once in a poll");
        assert!(counter.wakes() > wakes, "it comes back by itself");
    }
    let index = each.push(Box::pin(ready(7)));
    assert_eq!(poll(&mut each, &counter), Poll::Ready(Some((index, 7))));
}

#[test]
fn ready_futures_without_end_do_not_starve_another_block() {
    let mut each: WhenEach<BoxFuture<'_, &str>> = (0..8).map(|_| Box::pin(ready("often")) as _).collect();
    each.push(Box::pin(ready("once")));
    let mut rounds = 0;
    while let Poll::Ready(Some((_, "often"))) = next(&mut each) {
        each.push(Box::pin(ready("often")));
        rounds += 1;
        assert!(rounds < 20);
    }
}

/// The same where a block runs empty at each output: that must not begin the turns anew.
#[test]
fn a_ready_future_at_a_time_does_not_starve_another_block() {
    let mut each: WhenEach<LocalBoxFuture<'_, &str>> = WhenEach::new();
    (0..8).for_each(|_| _ = each.push(Box::pin(ready("often"))));
    let places = places(1);
    let last = child(&places, 0);
    each.push(Box::pin(async { (last.await, "once").1 }));
    while let Poll::Ready(item) = next(&mut each) {
        assert_eq!(item.unwrap().1, "often");
    }
    places[0].finish();
    let rounds = (0..20).take_while(|_| {
        each.push(Box::pin(ready("often")));
        matches!(next(&mut each), Poll::Ready(Some((_, "often"))))
    });
    assert!(rounds.count() < 3);
}

#[test]
fn unpolled_and_pending_futures_are_dropped_with_it_in_input_order() {
    struct Noted(Rc<RefCell<Vec<usize>>>, usize);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let each = when_each((0..5).map(|index| {
        let noted = Noted(dropped.clone(), index);
        poll_fn(move |_| {
            let _keep = &noted;
            if index == 2 { Poll::Ready(()) } else { Poll::Pending }
        })
    }));
    let mut each = each;
    assert_eq!(next(&mut each), Poll::Ready(Some((2, ()))));
    assert_eq!(dropped.take(), [2]);
    drop(each);
    assert_eq!(dropped.take(), [0, 1, 3, 4]);
}

#[test]
fn a_panic_goes_to_the_caller_and_ends_the_stream() {
    let mut each: WhenEach<BoxFuture<'_, ()>> = WhenEach::new();
    each.push(Box::pin(pending()));
    each.push(Box::pin(async { panic!("a child") }));
    assert_eq!(panic_of(|| next(&mut each)), Some("a child"));
    assert_eq!(panic_of(|| next(&mut each)), Some("polled after a child panicked"));
    assert_eq!(each.len(), 2);
}

#[test]
fn debug_says_how_many() {
    assert_eq!(format!("{:?}", when_each([ready(1), ready(2)])), "WhenEach { pending: 2, .. }");
}
