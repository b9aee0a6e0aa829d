//! D2: a cache: a hit, a miss, and many callers of one key that is missing.

use super::signal::{context, pending, ready};
use crate::meter::Meter;
use moka::future::Cache as Moka;
use quick_cache::sync::Cache as Quick;
use std::collections::HashMap;
use std::future::{Future, poll_fn, ready as now};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;
use taskcell::{AsyncCache, CacheOptions};

type Ours = AsyncCache<u64, u64, ()>;

const HOT: u64 = 7;
const CALLERS: usize = 1_000;

fn hit(meter: &mut Meter, n: usize, options: CacheOptions) {
    let cache: Ours = AsyncCache::with_options(options, |key, _| now(Ok(key)));
    let mut context = context();
    (0..100).for_each(|key| cache.set(key, key));
    meter.start();
    for _ in 0..n {
        let get = pin!(cache.get(black_box(&HOT)));
        assert!(ready(get, &mut context).is_ok());
    }
    meter.stop(n);
}

pub(super) fn d2_ours(meter: &mut Meter, n: usize) {
    hit(meter, n, CacheOptions::new());
}

/// The order of use is kept.
pub(super) fn d2_ours_limited(meter: &mut Meter, n: usize) {
    hit(meter, n, CacheOptions::new().capacity(100));
}

pub(super) fn d2t_ours(meter: &mut Meter, n: usize) {
    hit(meter, n, CacheOptions::new().capacity(100).time_to_live(Duration::from_secs(600)));
}

pub(super) fn d2_quick(meter: &mut Meter, n: usize) {
    let cache = Quick::new(1_000);
    (0..100).for_each(|key| cache.insert(key, key));
    meter.start();
    for _ in 0..n {
        assert!(cache.get(black_box(&HOT)).is_some());
    }
    meter.stop(n);
}

pub(super) fn d2_moka(meter: &mut Meter, n: usize) {
    let cache = Moka::new(1_000);
    let mut context = context();
    (0..100).for_each(|key| ready(pin!(cache.insert(key, key)), &mut context));
    meter.start();
    for _ in 0..n {
        assert!(ready(pin!(cache.get(black_box(&HOT))), &mut context).is_some());
    }
    meter.stop(n);
}

pub(super) fn d2_map(meter: &mut Meter, n: usize) {
    let cache: Mutex<HashMap<u64, u64>> = Mutex::new((0..100).map(|key| (key, key)).collect());
    meter.start();
    for _ in 0..n {
        assert!(cache.lock().expect("unpoisoned").get(black_box(&HOT)).is_some());
    }
    meter.stop(n);
}

pub(super) fn d2m_ours(meter: &mut Meter, n: usize) {
    let cache: Ours = AsyncCache::without_loader(CacheOptions::new());
    let mut context = context();
    meter.start();
    for key in 0..n as u64 {
        let get = pin!(cache.get_with(&key, |_| now(Ok(black_box(key)))));
        assert!(ready(get, &mut context).is_ok());
    }
    meter.stop(n);
    assert_eq!(cache.len(), n);
}

pub(super) fn d2m_quick(meter: &mut Meter, n: usize) {
    let cache = Quick::new(n.max(1));
    let mut context = context();
    meter.start();
    for key in 0..n as u64 {
        let get = pin!(cache.get_or_insert_async(&key, now(Ok::<_, ()>(black_box(key)))));
        assert!(ready(get, &mut context).is_ok());
    }
    meter.stop(n);
}

pub(super) fn d2m_moka(meter: &mut Meter, n: usize) {
    let cache = Moka::new(n.max(1) as u64);
    let mut context = context();
    meter.start();
    for key in 0..n as u64 {
        let get = pin!(cache.try_get_with(key, now(Ok::<_, ()>(black_box(key)))));
        assert!(ready(get, &mut context).is_ok());
    }
    meter.stop(n);
}

pub(super) fn d2m_map(meter: &mut Meter, n: usize) {
    let cache: Mutex<HashMap<u64, u64>> = Mutex::default();
    meter.start();
    for key in 0..n as u64 {
        let missing = cache.lock().expect("unpoisoned").get(&key).is_none();
        assert!(missing);
        cache.lock().expect("unpoisoned").insert(key, black_box(key));
    }
    meter.stop(n);
}

/// A load that is pending until it is opened.
fn gated(open: &'static AtomicBool) -> impl Future<Output = Result<u64, ()>> + Send {
    poll_fn(|_| if open.load(Relaxed) { Poll::Ready(Ok(HOT)) } else { Poll::Pending })
}

/// All are pending, the first one's load ends, and all have the value.
fn crowd<F: Future>(meter: &mut Meter, n: usize, open: &AtomicBool, call: impl Fn() -> F, clear: impl Fn()) {
    let mut context = context();
    let mut callers: Vec<Pin<Box<Option<F>>>> = (0..CALLERS).map(|_| Box::pin(None)).collect();
    for _ in 0..n.div_ceil(CALLERS) {
        open.store(false, Relaxed);
        meter.start();
        for caller in &mut callers {
            caller.set(Some(call()));
            pending(caller.as_mut().as_pin_mut().expect("just made"), &mut context);
        }
        open.store(true, Relaxed);
        for caller in &mut callers {
            black_box(ready(caller.as_mut().as_pin_mut().expect("it waits"), &mut context));
            caller.set(None);
        }
        meter.stop(CALLERS);
        clear();
    }
}

pub(super) fn d2f_ours(meter: &mut Meter, n: usize) {
    static OPEN: AtomicBool = AtomicBool::new(false);
    let cache: Ours = AsyncCache::without_loader(CacheOptions::new());
    crowd(meter, n, &OPEN, || cache.get_with(&HOT, |_| gated(&OPEN)), || cache.invalidate_all());
}

pub(super) fn d2f_quick(meter: &mut Meter, n: usize) {
    static OPEN: AtomicBool = AtomicBool::new(false);
    let cache: Quick<u64, u64> = Quick::new(1_000);
    crowd(meter, n, &OPEN, || cache.get_or_insert_async(&HOT, gated(&OPEN)), || cache.clear());
}

pub(super) fn d2f_moka(meter: &mut Meter, n: usize) {
    static OPEN: AtomicBool = AtomicBool::new(false);
    let cache: Moka<u64, u64> = Moka::new(1_000);
    crowd(meter, n, &OPEN, || cache.try_get_with(HOT, gated(&OPEN)), || cache.invalidate_all());
}
