//! Yielders that are shared, carried elsewhere, used too late.
use super::ByHand;
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::{Counter, Dropped, Latch, forget, poll_with};
use futures_util::FutureExt;
use futures_util::future::{join, join3};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use taskcell::stream::{Yielder, create};
use taskcell::{when_all, yield_now};

#[test]
fn two_yields_at_once_are_both_delivered() {
    let mut stream = ByHand::new(create(|yielder, _| async move {
        join3(yielder.yield_item(1), yielder.yield_item(2), yielder.yield_item(3)).await;
        yielder.yield_item(4).await;
    }));
    for n in 1..=4 {
        assert_eq!(stream.item(), n);
    }
    stream.is_over();
    assert_eq!(stream.counter.wakes(), 0);
}

#[test]
fn branches_that_yield_are_interleaved() {
    let stream = create(|yielder, _| async move {
        let branch = async |from: u32| {
            for n in 0..3 {
                yielder.yield_item(from + n).await;
            }
        };
        join(branch(0), branch(10)).await;
    });
    assert_eq!(smol::block_on(stream.collect::<Vec<_>>()), [0, 10, 1, 11, 2, 12]);
}

#[test]
fn yields_that_only_their_own_wakers_wake() {
    for size in [1, 2, 9, 100] {
        let unordered = create(|yielder, _| async move {
            let all: FuturesUnordered<_> = (0..size).map(|n| yielder.yield_item(n)).collect();
            all.for_each(|()| async {}).await;
        });
        let mut seen = smol::block_on(unordered.collect::<Vec<_>>());
        seen.sort_unstable();
        assert_eq!(seen, (0..size).collect::<Vec<_>>());
        let ours = create(|yielder, _| async move {
            let yielder = &yielder;
            when_all((0..size).map(|n| async move {
                yielder.yield_item(2 * n).await;
                yield_now().await;
                yielder.yield_item(2 * n + 1).await;
                Ok::<(), ()>(())
            }))
            .await
            .unwrap();
        });
        let mut seen = smol::block_on(ours.collect::<Vec<_>>());
        seen.sort_unstable();
        assert_eq!(seen, (0..2 * size).collect::<Vec<_>>());
    }
}

fn yielders_in_tasks(ex: &impl Executor) {
    let (run, spawner) = (ex.clone(), ex.clone());
    let seen = run.run(async move {
        let done = Latch::new();
        let stream = create(|yielder: Yielder<u32>, _| async move {
            for task in 0..4 {
                let (yielder, done) = (yielder.clone(), done.clone());
                spawner.spawn(async move {
                    for n in 0..50 {
                        yielder.yield_item(task * 100 + n).await;
                        if n % 7 == 0 {
                            yield_now().await;
                        }
                    }
                    done.arrive();
                });
            }
            done.reached(4).await;
        });
        stream.collect::<Vec<_>>().await
    });
    assert_eq!(seen.len(), 200);
    for task in 0..4 {
        let of_one = seen.iter().filter(|n| **n / 100 == task).map(|n| n % 100).collect::<Vec<_>>();
        assert_eq!(of_one, (0..50).collect::<Vec<_>>(), "each task's items keep their order");
    }
}

#[test]
fn tasks_of_smol_yield_to_one_stream() {
    yielders_in_tasks(&Smol::new());
}

#[test]
fn tasks_that_are_polled_inside_wake_yield_to_one_stream() {
    yielders_in_tasks(&Inline::new());
}

#[test]
fn tasks_of_one_thread_yield_to_one_stream() {
    yielders_in_tasks(&Single::new());
}

