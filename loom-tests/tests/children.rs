//! The block of children: wakes against polls, drops and the parent's waker.
#![cfg(loom)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use taskcell::when_all;
use taskcell_loom_tests::{Bound, model, name};

/// An executor of one task: counts the wakes, unmodelled, and waits for one.
struct Count {
    wakes: std::sync::atomic::AtomicUsize,
    woken: loom::sync::Notify,
}

impl Wake for Count {
    fn wake(self: std::sync::Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.woken.notify();
    }
}

impl Count {
    fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }
}

fn count() -> (std::sync::Arc<Count>, Waker) {
    let count = std::sync::Arc::new(Count { wakes: Default::default(), woken: loom::sync::Notify::new() });
    (count.clone(), count.into())
}

/// What a waking thread and its child share. `done` is relaxed: only the wake itself orders it.
struct Signal {
    done: AtomicBool,
    payload: loom::cell::UnsafeCell<u32>,
}

// SAFETY: `payload` is written before the wake and read after it, which loom checks.
unsafe impl Sync for Signal {}
// SAFETY: as above.
unsafe impl Send for Signal {}

impl Signal {
    fn new() -> Arc<Self> {
        Arc::new(Self { done: AtomicBool::new(false), payload: loom::cell::UnsafeCell::new(0) })
    }

    fn send(&self) {
        // SAFETY: the child reads it only once it was polled after the wake that follows.
        self.payload.with_mut(|payload| unsafe { *payload = 7 });
        self.done.store(true, Ordering::Relaxed);
    }
}

/// Leaves its waker at the first poll; later ones look whether the signal was sent.
struct Child {
    signal: Arc<Signal>,
    left: Option<std::rc::Rc<RefCell<Vec<Waker>>>>,
    /// Whether a poll that sees `done` may read the payload: it was ordered by a wake, not by luck.
    reads: bool,
}

impl Future for Child {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        if let Some(left) = self.left.take() {
            left.borrow_mut().push(cx.waker().clone());
            return Poll::Pending;
        }
        if !self.signal.done.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        let signal = &self.signal;
        // SAFETY: it was polled because of the wake that followed `send`.
        Poll::Ready(if self.reads { signal.payload.with(|payload| unsafe { *payload }) } else { 7 })
    }
}

type All = taskcell::WhenAll<Child>;

/// A set that was polled once, its signals and the wakers of its children.
fn set(signals: &[Arc<Signal>], reads: bool, waker: &Waker) -> (All, Vec<Waker>) {
    let left = std::rc::Rc::new(RefCell::new(Vec::new()));
    let mut all =
        when_all(signals.iter().map(|signal| Child { signal: signal.clone(), left: Some(left.clone()), reads }));
    assert!(poll(&mut all, waker).is_pending());
    let wakers = left.take();
    (all, wakers)
}

fn poll(all: &mut All, waker: &Waker) -> Poll<Vec<u32>> {
    Pin::new(all).poll(&mut Context::from_waker(waker))
}

/// Polls as an executor does: when it was woken, until it is ready. A lost wake is a deadlock, which loom reports.
fn run(all: &mut All, count: &Count, waker: &Waker) -> Vec<u32> {
    loop {
        count.woken.wait();
        if let Poll::Ready(output) = poll(all, waker) {
            return output;
        }
        // The set wakes itself while somebody holds its waker's place.
        thread::yield_now();
    }
}

/// One child is woken while the set is polled for no reason; the wake and what came before it are not lost.
#[test]
fn wake_against_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (count, waker) = count();
        let signals = [Signal::new()];
        let (mut all, mut wakers) = set(&signals, true, &waker);
        let (signal, child) = (signals[0].clone(), wakers.pop().unwrap());
        let thread = thread::spawn(move || {
            signal.send();
            child.wake();
        });
        if let Poll::Ready(output) = poll(&mut all, &waker) {
            assert_eq!(output, [7]);
        } else {
            assert_eq!(run(&mut all, &count, &waker), [7]);
        }
        thread.join().unwrap();
    });
}

