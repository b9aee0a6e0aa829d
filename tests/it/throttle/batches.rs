//! Batches by size, by time, and by both.
use crate::support::{Counter, Dropped};
use core::num::NonZeroUsize;
use core::time::Duration;
use futures_util::stream::{self, FusedStream};
use futures_util::{Stream, StreamExt};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use taskcell::time::ManualClock;
use taskcell::{batches, batches_timed, batches_timed_on};

const SECOND: Duration = Duration::from_secs(1);

fn size(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// A stream that the test feeds.
struct Feed<T>(Arc<Mutex<Fed<T>>>);

struct Fed<T> {
    items: VecDeque<T>,
    closed: bool,
    waker: Option<Waker>,
    polls: usize,
}

impl<T> Feed<T> {
    fn new() -> (Self, Self) {
        let fed = Fed { items: VecDeque::new(), closed: false, waker: None, polls: 0 };
        let shared = Arc::new(Mutex::new(fed));
        (Self(shared.clone()), Self(shared))
    }
    fn push(&self, items: impl IntoIterator<Item = T>) {
        self.0.lock().unwrap().items.extend(items);
        self.wake();
    }
    fn close(&self) {
        self.0.lock().unwrap().closed = true;
        self.wake();
    }
    fn wake(&self) {
        let waker = self.0.lock().unwrap().waker.take();
        waker.into_iter().for_each(Waker::wake);
    }
    fn polls(&self) -> usize {
        self.0.lock().unwrap().polls
    }
}

impl<T> Stream for Feed<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let waker = cx.waker().clone();
        let mut fed = self.0.lock().unwrap();
        fed.polls += 1;
        match fed.items.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None if fed.closed => Poll::Ready(None),
            None => {
                fed.waker = Some(waker);
                Poll::Pending
            }
        }
    }
}

#[test]
fn batches_are_full_in_order_and_the_last_one_is_shorter() {
    smol::block_on(async {
        for n in 0..20 {
            for per in 1..6 {
                let given: Vec<Vec<usize>> = batches(stream::iter(0..n), size(per)).collect().await;
                let wanted: Vec<Vec<usize>> = (0..n).collect::<Vec<_>>().chunks(per).map(<[_]>::to_vec).collect();
                assert_eq!(given, wanted);
                assert_eq!(batches(stream::iter(0..n), size(per)).size_hint(), (wanted.len(), Some(wanted.len())));
            }
        }
        let all: Vec<Vec<usize>> = batches(stream::iter(0..1000), NonZeroUsize::MAX).collect().await;
        assert_eq!(all, [(0..1000).collect::<Vec<_>>()]);
    });
}

#[test]
fn the_stream_is_not_polled_after_its_end() {
    let (feed, stream) = Feed::new();
    feed.push([1, 2, 3]);
    feed.close();
    smol::block_on(async {
        let mut batches = batches(stream, size(2));
        assert_eq!(batches.next().await, Some(vec![1, 2]));
        assert!(!batches.is_terminated());
        assert_eq!(batches.next().await, Some(vec![3]));
        assert!(batches.is_terminated());
        let polls = feed.polls();
        assert_eq!(batches.next().await, None);
        assert_eq!(batches.next().await, None);
        assert_eq!(feed.polls(), polls);
        assert_eq!(batches.size_hint(), (0, Some(0)));
    });
}

#[test]
fn an_unfinished_batch_stays_and_can_be_had() {
    let (feed, stream) = Feed::new();
    let waiter = Counter::new();
    let mut batches = batches(stream, size(3));
    feed.push([1, 2]);
    assert!(waiter.poll(&mut batches.next()).is_pending(), "the future of `next` goes, the items stay");
    assert_eq!(batches.remainder(), [1, 2]);
    feed.push([3, 4]);
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, 2, 3])));
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert!(!format!("{batches:?}").is_empty());
    let (stream, rest) = batches.into_inner();
    assert_eq!(rest, [4]);
    drop(stream);
}

#[test]
fn the_items_of_an_unfinished_batch_go_with_it() {
    let (feed, stream) = Feed::new();
    let (item, drops) = Dropped::new();
    feed.push([item]);
    let mut batches = batches(stream, size(2));
    assert!(Counter::new().poll(&mut batches.next()).is_pending());
    drop(batches);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_stream_that_never_waits_lets_others_run() {
    let waiter = Counter::new();
    let mut endless = batches(stream::iter(0..), NonZeroUsize::MAX);
    for turn in 1..10 {
        assert!(waiter.poll(&mut endless.next()).is_pending());
        assert_eq!(waiter.wakes(), turn);
        assert!(endless.remainder().len() <= turn * 128);
    }
    let mut small = batches(stream::iter(0..), size(2));
    let in_a_row = (0..1000).take_while(|_| waiter.poll(&mut small.next()).is_ready()).count();
    assert_eq!(in_a_row, 64);
    assert_eq!(waiter.poll(&mut small.next()), Poll::Ready(Some(vec![128, 129])));
}

#[test]
fn a_stream_that_panics_leaves_the_batch() {
    let mut left = 2;
    let stream = stream::poll_fn(move |_| {
        left -= 1;
        assert!(left != 0, "out of paper");
        Poll::Ready((left > -2).then_some(left))
    });
    let mut batches = batches(stream, size(10));
    let waiter = Counter::new();
    assert!(catch_unwind(AssertUnwindSafe(|| waiter.poll(&mut batches.next()))).is_err());
    assert_eq!(batches.remainder(), [1]);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, -1])));
}

