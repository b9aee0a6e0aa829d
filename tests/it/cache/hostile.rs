//! Wakers, keys, values, loads and loaders that use the cache, or panic, wherever they run.
use super::{Cache, Loads, cache};
use crate::support::exec::{Executor, Inline};
use crate::support::hooked::Hooks;
use crate::support::{Counter, panic_of, poll_with};
use core::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use taskcell::{AsyncCache, CacheOptions, Handover};

/// Uses every call of a cache.
fn use_it(cache: &Cache) {
    let counter = Counter::new();
    cache.set(100, 1);
    assert!(matches!(counter.poll(&mut cache.get_with(&100, async |_| Ok(2))), Poll::Ready(Ok(_))));
    let _ = counter.poll(&mut cache.get_with(&7, async |_| Ok(3)));
    let _ = counter.poll(&mut cache.refresh_with(&100, async |_| Ok(4)));
    assert!(!cache.is_empty() && cache.peek(&100).is_some() && cache.remove(&100).is_some());
    let _ = (cache.statistics(), cache.loading(), format!("{cache:?}"));
}

#[test]
fn wakers_that_use_the_cache() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads) = (cache(CacheOptions::new().handover(handover)), Loads::new());
        let uses = || {
            let cache = cache.clone();
            move || use_it(&cache)
        };
        let (waker, hooks) = Hooks::new().on_clone(uses()).on_wake(uses()).on_drop(uses()).waker();
        let (other, _) = Hooks::new().on_clone(uses()).on_wake(uses()).on_drop(uses()).waker();
        let mut gets: Vec<_> = (0..4).map(|n| cache.get_with(&7, loads.ok(n))).collect();
        assert!(Counter::new().poll(&mut gets[0]).is_pending());
        for get in &mut gets[1..] {
            assert!(poll_with(&waker, get).is_pending());
            assert!(poll_with(&other, get).is_pending());
            assert!(poll_with(&waker, get).is_pending());
        }
        drop(gets.remove(0));
        assert!(hooks.wakes.load(Ordering::SeqCst) > 0);
        loads.gate.arrive();
        for get in &mut gets {
            assert!(matches!(poll_with(&waker, get), Poll::Ready(Ok(_))));
        }
        drop((gets, waker, other));
        assert_eq!((Arc::strong_count(&hooks), cache.loading()), (1, 0));
    }
}

/// A waker that panics stops neither the others nor the cache.
#[test]
fn wakers_that_panic() {
    let (cache, loads) = (cache(CacheOptions::new()), Loads::new());
    let (waker, _) = Hooks::new().on_wake(|| panic!("in wake")).waker();
    let after = Counter::new();
    let mut gets: Vec<_> = (0..3).map(|n| cache.get_with(&7, loads.ok(n))).collect();
    assert!(Counter::new().poll(&mut gets[0]).is_pending());
    assert!(poll_with(&waker, &mut gets[1]).is_pending());
    assert!(after.poll(&mut gets[2]).is_pending());
    loads.gate.arrive();
    assert_eq!(panic_of(|| Counter::new().poll(&mut gets[0])), Some("in wake"));
    assert_eq!((after.wakes(), cache.peek(&7)), (1, Some(0)));
    for get in &mut gets[1..] {
        assert!(matches!(after.poll(get), Poll::Ready(Ok(0))));
    }
    assert_eq!(cache.loading(), 0);
}

/// A load whose drop panics hands over all the same.
#[test]
fn loads_whose_drop_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut leader = cache.get_with(&7, |_| {
        let bomb = Bomb;
        async move {
            std::future::pending::<()>().await;
            drop(bomb);
            Ok(1)
        }
    });
    let mut waiter = cache.get_with(&7, loads.ok(2));
    assert!(Counter::new().poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    assert_eq!(panic_of(|| drop(leader)), Some("in drop"));
    assert_eq!(counter.wakes(), 1);
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut waiter), Poll::Ready(Ok(2))));
}

static WITHIN: OnceLock<AsyncCache<Key, Value, ()>> = OnceLock::new();
static EVENTS: AtomicUsize = AtomicUsize::new(0);

/// Its clone and drop use the cache that it is in.
#[derive(PartialEq, Eq)]
struct Key(u32);

/// The same.
struct Value(u32);

fn within() {
    if let Some(cache) = WITHIN.get() {
        let _ = (cache.len(), cache.loading(), cache.statistics());
        EVENTS.fetch_add(1, Ordering::SeqCst);
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // It is hashed outside of the lock, too.
        within();
        self.0.hash(state);
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        within();
        Self(self.0)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        within();
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        within();
        Self(self.0)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        within();
    }
}

#[test]
fn keys_and_values_that_use_the_cache() {
    let cache = WITHIN.get_or_init(|| AsyncCache::without_loader(CacheOptions::new().capacity(8)));
    let load = |key: u32| smol::block_on(cache.get_with(&Key(key), async move |_| Ok(Value(key)))).unwrap().0;
    // It grows, evicts, refreshes, replaces and removes.
    for round in 0..100 {
        assert_eq!(load(round), round);
        assert_eq!(load(round), round);
        assert_eq!(smol::block_on(cache.refresh_with(&Key(round), async move |_| Ok(Value(round)))).unwrap().0, round);
        cache.set(Key(round + 1000), Value(1));
        cache.set(Key(round + 1000), Value(2));
        assert_eq!(cache.remove(&Key(round + 1000)).unwrap().0, 2);
        assert_eq!(cache.peek(&Key(round)).unwrap().0, round);
        assert!(smol::block_on(cache.get_with(&Key(5000), async |_| Err::<Value, _>(()))).is_err());
        let _ = Counter::new().poll(&mut cache.get_with(&Key(6000), |_| std::future::pending()));
    }
    cache.invalidate_all();
    assert!(cache.is_empty() && EVENTS.load(Ordering::SeqCst) > 1000);
}

