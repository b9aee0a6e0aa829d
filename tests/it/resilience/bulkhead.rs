//! So many at a time, so many in line, and nobody else.
use crate::support::{Counter, Dropped, panic_of};
use std::future::{pending, ready};
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::{AcquireError, Bulkhead, BulkheadPermit, CancellationToken, CancellationTokenSource, Rejected};

pub(super) fn bulkhead(limit: usize, queue: usize) -> Bulkhead {
    Bulkhead::new(NonZeroUsize::new(limit).unwrap(), queue)
}

/// Running, queued, rejected.
pub(super) fn figures(bulkhead: &Bulkhead) -> (usize, usize, u64) {
    let stats = bulkhead.stats();
    (stats.running, stats.queued, stats.rejected)
}

fn granted(poll: Poll<Result<BulkheadPermit, Rejected>>) -> BulkheadPermit {
    match poll {
        Poll::Ready(Ok(permit)) => permit,
        other => panic!("no place: {other:?}"),
    }
}

#[test]
fn places_then_queue_then_rejection() {
    let bulkhead = bulkhead(2, 1);
    let waker = Counter::new();
    let first = granted(waker.poll(&mut bulkhead.acquire()));
    let second = bulkhead.try_acquire().unwrap();
    let mut third = bulkhead.acquire();
    assert!(waker.poll(&mut third).is_pending() && third.is_queued());
    assert_eq!(figures(&bulkhead), (2, 1, 0));
    assert!(matches!(waker.poll(&mut bulkhead.acquire()), Poll::Ready(Err(Rejected::BulkheadFull))));
    assert_eq!(bulkhead.try_acquire().unwrap_err(), Rejected::BulkheadFull);
    assert_eq!(figures(&bulkhead), (2, 1, 2));
    drop(second);
    // Handed over: it counts as running, and there is room in the queue again.
    assert_eq!((figures(&bulkhead), waker.wakes()), ((2, 0, 2), 1));
    let third = granted(waker.poll(&mut third));
    drop((first, third));
    assert_eq!((figures(&bulkhead), waker.held()), ((0, 0, 2), 0));
}

#[test]
fn nothing_is_asked_for_before_the_first_poll() {
    let bulkhead = bulkhead(1, 1);
    let unpolled = [bulkhead.acquire(), bulkhead.acquire(), bulkhead.acquire()];
    assert_eq!(figures(&bulkhead), (0, 0, 0));
    drop(unpolled);
    assert!(bulkhead.try_acquire().is_ok());
}

#[test]
fn first_come_first_served_and_nobody_overtakes() {
    let bulkhead = bulkhead(1, usize::MAX);
    let wakers: [_; 4] = std::array::from_fn(|_| Counter::new());
    let mut running = bulkhead.try_acquire().unwrap();
    let mut waiting: Vec<_> = wakers.iter().map(|_| bulkhead.acquire()).collect();
    for (waker, wait) in wakers.iter().zip(&mut waiting) {
        assert!(waker.poll(wait).is_pending());
    }
    for at in 0..4 {
        drop(running);
        // It is the next one's, though that has not come for it.
        assert!(bulkhead.try_acquire().is_err());
        assert!(wakers[3].poll(&mut bulkhead.acquire()).is_pending());
        assert_eq!(wakers.each_ref().map(|waker| waker.wakes()), std::array::from_fn(|n| usize::from(n <= at)));
        running = granted(wakers[at].poll(&mut waiting[at]));
    }
    drop(running);
    assert_eq!(figures(&bulkhead).0, 0);
}

/// Wherever it stands, one who goes makes room; one who was handed a place hands it on.
#[test]
fn who_goes_leaves_the_line_or_hands_the_place_on() {
    let bulkhead = bulkhead(1, 3);
    let wakers: [_; 3] = std::array::from_fn(|_| Counter::new());
    let running = bulkhead.try_acquire().unwrap();
    let [mut a, mut b, mut c] = std::array::from_fn(|_| bulkhead.acquire());
    assert!(wakers[0].poll(&mut a).is_pending() && wakers[1].poll(&mut b).is_pending());
    assert!(wakers[2].poll(&mut c).is_pending());
    drop(b);
    assert_eq!((figures(&bulkhead), wakers[1].held()), ((1, 2, 0), 0));
    drop(running);
    assert_eq!((wakers[0].wakes(), wakers[2].wakes()), (1, 0));
    drop(a);
    assert_eq!((figures(&bulkhead), wakers[2].wakes()), ((1, 0, 0), 1));
    drop(c);
    assert_eq!(figures(&bulkhead), (0, 0, 0));
    assert!(wakers.iter().all(|waker| waker.held() == 0));
}

/// The waker of the last poll is the one that is woken.
#[test]
fn the_last_waker_counts() {
    let bulkhead = bulkhead(1, 1);
    let [old, new] = [Counter::new(), Counter::new()];
    let running = bulkhead.try_acquire().unwrap();
    let mut wait = bulkhead.acquire();
    assert!(old.poll(&mut wait).is_pending() && old.poll(&mut wait).is_pending());
    assert!(new.poll(&mut wait).is_pending());
    assert_eq!((old.held(), new.held()), (0, 1));
    drop(running);
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    drop(granted(old.poll(&mut wait)));
    assert!(panic_of(|| old.poll(&mut wait)).is_some());
}

