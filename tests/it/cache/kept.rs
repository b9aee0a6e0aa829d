//! What is kept, for how long, and what makes room.
use super::{Cache, Loads, cache};
use crate::support::Counter;
use core::time::Duration;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{AsyncCache, CacheOptions};

fn load(cache: &Cache, key: u32, value: u32) -> u32 {
    smol::block_on(cache.get_with(&key, async move |_| Ok(value))).unwrap()
}

#[test]
fn a_hit_loads_nothing() {
    let cache = cache(CacheOptions::new());
    assert!(cache.is_empty());
    assert_eq!((load(&cache, 7, 1), load(&cache, 7, 2), cache.peek(&7), cache.peek(&8)), (1, 1, Some(1), None));
    let statistics = cache.statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.loads, statistics.failures), (1, 1, 1, 0));
    assert_eq!((cache.remove(&7), cache.remove(&7), cache.is_empty()), (Some(1), None, true));
    assert_eq!(load(&cache, 7, 3), 3);
}

#[test]
fn time_to_live() {
    let clock = ManualClock::new();
    let cache = cache(CacheOptions::new().clock(clock.clone()).time_to_live(Duration::from_secs(10)));
    assert_eq!(load(&cache, 7, 1), 1);
    cache.set(8, 1);
    clock.advance(Duration::from_secs(9));
    assert_eq!((load(&cache, 7, 2), cache.peek(&7), cache.peek(&8)), (1, Some(1), Some(1)));
    clock.advance(Duration::from_secs(1));
    assert_eq!((cache.peek(&7), cache.peek(&8), cache.len()), (None, None, 2), "nobody has looked for them");
    assert_eq!((load(&cache, 7, 3), cache.remove(&8)), (3, None));
    clock.advance(Duration::from_secs(5));
    cache.set(9, 9);
    clock.advance(Duration::from_secs(5));
    assert_eq!((cache.remove_expired(), cache.len(), cache.peek(&9)), (1, 1, Some(9)));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn time_to_live_counts_from_the_end_of_the_load() {
    let (clock, loads, counter) = (ManualClock::new(), Loads::new(), Counter::new());
    let cache = cache(CacheOptions::new().clock(clock.clone()).time_to_live(Duration::from_secs(10)));
    let mut get = cache.get_with(&7, loads.ok(1));
    assert!(counter.poll(&mut get).is_pending());
    clock.advance(Duration::from_secs(100));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(1))));
    clock.advance(Duration::from_secs(9));
    assert_eq!(cache.peek(&7), Some(1));
}

#[test]
fn no_time_and_all_of_it() {
    let clock = ManualClock::new();
    let options = || CacheOptions::new().clock(clock.clone());
    let never = cache(options().time_to_live(Duration::ZERO));
    assert_eq!((load(&never, 7, 1), load(&never, 7, 2), never.len()), (1, 2, 0));
    never.set(7, 1);
    assert!(never.is_empty());
    let ever = cache(options().time_to_live(Duration::MAX));
    assert_eq!(load(&ever, 7, 1), 1);
    clock.advance(Duration::MAX);
    assert_eq!((load(&ever, 7, 2), ever.remove_expired()), (1, 0));
}

#[test]
fn the_one_that_was_not_asked_for_longest_makes_room() {
    let cache = cache(CacheOptions::new().capacity(3));
    (1..=3).for_each(|key| assert_eq!(load(&cache, key, key), key));
    assert_eq!(load(&cache, 1, 0), 1);
    assert_eq!(cache.peek(&2), Some(2), "to peek is not to ask");
    assert_eq!(load(&cache, 4, 4), 4);
    assert_eq!([1, 2, 3, 4].map(|key| cache.peek(&key)), [Some(1), None, Some(3), Some(4)]);
    cache.set(3, 30);
    cache.set(5, 5);
    assert_eq!([1, 3, 4, 5].map(|key| cache.peek(&key)), [None, Some(30), Some(4), Some(5)]);
    assert_eq!((cache.len(), cache.statistics().evictions), (3, 2));
}

#[test]
fn loads_under_way_make_no_room_and_need_none() {
    let (cache, loads, counter) = (cache(CacheOptions::new().capacity(1)), Loads::new(), Counter::new());
    let keys: Vec<u32> = (0..100).collect();
    let mut gets: Vec<_> = keys.iter().map(|key| cache.get_with(key, loads.ok(*key))).collect();
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    cache.set(1000, 1);
    assert_eq!((cache.loading(), cache.len(), cache.statistics().evictions), (100, 1, 0));
    loads.gate.arrive();
    for (key, get) in keys.iter().zip(&mut gets) {
        assert!(matches!(counter.poll(get), Poll::Ready(Ok(value)) if value == *key));
    }
    assert_eq!((cache.loading(), cache.len(), cache.statistics().evictions), (0, 1, 100));
}

#[test]
fn nothing_is_kept_and_loads_are_shared_all_the_same() {
    let (cache, loads, counter) = (cache(CacheOptions::new().capacity(0)), Loads::new(), Counter::new());
    let mut gets = [1, 2].map(|value| cache.get_with(&7, loads.ok(value)));
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    loads.gate.arrive();
    gets.iter_mut().for_each(|get| assert!(matches!(counter.poll(get), Poll::Ready(Ok(1)))));
    assert_eq!((cache.len(), loads.counts(), cache.statistics().evictions), (0, [1, 1, 1], 0));
}

#[test]
fn a_refresh_serves_the_old_value_meanwhile() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    cache.set(7, 1);
    let (mut one, mut two) = (cache.refresh_with(&7, loads.ok(2)), cache.refresh_with(&7, loads.ok(3)));
    assert!(counter.poll(&mut one).is_pending());
    assert!(counter.poll(&mut two).is_pending());
    assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(4))), Poll::Ready(Ok(1))));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut one), Poll::Ready(Ok(2))));
    assert!(matches!(counter.poll(&mut two), Poll::Ready(Ok(2))));
    assert_eq!((cache.peek(&7), cache.len(), loads.counts()), (Some(2), 1, [1, 1, 1]));
    // What is set or removed meanwhile is not undone.
    for (at, set) in [(2, true), (3, false)] {
        let mut refresh = cache.refresh_with(&7, loads.at(at, Ok(9)));
        assert!(counter.poll(&mut refresh).is_pending());
        if set {
            cache.set(7, 5)
        } else {
            assert_eq!(cache.remove(&7), Some(5))
        }
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut refresh), Poll::Ready(Ok(9))));
        assert_eq!(cache.peek(&7), set.then_some(5));
    }
}

#[test]
fn invalidate_all_leaves_loads_to_those_who_wait() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    (10..20).for_each(|key| cache.set(key, key));
    let keys = [1, 2, 3];
    let mut gets = keys.each_ref().map(|key| cache.get_with(key, loads.ok(*key)));
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    cache.invalidate_all();
    assert_eq!((cache.len(), cache.loading()), (0, 0));
    loads.gate.arrive();
    gets.iter_mut().for_each(|get| assert!(matches!(counter.poll(get), Poll::Ready(Ok(_)))));
    assert!(cache.is_empty());
}

#[test]
fn keys_are_borrowed() {
    let cache: AsyncCache<String, usize> = AsyncCache::new(|key: String, _| async move { Ok(key.len()) });
    smol::block_on(async {
        assert_eq!(cache.get("paper").await.unwrap(), 5);
        assert_eq!(cache.refresh("paper").await.unwrap(), 5);
    });
    assert_eq!((cache.peek("paper"), cache.remove("paper")), (Some(5), Some(5)));
}
