//! T15: the leader of a single flight is dropped, panics, or was cancelled before; waiters come and go.
use crate::cache::{Cache, Loads, cache};
use crate::support::{Counter, panic_of};
use core::time::Duration;
use std::sync::Arc;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{CacheError, CacheOptions, CancellationToken, CancellationTokenSource, Handover, timeout_on};

fn both() -> [Cache; 2] {
    [Handover::Restart, Handover::Baton].map(|handover| cache(CacheOptions::new().handover(handover)))
}

/// One leads, a hundred wait; the leader is dropped, and of the others one takes over.
fn leader_dropped(handover: Handover, capacity: usize) -> (Cache, Loads) {
    let cache = cache(CacheOptions::new().handover(handover).capacity(capacity));
    let (loads, counters): (_, Vec<_>) = (Loads::new(), (0..100).map(|_| Counter::new()).collect());
    let mut leader = cache.get_with(&7, loads.ok(1));
    assert!(Counter::new().poll(&mut leader).is_pending());
    let mut waiters: Vec<_> = counters.iter().map(|_| cache.get_with(&7, loads.ok(2))).collect();
    for (counter, waiter) in counters.iter().zip(&mut waiters) {
        assert!(counter.poll(waiter).is_pending());
    }
    assert_eq!(loads.counts(), [1, 0, 0]);
    drop(leader);
    let woken: Vec<_> = counters.iter().map(|counter| counter.wakes()).collect();
    assert_eq!((woken[0], woken.iter().sum::<usize>()), (1, 1), "exactly one, and the first");
    assert_eq!(loads.begun.load(std::sync::atomic::Ordering::SeqCst), 1, "nothing runs before it is polled");
    assert!(counters[0].poll(&mut waiters[0]).is_pending());
    loads.gate.arrive();
    let value = if handover == Handover::Restart { 2 } else { 1 };
    for (counter, waiter) in counters.iter().zip(&mut waiters) {
        assert!(counter.wakes() <= 2);
        assert!(matches!(counter.poll(waiter), Poll::Ready(Ok(found)) if found == value));
    }
    drop(waiters);
    assert!(counters.iter().all(|counter| counter.held() == 0));
    (cache, loads)
}

#[test]
fn t15_restart_runs_one_new_load() {
    let (cache, loads) = leader_dropped(Handover::Restart, 0);
    assert_eq!(loads.counts(), [2, 1, 2], "total 2");
    assert_eq!((cache.len(), cache.loading()), (0, 0), "the map is empty");
    let (cache, _) = leader_dropped(Handover::Restart, 1);
    assert_eq!((cache.len(), cache.loading(), cache.statistics().loads), (1, 0, 2));
}

#[test]
fn t15_baton_goes_on_with_the_same_future() {
    let (cache, loads) = leader_dropped(Handover::Baton, 0);
    assert_eq!(loads.counts(), [1, 1, 1], "total 1");
    assert_eq!((cache.len(), cache.loading()), (0, 0), "the map is empty");
}

#[test]
fn t15_the_leader_panics() {
    for cache in both() {
        let (loads, counters) = (Loads::new(), [Counter::new(), Counter::new()]);
        let gate = loads.gate.clone();
        let mut leader = cache.get_with(&7, async move |_| -> Result<u32, _> {
            gate.reached(1).await;
            panic!("in the load");
        });
        assert!(Counter::new().poll(&mut leader).is_pending());
        let mut waiters = [(); 2].map(|()| cache.get_with(&7, loads.ok(2)));
        for (counter, waiter) in counters.iter().zip(&mut waiters) {
            assert!(counter.poll(waiter).is_pending());
        }
        loads.gate.arrive();
        assert_eq!(panic_of(|| Counter::new().poll(&mut leader)), Some("in the load"));
        assert_eq!([counters[0].wakes(), counters[1].wakes()], [1, 0], "one takes over");
        for (counter, waiter) in counters.iter().zip(&mut waiters) {
            assert!(matches!(counter.poll(waiter), Poll::Ready(Ok(2))), "it is not thrown again");
        }
        assert_eq!((loads.counts(), cache.loading(), cache.statistics().failures), ([1, 1, 1], 0, 1));
    }
}

#[test]
fn t15_the_loader_panics_as_it_is_called() {
    for cache in both() {
        let (loads, counter) = (Loads::new(), Counter::new());
        let loader = |_: CancellationToken| -> core::future::Ready<Result<u32, &str>> { panic!("in the loader") };
        assert_eq!(panic_of(|| counter.poll(&mut cache.get_with(&7, loader))), Some("in the loader"));
        assert_eq!((cache.loading(), cache.statistics().failures), (0, 1), "the key is not wedged");
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(1))), Poll::Ready(Ok(1))));
    }
}