#[test]
fn a_token_ends_the_waiting() {
    let bulkhead = bulkhead(1, 1);
    let (source, waker) = (CancellationTokenSource::new(), Counter::new());
    let token = source.token();
    let running = bulkhead.try_acquire().unwrap();
    let mut wait = bulkhead.acquire().with_cancellation(&token);
    assert!(waker.poll(&mut wait).is_pending());
    assert_eq!((figures(&bulkhead), token.listeners()), ((1, 1, 0), 1));
    source.cancel();
    let Poll::Ready(Err(AcquireError::Cancelled(cancelled))) = waker.poll(&mut wait) else { panic!("not cancelled") };
    assert_eq!(cancelled.token(), &token);
    // The line was left at once, not with the drop.
    assert_eq!(figures(&bulkhead), (1, 0, 0));
    drop(wait);
    assert_eq!((token.listeners(), waker.held()), (0, 0));
    // Cancelled from the start it asks for nothing, though there is a place.
    drop(running);
    let mut wait = bulkhead.acquire().with_cancellation(&token);
    assert!(matches!(waker.poll(&mut wait), Poll::Ready(Err(AcquireError::Cancelled(_)))));
    // What was handed over goes before the token.
    let other = CancellationTokenSource::new();
    let token = other.token();
    let running = bulkhead.try_acquire().unwrap();
    let mut wait = bulkhead.acquire().with_cancellation(&token);
    assert!(waker.poll(&mut wait).is_pending());
    drop(running);
    other.cancel();
    assert!(matches!(waker.poll(&mut wait), Poll::Ready(Ok(_))));
    drop(wait);
    assert_eq!(figures(&bulkhead), (0, 0, 0));
    // And a full queue is said as ever.
    let _running = bulkhead.try_acquire().unwrap();
    let mut first = bulkhead.acquire();
    assert!(waker.poll(&mut first).is_pending());
    let none = CancellationToken::NONE;
    let mut wait = bulkhead.acquire().with_cancellation(&none);
    let Poll::Ready(Err(error)) = waker.poll(&mut wait) else { panic!("there was room") };
    assert!(matches!(error, AcquireError::Rejected(Rejected::BulkheadFull)));
    assert_eq!(error.to_string(), "the bulkhead is full");
}

#[test]
fn calls_hold_their_place_until_they_have_gone() {
    struct Looks(Bulkhead);
    impl Drop for Looks {
        fn drop(&mut self) {
            assert_eq!(self.0.stats().running, 1);
        }
    }
    let bulkhead = bulkhead(1, 1);
    let waker = Counter::new();
    let looks = Looks(bulkhead.clone());
    let mut done = Box::pin(bulkhead.call(std::future::poll_fn(move |_| {
        let _looks = &looks;
        Poll::Ready(7)
    })));
    assert_eq!(waker.poll(&mut done), Poll::Ready(Ok(7)));
    assert_eq!(figures(&bulkhead).0, 0);
    // Dropped in the middle as well.
    let looks = Looks(bulkhead.clone());
    let mut dropped = Box::pin(bulkhead.call(std::future::poll_fn(move |_| {
        let _looks = &looks;
        Poll::<()>::Pending
    })));
    assert!(waker.poll(&mut dropped).is_pending());
    drop(dropped);
    assert_eq!(figures(&bulkhead).0, 0);
    assert!(panic_of(|| waker.poll(&mut done)).is_some());
}

#[test]
fn a_call_waits_or_is_rejected_unpolled() {
    let bulkhead = bulkhead(1, 1);
    let waker = Counter::new();
    let mut first = Box::pin(bulkhead.call(pending::<()>()));
    let mut second = Box::pin(bulkhead.call(ready(2)));
    assert!(waker.poll(&mut first).is_pending() && waker.poll(&mut second).is_pending());
    let (dropped, drops) = Dropped::new();
    let mut third = Box::pin(bulkhead.call(async move {
        let _dropped = dropped;
        unreachable!("it was polled")
    }));
    assert_eq!(waker.poll(&mut third), Poll::<Result<(), _>>::Ready(Err(Rejected::BulkheadFull)));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(first);
    assert_eq!(waker.poll(&mut second), Poll::Ready(Ok(2)));
    assert_eq!(figures(&bulkhead), (0, 0, 1));
}

/// 200,000 that wait in vain leave nothing.
#[test]
fn waiting_in_vain_leaves_nothing() {
    let bulkhead = bulkhead(1, 10);
    let waker = Counter::new();
    let _running = bulkhead.try_acquire().unwrap();
    let round = || {
        let mut waits: [_; 10] = std::array::from_fn(|_| bulkhead.acquire());
        assert!(waits.iter_mut().all(|wait| waker.poll(wait).is_pending()));
    };
    round();
    let before = (crate::support::heap::live_bytes(), crate::support::heap::allocations());
    for _ in 0..crate::support::rounds(20_000) {
        round();
    }
    let after = (crate::support::heap::live_bytes(), crate::support::heap::allocations());
    // The waker of each poll is an `Arc` that is there already.
    assert_eq!(after, before);
    assert_eq!((figures(&bulkhead), waker.held()), ((1, 0, 0), 0));
}
