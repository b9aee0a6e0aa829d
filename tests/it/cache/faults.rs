//! Drops that panic: of wakers, keys and values. Nobody else notices.
use super::{Cache, Loads, cache};
use crate::support::hooked::Hooks;
use crate::support::{Counter, leak, panic_of, poll_with};
use core::time::Duration;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{AsyncCache, CacheOptions, Handover};

/// Panics while this is set.
fn bomb(armed: &Arc<AtomicBool>) -> impl Fn() + Send + Sync + use<> {
    let armed = armed.clone();
    move || assert!(std::thread::panicking() || !armed.load(Ordering::SeqCst), "in drop")
}

/// Its drop panics while this is set.
#[derive(Clone)]
struct Bad(Arc<AtomicBool>);

impl Drop for Bad {
    fn drop(&mut self) {
        bomb(&self.0)();
    }
}

/// The value that was too old panics as it makes way for the one who is to load: that one leads no longer.
#[test]
fn an_old_value_whose_drop_panics() {
    let (clock, counter, armed) = (ManualClock::new(), Counter::new(), Arc::new(AtomicBool::new(false)));
    let options = CacheOptions::new().clock(clock.clone()).time_to_live(Duration::from_secs(1));
    let cache: AsyncCache<u32, Bad, ()> = AsyncCache::without_loader(options);
    cache.set(7, Bad(armed.clone()));
    clock.advance(Duration::from_secs(1));
    armed.store(true, Ordering::SeqCst);
    let fresh = Arc::new(AtomicBool::new(false));
    let mut get = cache.get_with(&7, |_| std::future::pending());
    assert_eq!(panic_of(|| counter.poll(&mut get).is_pending()), Some("in drop"));
    // It is not dropped yet, and nobody needs it to be.
    let mut next = cache.get_with(&7, async move |_| Ok(Bad(fresh)));
    assert!(matches!(counter.poll(&mut next), Poll::Ready(Ok(_))));
    drop(get);
    assert_eq!((cache.loading(), cache.len()), (0, 1));
}

/// One who waits finds that it is to lead, and its waker panics in the drop.
#[test]
fn a_waker_whose_drop_panics_as_its_caller_is_to_lead() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (cache, loads, counter) = (cache(CacheOptions::new().handover(handover)), Loads::new(), Counter::new());
        let armed = Arc::new(AtomicBool::new(false));
        let (waker, _) = Hooks::new().on_drop(bomb(&armed)).waker();
        let [mut leader, mut told, mut bad, mut last] = [1, 2, 3, 4].map(|n| cache.get_with(&7, loads.ok(n)));
        assert!(Counter::new().poll(&mut leader).is_pending());
        assert!(Counter::new().poll(&mut told).is_pending());
        assert!(poll_with(&waker, &mut bad).is_pending());
        assert!(counter.poll(&mut last).is_pending());
        drop(leader);
        // It looks although another one was told.
        armed.store(true, Ordering::SeqCst);
        assert_eq!(panic_of(|| Counter::new().poll(&mut bad).is_pending()), Some("in drop"));
        armed.store(false, Ordering::SeqCst);
        drop(bad);
        assert_eq!(counter.wakes(), 1, "somebody else is told");
        drop(told);
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut last), Poll::Ready(Ok(_))));
        assert_eq!((cache.loading(), counter.held()), (0, 0));
    }
}

/// The load ends while a caller leaves its waker, whose drop panics then. The load's number is used again.
#[test]
fn a_waker_whose_drop_panics_as_its_caller_is_answered() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let cache: &'static Cache = leak(cache);
    let mut leader = cache.get_with(&7, loads.ok(1));
    assert!(Counter::new().poll(&mut leader).is_pending());
    let [mut bad, mut last] = [2, 3].map(|n| cache.get_with(&7, loads.ok(n)));
    assert!(counter.poll(&mut last).is_pending());
    let (leader, gate, armed) = (Mutex::new(Some(leader)), loads.gate.clone(), Arc::new(AtomicBool::new(false)));
    let on_drop = bomb(&armed);
    let on_clone = move || {
        gate.arrive();
        let ended = leader.lock().unwrap().take().map(|mut leader| Counter::new().poll(&mut leader).is_ready());
        assert_eq!(ended, Some(true));
        armed.store(true, Ordering::SeqCst);
    };
    let (waker, _) = Hooks::new().on_clone(on_clone).on_drop(on_drop).waker();
    assert_eq!(panic_of(|| poll_with(&waker, &mut bad).is_pending()), Some("in drop"));
    drop(bad);
    assert_eq!(panic_of(|| drop(waker)), Some("in drop"));
    assert_eq!(cache.loading(), 0);
    // Numbers and counts are as they were.
    let mut next = cache.refresh_with(&7, loads.at(2, Ok(4)));
    assert!(counter.poll(&mut next).is_pending());
    assert!(matches!(counter.poll(&mut last), Poll::Ready(Ok(1))));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut next), Poll::Ready(Ok(4))));
    assert_eq!((cache.loading(), cache.peek(&7), counter.held()), (0, Some(4), 0));
    cache.invalidate_all();
}