#[test]
fn t15_a_caller_that_was_cancelled_never_leads() {
    for cache in both() {
        let (loads, counter, token) = (Loads::new(), Counter::new(), CancellationToken::new(true));
        let mut late = cache.get_with(&7, loads.ok(1)).with_cancellation(&token);
        assert!(matches!(counter.poll(&mut late), Poll::Ready(Err(CacheError::Cancelled(_)))));
        assert_eq!((loads.counts(), cache.loading()), ([0, 0, 0], 0));
        // Nor one that is told to lead, and is cancelled before it looks.
        let source = CancellationTokenSource::new();
        let token = source.token();
        let mut leader = cache.get_with(&7, loads.ok(1));
        let mut told = cache.get_with(&7, loads.ok(2)).with_cancellation(&token);
        let mut next = cache.get_with(&7, loads.ok(3));
        assert!(counter.poll(&mut leader).is_pending());
        assert!(counter.poll(&mut told).is_pending());
        let other = Counter::new();
        assert!(other.poll(&mut next).is_pending());
        source.cancel();
        drop(leader);
        assert!(matches!(counter.poll(&mut told), Poll::Ready(Err(CacheError::Cancelled(_)))));
        assert_eq!((other.wakes(), token.listeners()), (1, 0), "the next one is told");
        loads.gate.arrive();
        assert!(matches!(other.poll(&mut next), Poll::Ready(Ok(1 | 3))));
    }
}

#[test]
fn t15_waiters_that_come_and_go_leave_nothing() {
    for cache in both() {
        let (loads, counter) = (Loads::new(), Counter::new());
        let mut leader = cache.get_with(&7, loads.ok(1));
        assert!(Counter::new().poll(&mut leader).is_pending());
        for _ in 0..crate::support::rounds(100_000) {
            let mut waiter = cache.get_with(&7, loads.ok(2));
            assert!(counter.poll(&mut waiter).is_pending());
        }
        assert_eq!(counter.held(), 0);
        let mut waiters: Vec<_> = (0..1000).map(|_| cache.get_with(&7, loads.ok(2))).collect();
        waiters.iter_mut().for_each(|waiter| assert!(counter.poll(waiter).is_pending()));
        assert_eq!(counter.held(), 1000);
        drop(waiters);
        assert_eq!((counter.held(), counter.wakes()), (0, 0));
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut leader), Poll::Ready(Ok(1))));
    }
}

#[test]
fn t15_a_waiter_whose_time_is_up_does_not_cancel_the_load() {
    for cache in both() {
        let (loads, counter, clock) = (Loads::new(), Counter::new(), ManualClock::new());
        let mut leader = cache.get_with(&7, loads.ok(1));
        assert!(counter.poll(&mut leader).is_pending());
        let late = Counter::new();
        let mut waiter = Box::pin(timeout_on(&clock, Duration::from_secs(1), cache.get_with(&7, loads.ok(2))));
        assert!(late.poll(&mut waiter).is_pending());
        clock.advance(Duration::from_secs(1));
        assert!(matches!(late.poll(&mut waiter), Poll::Ready(Err(_))));
        drop(waiter);
        assert_eq!((late.held(), clock.armed(), loads.counts()), (0, 0, [1, 0, 0]));
        loads.gate.arrive();
        assert!(matches!(counter.poll(&mut leader), Poll::Ready(Ok(1))));
        assert_eq!(cache.peek(&7), Some(1));
    }
}

/// The same on threads: leaders are dropped at half of their load, over and over, and somebody always has the value.
#[test]
fn t15_on_threads() {
    for cache in both() {
        for round in 0..crate::support::rounds(200) as u32 {
            let loads = Arc::new(Loads::new());
            let run = |drops: bool| {
                let (cache, loads) = (cache.clone(), loads.clone());
                std::thread::spawn(move || {
                    let mut get = cache.get_with(&round, loads.ok(round));
                    if drops {
                        let _ = Counter::new().poll(&mut get);
                        return None;
                    }
                    smol::block_on(get).ok()
                })
            };
            let threads: Vec<_> = (0..4).map(|n| run(n % 2 == 0)).collect();
            loads.gate.arrive();
            let values: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            assert_eq!(values, [None, Some(round), None, Some(round)]);
        }
        assert_eq!(cache.loading(), 0);
    }
}
