//! What becomes of errors.
use super::{Loads, cache};
use crate::support::Counter;
use core::time::Duration;
use std::task::Poll;
use taskcell::time::ManualClock;
use taskcell::{CacheError, CacheOptions, ErrorPolicy, Fault, TaskError};

fn fault(poll: Poll<Result<u32, CacheError<&'static str>>>) -> Fault<&'static str> {
    match poll {
        Poll::Ready(Err(CacheError::Faulted(fault))) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn shared_once() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut gets = [1, 2, 3].map(|_| cache.get_with(&7, loads.at(1, Err("down"))));
    gets.iter_mut().for_each(|get| assert!(counter.poll(get).is_pending()));
    loads.gate.arrive();
    let [one, two, three] = gets.each_mut().map(|get| fault(counter.poll(get)));
    assert!(*one == "down" && Fault::ptr_eq(&one, &two) && Fault::ptr_eq(&two, &three), "it is one error");
    assert_eq!((cache.len(), cache.loading(), loads.counts()), (0, 0, [1, 1, 1]), "and forgotten");
    assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(1))), Poll::Ready(Ok(1))));
    let statistics = cache.statistics();
    assert_eq!((statistics.misses, statistics.loads, statistics.failures), (4, 2, 1));
}

#[test]
fn one_comes_too_late_for_a_shared_error() {
    let (cache, loads, counter) = (cache(CacheOptions::new()), Loads::new(), Counter::new());
    let mut leader = cache.get_with(&7, loads.at(1, Err("down")));
    let mut waiter = cache.get_with(&7, loads.ok(1));
    assert!(counter.poll(&mut leader).is_pending());
    assert!(counter.poll(&mut waiter).is_pending());
    loads.gate.arrive();
    fault(counter.poll(&mut leader));
    // The waiter has not looked yet, and its error is no longer anybody else's.
    let mut late = cache.get_with(&7, loads.at(2, Ok(2)));
    assert!(counter.poll(&mut late).is_pending());
    fault(counter.poll(&mut waiter));
    loads.gate.arrive();
    assert!(matches!(counter.poll(&mut late), Poll::Ready(Ok(2))));
}

#[test]
fn each_failure_is_its_callers_and_the_next_one_tries() {
    let options = CacheOptions::new().error_policy(ErrorPolicy::RetryNext);
    let (cache, loads) = (cache(options), Loads::new());
    let counters: [_; 4] = std::array::from_fn(|_| Counter::new());
    let mut gets = ["a", "b", "c", "d"].map(|name| {
        let result = if name == "c" { Ok(3) } else { Err(name) };
        cache.get_with(&7, loads.at(1, result))
    });
    for (counter, get) in counters.iter().zip(&mut gets) {
        assert!(counter.poll(get).is_pending());
    }
    loads.gate.arrive();
    assert_eq!(*fault(counters[0].poll(&mut gets[0])), "a");
    assert_eq!(counters.each_ref().map(|counter| counter.wakes()), [1, 1, 0, 0], "no herd");
    assert_eq!(*fault(counters[1].poll(&mut gets[1])), "b");
    assert_eq!(counters.each_ref().map(|counter| counter.wakes()), [1, 1, 1, 0]);
    assert!(matches!(counters[2].poll(&mut gets[2]), Poll::Ready(Ok(3))));
    assert!(matches!(counters[3].poll(&mut gets[3]), Poll::Ready(Ok(3))));
    assert_eq!((loads.counts(), cache.statistics().failures, cache.loading()), ([3, 3, 3], 2, 0));
    let mut alone = cache.get_with(&8, loads.at(1, Err("alone")));
    assert_eq!(*fault(counters[0].poll(&mut alone)), "alone");
    assert_eq!(cache.loading(), 0);
}

#[test]
fn kept_for_a_time() {
    let clock = ManualClock::new();
    let options = CacheOptions::new().clock(clock.clone()).error_policy(ErrorPolicy::CacheFor(Duration::from_secs(5)));
    let (cache, loads, counter) = (cache(options), Loads::new(), Counter::new());
    loads.gate.arrive();
    let first = fault(counter.poll(&mut cache.get_with(&7, loads.at(1, Err("down")))));
    clock.advance(Duration::from_secs(4));
    let second = fault(counter.poll(&mut cache.get_with(&7, loads.ok(1))));
    assert!(Fault::ptr_eq(&first, &second));
    assert_eq!((cache.peek(&7), cache.len(), cache.statistics().hits), (None, 1, 1));
    clock.advance(Duration::from_secs(1));
    assert!(matches!(counter.poll(&mut cache.get_with(&7, loads.ok(1))), Poll::Ready(Ok(1))));
    assert_eq!((cache.peek(&7), cache.remove(&7)), (Some(1), Some(1)));
}

#[test]
fn an_error_of_a_refresh_does_not_replace_a_good_value() {
    for policy in [ErrorPolicy::CacheFor(Duration::MAX), ErrorPolicy::ShareOnce, ErrorPolicy::RetryNext] {
        let (cache, loads) = (cache(CacheOptions::new().error_policy(policy)), Loads::new());
        loads.gate.arrive();
        cache.set(7, 1);
        fault(Counter::new().poll(&mut cache.refresh_with(&7, loads.at(1, Err("down")))));
        assert_eq!((cache.peek(&7), cache.len(), cache.loading()), (Some(1), 1, 0), "{policy:?}");
    }
}

#[test]
fn what_an_error_says() {
    let error = CacheError::Faulted(Fault::new("down"));
    assert_eq!((error.to_string(), format!("{error:?}")), ("down".into(), "Faulted(\"down\")".into()));
    assert_eq!(error.fault().map(|fault| **fault), Some("down"));
    assert!(!error.is_cancelled() && error.clone().fault().is_some());
    assert!(matches!(TaskError::from(error), TaskError::Faulted(_)));
    assert_eq!(CacheError::<&str>::Abandoned.to_string(), "the executor dropped the load");
    assert_eq!(size_of::<CacheError<String>>(), 16);
}
