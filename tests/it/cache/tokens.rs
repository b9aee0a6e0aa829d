//! The callers' tokens, and the loads'.
use super::{Loads, cache};
use crate::support::Counter;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use taskcell::{CacheError, CacheOptions, CancellationToken, CancellationTokenSource, Handover};

#[test]
fn a_caller_that_gives_up() {
    for leads in [true, false] {
        let (cache, loads) = (cache(CacheOptions::new()), Loads::new());
        let (source, mine, others) = (CancellationTokenSource::new(), Counter::new(), Counter::new());
        let token = source.token();
        let mut get = cache.get_with(&7, loads.ok(1)).with_cancellation(&token);
        let mut other = cache.get_with(&7, loads.ok(2));
        if leads {
            assert!(mine.poll(&mut get).is_pending());
        }
        assert!(others.poll(&mut other).is_pending());
        assert!(mine.poll(&mut get).is_pending());
        assert_eq!(token.listeners(), 1);
        source.cancel();
        assert_eq!(mine.wakes(), 1);
        let Poll::Ready(Err(CacheError::Cancelled(cancelled))) = mine.poll(&mut get) else { panic!("not cancelled") };
        assert_eq!(cancelled.token(), &token);
        assert_eq!((token.listeners(), others.wakes()), (0, usize::from(leads)));
        assert!(leads || mine.held() == 0);
        loads.gate.arrive();
        assert!(matches!(others.poll(&mut other), Poll::Ready(Ok(2))));
    }
}

#[test]
fn a_token_that_was_cancelled_wins_over_what_is_kept_and_an_answer_over_a_later_one() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    cache.set(7, 1);
    let token = CancellationToken::new(true);
    let mut get = cache.get_with(&7, loads.ok(1)).with_cancellation(&token);
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Err(CacheError::Cancelled(_)))));
    assert_eq!(cache.statistics().hits, 0);
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut get = cache.get_with(&8, loads.ok(8)).with_cancellation(&token);
    assert!(counter.poll(&mut get).is_pending());
    loads.gate.arrive();
    source.cancel();
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(8))));
}

type Tokens = Arc<Mutex<Vec<CancellationToken>>>;

fn noting(
    tokens: &Tokens,
    loads: &Loads,
) -> impl FnOnce(CancellationToken) -> taskcell::BoxFuture<'static, Result<u32, &'static str>> + use<> {
    let (tokens, load) = (tokens.clone(), loads.ok(1));
    move |token| {
        tokens.lock().unwrap().push(token.clone());
        load(token)
    }
}

#[test]
fn a_load_nobody_may_cancel_has_a_token_that_never_is() {
    let (cache, loads, tokens) = (cache(CacheOptions::new()), Loads::new(), Tokens::default());
    assert!(Counter::new().poll(&mut cache.get_with(&7, noting(&tokens, &loads))).is_pending());
    cache.remove(&7);
    assert!(!tokens.lock().unwrap()[0].can_be_cancelled());
}

#[test]
fn removed_and_told() {
    let options = || CacheOptions::new().cancel_when_removed();
    for how in 0..3 {
        let (cache, loads, tokens) = (cache(options()), Loads::new(), Tokens::default());
        let counter = Counter::new();
        let mut get = cache.get_with(&7, noting(&tokens, &loads));
        assert!(counter.poll(&mut get).is_pending());
        match how {
            0 => assert_eq!(cache.remove(&7), None),
            1 => cache.invalidate_all(),
            _ => cache.set(7, 9),
        }
        assert_eq!(tokens.lock().unwrap()[0].is_cancelled(), how != 2, "to set is not to remove");
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(1))));
    }
    // Removed while the loader is being called.
    let (cache, loads, tokens) = (cache(options()), Loads::new(), Tokens::default());
    let (inside, load) = (cache.clone(), noting(&tokens, &loads));
    let mut get = cache.get_with(&7, move |token| {
        inside.remove(&7);
        load(token)
    });
    assert!(Counter::new().poll(&mut get).is_pending());
    assert!(tokens.lock().unwrap()[0].is_cancelled());
}

