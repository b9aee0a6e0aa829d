//! Who leads, and who leads next.
use super::{Loads, cache};
use crate::support::Counter;
use std::task::Poll;
use taskcell::{CacheOptions, Handover};

#[test]
fn nobody_waits_and_a_load_is_dropped_or_parked() {
    let (restart, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    assert!(counter.poll(&mut restart.get_with(&7, loads.ok(1))).is_pending());
    assert_eq!((restart.loading(), loads.counts()), (0, [1, 0, 1]));

    let (baton, loads) = (cache(CacheOptions::new().handover(Handover::Baton)), Loads::new());
    assert!(counter.poll(&mut baton.get_with(&7, loads.ok(1))).is_pending());
    assert_eq!((baton.loading(), loads.counts()), (1, [1, 0, 0]), "parked");
    let mut next = baton.get_with(&7, loads.ok(2));
    assert!(counter.poll(&mut next).is_pending());
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut next), Poll::Ready(Ok(1))));
    assert_eq!((baton.loading(), baton.statistics().loads, loads.counts()), (0, 1, [1, 1, 1]));
}

#[test]
fn what_is_parked_goes_with_its_key_and_with_the_cache() {
    let counter = Counter::new();
    let park = |key| {
        let (baton, loads) = (cache(CacheOptions::new().handover(Handover::Baton)), Loads::new());
        assert!(counter.poll(&mut baton.get_with(&key, loads.ok(1))).is_pending());
        assert_eq!(loads.counts(), [1, 0, 0]);
        (baton, loads)
    };
    let (baton, loads) = park(1);
    assert_eq!(baton.remove(&1), None);
    assert_eq!((baton.loading(), loads.counts()), (0, [1, 0, 1]));
    let (baton, loads) = park(2);
    baton.invalidate_all();
    assert_eq!((baton.loading(), loads.counts()), (0, [1, 0, 1]));
    let (baton, loads) = park(3);
    baton.set(3, 9);
    assert_eq!((baton.loading(), loads.counts(), baton.peek(&3)), (0, [1, 0, 1], Some(9)));
    let (baton, loads) = park(4);
    drop(baton);
    assert_eq!(loads.counts(), [1, 0, 1]);
}

#[test]
fn one_who_was_told_and_goes_passes_it_on() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads) = (cache(CacheOptions::new().handover(handover)), Loads::new());
        let counters: [_; 4] = std::array::from_fn(|_| Counter::new());
        let mut gets: Vec<_> = (0..4).map(|_| cache.get_with(&7, loads.ok(1))).collect();
        for (counter, get) in counters.iter().zip(&mut gets) {
            assert!(counter.poll(get).is_pending());
        }
        for gone in 0..3 {
            drop(gets.remove(0));
            let wakes = counters.each_ref().map(|counter| counter.wakes());
            assert_eq!(wakes.iter().sum::<usize>(), gone + 1, "one at a time: {wakes:?}");
            assert_eq!(wakes[gone + 1], 1);
        }
        loads.gate.arrive();
        assert!(matches!(counters[3].poll(&mut gets[0]), Poll::Ready(Ok(1))));
    }
}

#[test]
fn a_new_caller_may_be_faster_than_one_who_was_told() {
    let (cache, loads) = (cache(CacheOptions::new()), Loads::new());
    let counters: [_; 4] = std::array::from_fn(|_| Counter::new());
    let mut gets: Vec<_> = (0..4).map(|n| cache.get_with(&7, loads.ok(n))).collect();
    for n in 0..3 {
        assert!(counters[n].poll(&mut gets[n]).is_pending());
    }
    let mut new = gets.pop().unwrap();
    drop(gets.remove(0));
    assert_eq!(counters[1].wakes(), 1);
    assert!(counters[3].poll(&mut new).is_pending(), "it leads");
    assert_eq!(loads.counts(), [2, 0, 1]);
    // The one who was told stands first again.
    assert!(counters[1].poll(&mut gets[0]).is_pending());
    drop(new);
    assert_eq!(counters.each_ref().map(|counter| counter.wakes()), [0, 2, 0, 0]);
    // And if it goes without having looked, nobody else is needed.
    drop(gets.remove(0));
    assert_eq!(counters[2].wakes(), 1);
    loads.gate.arrive();
    assert!(matches!(counters[2].poll(&mut gets[0]), Poll::Ready(Ok(2))));
}

#[test]
fn a_flight_without_a_key_hands_over_too() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut gets: Vec<_> = (0..2).map(|n| cache.get_with(&7, loads.ok(n))).collect();
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    cache.remove(&7);
    assert_eq!(cache.loading(), 0);
    let mut newer = cache.get_with(&7, loads.ok(5));
    assert!(counter.poll(&mut newer).is_pending(), "it does not join what was removed");
    drop(gets.remove(0));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut gets[0]), Poll::Ready(Ok(1))));
    assert_eq!(cache.len(), 0, "what was removed is not kept");
    assert!(matches!(counter.poll(&mut newer), Poll::Ready(Ok(5))));
    assert_eq!((cache.peek(&7), loads.counts()), (Some(5), [3, 2, 3]));
}

#[test]
fn a_loader_may_ask_for_another_key() {
    let (outer, loads) = (cache(CacheOptions::new()), Loads::new());
    loads.gate.arrive();
    let (inner, ok) = (outer.clone(), loads.ok(3));
    let get = outer.get_with(&1, async move |_| {
        let three = inner.get_with(&2, ok).await.map_err(|_| "inner")?;
        Ok(three + 1)
    });
    assert_eq!(smol::block_on(get).unwrap(), 4);
    assert_eq!((outer.peek(&1), outer.peek(&2)), (Some(4), Some(3)));
}

#[test]
fn the_last_waker_counts() {
    let (cache, loads, first, second) = (cache(CacheOptions::new()), Loads::new(), Counter::new(), Counter::new());
    let mut leader = cache.get_with(&7, loads.ok(1));
    let mut waiter = cache.get_with(&7, loads.ok(2));
    assert!(Counter::new().poll(&mut leader).is_pending());
    assert!(first.poll(&mut waiter).is_pending());
    assert!(second.poll(&mut waiter).is_pending());
    assert!(second.poll(&mut waiter).is_pending());
    assert_eq!(second.held(), 1);
    drop(leader);
    assert_eq!((first.wakes(), second.wakes(), first.held() + second.held()), (0, 1, 0));
}

#[test]
fn what_debug_says() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let (mut leader, mut waiter) = (cache.get_with(&7, loads.ok(1)), cache.get_with(&7, loads.ok(2)));
    assert_eq!(format!("{leader:?}"), "Get { state: not polled, .. }");
    assert!(counter.poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    assert_eq!(format!("{leader:?} {waiter:?}"), "Get { state: leads, .. } Get { state: waits, .. }");
    assert_eq!(format!("{cache:?}"), "AsyncCache { len: 0, loading: 1, .. }");
}
