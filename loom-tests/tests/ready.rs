//! Slots that are used again: late wakes of a former child against the one that lives there now.
#![cfg(loom)]

use std::cell::RefCell;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use taskcell::WhenEach;
use taskcell_loom_tests::children::{Child, Parent, Signal};
use taskcell_loom_tests::{Bound, model, name};

/// The next item of a set, as a future.
struct Next<'a>(&'a mut WhenEach<Child>);

impl Future for Next<'_> {
    type Output = Option<(usize, u32)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut *self.0).poll_next(cx)
    }
}

fn poll(each: &mut WhenEach<Child>, waker: &Waker) -> Poll<Option<(usize, u32)>> {
    Pin::new(each).poll_next(&mut Context::from_waker(waker))
}

/// Polls, now and whenever it is woken, until there is an item.
fn run(parent: &Parent, each: &mut WhenEach<Child>, waker: &Waker) -> Option<(usize, u32)> {
    match poll(each, waker) {
        Poll::Ready(item) => item,
        Poll::Pending => parent.run(&mut Next(each), waker),
    }
}

/// A child that leaves its waker at its first poll, and where.
fn leaving(signal: &Arc<Signal>, reads: bool) -> (Child, Rc<RefCell<Option<Waker>>>) {
    let place = Rc::new(RefCell::new(None));
    let left = place.clone();
    (Child::new(signal, reads, move |waker| *left.borrow_mut() = Some(waker)), place)
}

/// A set of one slot whose first child has ended and has left its waker.
fn used_once(waker: &Waker) -> (WhenEach<Child>, Waker) {
    let signal = Signal::new();
    let (child, left) = leaving(&signal, false);
    let mut each = WhenEach::new();
    each.push(child);
    assert!(poll(&mut each, waker).is_pending());
    signal.send();
    let old = left.take().unwrap();
    old.wake_by_ref();
    assert_eq!(poll(&mut each, waker), Poll::Ready(Some((0, 7))));
    (each, old)
}

/// The former child is woken late, while the next one is put, polled and woken: no wake of the new one is lost.
#[test]
fn late_wake_against_a_refill_and_its_wake() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, waker) = Parent::new();
        let (mut each, old) = used_once(&waker);
        let late = thread::spawn(move || old.wake());
        let signal = Signal::new();
        let sent = signal.clone();
        each.push(Child::new(&signal, false, move |waker| {
            thread::spawn(move || {
                sent.send();
                waker.wake();
            });
        }));
        assert_eq!(run(&parent, &mut each, &waker), Some((1, 7)));
        late.join().unwrap();
    });
}

/// A source keeps the former child's waker, since it is the new one's too, and wakes that: it reaches the new one,
/// although nothing has shown the waking thread that there is one.
#[test]
fn wake_by_the_waker_of_a_former_child() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let mut each: WhenEach<Pin<Box<dyn Future<Output = ()>>>> = WhenEach::new();
        let old = Rc::new(RefCell::new(None));
        let left = old.clone();
        each.push(Box::pin(poll_fn(move |cx| {
            *left.borrow_mut() = Some(cx.waker().clone());
            Poll::Ready(())
        })));
        assert!(Pin::new(&mut each).poll_next(&mut Context::from_waker(&waker)).is_ready());
        let (old, flag) = (old.take().unwrap(), Arc::new(AtomicBool::new(false)));
        let seen = flag.clone();
        let thread = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            old.wake();
        });
        each.push(Box::pin(poll_fn(
            move |_| if seen.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending },
        )));
        let mut next = poll_fn(|cx| Pin::new(&mut each).poll_next(cx));
        let item = match Pin::new(&mut next).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(item) => item,
            Poll::Pending => parent.run(&mut next, &waker),
        };
        assert_eq!(item, Some((1, ())));
        thread.join().unwrap();
    });
}

