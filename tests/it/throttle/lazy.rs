//! `throttled_map`: the limit, laziness, the orders, the consumers.
use super::{Dice, Gauge, Yields, limit};
use crate::support::{Counter, Dropped, panic_of};
use core::num::NonZeroUsize;
use futures_util::future::join;
use futures_util::stream::{self, FusedStream};
use futures_util::{Stream, StreamExt};
use std::cell::Cell;
use std::future::{pending, ready};
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::{throttled_map, throttled_map_stream};

/// A map whose bodies take different numbers of polls.
fn uneven(gauge: &Gauge, n: usize, at_most: usize) -> impl Stream<Item = usize> + Unpin + use<> {
    let gauge = gauge.clone();
    throttled_map(0..n, limit(at_most), move |item| {
        let inside = gauge.enter();
        async move {
            Yields(item * 7 % 5).await;
            drop(inside);
            item
        }
    })
}

#[test]
fn the_limit_holds_in_every_consumer() {
    for at_most in [1, 2, 3, 8, 100] {
        let all: Vec<usize> = (0..60).collect();
        let gauge = Gauge::default();
        let mut collected: Vec<usize> = smol::block_on(uneven(&gauge, 60, at_most).collect());
        collected.sort_unstable();
        assert_eq!(collected, all);
        let seen = Cell::new(0);
        smol::block_on(uneven(&gauge, 60, at_most).for_each(|_| {
            seen.set(seen.get() + 1);
            Yields(3)
        }));
        assert_eq!(seen.get(), 60);
        let looped = smol::block_on(async {
            let mut map = uneven(&gauge, 60, at_most);
            let mut looped = Vec::new();
            while let Some(item) = map.next().await {
                Yields(item % 3).await;
                looped.push(item);
            }
            looped.sort_unstable();
            looped
        });
        assert_eq!(looped, all);
        let folded = smol::block_on(uneven(&gauge, 60, at_most).fold(0, |sum, item| ready(sum + item)));
        assert_eq!(folded, all.iter().sum::<usize>());
        assert_eq!(smol::block_on(uneven(&gauge, 60, at_most).buffer_unordered_twice()), 60);
        assert_eq!((gauge.now(), gauge.most()), (0, at_most.min(60)));
    }
}

/// A consumer that polls ahead itself.
trait PollsAhead: Stream + Sized + Unpin {
    async fn buffer_unordered_twice(self) -> usize {
        self.map(|_| Yields(1)).buffer_unordered(4).map(|()| Yields(2)).buffered(3).count().await
    }
}

impl<S: Stream + Unpin> PollsAhead for S {}

#[test]
fn items_are_taken_only_when_there_is_room() {
    let taken = Cell::new(0);
    let items = (0..).inspect(|_| taken.set(taken.get() + 1));
    let waiter = Counter::new();
    let mut map = throttled_map(items, limit(3), |n| async move { if n < 2 { n } else { pending().await } });
    assert_eq!(taken.get(), 0);
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(Some(0)));
    assert_eq!(taken.get(), 3);
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(Some(1)));
    assert_eq!(taken.get(), 4);
    for _ in 0..3 {
        assert!(waiter.poll(&mut map.next()).is_pending());
        assert_eq!(taken.get(), 5);
    }
    assert!(format!("{map:?}").contains("under_way: 3"));
    assert_eq!(waiter.wakes(), 0);
}

#[test]
fn outputs_come_as_the_futures_end() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..4).map(|_| smol::channel::bounded::<usize>(1)).unzip();
    let waiter = Counter::new();
    let mut map = throttled_map(receivers, limit(4), async |receiver| receiver.recv().await.unwrap()).with_index();
    assert!(waiter.poll(&mut map.next()).is_pending());
    for index in [2, 0, 3, 1] {
        senders[index].try_send(index * 10).unwrap();
        assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(Some((index, index * 10))));
    }
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(None));
    assert!(map.is_terminated());
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(None));
    drop(map);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn nobody_waits_behind_those_that_came_later() {
    for at_most in [1, 2, 3, 8, 9, 256] {
        let ready = throttled_map(0.., limit(at_most), ready).take(500);
        assert_eq!(smol::block_on(ready.collect::<Vec<_>>()), (0..500).collect::<Vec<_>>());
        let yielding = throttled_map(0.., limit(at_most), async |n| {
            Yields(1).await;
            n
        });
        assert_eq!(smol::block_on(yielding.take(500).collect::<Vec<_>>()), (0..500).collect::<Vec<_>>());
    }
}

