//! The first of a set of children: wakes against a poll that leaves its waker last, and against the rest.
#![cfg(loom)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::thread;
use taskcell::{Empty, WhenAny, Winner, when_any};
use taskcell_loom_tests::children::{Child, Parent, Signal};
use taskcell_loom_tests::{Bound, model, name};

type Any = WhenAny<Child>;

/// So many signals, a set of their children that was polled once, and the children's wakers.
fn set<const N: usize>(waker: &Waker) -> ([loom::sync::Arc<Signal>; N], Any, Vec<Waker>) {
    let signals = [(); N].map(|()| Signal::new());
    let left = Rc::new(RefCell::new(Vec::new()));
    let mut any = when_any(signals.iter().map(|signal| {
        let left = left.clone();
        Child::new(signal, true, move |waker| left.borrow_mut().push(waker))
    }));
    assert!(poll(&mut any, waker).is_pending());
    let wakers = left.take();
    (signals, any, wakers)
}

fn poll(any: &mut Any, waker: &Waker) -> Poll<Result<Winner<Child>, Empty>> {
    Pin::new(any).poll(&mut Context::from_waker(waker))
}

/// One child is woken while the set is polled for no reason; the wake and what came before it are not lost.
#[test]
fn wake_against_poll_for_any() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let ([signal], mut any, mut wakers) = set(&waker);
        let child = wakers.pop().unwrap();
        let thread = thread::spawn(move || {
            signal.send();
            child.wake();
        });
        let winner = match poll(&mut any, &waker) {
            Poll::Ready(winner) => winner.unwrap(),
            Poll::Pending => parent.run(&mut any, &waker).unwrap(),
        };
        assert_eq!((winner.index, winner.output, winner.rest.len()), (0, 7, 0));
        thread.join().unwrap();
    });
}

/// Children are woken by two threads that their first polls start: before, while and after the set leaves its waker.
#[test]
fn wakes_against_the_first_poll_for_any() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, waker) = Parent::new();
        let mut any = when_any([(); 2].map(|()| {
            let signal = Signal::new();
            let sent = signal.clone();
            Child::new(&signal, true, move |waker| {
                thread::spawn(move || {
                    sent.send();
                    waker.wake();
                });
            })
        }));
        let mut seen = 0;
        let first = match poll(&mut any, &waker) {
            Poll::Ready(winner) => winner.unwrap(),
            Poll::Pending => parent.run(&mut any, &waker).unwrap(),
        };
        seen += first.index + first.output as usize;
        let mut any = first.rest.into_future();
        let second = match poll(&mut any, &waker) {
            Poll::Ready(winner) => winner.unwrap(),
            Poll::Pending => parent.run(&mut any, &waker).unwrap(),
        };
        seen += second.index + second.output as usize;
        assert_eq!((seen, second.rest.len()), (15, 0));
    });
}

/// Two children, two threads: the one that is seen first wins, the other one is not lost to who awaits the rest.
#[test]
fn two_winners_woken_by_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, waker) = Parent::new();
        let (signals, mut any, wakers) = set::<2>(&waker);
        for (signal, child) in signals.into_iter().zip(wakers) {
            thread::spawn(move || {
                signal.send();
                child.wake();
            });
        }
        let first = parent.run(&mut any, &waker).unwrap();
        let mut any = first.rest.into_future();
        let second = match poll(&mut any, &waker) {
            Poll::Ready(winner) => winner.unwrap(),
            Poll::Pending => parent.run(&mut any, &waker).unwrap(),
        };
        assert_eq!((first.output, second.output, first.index + second.index), (7, 7, 1));
    });
}

/// A loser is woken while its set has a winner and the rest is awaited with another waker.
#[test]
fn rest_awaited_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (first, one) = Parent::new();
        let (second, two) = Parent::new();
        let (signals, mut any, mut wakers) = set::<2>(&one);
        let child = wakers.pop().unwrap();
        signals[0].send();
        wakers.pop().unwrap().wake();
        let signal = signals[1].clone();
        let thread = thread::spawn(move || {
            signal.send();
            child.wake();
        });
        let winner = parent_polls(&mut any, &one);
        assert_eq!((winner.index, winner.output), (0, 7));
        let mut any = winner.rest.into_future();
        let next = match poll(&mut any, &two) {
            Poll::Ready(next) => next.unwrap(),
            Poll::Pending => second.run(&mut any, &two).unwrap(),
        };
        assert_eq!((next.index, next.output), (1, 7));
        assert_eq!(first.wakes(), 1, "the winner's wake");
        thread.join().unwrap();
    });
}

/// A set that was woken is polled.
fn parent_polls(any: &mut Any, waker: &Waker) -> Winner<Child> {
    let Poll::Ready(Ok(winner)) = poll(any, waker) else { panic!("a child was woken and is ready") };
    winner
}

/// A loser is woken while the rest is dropped: nobody is told, nothing leaks, the block is freed once.
#[test]
fn rest_dropped_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let (signals, mut any, mut wakers) = set::<2>(&waker);
        let child = wakers.pop().unwrap();
        signals[0].send();
        wakers.pop().unwrap().wake();
        let winner = parent_polls(&mut any, &waker);
        let thread = thread::spawn(move || {
            let other = child.clone();
            child.wake();
            other.wake_by_ref();
        });
        drop((winner, any));
        thread.join().unwrap();
        drop(waker);
        assert_eq!((parent.wakes(), Arc::strong_count(&parent)), (1, 1));
    });
}

/// A future is taken out of the rest while its waker is used.
#[test]
fn future_taken_back_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let (signals, mut any, mut wakers) = set::<2>(&waker);
        let child = wakers.pop().unwrap();
        signals[0].send();
        wakers.pop().unwrap().wake();
        let winner = parent_polls(&mut any, &waker);
        let thread = thread::spawn(move || child.wake());
        let mut rest = winner.rest.into_iter();
        let (index, future) = rest.next().unwrap();
        assert_eq!((index, rest.len()), (1, 0));
        drop((future, rest));
        thread.join().unwrap();
        assert_eq!(parent.wakes(), 1);
    });
}