#[test]
fn a_parked_load_is_dropped_if_that_was_asked_for() {
    let options = CacheOptions::new().handover(Handover::Baton).cancel_when_abandoned();
    let (cache, loads, tokens) = (cache(options), Loads::new(), Tokens::default());
    let counter = Counter::new();
    let mut waiter = cache.get_with(&7, loads.ok(2));
    let mut leader = cache.get_with(&7, noting(&tokens, &loads));
    assert!(counter.poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    drop(leader);
    assert!(counter.poll(&mut waiter).is_pending(), "it goes on");
    assert!(!tokens.lock().unwrap()[0].is_cancelled());
    drop(waiter);
    assert!(tokens.lock().unwrap()[0].is_cancelled());
    assert_eq!((cache.loading(), loads.counts()), (0, [1, 0, 1]));
}

/// The token of a load that is dropped says so to whatever the load began elsewhere.
#[test]
fn a_load_that_is_dropped_is_told_if_that_was_asked_for() {
    for waits in [false, true] {
        let (cache, loads, tokens) =
            (cache(CacheOptions::new().cancel_when_abandoned()), Loads::new(), Tokens::default());
        let counter = Counter::new();
        let mut leader = cache.get_with(&7, noting(&tokens, &loads));
        let mut waiter = cache.get_with(&7, noting(&tokens, &loads));
        assert!(Counter::new().poll(&mut leader).is_pending());
        if waits {
            assert!(counter.poll(&mut waiter).is_pending());
        }
        drop(leader);
        assert!(tokens.lock().unwrap()[0].is_cancelled());
        assert!(counter.poll(&mut waiter).is_pending());
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut waiter), Poll::Ready(Ok(1))));
        assert!(!tokens.lock().unwrap()[1].is_cancelled(), "it came to its end");
    }
}

/// One who was told to lead and is cancelled before it looks: its loader is not called, and no load is counted.
#[test]
fn a_caller_whose_token_is_cancelled_begins_nothing() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads) = (cache(CacheOptions::new().handover(handover)), Loads::new());
        let (source, counter, other) = (CancellationTokenSource::new(), Counter::new(), Counter::new());
        let token = source.token();
        let mut leader = cache.get_with(&7, loads.ok(1));
        let mut told = cache.get_with(&7, loads.ok(2)).with_cancellation(&token);
        let mut next = cache.get_with(&7, loads.ok(3));
        assert!(Counter::new().poll(&mut leader).is_pending());
        assert!(counter.poll(&mut told).is_pending());
        assert!(other.poll(&mut next).is_pending());
        drop(leader);
        source.cancel();
        assert!(matches!(counter.poll(&mut told), Poll::Ready(Err(CacheError::Cancelled(_)))));
        assert_eq!((loads.counts()[0], cache.statistics().loads, other.wakes()), (1, 1, 1));
        loads.gate.arrive();
        assert!(matches!(other.poll(&mut next), Poll::Ready(Ok(1 | 3))));
        assert_eq!((counter.held(), token.listeners(), cache.loading()), (0, 0, 0));
    }
}

/// A value that would be too old at once is set: that is not to remove.
#[test]
fn a_value_that_is_not_kept_cancels_nothing() {
    let options = CacheOptions::new().cancel_when_removed().time_to_live(core::time::Duration::ZERO);
    let (cache, loads, tokens) = (cache(options), Loads::new(), Tokens::default());
    let counter = Counter::new();
    let mut get = cache.get_with(&7, noting(&tokens, &loads));
    assert!(counter.poll(&mut get).is_pending());
    cache.set(7, 9);
    assert_eq!((tokens.lock().unwrap()[0].is_cancelled(), cache.loading(), cache.len()), (false, 0, 0));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(1))));
}
