//! Operators by time, on a clock that the test turns.
use super::script::{Hint, Script, all};
use crate::support::Counter;
use core::time::Duration;
use futures_util::stream::{FusedStream, LocalBoxStream};
use futures_util::{Stream, StreamExt, stream};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use taskcell::stream::AsyncEnumerableExt;
use taskcell::time::ManualClock;
use taskcell::{Elapsed, TimeProvider, Timestamp, delay_on};

const SECOND: Duration = Duration::from_secs(1);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// What the test puts in comes out at the other end, when it is asked for.
struct Pipe<T>(Rc<RefCell<Inside<T>>>);

/// What was put in, None for the end; and who waits for more.
type Inside<T> = (VecDeque<Option<T>>, Option<Waker>);

impl<T> Clone for Pipe<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Pipe<T> {
    fn new() -> Self {
        Self(Rc::default())
    }

    fn put(&self, items: impl IntoIterator<Item = T>) {
        self.add(items.into_iter().map(Some));
    }

    fn end(&self) {
        self.add([None]);
    }

    fn add(&self, items: impl IntoIterator<Item = Option<T>>) {
        let mut inside = self.0.borrow_mut();
        inside.0.extend(items);
        if let Some(waker) = inside.1.take() {
            waker.wake();
        }
    }
}

impl<T> Stream for Pipe<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut inside = self.0.borrow_mut();
        match inside.0.pop_front() {
            Some(item) => Poll::Ready(item),
            None => {
                inside.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// A stream that is polled by hand, and whether it was woken since.
struct Hand<S> {
    stream: Pin<Box<S>>,
    wakes: std::sync::Arc<Counter>,
    seen: usize,
}

impl<S: FusedStream> Hand<S> {
    fn new(stream: S) -> Self {
        Self { stream: Box::pin(stream), wakes: Counter::new(), seen: 0 }
    }

    fn poll(&mut self) -> Poll<Option<S::Item>> {
        self.seen = self.wakes.wakes();
        self.stream.as_mut().poll_next(&mut Context::from_waker(&self.wakes.waker()))
    }

    fn woken(&self) -> bool {
        self.wakes.wakes() > self.seen
    }
}

#[test]
fn debounce_waits_until_it_is_quiet() {
    let clock = ManualClock::new();
    let pipe = Pipe::new();
    let mut items = Hand::new(pipe.clone().debounce_on(&clock, SECOND));
    assert!(items.poll().is_pending());
    assert_eq!(clock.armed(), 0);
    pipe.put([1, 2]);
    assert!(items.woken() && items.poll().is_pending());
    assert_eq!(clock.armed(), 1);
    clock.advance(SECOND / 2);
    pipe.put([3]);
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 2);
    assert!(!items.woken() && items.poll().is_pending());
    clock.advance(SECOND / 2);
    assert!(items.woken());
    assert_eq!(items.poll(), Poll::Ready(Some(3)));
    assert_eq!(clock.armed(), 0);
    assert!(items.poll().is_pending());
    clock.advance(seconds(9));
    assert!(items.poll().is_pending());
    // When the time is up the item is given, though another has come before the poll.
    pipe.put([4]);
    assert!(items.poll().is_pending());
    clock.advance(SECOND);
    pipe.put([5]);
    assert_eq!(items.poll(), Poll::Ready(Some(4)));
    assert_eq!(clock.armed(), 0);
    assert!(items.poll().is_pending());
    // The end does not wait.
    pipe.put([6]);
    pipe.end();
    assert_eq!(items.stream.size_hint(), (1, None));
    assert_eq!(items.poll(), Poll::Ready(Some(6)));
    assert_eq!(clock.armed(), 0);
    assert_eq!(items.poll(), Poll::Ready(None));
    assert!(items.stream.is_terminated());
    assert_eq!(items.poll(), Poll::Ready(None));
}

/// Items that are a little further apart than the quiet time, and a consumer that is always a little late: each is given.
#[test]
fn debounce_gives_what_was_quiet_to_a_consumer_that_is_late() {
    let clock = ManualClock::new();
    let pipe = Pipe::new();
    let mut items = Hand::new(pipe.clone().debounce_on(&clock, SECOND));
    let mut seen = Vec::new();
    for n in 0..5 {
        pipe.put([n]);
        while let Poll::Ready(Some(item)) = items.poll() {
            seen.push(item);
        }
        clock.advance(SECOND + Duration::from_millis(1));
    }
    assert_eq!(seen, [0, 1, 2, 3]);
}

#[test]
fn sample_gives_the_latest_at_each_tick() {
    let clock = ManualClock::new();
    clock.advance(seconds(100));
    let pipe = Pipe::new();
    let mut items = Hand::new(pipe.clone().sample_on(&clock, SECOND));
    // A silent stream is not woken by ticks.
    assert!(items.poll().is_pending());
    assert_eq!(clock.armed(), 0);
    clock.advance(SECOND * 5 / 2);
    pipe.put([1]);
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 4);
    pipe.put([2]);
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 4);
    assert!(items.woken());
    assert_eq!(items.poll(), Poll::Ready(Some(2)));
    assert_eq!(clock.armed(), 0);
    // One that comes at the tick waits for the next.
    pipe.put([3]);
    assert!(items.poll().is_pending());
    clock.advance(SECOND * 99 / 100);
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 100);
    assert_eq!(items.poll(), Poll::Ready(Some(3)));
    pipe.put([4]);
    assert!(items.poll().is_pending());
    pipe.end();
    assert_eq!(items.poll(), Poll::Ready(Some(4)));
    assert_eq!(clock.armed(), 0);
    assert_eq!(items.poll(), Poll::Ready(None));
    assert_eq!(items.poll(), Poll::Ready(None));
}