#[test]
fn a_batch_is_given_when_its_first_item_has_waited_long_enough() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (feed, stream) = Feed::new();
    let mut batches = batches_timed_on(&clock, stream, size(3), SECOND);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert_eq!(clock.armed(), 0, "an empty batch waits for no time");
    clock.advance(SECOND * 10);
    feed.push([1]);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert_eq!(clock.armed(), 1);
    clock.advance(SECOND / 2);
    feed.push([2]);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    let wakes = waiter.wakes();
    clock.advance(SECOND / 2);
    assert_eq!(waiter.wakes(), wakes + 1);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, 2])));
    assert_eq!(clock.armed(), 0);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    // A full batch comes before its time, the end gives what there is.
    feed.push([3, 4, 5, 6]);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![3, 4, 5])));
    assert_eq!(clock.armed(), 0);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert_eq!((clock.armed(), batches.remainder()), (1, &[6][..]));
    feed.close();
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![6])));
    assert_eq!(clock.armed(), 0);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(None));
    assert!(batches.is_terminated());
    drop(batches);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn the_time_counts_from_the_first_item_even_if_nobody_polls() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (feed, stream) = Feed::new();
    let mut batches = batches_timed_on(&clock, stream, size(9), SECOND);
    feed.push([1]);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    clock.advance(SECOND * 3);
    feed.push([2]);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, 2])), "items come before the time");
}

#[test]
fn no_time_takes_what_is_there() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (feed, stream) = Feed::new();
    let mut batches = batches_timed_on(&clock, stream, size(3), Duration::ZERO);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    feed.push(1..=5);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, 2, 3])));
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![4, 5])));
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert_eq!(clock.armed(), 0);
}

#[test]
fn the_longest_time_is_never_up() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (feed, stream) = Feed::new();
    let mut batches = batches_timed_on(&clock, stream, size(3), Duration::MAX);
    feed.push([1]);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    assert_eq!(clock.armed(), 0);
    clock.advance(Duration::MAX);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    feed.push([2, 3]);
    assert_eq!(waiter.poll(&mut batches.next()), Poll::Ready(Some(vec![1, 2, 3])));
}

#[test]
fn the_timer_goes_with_the_stream() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    for give_back in [false, true] {
        let (feed, stream) = Feed::new();
        let mut batches = batches_timed_on(&clock, stream, size(3), SECOND);
        feed.push([1]);
        assert!(waiter.poll(&mut batches.next()).is_pending());
        assert_eq!(clock.armed(), 1);
        assert!(!format!("{batches:?}").is_empty());
        if give_back {
            assert_eq!(batches.into_inner().1, [1]);
        } else {
            drop(batches);
        }
        feed.close();
        assert_eq!(clock.armed(), 0);
    }
    assert_eq!(waiter.held(), 0);
}

#[test]
fn time_is_looked_at_in_a_stream_that_never_waits() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut batches = batches_timed_on(&clock, stream::iter(0..), NonZeroUsize::MAX, SECOND);
    assert!(waiter.poll(&mut batches.next()).is_pending());
    clock.advance(SECOND);
    let Poll::Ready(Some(batch)) = waiter.poll(&mut batches.next()) else { panic!("the time is up") };
    assert!(batch.len() >= 128 && batch.len() <= 256);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn batches_by_the_systems_time() {
    smol::block_on(async {
        let slow = stream::iter(0..5).chain(stream::pending());
        let mut batches = batches_timed(slow, size(3), Duration::from_millis(1));
        assert_eq!(batches.next().await, Some(vec![0, 1, 2]));
        assert_eq!(batches.next().await, Some(vec![3, 4]));
    });
}

#[test]
fn nothing_is_lost_whatever_the_pace() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let (feed, stream) = Feed::new();
    let mut batches = batches_timed_on(&clock, stream, size(4), SECOND);
    let (mut next, mut seen) = (0u32, Vec::new());
    for step in 0..1000u32 {
        match step.wrapping_mul(2_654_435_761) >> 30 {
            0 => _ = clock.advance(SECOND / 3),
            n => {
                feed.push(next..next + n);
                next += n;
            }
        }
        while let Poll::Ready(Some(batch)) = waiter.poll(&mut batches.next()) {
            assert!(!batch.is_empty() && batch.len() <= 4);
            seen.extend(batch);
        }
    }
    feed.close();
    while let Poll::Ready(Some(batch)) = waiter.poll(&mut batches.next()) {
        seen.extend(batch);
    }
    assert_eq!(seen, (0..next).collect::<Vec<_>>());
    assert_eq!(clock.armed(), 0);
}