#[test]
fn threads_yield_to_one_stream() {
    let stream = create(|yielder: Yielder<u32>, _| async move {
        let threads: Vec<_> = (0..3)
            .map(|thread| {
                let yielder = yielder.clone();
                std::thread::spawn(move || {
                    for n in 0..300 {
                        smol::block_on(yielder.yield_item(thread * 1000 + n));
                    }
                })
            })
            .collect();
        let ended = smol::unblock(move || threads.into_iter().for_each(|thread| thread.join().unwrap()));
        ended.await;
    });
    let seen = smol::block_on(stream.collect::<Vec<_>>());
    assert_eq!(seen.len(), 900);
    for thread in 0..3 {
        let of_one = seen.iter().filter(|n| **n / 1000 == thread).map(|n| n % 1000).collect::<Vec<_>>();
        assert_eq!(of_one, (0..300).collect::<Vec<_>>());
    }
}

/// A stream of which the yielder lies outside, and whose generator waits for the latch.
fn escaped<T: Send + 'static>() -> (ByHand<impl futures_util::Stream<Item = T>>, Yielder<T>, Latch) {
    let (place, latch) = (Arc::new(Mutex::new(None)), Latch::new());
    let (own, gate) = (place.clone(), latch.clone());
    let mut stream = ByHand::new(create(|yielder: Yielder<T>, _| async move {
        *own.lock().unwrap() = Some(yielder);
        gate.reached(1).await;
    }));
    assert!(stream.poll().is_pending());
    let yielder = place.lock().unwrap().take().unwrap();
    (stream, yielder, latch)
}

#[test]
fn an_item_from_elsewhere_wakes_the_stream_and_its_taker_wakes_back() {
    let (mut stream, yielder, _latch) = escaped();
    let other = Counter::new();
    let mut offer = yielder.yield_item(1);
    assert!(other.poll(&mut offer).is_pending());
    assert_eq!((stream.counter.wakes(), other.wakes(), other.held()), (1, 0, 1));
    assert!(other.poll(&mut offer).is_pending());
    assert_eq!(other.held(), 1, "the same waker is not cloned again");
    assert_eq!(stream.item(), 1);
    assert_eq!((other.wakes(), other.held()), (1, 0));
    assert!(other.poll(&mut offer).is_ready());
    assert!(stream.poll().is_pending());
}

#[test]
fn the_last_waker_of_a_yield_counts() {
    let (mut stream, yielder, _latch) = escaped();
    let (first, second, third) = (Counter::new(), Counter::new(), Counter::new());
    let (mut one, mut two) = (yielder.yield_item(1), yielder.yield_item(2));
    for offer in [&mut one, &mut two] {
        assert!(first.poll(offer).is_pending());
        assert!(second.poll(offer).is_pending());
        assert!(third.poll(offer).is_pending());
    }
    assert_eq!((first.held(), second.held(), third.held()), (0, 0, 2));
    assert_eq!((stream.item(), stream.item()), (1, 2));
    assert_eq!((first.wakes(), second.wakes(), third.wakes()), (0, 0, 2));
    assert!(third.poll(&mut one).is_ready() && third.poll(&mut two).is_ready());
}