/// However many come, there is never more than one a period, and the last one is never lost.
#[test]
fn sample_keeps_its_pace() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let steady = |every: u64, count: u64| {
        let clock = &clock;
        stream::iter(1..=count).then(move |n| {
            let pause = delay_on(clock, Duration::from_millis(every));
            async move {
                pause.await;
                n
            }
        })
    };
    let times = steady(7, 1000).sample_on(&clock, SECOND).map(|n| (n, clock.now()));
    let times = clock.block_on(times.collect::<Vec<_>>());
    assert_eq!(times.len(), 7);
    assert!(
        times
            .iter()
            .enumerate()
            .all(|(k, (_, at))| k == 6 || *at == Timestamp::ZERO.saturating_add(seconds(k as u64 + 1)))
    );
    assert_eq!(times.last().map(|last| last.0), Some(1000));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn delayed_items_keep_their_distance() {
    let clock = ManualClock::new();
    let pipe = Pipe::new();
    let mut items = Hand::new(pipe.clone().delay_each_on(&clock, seconds(10)));
    pipe.put([1, 2]);
    assert!(items.poll().is_pending());
    assert_eq!(items.stream.size_hint(), (2, None));
    clock.advance(seconds(3));
    pipe.put([3]);
    pipe.end();
    assert!(items.poll().is_pending());
    assert_eq!(items.stream.size_hint(), (3, Some(3)));
    assert_eq!(clock.armed(), 1);
    clock.advance(seconds(7));
    assert!(items.woken());
    assert_eq!(items.poll(), Poll::Ready(Some(1)));
    assert_eq!(items.poll(), Poll::Ready(Some(2)));
    assert!(items.poll().is_pending());
    assert!(!items.stream.is_terminated());
    clock.advance(seconds(3));
    assert!(items.woken());
    assert_eq!(items.poll(), Poll::Ready(Some(3)));
    assert_eq!(items.poll(), Poll::Ready(None));
    assert!(items.stream.is_terminated());
    assert_eq!(clock.armed(), 0);
}

#[test]
fn each_item_has_its_own_time() {
    let clock = ManualClock::new();
    let pipe = Pipe::new();
    let mut items = Hand::new(pipe.clone().timeout_each_on(&clock, SECOND));
    pipe.put([1]);
    assert_eq!(items.poll(), Poll::Ready(Some(Ok(1))));
    assert_eq!(clock.armed(), 0);
    // What the consumer does meanwhile does not count.
    clock.advance(seconds(9));
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 2);
    assert!(items.poll().is_pending());
    clock.advance(SECOND / 2);
    assert!(items.woken());
    let late = items.poll();
    assert!(matches!(late, Poll::Ready(Some(Err(Elapsed { .. })))));
    assert_eq!(clock.armed(), 0);
    // It goes on, with a new time; and an item that is there is not late.
    assert!(items.poll().is_pending());
    clock.advance(seconds(9));
    pipe.put([2]);
    assert_eq!(items.poll(), Poll::Ready(Some(Ok(2))));
    assert_eq!(clock.armed(), 0);
    assert!(items.poll().is_pending());
    pipe.end();
    assert_eq!(items.poll(), Poll::Ready(None));
    assert_eq!(clock.armed(), 0);
    assert_eq!(items.poll(), Poll::Ready(None));
}

type Boxed<'a> = LocalBoxStream<'a, i32>;