/// A key whose `Eq` panics leaves the cache as it was.
#[test]
fn keys_whose_eq_panics() {
    static ARMED: AtomicBool = AtomicBool::new(false);
    #[derive(Clone, Debug)]
    struct Bad(u32);
    impl PartialEq for Bad {
        fn eq(&self, other: &Self) -> bool {
            assert!(!ARMED.load(Ordering::SeqCst), "in eq");
            self.0 == other.0
        }
    }
    impl Eq for Bad {}
    impl Hash for Bad {
        fn hash<H: Hasher>(&self, state: &mut H) {
            0.hash(state);
        }
    }
    let cache: AsyncCache<Bad, u32, ()> = AsyncCache::without_loader(CacheOptions::new().capacity(2));
    let counter = Counter::new();
    cache.set(Bad(1), 1);
    let key = Bad(2);
    let mut leader = cache.get_with(&key, |_| std::future::pending());
    assert!(counter.poll(&mut leader).is_pending());
    ARMED.store(true, Ordering::SeqCst);
    assert_eq!(panic_of(|| cache.peek(&Bad(1))), Some("in eq"));
    assert_eq!(panic_of(|| cache.set(Bad(1), 2)), Some("in eq"));
    assert_eq!(panic_of(|| cache.remove(&Bad(2))), Some("in eq"));
    assert_eq!(panic_of(|| counter.poll(&mut cache.get_with(&Bad(3), async |_| Ok(3)))), Some("in eq"));
    // What goes by its identity asks no key.
    drop(leader);
    ARMED.store(false, Ordering::SeqCst);
    assert_eq!((cache.len(), cache.loading(), cache.peek(&Bad(1))), (1, 0, Some(1)));
    (10..20).for_each(|n| cache.set(Bad(n), n));
    assert_eq!((cache.len(), cache.peek(&Bad(19))), (2, Some(19)));
}

/// The key's `Eq` panics where the load ends: the leader is told, the waiter leads.
#[test]
fn an_eq_that_panics_at_the_end_of_a_load() {
    static ARMED: AtomicBool = AtomicBool::new(false);
    #[derive(Clone)]
    struct Bad;
    impl Hash for Bad {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }
    impl PartialEq for Bad {
        fn eq(&self, _: &Self) -> bool {
            assert!(!ARMED.load(Ordering::SeqCst), "in eq");
            true
        }
    }
    impl Eq for Bad {}
    let (cache, counter) = (AsyncCache::<Bad, u32, ()>::without_loader(CacheOptions::new()), Counter::new());
    cache.set(Bad, 1);
    let mut open = false;
    let mut leader = cache.refresh_with(&Bad, move |_| {
        std::future::poll_fn(
            move |_| if std::mem::replace(&mut open, true) { Poll::Ready(Ok(2)) } else { Poll::Pending },
        )
    });
    let mut waiter = cache.refresh_with(&Bad, async |_| Ok(3));
    assert!(counter.poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    ARMED.store(true, Ordering::SeqCst);
    assert_eq!(panic_of(|| counter.poll(&mut leader)), Some("in eq"));
    ARMED.store(false, Ordering::SeqCst);
    assert_eq!(counter.wakes(), 1, "nobody waits for ever");
    assert!(matches!(counter.poll(&mut waiter), Poll::Ready(Ok(2 | 3))));
    assert_eq!(cache.loading(), 0);
}

#[test]
fn a_value_whose_clone_panics() {
    static ARMED: AtomicBool = AtomicBool::new(true);
    struct Bad;
    impl Clone for Bad {
        fn clone(&self) -> Self {
            assert!(!ARMED.load(Ordering::SeqCst), "in clone");
            Self
        }
    }
    let (cache, counter) = (AsyncCache::<u32, Bad, ()>::without_loader(CacheOptions::new()), Counter::new());
    assert_eq!(panic_of(|| counter.poll(&mut cache.get_with(&7, async |_| Ok(Bad))).is_ready()), Some("in clone"));
    ARMED.store(false, Ordering::SeqCst);
    assert!(cache.peek(&7).is_some() && cache.loading() == 0, "it is kept");
}

/// Executors that poll inside `wake`: callers that wake each other, through handovers and ends.
#[test]
fn executors_that_poll_inside_wake() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads, seen) =
            (cache(CacheOptions::new().handover(handover)), Loads::new(), Arc::new(Mutex::new(Vec::new())));
        let mut leader = cache.get_with(&7, loads.ok(1));
        assert!(Counter::new().poll(&mut leader).is_pending());
        for n in 0..20 {
            let (cache, load, seen) = (cache.clone(), loads.ok(2), seen.clone());
            Inline.spawn(async move {
                let value = cache.get_with(&7, load).await.unwrap();
                assert_eq!(cache.peek(&7), Some(value));
                seen.lock().unwrap().push(n);
            });
        }
        drop(leader);
        assert!(seen.lock().unwrap().is_empty());
        loads.gate.arrive();
        assert_eq!(seen.lock().unwrap().len(), 20);
        assert_eq!((loads.counts()[1], cache.loading()), (1, 0));
    }
}