/// Two children, two threads, one set: both are seen, whichever tells the parent.
#[test]
fn two_children_woken_by_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (count, waker) = count();
        let signals = [Signal::new(), Signal::new()];
        let (mut all, wakers) = set(&signals, true, &waker);
        let threads: Vec<_> = wakers
            .into_iter()
            .zip(signals)
            .map(|(child, signal)| {
                thread::spawn(move || {
                    signal.send();
                    child.wake();
                })
            })
            .collect();
        assert_eq!(run(&mut all, &count, &waker), [7, 7]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// One child, woken by two threads: the one who finds it queued is not lost either.
#[test]
fn one_child_woken_twice() {
    model(name!(), Bound::Preemptions(3), || {
        let (count, waker) = count();
        let signals = [Signal::new()];
        let (mut all, mut wakers) = set(&signals, false, &waker);
        let child = wakers.pop().unwrap();
        let vain = child.clone();
        let signal = signals[0].clone();
        let threads = [
            thread::spawn(move || vain.wake()),
            thread::spawn(move || {
                signal.send();
                child.wake_by_ref();
            }),
        ];
        assert_eq!(run(&mut all, &count, &waker), [7]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The set is polled with another waker while a child is woken: one of the two is woken, the last if it was too late.
#[test]
fn waker_replaced_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (first, one) = count();
        let (second, two) = count();
        let signals = [Signal::new()];
        let (mut all, mut wakers) = set(&signals, false, &one);
        let (signal, child) = (signals[0].clone(), wakers.pop().unwrap());
        let thread = thread::spawn(move || {
            signal.send();
            child.wake();
        });
        let early = poll(&mut all, &two).is_ready();
        thread.join().unwrap();
        if !early {
            assert_eq!(second.wakes(), 1, "the last waker");
            assert_eq!(poll(&mut all, &two), Poll::Ready(vec![7]));
        }
        assert!(first.wakes() + second.wakes() <= 2);
        drop((all, one, two));
        assert_eq!((std::sync::Arc::strong_count(&first), std::sync::Arc::strong_count(&second)), (1, 1));
    });
}

/// A child is woken while the set is dropped: nothing leaks, the parent's waker goes exactly once.
#[test]
fn wake_against_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (count, waker) = count();
        let signals = [Signal::new(), Signal::new()];
        let (all, mut wakers) = set(&signals, false, &waker);
        let child = wakers.pop().unwrap();
        let thread = thread::spawn(move || {
            let other = child.clone();
            child.wake();
            other.wake_by_ref();
        });
        drop((all, wakers));
        thread.join().unwrap();
        drop(waker);
        assert!(count.wakes() <= 1);
        assert_eq!(std::sync::Arc::strong_count(&count), 1);
    });
}

/// The last waker and the set go at the same time: the block is freed once.
#[test]
fn last_waker_against_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (_count, waker) = count();
        let signals = [Signal::new()];
        let (all, mut wakers) = set(&signals, false, &waker);
        let child = wakers.pop().unwrap();
        let thread = thread::spawn(move || drop(child));
        drop(all);
        thread.join().unwrap();
    });
}

/// A child is woken again, by one thread, while the set takes the first wake.
#[test]
fn woken_again_while_polled() {
    model(name!(), Bound::Exhaustive, || {
        let (count, waker) = count();
        let signals = [Signal::new()];
        let (mut all, mut wakers) = set(&signals, false, &waker);
        let (signal, child) = (signals[0].clone(), wakers.pop().unwrap());
        let thread = thread::spawn(move || {
            child.wake_by_ref();
            signal.send();
            child.wake();
        });
        assert_eq!(run(&mut all, &count, &waker), [7]);
        thread.join().unwrap();
    });
}

/// Two children are queued; one is woken again, by a thread, while the set takes both.
#[test]
fn woken_again_while_a_batch_is_taken() {
    model(name!(), Bound::Exhaustive, || {
        let (count, waker) = count();
        let signals = [Signal::new(), Signal::new()];
        let (mut all, wakers) = set(&signals, false, &waker);
        wakers.iter().for_each(Waker::wake_by_ref);
        signals[1].send();
        let signal = signals[0].clone();
        let thread = thread::spawn(move || {
            signal.send();
            wakers[0].wake_by_ref();
        });
        assert_eq!(run(&mut all, &count, &waker), [7, 7]);
        thread.join().unwrap();
    });
}
