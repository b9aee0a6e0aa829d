//! `next_or_cancelled`: a cancellation ends the wait and nothing else.

use std::task::Poll;

use taskcell::{CancellationToken, CancellationTokenSource, when_each};

use crate::children::{child, places};
use crate::support::Counter;

#[test]
fn a_cancellation_ends_the_wait_and_not_the_futures() {
    let places = places(2);
    let counter = Counter::new();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut each = when_each((0..2).map(|index| child(&places, index)));
    {
        let mut next = each.next_or_cancelled(&token);
        assert!(counter.poll(&mut next).is_pending());
        assert_eq!(token.listeners(), 1);
        source.cancel();
        let Poll::Ready(Err(cancelled)) = counter.poll(&mut next) else { panic!("cancelled") };
        assert_eq!(cancelled.token(), &token);
    }
    assert_eq!((token.listeners(), each.len()), (0, 2));
    assert_eq!(places.iter().map(|place| *place.polls.borrow()).sum::<usize>(), 2);
    assert!(counter.poll(&mut each.next_or_cancelled(&token)).is_ready(), "at once, without a poll of a future");
    places[1].finish();
    assert_eq!(counter.poll(&mut each.next_or_cancelled(&CancellationToken::NONE)), Poll::Ready(Ok(Some((1, 1)))));
    places[0].finish();
    assert_eq!(counter.poll(&mut each.next_or_cancelled(&CancellationToken::NONE)), Poll::Ready(Ok(Some((0, 0)))));
    assert_eq!(counter.poll(&mut each.next_or_cancelled(&CancellationToken::NONE)), Poll::Ready(Ok(None)));
}

#[test]
fn an_item_that_is_there_goes_before_a_late_cancellation() {
    let places = places(1);
    let counter = Counter::new();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut each = when_each([child(&places, 0)]);
    let mut next = each.next_or_cancelled(&token);
    assert!(counter.poll(&mut next).is_pending());
    places[0].finish();
    source.cancel();
    assert_eq!(counter.poll(&mut next), Poll::Ready(Ok(Some((0, 0)))));
}

#[test]
fn a_wait_that_is_dropped_loses_nothing_and_leaves_nothing() {
    let places = places(1);
    let counter = Counter::new();
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut each = when_each([child(&places, 0)]);
    let mut next = each.next_or_cancelled(&token);
    assert!(counter.poll(&mut next).is_pending());
    places[0].finish();
    drop(next);
    assert_eq!(token.listeners(), 0);
    assert_eq!(counter.poll(&mut each.next_or_cancelled(&token)), Poll::Ready(Ok(Some((0, 0)))));
}
