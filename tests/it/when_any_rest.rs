//! What `when_any` gives back: the rest, awaited, drained and taken apart.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn, ready};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use taskcell::{Empty, Winner, when_any};

use crate::children::{child, places};
use crate::support::Counter;
use crate::when_any::{drained, poll, polls, won};

#[test]
fn those_left_of_a_batch_come_before_those_woken_later_and_those_never_polled() {
    let places = places(6);
    let mut any = when_any((0..6).map(|index| child(&places, index)));
    places[3].finish();
    let winner = won(&mut any);
    assert_eq!(winner.index, 3);
    [5, 2, 0].iter().for_each(|&index| places[index].finish());
    let mut any = winner.rest.into_future();
    let winner = won(&mut any);
    assert_eq!((winner.index, polls(&places)), (2, vec![1, 1, 2, 1, 0, 0]));
    places[1].finish();
    assert_eq!(drained(winner.rest.into_future()), [0, 1, 5]);
    assert_eq!(polls(&places), [2, 2, 2, 1, 1, 1]);
}

#[test]
fn the_rest_holds_no_waker_and_loses_no_wake() {
    let places = places(3);
    let counter = Counter::new();
    let mut any = when_any((0..3).map(|index| child(&places, index)));
    assert!(counter.poll(&mut any).is_pending());
    assert_eq!(counter.held(), 1);
    places[1].finish();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    assert_eq!((counter.wakes(), counter.held()), (1, 0));
    places[2].finish();
    assert_eq!(counter.wakes(), 1, "nobody waits");
    let mut any = winner.rest.into_future();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    assert_eq!((winner.index, winner.rest.len(), counter.held()), (2, 1, 0));
}

#[test]
fn the_rest_wakes_who_awaits_it() {
    let places = places(3);
    let (first, second) = (Counter::new(), Counter::new());
    let mut any = when_any((0..3).map(|index| child(&places, index)));
    places[0].finish();
    let Poll::Ready(Ok(winner)) = first.poll(&mut any) else { panic!("one has ended") };
    let mut any = winner.rest.into_future();
    assert!(second.poll(&mut any).is_pending());
    places[2].finish();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn a_late_wake_of_a_winner_costs_no_poll() {
    let places = places(2);
    let counter = Counter::new();
    let mut any = when_any((0..2).map(|index| child(&places, index)));
    assert!(counter.poll(&mut any).is_pending());
    let late = places[0].waker.borrow().clone().unwrap();
    places[0].finish();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    let mut any = winner.rest.into_future();
    assert!(counter.poll(&mut any).is_pending());
    late.wake();
    assert_eq!((counter.wakes(), polls(&places)), (1, vec![2, 1]));
}

#[test]
fn futures_come_back_from_the_rest() {
    let places = places(5);
    let counter = Counter::new();
    let mut any = when_any((0..5).map(|index| child(&places, index)));
    places[2].finish();
    let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("one has ended") };
    let mut rest = winner.rest.into_iter();
    assert_eq!((rest.len(), rest.size_hint()), (4, (4, Some(4))));
    let (index, mut future) = rest.next().unwrap();
    assert_eq!((index, rest.len()), (0, 3));
    assert!(counter.poll(&mut future).is_pending());
    places[0].finish();
    assert_eq!((counter.wakes(), counter.poll(&mut future)), (1, Poll::Ready(0)));
    assert_eq!(rest.map(|(index, _)| index).collect::<Vec<_>>(), [1, 3, 4]);

    let Winner { rest, .. } = won(&mut when_any([ready(1)]));
    let mut none = rest.into_iter();
    assert!(none.next().is_none() && none.next().is_none());
}

#[test]
fn some_futures_are_taken_and_the_others_dropped() {
    let dropped = Rc::new(RefCell::new(Vec::new()));
    struct Note(Rc<RefCell<Vec<usize>>>, usize);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    impl Future for Note {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if self.1 == 3 { Poll::Ready(()) } else { Poll::Pending }
        }
    }
    let mut any = when_any((0..6).map(|index| Note(dropped.clone(), index)));
    let mut rest = won(&mut any).rest.into_iter();
    assert_eq!(*dropped.borrow(), [3]);
    let first = rest.next();
    drop(rest);
    assert_eq!(*dropped.borrow(), [3, 1, 2, 4, 5]);
    drop(first);
    assert_eq!(*dropped.borrow(), [3, 1, 2, 4, 5, 0]);
}

#[test]
fn a_million_that_are_ready_are_drained_with_a_poll_each() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let count = Cell::new(0);
    let any = when_any((0..N).map(|_| {
        poll_fn(|_| {
            count.set(count.get() + 1);
            Poll::Ready(())
        })
    }));
    assert!(drained(any).into_iter().eq(0..N));
    assert_eq!(count.get(), N);
}

#[test]
fn a_million_that_wait_are_drained_with_two_polls_each() {
    const N: usize = if cfg!(any(miri, sanitized)) { 1_000 } else { 1_000_000 };
    let count = Cell::new(0);
    let wakers = RefCell::new(Vec::with_capacity(N));
    let mut any = when_any((0..N).map(|_| {
        let (mut first, wakers, count) = (true, &wakers, &count);
        poll_fn(move |cx| {
            count.set(count.get() + 1);
            if core::mem::take(&mut first) {
                wakers.borrow_mut().push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
    }));
    let counter = Counter::new();
    assert!(counter.poll(&mut any).is_pending());
    // Half of them one by one, half of them at once, each time the last first.
    let mut wakers = wakers.take();
    for index in (N / 2..N).rev() {
        wakers.pop().unwrap().wake();
        let Poll::Ready(Ok(winner)) = counter.poll(&mut any) else { panic!("it was woken") };
        assert_eq!(winner.index, index);
        any = winner.rest.into_future();
        if index % 2 == 0 {
            assert!(counter.poll(&mut any).is_pending());
        }
    }
    wakers.into_iter().rev().for_each(Waker::wake);
    assert!(drained(any).into_iter().eq((0..N / 2).rev()));
    assert_eq!((count.get(), counter.held()), (2 * N, 0));
}

#[test]
fn a_pinned_child_never_moves() {
    struct Fixed {
        here: Cell<usize>,
        polls: Cell<usize>,
        _pinned: PhantomPinned,
    }
    impl Future for Fixed {
        type Output = ();
        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            let here = core::ptr::from_ref(&*self).addr();
            assert_eq!(here, if self.here.get() == 0 { here } else { self.here.get() });
            self.here.set(here);
            self.polls.set(self.polls.get() - 1);
            cx.waker().wake_by_ref();
            if self.polls.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
        }
    }
    let polls = |index: usize| Cell::new(1 + index * 7 % 10);
    let mut any =
        when_any((0..10).map(|index| Fixed { here: Cell::new(0), polls: polls(index), _pinned: PhantomPinned }));
    let mut order = Vec::new();
    loop {
        match poll(&mut any) {
            Poll::Ready(Ok(winner)) => {
                order.push(winner.index);
                any = winner.rest.into_future();
            }
            Poll::Ready(Err(Empty)) => break,
            Poll::Pending => {}
        }
    }
    order.sort_unstable();
    assert_eq!(order, (0..10).collect::<Vec<_>>());
}
