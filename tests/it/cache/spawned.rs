//! Hot loads: on an executor from the start.
use super::{Loads, cache};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::{Counter, Jobs};
use std::task::Poll;
use taskcell::{BoxFuture, CacheError, CacheOptions, CancellationToken, ErrorPolicy, Handover};

#[test]
fn no_callers_going_touches_it() {
    let (jobs, loads, counter) = (Jobs::new(), Loads::new(), Counter::new());
    let cache = cache(CacheOptions::new());
    let mut get = cache.get_with(&7, loads.ok(1)).spawned(&jobs);
    assert!(counter.poll(&mut get).is_pending());
    assert_eq!((jobs.len(), loads.counts()), (1, [1, 0, 0]));
    let mut waiter = cache.get_with(&7, loads.ok(2));
    assert!(counter.poll(&mut waiter).is_pending());
    drop(get);
    assert_eq!((counter.wakes(), counter.held()), (0, 1));
    drop(waiter);
    assert_eq!((counter.held(), cache.loading()), (0, 1));
    loads.gate.arrive();
    jobs.run();
    assert_eq!((cache.peek(&7), loads.counts(), cache.loading()), (Some(1), [1, 1, 1], 0));
}

#[test]
fn the_whole_cache_on_an_executor() {
    fn on<E: Executor>() {
        let executor = E::new();
        let spawner = executor.clone();
        let options = CacheOptions::new().spawned(move |future: BoxFuture<'static, ()>| spawner.spawn(future));
        let (cache, loads) = (cache(options), Loads::new());
        loads.gate.arrive();
        let (handle, ok) = (cache.clone(), loads.clone());
        let value = executor.run(async move { handle.get_with(&7, ok.ok(1)).await.unwrap() });
        assert_eq!((value, cache.peek(&7), loads.counts()), (1, Some(1), [1, 1, 1]));
    }
    on::<Smol>();
    on::<Single>();
    on::<Inline>();
}

#[test]
fn a_panic_is_the_owners_and_one_waiter_takes_over() {
    let (jobs, loads) = (Jobs::new(), Loads::new());
    let cache = cache(CacheOptions::new());
    let [owner_wakes, one, two] = [(); 3].map(|()| Counter::new());
    let gate = loads.gate.clone();
    let mut owner = cache
        .get_with(&7, async move |_| -> Result<u32, &str> {
            gate.reached(1).await;
            panic!("in the load")
        })
        .spawned(&jobs);
    let (mut first, mut second) = (cache.get_with(&7, loads.ok(1)), cache.get_with(&7, loads.ok(2)));
    assert!(owner_wakes.poll(&mut owner).is_pending());
    assert!(one.poll(&mut first).is_pending());
    assert!(two.poll(&mut second).is_pending());
    loads.gate.arrive();
    jobs.run();
    assert_eq!([owner_wakes.wakes(), one.wakes(), two.wakes()], [1, 1, 0]);
    assert!(matches!(one.poll(&mut first), Poll::Ready(Ok(1))));
    let Poll::Ready(Err(CacheError::Panicked(panic))) = owner_wakes.poll(&mut owner) else { panic!("not panicked") };
    assert_eq!(panic.message(), Some("in the load"));
    assert!(matches!(two.poll(&mut second), Poll::Ready(Ok(1))));
    assert_eq!((cache.loading(), cache.statistics().failures), (0, 1));
}

#[test]
fn an_executor_that_drops_loads() {
    for handover in [Handover::Restart, Handover::Baton] {
        let (jobs, loads, counter) = (Jobs::new(), Loads::new(), Counter::new());
        let cache = cache(CacheOptions::new().handover(handover));
        let mut owner = cache.get_with(&7, loads.ok(1)).spawned(&jobs);
        let mut waiter = cache.get_with(&7, loads.ok(2));
        assert!(counter.poll(&mut owner).is_pending());
        assert!(counter.poll(&mut waiter).is_pending());
        jobs.drop_all();
        assert!(matches!(counter.poll(&mut owner), Poll::Ready(Err(CacheError::Abandoned))));
        loads.gate.arrive();
        let value = if handover == Handover::Restart { 2 } else { 1 };
        assert!(matches!(counter.poll(&mut waiter), Poll::Ready(Ok(found)) if found == value));
    }
    // At once, each time.
    let none = |future: BoxFuture<'static, ()>| drop(future);
    let (cache, loads, counter) = (cache(CacheOptions::new().spawned(none)), Loads::new(), Counter::new());
    for _ in 0..3 {
        let poll = counter.poll(&mut cache.get_with(&7, loads.ok(1)));
        assert!(matches!(poll, Poll::Ready(Err(CacheError::Abandoned))));
        assert_eq!((cache.loading(), counter.held()), (0, 0));
    }
}

#[test]
fn a_failure_is_the_owners_if_the_next_one_is_to_try() {
    let options = CacheOptions::new().error_policy(ErrorPolicy::RetryNext);
    let (jobs, loads, cache) = (Jobs::new(), Loads::new(), cache(options));
    let [owner_wakes, one] = [(); 2].map(|()| Counter::new());
    let mut owner = cache.get_with(&7, loads.at(1, Err("down"))).spawned(&jobs);
    let mut next = cache.get_with(&7, loads.ok(2)).spawned(&jobs);
    assert!(owner_wakes.poll(&mut owner).is_pending());
    assert!(one.poll(&mut next).is_pending());
    loads.gate.arrive();
    jobs.run();
    assert!(one.poll(&mut next).is_pending(), "it leads, on the executor");
    jobs.run();
    assert!(matches!(one.poll(&mut next), Poll::Ready(Ok(2))));
    // The failure waits for its owner.
    assert!(matches!(owner_wakes.poll(&mut owner), Poll::Ready(Err(CacheError::Faulted(fault))) if *fault == "down"));
    assert_eq!((owner_wakes.wakes(), one.wakes(), cache.loading()), (1, 2, 0));
}

#[test]
fn abandoned_loads_are_told_if_that_was_asked_for() {
    let (jobs, counter) = (Jobs::new(), Counter::new());
    let cache = cache(CacheOptions::new().cancel_when_abandoned());
    let load = async |token: CancellationToken| {
        token.cancelled().await;
        Err("told")
    };
    let mut one = cache.get_with(&7, load).spawned(&jobs);
    let mut two = cache.get_with(&7, load);
    assert!(counter.poll(&mut one).is_pending());
    assert!(counter.poll(&mut two).is_pending());
    jobs.step();
    drop(one);
    jobs.step();
    assert_eq!((jobs.len(), cache.loading()), (1, 1), "one waits still");
    drop(two);
    assert_eq!(cache.loading(), 0, "nobody joins it any more");
    jobs.step();
    assert_eq!((jobs.len(), counter.held(), cache.len()), (0, 0, 0));
}

#[test]
fn a_spawner_that_panics() {
    let broken = |_: BoxFuture<'static, ()>| panic!("no executor");
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut get = cache.get_with(&7, loads.ok(1)).spawned(&broken);
    assert_eq!(crate::support::panic_of(|| counter.poll(&mut get)), Some("no executor"));
    drop(get);
    assert_eq!((cache.loading(), counter.held(), loads.counts()), (0, 0, [1, 0, 1]));
}

/// A parked load, taken over by a caller that brings an executor, is hot from then on.
#[test]
fn a_parked_load_that_is_taken_over_becomes_hot() {
    let (jobs, loads, counter) = (Jobs::new(), Loads::new(), Counter::new());
    let cache = cache(CacheOptions::new().handover(Handover::Baton));
    assert!(counter.poll(&mut cache.get_with(&7, loads.ok(1))).is_pending());
    let mut get = cache.get_with(&7, loads.ok(2)).spawned(&jobs);
    assert!(counter.poll(&mut get).is_pending());
    assert_eq!(jobs.len(), 1);
    drop(get);
    loads.gate.arrive();
    jobs.run();
    assert_eq!((cache.peek(&7), loads.counts(), cache.loading(), counter.held()), (Some(1), [1, 1, 1], 0, 0));
}