#[test]
fn a_consumer_may_yield_to_its_own_stream() {
    // Both on the same task, in both orders: the stream's poll and the offer have the same waker, and yet it is not the
    // stream that polls the offer.
    for stream_first in [true, false] {
        let (stream, yielder, latch) = escaped();
        let mut stream = stream.stream;
        let executor = Single::new();
        let got = executor.run(async move {
            let mut next = pin!(stream.next().fuse());
            let mut offer = pin!(yielder.yield_item(5).fuse());
            let mut got = None;
            let mut offered = false;
            std::future::poll_fn(|cx| {
                for turn in [stream_first, !stream_first] {
                    if turn {
                        if let Poll::Ready(item) = next.as_mut().poll(cx) {
                            got = item;
                        }
                    } else if offer.as_mut().poll(cx).is_ready() {
                        offered = true;
                    }
                }
                if got.is_some() && offered { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            latch.arrive();
            got
        });
        assert_eq!(got, Some(5));
    }
}

#[test]
fn what_was_offered_before_the_end_is_delivered() {
    let (mut stream, yielder, latch) = escaped();
    let other = Counter::new();
    let (mut one, mut two) = (yielder.yield_item(1), yielder.yield_item(2));
    assert!(other.poll(&mut one).is_pending() && other.poll(&mut two).is_pending());
    latch.arrive();
    assert_eq!(stream.item(), 1);
    assert!(yielder.is_closed());
    assert!(other.poll(&mut one).is_ready());
    // The next one's waker may still change, and counts.
    let last = Counter::new();
    assert!(last.poll(&mut two).is_pending());
    assert_eq!(stream.item(), 2);
    assert_eq!(last.wakes(), 1);
    assert!(last.poll(&mut two).is_ready());
    stream.is_over();
}

#[test]
fn after_the_end_a_yield_never_completes_and_holds_nothing() {
    let (mut stream, yielder, latch) = escaped::<Option<Dropped>>();
    latch.arrive();
    stream.is_over();
    assert!(yielder.is_closed());
    let other = Counter::new();
    let (item, drops) = Dropped::new();
    let mut late = yielder.yield_item(Some(item));
    assert!(other.poll(&mut late).is_pending());
    assert_eq!(drops.load(Ordering::SeqCst), 1, "the item has gone");
    assert!(other.poll(&mut late).is_pending());
    assert_eq!((other.held(), other.wakes()), (0, 0));
}

#[test]
fn a_stream_that_goes_leaves_its_yields_pending_without_wakers() {
    let (stream, yielder, latch) = escaped::<Option<Dropped>>();
    let other = Counter::new();
    let ((first, firsts), (second, seconds)) = (Dropped::new(), Dropped::new());
    let (mut one, mut two) = (yielder.yield_item(Some(first)), yielder.yield_item(Some(second)));
    assert!(other.poll(&mut one).is_pending() && other.poll(&mut two).is_pending());
    let counter = stream.counter.clone();
    drop((stream, latch));
    assert_eq!((counter.held(), other.held(), other.wakes()), (0, 0, 0));
    assert!(other.poll(&mut one).is_pending() && other.poll(&mut two).is_pending());
    assert_eq!(other.held(), 0);
    drop((one, two));
    assert_eq!((firsts.load(Ordering::SeqCst), seconds.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn an_offer_that_goes_makes_way_for_the_next() {
    let (mut stream, yielder, _latch) = escaped();
    let other = Counter::new();
    let mut offers: Vec<_> = (0..5).map(|n| yielder.yield_item(n)).collect();
    for offer in &mut offers {
        assert!(other.poll(offer).is_pending());
    }
    drop(offers.remove(0));
    drop(offers.remove(2)); // 3
    assert_eq!(stream.item(), 1);
    drop(offers.remove(0)); // the one that was taken
    drop(offers.remove(0)); // 2
    assert_eq!(stream.item(), 4);
    assert!(stream.poll().is_pending());
    // The slot is as good as new.
    let mut again = yielder.yield_item(9);
    assert!(other.poll(&mut again).is_pending());
    assert_eq!(stream.item(), 9);
}

#[test]
fn a_forgotten_offer_is_delivered() {
    let (mut stream, yielder, latch) = escaped();
    for n in 0..2 {
        let mut offer = yielder.yield_item(n);
        assert!(poll_with(Waker::noop(), &mut offer).is_pending());
        forget(offer);
    }
    latch.arrive();
    assert_eq!((stream.item(), stream.item()), (0, 1));
    stream.is_over();
}

#[test]
fn a_yielder_belongs_to_one_stream() {
    // B27: with an ambient slot the inner item would go to whichever stream is being polled.
    let outer = create(|outer: Yielder<&'static str>, _| async move {
        let inner = create(|inner: Yielder<&'static str>, _| async move {
            outer.yield_item("to the outer one, from inside").await;
            inner.yield_item("to the inner one").await;
            outer.yield_item("again").await;
        });
        let mut inner = pin!(inner);
        assert_eq!(inner.next().await, Some("to the inner one"));
        assert_eq!(inner.next().await, None);
    });
    assert_eq!(smol::block_on(outer.collect::<Vec<_>>()), ["to the outer one, from inside", "again"]);
}
