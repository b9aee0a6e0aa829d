//! Callers that are forgotten, loaders that use their own key, time that runs out during a refresh.
use super::{Loads, cache};
use crate::support::exec::{Executor, Smol};
use crate::support::{Counter, Jobs, forget};
use core::time::Duration;
use std::sync::Arc;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{AsyncCache, BoxFuture, CacheOptions, ErrorPolicy, Handover};

/// Nobody waits for ever for one that was told and is never polled again, once a new caller comes.
#[test]
fn one_who_was_told_and_is_forgotten() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads, counter) = (cache(CacheOptions::new().handover(handover)), Loads::new(), Counter::new());
        let [mut leader, mut told, mut waits] = [1, 2, 3].map(|n| cache.get_with(&7, loads.ok(n)));
        assert!(Counter::new().poll(&mut leader).is_pending());
        assert!(Counter::new().poll(&mut told).is_pending());
        assert!(counter.poll(&mut waits).is_pending());
        drop(leader);
        forget(told);
        assert_eq!(counter.wakes(), 0);
        let mut new = cache.get_with(&7, loads.ok(4));
        assert!(Counter::new().poll(&mut new).is_pending());
        // It leads, and hands over as any other.
        drop(new);
        assert_eq!(counter.wakes(), 1);
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut waits), Poll::Ready(Ok(1 | 3))));
        assert_eq!((cache.loading(), cache.len()), (0, 1));
    }
}

#[test]
fn loaders_that_use_their_own_key() {
    let (cache, counter) = (cache(CacheOptions::new()), Counter::new());
    let inside = cache.clone();
    let mut get = cache.get_with(&7, async move |_| {
        inside.set(7, 5);
        Ok(1)
    });
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(1))));
    assert_eq!((cache.peek(&7), cache.loading()), (Some(5), 0), "what was set stays");
    let inside = cache.clone();
    let mut get = cache.refresh_with(&7, async move |_| {
        assert_eq!(inside.remove(&7), Some(5));
        Ok(2)
    });
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(2))));
    assert_eq!((cache.peek(&7), cache.loading()), (None, 0), "what was removed does not come back");
    let inside = cache.clone();
    let mut get = cache.get_with(&7, async move |_| {
        inside.invalidate_all();
        inside.get_with(&7, async |_| Ok(4)).await.map_err(|_| "inside")
    });
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(4))), "and it is no longer its own key");
    assert_eq!((cache.peek(&7), cache.loading()), (Some(4), 0));
}

/// A hot load keeps the cache until it has ended.
#[test]
fn a_cache_that_is_dropped_while_a_hot_load_runs() {
    let (jobs, loads) = (Jobs::new(), Loads::new());
    let value = Arc::new(());
    {
        let cache: AsyncCache<u32, Arc<()>, &str> = AsyncCache::without_loader(CacheOptions::new());
        let (load, value) = (loads.ok(1), value.clone());
        let load = async move |token| {
            load(token).await?;
            Ok(value)
        };
        assert!(Counter::new().poll(&mut cache.get_with(&7, load).spawned(&jobs)).is_pending());
    }
    assert_eq!(Arc::strong_count(&value), 2);
    loads.gate.arrive();
    jobs.run();
    assert_eq!((Arc::strong_count(&value), loads.counts()), (1, [1, 1, 1]));
}

/// While the value is good a refresh is nobody else's; from then on they wait for it.
#[test]
fn a_value_that_gets_too_old_during_its_refresh() {
    for result in [Ok(2), Err("down")] {
        let (clock, loads, counter) = (ManualClock::new(), Loads::new(), Counter::new());
        let options = CacheOptions::new().clock(clock.clone()).time_to_live(Duration::from_secs(10));
        let cache = cache(options.error_policy(ErrorPolicy::CacheFor(Duration::from_secs(5))));
        cache.set(7, 1);
        let mut refresh = cache.refresh_with(&7, loads.at(1, result));
        assert!(counter.poll(&mut refresh).is_pending());
        assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(9))), Poll::Ready(Ok(1))));
        clock.advance(Duration::from_secs(10));
        let mut get = cache.get_with(&7, loads.ok(9));
        assert!(counter.poll(&mut get).is_pending());
        loads.gate.arrive();
        for found in [counter.poll(&mut refresh), counter.poll(&mut get)] {
            assert!(matches!(found, Poll::Ready(found) if found.as_ref().ok() == result.as_ref().ok()));
        }
        // An error takes the place of a value that is too old, for its own time.
        assert!(
            matches!(counter.poll(&mut cache.get_with(&7, loads.ok(3))), Poll::Ready(found) if found.is_ok() == result.is_ok())
        );
        assert_eq!((cache.len(), loads.counts()[0]), (1, 1));
        let statistics = cache.statistics();
        assert_eq!((statistics.hits, statistics.misses, statistics.loads), (2, 1, 1), "a refresh is neither");
    }
}

/// An entry that makes room while it is refreshed.
#[test]
fn an_entry_that_makes_room_while_it_is_refreshed() {
    let (cache, loads, counter) = (cache(CacheOptions::new().capacity(1)), Loads::new(), Counter::new());
    cache.set(7, 1);
    let mut refresh = cache.refresh_with(&7, loads.ok(2));
    assert!(counter.poll(&mut refresh).is_pending());
    cache.set(8, 8);
    assert_eq!((cache.peek(&7), cache.statistics().evictions), (None, 1));
    let mut get = cache.get_with(&7, loads.ok(3));
    assert!(counter.poll(&mut get).is_pending(), "it joins the refresh");
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut refresh), Poll::Ready(Ok(2))));
    assert!(matches!(counter.poll(&mut get), Poll::Ready(Ok(2))));
    assert_eq!((cache.peek(&7), cache.peek(&8), cache.len(), loads.counts()), (Some(2), None, 1, [1, 1, 1]));
}

/// Callers in spawned futures, with keys of their own.
#[test]
fn callers_on_an_executor() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let executor = Smol::new();
    let cache: AsyncCache<String, usize> = AsyncCache::new(|key: String, _| async move { Ok(key.len()) });
    let (handle, key) = (cache.clone(), "paper".to_owned());
    let length: BoxFuture<'static, usize> = Box::pin(sent(async move { handle.get(&key).await.unwrap() }));
    assert_eq!(executor.run(length), 5);
    assert_eq!(smol::block_on(cache.get("paper")).unwrap(), 5);
    assert_eq!(smol::block_on(cache.get(&"paper".to_owned())).unwrap(), 5);
}
