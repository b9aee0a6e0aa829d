//! Breaker and bulkhead: many callers, some of whom give up.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Waker};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{Bulkhead, CircuitBreaker, CircuitBreakerBuilder, CircuitState};
use taskcell_shuttle_tests::{give_up_after, model, name};

/// One failure opens it, and the next call is one of two probes.
fn builder() -> CircuitBreakerBuilder {
    let builder = CircuitBreaker::builder_on(ManualClock::new()).consecutive_failures(NonZeroU32::MIN);
    builder.break_for(Duration::ZERO).probes(NonZeroU32::new(2).unwrap())
}

/// Five come at a half-open breaker, and all of them stay: two are let through.
#[test]
fn five_callers_and_two_probes() {
    model(name!(), || {
        let breaker = builder().build();
        breaker.try_acquire().unwrap().failure();
        let threads: Vec<_> = (0..5)
            .map(|_| {
                let breaker = breaker.clone();
                thread::spawn(move || breaker.try_acquire().ok())
            })
            .collect();
        let permits: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect();
        assert_eq!((permits.len(), breaker.stats().rejected), (2, 3));
        permits.into_iter().for_each(taskcell::BreakerPermit::success);
        assert_eq!(breaker.state(), CircuitState::Closed);
    });
}

/// Calls from before end in all ways while it is closed by hand: whatever the order, it is closed in the end.
#[test]
fn late_results_against_close() {
    model(name!(), || {
        let breaker = builder().build();
        let early: Vec<_> = (0..3).map(|_| breaker.try_acquire().unwrap()).collect();
        let threads: Vec<_> = early
            .into_iter()
            .enumerate()
            .map(|(n, permit)| thread::spawn(move || if n == 0 { permit.success() } else { permit.failure() }))
            .collect();
        let other = breaker.clone();
        let probe = thread::spawn(move || drop(other.try_acquire()));
        breaker.close();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        probe.join().unwrap();
        assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::Closed, 0));
    });
}

/// Three watch until the end; each sees the last state.
#[test]
fn watchers_against_changes() {
    model(name!(), || {
        let breaker = builder().build();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let mut watch = breaker.watch();
                thread::spawn(move || {
                    let mut last = None;
                    while let Some(state) = block_on(watch.changed()) {
                        last = Some(state);
                    }
                    assert_eq!(last, Some(CircuitState::Isolated));
                })
            })
            .collect();
        breaker.isolate();
        breaker.close();
        breaker.isolate();
        drop(breaker);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Two places: some wait for one, some give up, some change their waker. No place is lost, and there is no third.
#[test]
fn callers_of_a_bulkhead_some_of_whom_give_up() {
    model(name!(), || {
        let bulkhead = Bulkhead::new(NonZeroUsize::new(2).unwrap(), usize::MAX);
        let inside = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..5)
            .map(|n| {
                let (bulkhead, inside) = (bulkhead.clone(), inside.clone());
                let mut place = bulkhead.acquire();
                thread::spawn(move || {
                    let place = match n {
                        0 => give_up_after(1, place),
                        1 => give_up_after(2, place),
                        _ => match Pin::new(&mut place).poll(&mut Context::from_waker(Waker::noop())) {
                            std::task::Poll::Ready(place) => Some(place),
                            std::task::Poll::Pending => Some(block_on(place)),
                        },
                    };
                    if let Some(place) = place {
                        let _place = place.expect("there is room in the queue");
                        assert!(inside.fetch_add(1, SeqCst) < 2);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((bulkhead.stats().running, bulkhead.stats().queued), (0, 0));
    });
}
