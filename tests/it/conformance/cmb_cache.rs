//! CMB: the guides' and ParallelExtensionsExtras' `AsyncCache`.
use crate::cache::{Loads, cache};
use crate::support::Counter;
use std::task::Poll;
use taskcell::{AsyncCache, CacheOptions};

#[test]
fn cmb_019_one_load_for_all_who_ask() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut gets: Vec<_> = (0..50).map(|_| cache.get_with(&7, loads.ok(1))).collect();
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    loads.gate.arrive();
    // .NET hands out one task; here all are given the same value.
    gets.iter_mut().for_each(|get| assert!(matches!(counter.poll(get), Poll::Ready(Ok(1)))));
    assert_eq!(loads.counts(), [1, 1, 1]);
    let words: AsyncCache<String, usize> = AsyncCache::new(|word: String, _| async move { Ok(word.len()) });
    smol::block_on(async {
        assert_eq!((words.get("pen").await.unwrap(), words.get("pen").await.unwrap()), (3, 3));
    });
    assert_eq!(words.statistics().loads, 1);
}

#[test]
fn cmb_022_what_is_set_replaces_and_earlier_callers_keep_theirs() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let (mut leader, mut waiter) = (cache.get_with(&7, loads.ok(1)), cache.get_with(&7, loads.ok(2)));
    assert!(counter.poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    cache.set(7, 10);
    assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(3))), Poll::Ready(Ok(10))));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut leader), Poll::Ready(Ok(1))), "it began before");
    assert!(matches!(counter.poll(&mut waiter), Poll::Ready(Ok(1))));
    assert_eq!(cache.peek(&7), Some(10), "the load does not replace what was set after it began");
    cache.set(7, 11);
    assert_eq!((cache.peek(&7), cache.len()), (Some(11), 1));
}