#[test]
fn a_limit_of_one_keeps_the_order() {
    let gauge = Gauge::default();
    let outputs: Vec<usize> = smol::block_on(uneven(&gauge, 50, 1).collect());
    assert_eq!(outputs, (0..50).collect::<Vec<_>>());
    assert_eq!(gauge.most(), 1);
}

#[test]
fn ordered_outputs_come_in_input_order() {
    for at_most in [1, 2, 5, 64, usize::MAX] {
        let gauge = Gauge::default();
        let mut dice = Dice(42);
        let map = throttled_map(0..300, limit(at_most), |item| {
            let (inside, turns) = (gauge.enter(), dice.below(6) as usize);
            async move {
                Yields(turns).await;
                drop(inside);
                item
            }
        })
        .ordered();
        assert_eq!(map.size_hint(), (300, Some(300)));
        assert_eq!(smol::block_on(map.collect::<Vec<_>>()), (0..300).collect::<Vec<_>>());
        assert!(gauge.most() <= at_most.min(300));
    }
}

#[test]
fn an_ordered_output_keeps_its_place_until_it_is_given() {
    let (sender, receiver) = smol::channel::bounded::<()>(1);
    let gauge = Gauge::default();
    let waiter = Counter::new();
    let mut map = throttled_map(0.., limit(4), |item| {
        let (receiver, inside) = (receiver.clone(), gauge.enter());
        async move {
            if item == 0 {
                receiver.recv().await.unwrap();
            }
            drop(inside);
            item
        }
    })
    .ordered();
    for _ in 0..3 {
        assert!(waiter.poll(&mut map.next()).is_pending());
        assert_eq!(gauge.entered(), 4, "three are ready and wait for the first");
    }
    assert_eq!(map.size_hint().0, usize::MAX);
    sender.try_send(()).unwrap();
    for item in 0..10 {
        assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(Some(item)));
        assert!(gauge.entered() <= item + 5);
    }
    assert!(!format!("{map:?}").is_empty());
}

#[test]
fn ordered_comes_before_the_first_poll() {
    let mut map = throttled_map(0..3, limit(2), ready);
    assert_eq!(Counter::new().poll(&mut map.next()), Poll::Ready(Some(0)));
    assert_eq!(panic_of(|| map.ordered()), Some("`ordered` after the first poll"));
}

#[test]
fn without_items_it_ends_at_once() {
    let waiter = Counter::new();
    let mut map = throttled_map(std::iter::empty::<u8>(), NonZeroUsize::MAX, ready);
    assert_eq!(map.size_hint(), (0, Some(0)));
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(None));
    assert_eq!(waiter.poll(&mut map.next()), Poll::Ready(None));
    assert_eq!(waiter.poll(&mut throttled_map(None::<u8>, limit(1), ready).ordered().next()), Poll::Ready(None));
}

#[test]
fn more_room_than_items_costs_nothing() {
    // Of what is endless, and of what lies about its length, too.
    let endless = throttled_map(0u32.., NonZeroUsize::MAX, ready).take(1000);
    assert_eq!(smol::block_on(endless.count()), 1000);
    struct Liar(u32);
    impl Iterator for Liar {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (usize::MAX, Some(0))
        }
    }
    let map = throttled_map(Liar(500), limit(400), async |n| {
        Yields(3).await;
        n
    });
    assert_eq!(smol::block_on(map.collect::<Vec<_>>()).len(), 500);
}

