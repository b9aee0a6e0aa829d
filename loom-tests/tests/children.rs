//! The block of children: wakes against polls, drops and the parent's waker.
#![cfg(loom)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use loom::sync::Arc;
use loom::thread;
use taskcell::when_all_settled;
use taskcell_loom_tests::children::{Child, Parent, Signal};
use taskcell_loom_tests::{Bound, model, name};

type All = taskcell::WhenAllSettled<Child>;

/// A set that was polled once, its signals and the wakers of its children.
fn set(signals: &[Arc<Signal>], reads: bool, waker: &Waker) -> (All, Vec<Waker>) {
    let left = std::rc::Rc::new(RefCell::new(Vec::new()));
    let mut all = when_all_settled(signals.iter().map(|signal| {
        let left = left.clone();
        Child::new(signal, reads, move |waker| left.borrow_mut().push(waker))
    }));
    assert!(poll(&mut all, waker).is_pending());
    let wakers = left.take();
    (all, wakers)
}

fn poll(all: &mut All, waker: &Waker) -> Poll<Vec<u32>> {
    Pin::new(all).poll(&mut Context::from_waker(waker))
}

/// One child is woken while the set is polled for no reason; the wake and what came before it are not lost.
#[test]
fn wake_against_poll() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
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
            assert_eq!(parent.run(&mut all, &waker), [7]);
        }
        thread.join().unwrap();
    });
}

/// Two children, two threads, one set: both are seen, whichever tells the parent.
#[test]
fn two_children_woken_by_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, waker) = Parent::new();
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
        assert_eq!(parent.run(&mut all, &waker), [7, 7]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// One child, woken by two threads: the one who finds it queued is not lost either.
#[test]
fn one_child_woken_twice() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, waker) = Parent::new();
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
        assert_eq!(parent.run(&mut all, &waker), [7]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The set is polled with another waker while a child is woken: one of the two is woken, the last if it was too late.
#[test]
fn waker_replaced_against_wake() {
    model(name!(), Bound::Exhaustive, || {
        let (first, one) = Parent::new();
        let (second, two) = Parent::new();
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
        let (parent, waker) = Parent::new();
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
        assert!(parent.wakes() <= 1);
        assert_eq!(std::sync::Arc::strong_count(&parent), 1);
    });
}

/// The last waker and the set go at the same time: the block is freed once.
#[test]
fn last_waker_against_drop() {
    model(name!(), Bound::Exhaustive, || {
        let (_parent, waker) = Parent::new();
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
        let (parent, waker) = Parent::new();
        let signals = [Signal::new()];
        let (mut all, mut wakers) = set(&signals, false, &waker);
        let (signal, child) = (signals[0].clone(), wakers.pop().unwrap());
        let thread = thread::spawn(move || {
            child.wake_by_ref();
            signal.send();
            child.wake();
        });
        assert_eq!(parent.run(&mut all, &waker), [7]);
        thread.join().unwrap();
    });
}

/// Two children are queued; one is woken again, by a thread, while the set takes both.
#[test]
fn woken_again_while_a_batch_is_taken() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, waker) = Parent::new();
        let signals = [Signal::new(), Signal::new()];
        let (mut all, wakers) = set(&signals, false, &waker);
        wakers.iter().for_each(Waker::wake_by_ref);
        signals[1].send();
        let signal = signals[0].clone();
        let thread = thread::spawn(move || {
            signal.send();
            wakers[0].wake_by_ref();
        });
        assert_eq!(parent.run(&mut all, &waker), [7, 7]);
        thread.join().unwrap();
    });
}
