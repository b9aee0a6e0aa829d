//! What a cache holds on to.
use crate::support::heap::live_bytes;
use crate::support::{Counter, rounds};
use taskcell::{AsyncCache, CacheOptions, ErrorPolicy, Handover};

#[test]
fn keys_that_make_room_leave_nothing() {
    let cache: AsyncCache<u64, String, ()> = AsyncCache::without_loader(CacheOptions::new().capacity(100));
    let load = |key: u64| {
        let mut get = cache.get_with(&key, async move |_| Ok(key.to_string()));
        assert!(Counter::new().poll(&mut get).is_ready());
    };
    (0..1000).for_each(load);
    let before = live_bytes();
    (1000..rounds(1_000_000) as u64).for_each(load);
    let grown = live_bytes() - before;
    assert!(grown.abs() < 4096, "{grown} bytes");
    assert_eq!(cache.len(), 100);
}

#[test]
fn loads_that_fail_or_are_given_up_leave_nothing() {
    for handover in [Handover::Restart, Handover::Baton] {
        for errors in [ErrorPolicy::ShareOnce, ErrorPolicy::RetryNext] {
            let options = CacheOptions::new().handover(handover).error_policy(errors).cancel_when_abandoned();
            let cache: AsyncCache<u64, u64, ()> = AsyncCache::without_loader(options);
            let counter = Counter::new();
            let round = |key: u64| {
                assert!(counter.poll(&mut cache.get_with(&key, async |_| Err(()))).is_ready());
                let [mut leader, mut waiter] = [(); 2].map(|()| cache.get_with(&key, |_| std::future::pending()));
                assert!(counter.poll(&mut leader).is_pending());
                assert!(counter.poll(&mut waiter).is_pending());
                drop(leader);
                drop(waiter);
            };
            (0..100).for_each(round);
            let before = live_bytes();
            (100..rounds(100_000) as u64).for_each(round);
            let grown = live_bytes() - before;
            assert!(grown.abs() < 4096, "{grown} bytes");
            assert_eq!((cache.len(), cache.loading(), counter.held()), (0, 0, 0));
        }
    }
}

/// Many loads at a time, once: what they needed is given back.
#[test]
fn a_peak_of_loads_is_given_back() {
    let cache: AsyncCache<u32, u32, ()> = AsyncCache::without_loader(CacheOptions::new());
    let keys: Vec<u32> = (0..20_000).collect();
    let before = live_bytes();
    let load = |_| std::future::pending();
    let mut gets: Vec<_> = keys.iter().flat_map(|key| [1, 2].map(|_| cache.get_with(key, load))).collect();
    let counter = Counter::new();
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    drop(gets);
    let grown = live_bytes() - before;
    assert!(grown < 20_000, "{grown} bytes");
    assert_eq!((cache.loading(), counter.held()), (0, 0));
}