/// Every operator by time over the same stream.
fn each<'a>(clock: &'a ManualClock, make: impl Fn() -> Boxed<'a>, time: Duration) -> [(&'static str, Boxed<'a>); 4] {
    [
        ("debounce", make().debounce_on(clock, time).boxed_local()),
        ("sample", make().sample_on(clock, time).boxed_local()),
        ("delay_each", make().delay_each_on(clock, time).boxed_local()),
        ("timeout_each", make().timeout_each_on(clock, time).map(|item| item.unwrap_or(-1)).boxed_local()),
    ]
}

#[test]
fn zero_waits_for_nothing_and_arms_nothing() {
    let clock = ManualClock::new();
    let make = || Script::new([Some(1), Some(2), None, Some(3)], Hint::Nothing).boxed_local();
    for (name, stream) in each(&clock, make, Duration::ZERO) {
        let items = smol::block_on(stream.inspect(|_| assert_eq!(clock.armed(), 0)).collect::<Vec<_>>());
        let expected: &[_] = match name {
            "delay_each" => &[1, 2, 3],
            "timeout_each" => &[1, 2, -1, 3],
            _ => &[2, 3],
        };
        assert_eq!(items, expected, "{name}");
    }
}

#[test]
fn the_longest_time_is_never_over_and_arms_nothing() {
    let clock = ManualClock::new();
    let make = || Script::paced(1..=3, 2, Hint::Nothing).boxed_local();
    for (name, mut stream) in each(&clock, make, Duration::MAX) {
        if name == "delay_each" {
            let wakes = Counter::new();
            for _ in 0..20 {
                assert!(wakes.poll(&mut stream.next()).is_pending());
                clock.advance(Duration::from_secs(1 << 30));
                assert_eq!(clock.armed(), 0);
            }
            continue;
        }
        let items = smol::block_on(stream.inspect(|_| assert_eq!(clock.armed(), 0)).collect::<Vec<_>>());
        assert_eq!(items, if name == "timeout_each" { vec![1, 2, 3] } else { vec![3] }, "{name}");
    }
}

#[test]
fn empty_streams_end_at_once() {
    let clock = ManualClock::new();
    for (name, stream) in each(&clock, || stream::empty().boxed_local(), SECOND) {
        assert_eq!(smol::block_on(stream.collect::<Vec<_>>()), [], "{name}");
    }
    assert_eq!(all(stream::empty::<u8>().debounce_on(&clock, SECOND)), []);
    assert_eq!(all(stream::empty::<u8>().delay_each_on(&clock, SECOND)), []);
}

#[test]
fn dropped_early_no_timer_stays() {
    let clock = ManualClock::new();
    let make = || stream::iter([1, 2]).chain(stream::pending()).boxed_local();
    for (name, mut stream) in each(&clock, make, SECOND) {
        let wakes = Counter::new();
        while wakes.poll(&mut stream.next()).is_ready() {}
        assert_eq!(clock.armed(), 1, "{name}");
        drop(stream);
        assert_eq!(clock.armed(), 0, "{name}");
        assert_eq!(wakes.held(), 0, "{name}");
    }
}

/// A stream that is never pending: the time is looked at all the same.
#[test]
fn a_stream_that_is_always_ready() {
    let clock = ManualClock::new();
    let mut sampled = Hand::new(stream::iter(1..).sample_on(&clock, SECOND));
    assert!(sampled.poll().is_pending() && sampled.woken());
    clock.advance(SECOND);
    assert_eq!(sampled.poll(), Poll::Ready(Some(256)));
    let mut delayed = Hand::new(stream::iter(1..).delay_each_on(&clock, SECOND));
    assert!(delayed.poll().is_pending() && delayed.woken());
    clock.advance(SECOND);
    assert_eq!(delayed.poll(), Poll::Ready(Some(1)));
}

#[test]
fn the_systems_clock() {
    let slow = || stream::iter([1]).chain(stream::pending());
    let short = Duration::from_millis(1);
    smol::block_on(async {
        assert_eq!(Box::pin(slow().debounce(short)).next().await, Some(1));
        assert_eq!(Box::pin(slow().sample(short)).next().await, Some(1));
        assert_eq!(Box::pin(slow().delay_each(short)).next().await, Some(1));
        let mut late = Box::pin(slow().timeout_each(short));
        assert_eq!(late.next().await, Some(Ok(1)));
        assert!(matches!(late.next().await, Some(Err(_))));
    });
}

#[test]
fn times_at_the_end_of_time() {
    let clock = ManualClock::new();
    let pipe = Pipe::new();
    let mut sampled = Hand::new(pipe.clone().sample_on(&clock, Duration::from_nanos(1)));
    assert!(sampled.poll().is_pending());
    clock.advance(Duration::MAX);
    pipe.put([1]);
    assert!(sampled.poll().is_pending(), "there is no tick any more");
    pipe.end();
    assert_eq!(sampled.poll(), Poll::Ready(Some(1)));
}
