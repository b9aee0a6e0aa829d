//! `Lazy<Task<T>>`, `AsyncLazy`, `AsyncCache`, and the guides' small combinators: what .NET's tests and texts ask beyond the
//! list.
use crate::support::{Counter, Dropped, Latch, Log, panic_of};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;
use taskcell::{
    AsyncCache, AsyncLazy, CacheOptions, CancellationToken, CancellationTokenSource, ErrorPolicy, ManualClock,
    need_only_one, retry,
};

#[test]
fn nothing_is_loaded_before_somebody_asks_nor_when_nobody_polls() {
    let calls = Arc::new(AtomicU32::new(0));
    let own = calls.clone();
    let lazy: AsyncLazy<u32> = AsyncLazy::new(move |_| {
        own.fetch_add(1, SeqCst);
        async { Ok(7) }
    });
    let caller = lazy.get();
    assert_eq!((calls.load(SeqCst), lazy.peek(), lazy.is_loading()), (0, None, false));
    drop(caller);
    assert_eq!(smol::block_on(lazy.get()).unwrap(), 7);
    assert_eq!(smol::block_on(lazy.clone().get()).unwrap(), 7);
    assert_eq!((calls.load(SeqCst), lazy.peek()), (1, Some(7)));
}

#[test]
fn asked_by_many_threads_at_once_it_is_loaded_once() {
    let calls = Arc::new(AtomicU32::new(0));
    let own = calls.clone();
    let lazy: AsyncLazy<u32> = AsyncLazy::new(move |_| {
        let n = own.fetch_add(1, SeqCst);
        async move {
            taskcell::yield_now().await;
            Ok(n)
        }
    });
    let start = Arc::new(Barrier::new(4));
    let threads = [(); 4].map(|()| {
        let (lazy, start) = (lazy.clone(), start.clone());
        thread::spawn(move || {
            start.wait();
            smol::block_on(lazy.get()).unwrap()
        })
    });
    assert_eq!((threads.map(|thread| thread.join().unwrap()), calls.load(SeqCst)), ([0; 4], 1));
}

/// We differ on purpose: .NET's `Lazy<Task<T>>` keeps a faulted task for ever. Here an error is that of those who waited;
/// `ErrorPolicy::CacheFor` keeps it for a time.
#[test]
fn a_failure_is_not_kept_unless_that_was_asked_for() {
    let clock = ManualClock::new();
    for kept in [false, true] {
        let calls = Arc::new(AtomicU32::new(0));
        let own = calls.clone();
        let mut options = CacheOptions::new().clock(clock.clone());
        if kept {
            options = options.error_policy(ErrorPolicy::CacheFor(std::time::Duration::from_secs(1)));
        }
        let lazy: AsyncLazy<u32, &str> = AsyncLazy::with_options(options, move |_| {
            let n = own.fetch_add(1, SeqCst);
            async move { if n == 0 { Err("the first") } else { Ok(n) } }
        });
        assert!(smol::block_on(lazy.get()).is_err());
        let again = smol::block_on(lazy.get());
        assert_eq!((again.is_err(), calls.load(SeqCst)), (kept, if kept { 1 } else { 2 }));
        clock.advance(std::time::Duration::from_secs(2));
        assert_eq!(smol::block_on(lazy.get()).unwrap(), 1);
    }
}

#[test]
fn a_loader_that_panics_is_asked_again() {
    let calls = Arc::new(AtomicU32::new(0));
    let own = calls.clone();
    let lazy: AsyncLazy<u32> = AsyncLazy::new(move |_| {
        let n = own.fetch_add(1, SeqCst);
        assert!(n != 0, "at the call");
        async move {
            assert!(n != 1, "in the future");
            Ok(n)
        }
    });
    assert!(panic_of(|| smol::block_on(lazy.get())).is_some());
    assert!(panic_of(|| smol::block_on(lazy.get())).is_some());
    assert_eq!(smol::block_on(lazy.get()).unwrap(), 2);
}

