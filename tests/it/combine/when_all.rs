//! `when_all` as its users see it, and what an `AggregateError` tells.

use std::cell::RefCell;
use std::future::{Ready, pending, ready};
use std::rc::Rc;
use std::task::Poll;

use taskcell::{AggregateError, BoxFuture, LocalBoxFuture, when_all};

use crate::children::{child, places};
use crate::support::heap::allocations;
use crate::support::{Counter, panic_of, poll_with};

/// Even numbers are values, odd ones errors.
fn even(n: usize) -> Ready<Result<usize, usize>> {
    ready(if n % 2 == 0 { Ok(n) } else { Err(n) })
}

#[test]
fn an_empty_set_is_ready_without_memory() {
    let before = allocations();
    let mut none = when_all(Vec::<Ready<Result<u8, u8>>>::new());
    assert_eq!(Counter::new().poll(&mut none), Poll::Ready(Ok(vec![])));
    assert_eq!(allocations() - before, 1, "the counter's");
}

#[test]
fn values_come_in_input_order_with_two_allocations() {
    let counter = Counter::new();
    let before = allocations();
    let mut all = when_all((0..100).map(|n| even(2 * n)));
    let Poll::Ready(Ok(values)) = counter.poll(&mut all) else { panic!("all are ready and fine") };
    assert_eq!(allocations() - before, 2);
    assert!(values.into_iter().eq((0..100).map(|n| 2 * n)));
    assert!(panic_of(|| counter.poll(&mut all)).is_some());
}

#[test]
fn all_errors_are_kept_with_their_indices_in_input_order() {
    let error = smol::block_on(when_all((0..10).map(even))).unwrap_err();
    assert!(error.iter().eq([(1, &1), (3, &3), (5, &5), (7, &7), (9, &9)]));
    assert_eq!((*error.first(), error.len(), error.secondary().len()), (1, 5, 0));
}

#[test]
fn an_error_ends_nothing_early() {
    let places = places(3);
    let counter = Counter::new();
    let mut all = when_all((0..3).map(|index| {
        let child = child(&places, index);
        Box::pin(async move { if child.await == 1 { Err("second") } else { Ok(index) } })
    }));
    assert!(counter.poll(&mut all).is_pending());
    places[1].finish();
    assert!(counter.poll(&mut all).is_pending());
    places[2].finish();
    assert!(counter.poll(&mut all).is_pending());
    places[0].finish();
    assert_eq!(counter.poll(&mut all), Poll::Ready(Err(AggregateError::new([(1, "second")]))));
    assert_eq!((counter.wakes(), counter.held()), (3, 0));
}

#[test]
fn a_million_inputs_one_of_which_fails() {
    let error =
        smol::block_on(when_all((0..1_000_000).map(|n| async move { if n == 999_998 { Err(n) } else { Ok(()) } })));
    assert!(error.unwrap_err().iter().eq([(999_998, &999_998)]));
}

#[test]
fn a_child_that_panics_keeps_its_siblings_until_the_drop() {
    let kept = Rc::new(());
    let held = kept.clone();
    let children: [LocalBoxFuture<'_, Result<(), ()>>; 2] = [
        Box::pin(async { panic!("a child") }),
        Box::pin(async move {
            let _held = held;
            pending().await
        }),
    ];
    let mut all = when_all(children);
    let counter = Counter::new();
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("a child"));
    assert_eq!(Rc::strong_count(&kept), 2);
    assert_eq!(panic_of(|| counter.poll(&mut all)), Some("polled after a child panicked"));
    drop(all);
    assert_eq!((Rc::strong_count(&kept), counter.held()), (1, 0));
}

#[test]
fn every_value_and_error_is_dropped_once_even_if_one_panics() {
    struct Noted(Rc<RefCell<Vec<usize>>>, usize, bool);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
            if self.2 {
                panic!("a drop");
            }
        }
    }
    for bad in 0..6 {
        let dropped = Rc::new(RefCell::new(Vec::new()));
        let all = when_all((0..6).map(|n| {
            let noted = Noted(dropped.clone(), n, n == bad);
            async move { if n % 2 == 0 { Ok(noted) } else { Err(noted) } }
        }));
        let mut all = Box::pin(all);
        let counter = Counter::new();
        let outcome = panic_of(|| drop(poll_with(&counter.waker(), &mut all)));
        assert_eq!(outcome, Some("a drop"));
        drop(all);
        let mut dropped = dropped.take();
        dropped.sort_unstable();
        assert_eq!(dropped, [0, 1, 2, 3, 4, 5], "{bad}");
    }
}

#[test]
fn aggregates_of_aggregates_become_one() {
    let inner = |n: usize| async move { when_all((n..n + 3).map(even)).await };
    let error = smol::block_on(when_all([0, 1, 2].map(inner))).unwrap_err();
    assert_eq!(error.flatten().to_string(), "4 errors: [0] 1; [1] 1; [1] 3; [2] 3");
}

#[test]
fn it_is_an_error_like_any_other() {
    let work: [BoxFuture<'_, Result<(), String>>; 2] =
        [Box::pin(ready(Err("no ink".to_owned()))), Box::pin(ready(Ok(())))];
    let error: Box<dyn std::error::Error> = smol::block_on(when_all(work)).unwrap_err().into();
    assert_eq!(error.to_string(), "1 error: [0] no ink");
}
