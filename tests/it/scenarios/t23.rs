//! T23: what gives outputs as they come is O(N): at most two polls for a future that is pending once, whatever N is, and
//! one block of memory. Tasks that are under way are in `t23_hot`.
use crate::support::heap::{allocations, live_bytes};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use taskcell::{WhenEach, when_each};

/// Polls of children, allocations, and the most live bytes, for `n` futures that are woken one by one in a mixed order.
fn cost(n: usize) -> (usize, usize, isize) {
    let polls = Cell::new(0);
    let wakers: RefCell<Vec<Option<Waker>>> = RefCell::new(vec![None; n]);
    let (before, live) = (allocations(), live_bytes());
    let mut each = when_each((0..n).map(|index| {
        let (polls, wakers) = (&polls, &wakers);
        let mut polled = false;
        poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            if polled {
                return Poll::Ready(());
            }
            polled = true;
            wakers.borrow_mut()[index] = Some(cx.waker().clone());
            Poll::Pending
        })
    }));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut each).poll_next(&mut cx).is_pending());
    let peak = live_bytes() - live;
    for index in (0..n).map(|step| step * 7919 % n) {
        let waker = wakers.borrow_mut()[index].take();
        waker.unwrap().wake();
        assert_eq!(Pin::new(&mut each).poll_next(&mut cx), Poll::Ready(Some((index, ()))));
    }
    assert_eq!(Pin::new(&mut each).poll_next(&mut cx), Poll::Ready(None));
    (polls.get(), allocations() - before, peak)
}

#[test]
fn polls_and_memory_grow_with_the_number_of_futures_and_no_faster() {
    let (few, many) = (cost(16_000), cost(32_000));
    assert_eq!((few.0, many.0), (32_000, 64_000));
    assert_eq!((few.1, many.1), (1, 1));
    assert!(many.2 <= 2 * few.2 + 1024, "{few:?} {many:?}");
}

#[test]
fn a_set_that_runs_for_ever_stays_as_small_as_it_is() {
    let mut each = WhenEach::new();
    let (mut items, mut live) = (0, 0);
    for round in 0..100_000_usize {
        each.push(std::future::ready(round));
        if round % 10 < 9 {
            continue;
        }
        while let Poll::Ready(Some(_)) = Pin::new(&mut each).poll_next(&mut Context::from_waker(Waker::noop())) {
            items += 1;
        }
        match round {
            99 => live = live_bytes(),
            100.. => assert_eq!(live_bytes(), live, "{round}"),
            _ => {}
        }
    }
    assert_eq!(items, 100_000);
}