#[test]
fn work_that_never_ends_lets_others_run() {
    let waiter = Counter::new();
    let mut map = throttled_map(0.., limit(8), ready);
    for turn in 1..5 {
        let in_a_row = (0..1000).take_while(|_| waiter.poll(&mut map.next()).is_ready()).count();
        assert_eq!((in_a_row, waiter.wakes()), (128, turn));
    }
    // The bodies' own number is bounded, too, where there is room for any.
    let begun = Cell::new(0);
    let mut map = throttled_map(0.., NonZeroUsize::MAX, |_: u64| {
        begun.set(begun.get() + 1);
        pending::<()>()
    });
    for turn in 1..5 {
        assert!(waiter.poll(&mut map.next()).is_pending());
        assert_eq!((begun.get(), waiter.wakes()), (128 * turn, 4 + turn));
    }
}

#[test]
fn two_endless_maps_share_a_thread() {
    let (left, right) = (Cell::new(0), Cell::new(0));
    let run = |count: &'static str, cell| async move {
        let mut map = throttled_map(0.., limit(4), ready);
        while let Some(item) = map.next().await {
            let cell: &Cell<i32> = cell;
            cell.set(item);
            if item == 10_000 {
                return count;
            }
        }
        unreachable!()
    };
    smol::block_on(join(
        async {
            run("left", &left).await;
            assert!(right.get() > 9_000);
        },
        run("right", &right),
    ));
}

#[test]
fn a_panic_goes_to_the_consumer_and_the_siblings_stay_until_the_drop() {
    for place in ["items", "f", "future"] {
        let (sibling, drops) = Dropped::new();
        let mut sibling = Some(sibling);
        let items = (0..5).inspect(|n| assert!(*n != 2 || place != "items", "no paper"));
        let mut map = throttled_map(items, limit(3), |n| {
            assert!(n != 2 || place != "f", "no paper");
            let held = sibling.take();
            async move {
                assert!(n != 2 || place != "future", "no paper");
                pending::<()>().await;
                drop(held);
            }
        });
        let waiter = Counter::new();
        assert_eq!(panic_of(|| waiter.poll(&mut map.next())), Some("no paper"), "{place}");
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        assert!(panic_of(|| waiter.poll(&mut map.next())).is_some(), "polled again it panics");
        drop(map);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert_eq!(waiter.held(), 0);
    }
}

#[test]
fn a_drop_drops_what_is_under_way() {
    let gauge = Gauge::default();
    let waiter = Counter::new();
    let mut map = throttled_map(0.., limit(5), |_| {
        let inside = gauge.enter();
        async move {
            pending::<()>().await;
            drop(inside);
        }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    assert_eq!(gauge.now(), 5);
    drop(map);
    assert_eq!((gauge.now(), gauge.entered(), waiter.held()), (0, 5, 0));
}

#[test]
fn a_stream_is_polled_while_there_is_room() {
    let (sender, receiver) = smol::channel::unbounded::<usize>();
    let (done, ends) = smol::channel::unbounded::<()>();
    let waiter = Counter::new();
    let mut map = throttled_map_stream(Box::pin(receiver), limit(2), |item| {
        let ends = ends.clone();
        async move {
            ends.recv().await.unwrap();
            item
        }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    (0..4).for_each(|item| sender.try_send(item).unwrap());
    assert!(waiter.wakes() > 0);
    assert!(waiter.poll(&mut map.next()).is_pending());
    assert_eq!(sender.len(), 2, "there was room for two");
    done.try_send(()).unwrap();
    assert!(matches!(waiter.poll(&mut map.next()), Poll::Ready(Some(_))));
    assert!(waiter.poll(&mut map.next()).is_pending());
    assert_eq!(sender.len(), 1);
    sender.close();
    (0..3).for_each(|_| done.try_send(()).unwrap());
    let rest: Vec<usize> = smol::block_on(map.by_ref().collect());
    assert_eq!(rest.len(), 3);
    assert!(map.is_terminated());
    // A stream that is not `Unpin`.
    let squares = throttled_map_stream(stream::once(async { 3 }), limit(1), async |n| n * n);
    assert_eq!(smol::block_on(squares.collect::<Vec<i32>>()), [9]);
}

#[test]
fn bodies_may_borrow() {
    let words = ["a", "bcd"].map(String::from);
    let sum = Cell::new(0);
    let map = throttled_map(&words, limit(2), async |word: &String| sum.set(sum.get() + word.len()));
    smol::block_on(map.collect::<Vec<_>>());
    assert_eq!(sum.get(), 4);
}
