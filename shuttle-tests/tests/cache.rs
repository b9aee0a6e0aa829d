//! Caches: five callers whose leaders are dropped and whose loads fail, while keys are removed and set.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use taskcell::{AsyncCache, BoxError, CacheError, CacheOptions, CancellationTokenSource, ErrorPolicy, Handover};
use taskcell_shuttle_tests::{give_up_after, model, name};

const CALLERS: usize = 5;

/// How many loads are under way, and how many there were.
#[derive(Clone, Default)]
struct Loads(Arc<[AtomicUsize; 2]>);

/// One of them.
struct Load(Loads);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.0[0].fetch_sub(1, SeqCst);
    }
}

impl Loads {
    /// A load that wakes itself twice; the first of all fails.
    async fn load(self, alone: bool) -> Result<usize, BoxError> {
        let others = self.0[0].fetch_add(1, SeqCst);
        let before = self.0[1].fetch_add(1, SeqCst);
        let _load = Load(self);
        assert!(!alone || others == 0, "two loads at a time");
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 3 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        if before == 0 { Err("the first one fails".into()) } else { Ok(7) }
    }

    fn live(&self) -> usize {
        self.0[0].load(SeqCst)
    }
}

type Cache = Arc<AsyncCache<u32, usize>>;

/// Of five callers one gives up after each number of polls, one by its token, and the rest wait for an answer. `beside` is
/// done beside them.
fn five_callers(options: CacheOptions, alone: bool, beside: impl FnOnce(&Cache) + Send + 'static) {
    let cache: Cache = Arc::new(AsyncCache::without_loader(options));
    let (loads, source) = (Loads::default(), CancellationTokenSource::new());
    let callers = (0..CALLERS).map(|number| {
        let (cache, loads, token) = (cache.clone(), loads.clone(), source.token());
        thread::spawn(move || {
            let get = cache.get_with(&1, |_| loads.load(alone));
            let answer = match number {
                0 | 1 => give_up_after(1 + number, get),
                2 => Some(block_on(get.with_cancellation(&token))),
                _ => Some(block_on(get)),
            };
            match answer {
                None | Some(Ok(7 | 8) | Err(CacheError::Faulted(_))) => {}
                Some(Err(CacheError::Cancelled(_))) if number == 2 => {}
                Some(other) => panic!("{other:?}"),
            }
        })
    });
    let mut threads: Vec<_> = callers.collect();
    let beside_them = cache.clone();
    threads.push(thread::spawn(move || beside(&beside_them)));
    source.cancel();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    // A parked load may fail yet; the next one does not.
    let again = || block_on(cache.get_with(&1, |_| loads.clone().load(alone)));
    let value = again().or_else(|_| again());
    assert!(matches!(value, Ok(7 | 8)), "{value:?}");
    assert_eq!((cache.loading(), cache.len()), (0, 1));
    drop(cache);
    assert_eq!((loads.live(), source.token().listeners()), (0, 0));
}

/// Whoever waits takes over with a load of its own.
#[test]
fn five_callers_and_a_restart() {
    model(name!(), || five_callers(CacheOptions::new(), true, |_| {}));
}

/// Whoever waits goes on with the same load.
#[test]
fn five_callers_and_a_baton() {
    model(name!(), || five_callers(CacheOptions::new().handover(Handover::Baton), true, |_| {}));
}

/// A failure is its loader's alone: the next one tries.
#[test]
fn five_callers_of_whom_the_next_retries() {
    let options = || CacheOptions::new().error_policy(ErrorPolicy::RetryNext);
    model(name!(), move || five_callers(options(), true, |_| {}));
    model(name!(), move || five_callers(options().handover(Handover::Baton), true, |_| {}));
}

/// The key is removed meanwhile: what was loaded before is not kept.
#[test]
fn five_callers_and_a_removal() {
    model(name!(), || five_callers(CacheOptions::new().handover(Handover::Baton), false, |cache| _ = cache.remove(&1)));
}

/// A value is set meanwhile: no load replaces it.
#[test]
fn five_callers_and_a_value_that_is_set() {
    model(name!(), || {
        let options = CacheOptions::new();
        five_callers(options, false, |cache| {
            cache.set(1, 8);
            assert_eq!(cache.peek(&1), Some(8));
            thread::yield_now();
            assert_eq!(cache.peek(&1), Some(8), "a load replaced what was set");
        });
    });
}