/// A block is given up, because its last child has ended, while a waker of it is used: it is freed once.
#[test]
fn block_given_up_against_a_late_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let signals = [(); 3].map(|()| Signal::new());
        let children = [(); 3].map(|()| Rc::new(RefCell::new(None)));
        let mut each = WhenEach::new();
        for (signal, place) in signals.iter().zip(&children) {
            let left = place.clone();
            each.push(Child::new(signal, false, move |waker| *left.borrow_mut() = Some(waker)));
        }
        assert!(poll(&mut each, &waker).is_pending());
        let mut wakers = children.map(|place| place.take().unwrap());
        for index in 0..2 {
            signals[index].send();
            wakers[index].wake_by_ref();
            assert_eq!(poll(&mut each, &waker), Poll::Ready(Some((index, 7))));
        }
        // Two blocks have no child now: the next poll gives one of them up.
        let late = wakers.each_mut().map(|waker| waker.clone());
        let thread = thread::spawn(move || late.into_iter().take(2).for_each(Waker::wake));
        drop(wakers);
        assert!(poll(&mut each, &waker).is_pending());
        drop(each);
        thread.join().unwrap();
        drop(waker);
        assert_eq!(std::sync::Arc::strong_count(&parent), 1);
    });
}

/// The set is dropped while the waker of a former child and the one that lives in its slot are used.
#[test]
fn late_wake_against_drop_of_a_refilled_set() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let (mut each, old) = used_once(&waker);
        let (child, left) = leaving(&Signal::new(), false);
        each.push(child);
        assert!(poll(&mut each, &waker).is_pending());
        let new = left.take().unwrap();
        let threads = [thread::spawn(move || old.wake()), thread::spawn(move || new.wake())];
        drop(each);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        drop(waker);
        assert_eq!(std::sync::Arc::strong_count(&parent), 1);
    });
}

/// Children that never had a poll come before one that is put into a slot that has come free.
#[test]
fn refill_before_the_first_poll_of_another() {
    model(name!(), Bound::Exhaustive, || {
        let (_parent, waker) = Parent::new();
        let mut each: WhenEach<_> = [1, 2].into_iter().map(ready).collect();
        let next = |each: &mut WhenEach<_>| Pin::new(each).poll_next(&mut Context::from_waker(&waker));
        assert_eq!(next(&mut each), Poll::Ready(Some((0, 1))));
        each.push(ready(3));
        assert_eq!(next(&mut each), Poll::Ready(Some((1, 2))));
        assert_eq!(next(&mut each), Poll::Ready(Some((2, 3))));
        assert_eq!(next(&mut each), Poll::Ready(None));
    });
}

/// A former child's waker queues its slot: nothing is polled there while it is empty, and whoever is put there while it is
/// queued keeps the place, in front of who is put elsewhere.
#[test]
fn slot_that_is_queued_and_used_again() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let signals = [(); 4].map(|()| Signal::new());
        let [(a, left), (b, second), ..] = signals.each_ref().map(|signal| leaving(signal, false));
        let mut each: WhenEach<_> = [a, b].into_iter().collect();
        assert!(poll(&mut each, &waker).is_pending());
        let (old, other) = (left.take().unwrap(), second.take().unwrap());
        signals[0].send();
        old.wake_by_ref();
        assert_eq!(poll(&mut each, &waker), Poll::Ready(Some((0, 7))));
        // Nobody lives there.
        assert!(poll(&mut each, &waker).is_pending());
        old.wake_by_ref();
        assert!(poll(&mut each, &waker).is_pending());
        signals[1].send();
        other.wake_by_ref();
        old.wake_by_ref();
        assert_eq!(poll(&mut each, &waker), Poll::Ready(Some((1, 7))));
        let wakers = [2, 3].map(|n| {
            let (child, left) = leaving(&signals[n], false);
            each.push(child);
            signals[n].send();
            left
        });
        assert!(poll(&mut each, &waker).is_pending());
        let [third, fourth] = wakers.map(|left| left.take().unwrap());
        third.wake();
        assert_eq!(poll(&mut each, &waker), Poll::Ready(Some((2, 7))));
        fourth.wake();
        assert_eq!(poll(&mut each, &waker), Poll::Ready(Some((3, 7))));
        assert!(poll(&mut each, &waker) == Poll::Ready(None) && parent.wakes() > 0);
    });
}