#[test]
fn who_gives_up_waiting_leaves_the_load_to_the_others() {
    let (latch, user) = (Latch::new(), CancellationTokenSource::new());
    let own = latch.clone();
    let lazy: AsyncLazy<u32> = AsyncLazy::new(move |_| {
        let own = own.clone();
        async move {
            own.reached(1).await;
            Ok(7)
        }
    });
    let (token, counter) = (user.token(), Counter::new());
    let mut gives_up = lazy.get().with_cancellation(&token);
    let mut stays = lazy.get();
    assert!(counter.poll(&mut gives_up).is_pending() && counter.poll(&mut stays).is_pending());
    user.cancel();
    assert!(matches!(counter.poll(&mut gives_up), Poll::Ready(Err(error)) if error.is_cancelled()));
    assert!(counter.poll(&mut stays).is_pending());
    latch.arrive();
    assert!(matches!(counter.poll(&mut stays), Poll::Ready(Ok(7))));
    assert_eq!(token.listeners(), 0);
}

#[test]
fn keys_do_not_meet_and_one_that_was_removed_is_loaded_anew() {
    let log = Log::new();
    let seen = log.clone();
    let cache: AsyncCache<u32, u32> = AsyncCache::new(move |key, _| {
        seen.push(key);
        async move { if key == 13 { Err("unlucky".into()) } else { Ok(key * 10) } }
    });
    smol::block_on(async {
        assert_eq!((cache.get(&1).await.unwrap(), cache.get(&2).await.unwrap()), (10, 20));
        assert!(cache.get(&13).await.is_err());
        assert_eq!((cache.len(), cache.get(&1).await.unwrap()), (2, 10));
        assert_eq!((cache.remove(&1), cache.remove(&1)), (Some(10), None));
        assert_eq!(cache.get(&1).await.unwrap(), 10);
    });
    assert_eq!(log.take(), [1, 2, 13, 1]);
}

#[test]
fn values_of_a_cache_go_with_its_last_handle() {
    let (value, drops) = Dropped::new();
    let cache: AsyncCache<u32, Arc<Dropped>> = AsyncCache::without_loader(CacheOptions::new());
    cache.set(1, Arc::new(value));
    let twin = cache.clone();
    drop(cache);
    assert_eq!(drops.load(SeqCst), 0);
    let held = twin.peek(&1).unwrap();
    drop(twin);
    assert_eq!(drops.load(SeqCst), 0, "who has it keeps it");
    drop(held);
    assert_eq!(drops.load(SeqCst), 1);
}

/// The guide's `RetryOnFault` with one try: its error as it is, and no second call.
#[test]
fn one_try_is_no_retry() {
    let calls = AtomicU32::new(0);
    let attempt = |_| {
        calls.fetch_add(1, SeqCst);
        std::future::ready(Err::<u32, _>("no paper"))
    };
    let error = smol::block_on(retry(attempt).max_attempts(NonZeroU32::MIN).into_future()).unwrap_err();
    assert_eq!((error.attempts(), error.into_inner(), calls.load(SeqCst)), (1, Some("no paper"), 1));
}

/// The guide's `NeedOnlyOne` cancels the rest whatever the first to complete gave, and knows nothing of none.
#[test]
fn only_one_of_several_and_of_none() {
    let log = Log::new();
    let ask = |name: &'static str, answer: Option<Result<u32, &'static str>>| {
        let log = log.clone();
        move |token: CancellationToken| {
            token.register(log.note(name)).detach();
            async move {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        }
    };
    let first =
        smol::block_on(need_only_one([ask("slow", None), ask("fails", Some(Err("bad"))), ask("slow too", None)]));
    assert_eq!(first.unwrap(), Err("bad"));
    assert_eq!(log.take(), ["slow", "slow too"]);
    type Ask = fn(CancellationToken) -> std::future::Ready<u32>;
    assert!(smol::block_on(need_only_one(Vec::<Ask>::new())).is_err());
}
