//! Breakers and bulkheads under ten callers: what they let through, and what is left when all have gone.
#![cfg(shuttle)]

use shuttle::future::block_on;
use shuttle::thread;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{Bulkhead, CircuitBreaker, CircuitState};
use taskcell_shuttle_tests::{give_up_after, model, name};

const CALLERS: usize = 10;
const PROBES: usize = 2;
const BREAK: Duration = Duration::from_secs(1);

/// A breaker that one failure opens.
fn breaker() -> (CircuitBreaker, ManualClock) {
    let clock = ManualClock::new();
    let probes = NonZeroU32::new(PROBES as u32).unwrap();
    let builder = CircuitBreaker::builder_on(clock.clone()).consecutive_failures(NonZeroU32::MIN);
    (builder.break_for(BREAK).probes(probes).build(), clock)
}

fn half_open((breaker, clock): &(CircuitBreaker, ManualClock)) {
    breaker.close();
    breaker.try_acquire().unwrap().failure();
    clock.advance(BREAK);
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
}

/// How many are admitted one after the other, without a result.
fn admits(breaker: &CircuitBreaker) -> usize {
    let permits: Vec<_> = std::iter::from_fn(|| breaker.try_acquire().ok()).take(2 * CALLERS).collect();
    permits.len()
}

/// All ask at once: as many as there are probes are admitted, and their successes close it.
#[test]
fn ten_callers_at_a_half_open_breaker() {
    model(name!(), || {
        let both = breaker();
        half_open(&both);
        let before = both.0.try_acquire();
        drop(before);
        let callers = (0..CALLERS).map(|_| {
            let breaker = both.0.clone();
            thread::spawn(move || breaker.try_acquire().ok())
        });
        let callers: Vec<_> = callers.collect();
        let permits: Vec<_> = callers.into_iter().filter_map(|caller| caller.join().unwrap()).collect();
        assert_eq!(permits.len(), PROBES);
        let settled: Vec<_> = permits.into_iter().map(|permit| thread::spawn(move || permit.success())).collect();
        settled.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(both.0.state(), CircuitState::Closed);
        assert_eq!(both.0.stats().running, 0);
    });
}

/// Probes are dropped, by hand and with their call, while others ask: never too many at a time, and no place is lost.
#[test]
fn ten_probes_that_are_dropped() {
    model(name!(), || {
        let both = breaker();
        half_open(&both);
        let running = Arc::new(AtomicUsize::new(0));
        let callers = (0..CALLERS).map(|number| {
            let (breaker, running) = (both.0.clone(), running.clone());
            thread::spawn(move || {
                if number % 2 == 0 {
                    _ = give_up_after(1, breaker.call(std::future::pending::<Result<(), ()>>()));
                } else if let Ok(permit) = breaker.try_acquire() {
                    assert!(running.fetch_add(1, SeqCst) < PROBES);
                    thread::yield_now();
                    running.fetch_sub(1, SeqCst);
                    drop(permit);
                }
            })
        });
        let callers: Vec<_> = callers.collect();
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        assert_eq!(both.0.state(), CircuitState::HalfOpen);
        assert_eq!((both.0.stats().running, admits(&both.0)), (0, PROBES));
    });
}

/// Probes that succeed and fail, while it is isolated and closed by hand: it can be used afterwards as if it were new.
#[test]
fn probes_against_resets() {
    model(name!(), || {
        let both = breaker();
        half_open(&both);
        let mut threads = Vec::new();
        for number in 0..CALLERS {
            let breaker = both.0.clone();
            threads.push(thread::spawn(move || {
                let Ok(permit) = breaker.try_acquire() else { return };
                thread::yield_now();
                match number % 3 {
                    0 => permit.success(),
                    1 => permit.failure(),
                    _ => drop(permit),
                }
            }));
        }
        let breaker = both.0.clone();
        threads.push(thread::spawn(move || {
            breaker.isolate();
            breaker.close();
        }));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let stats = both.0.stats();
        assert_eq!(stats.running, 0);
        // One call opened it at first.
        let calls = stats.successes + stats.failures + stats.ignored + stats.rejected;
        assert_eq!(calls, CALLERS as u64 + 1);
        half_open(&both);
        assert_eq!(admits(&both.0), PROBES);
    });
}

/// Six callers of two places and a queue for two: the limit holds, those who wait are let in, those who give up leave nothing.
#[test]
fn six_callers_of_a_bulkhead() {
    model(name!(), || {
        let bulkhead = Bulkhead::new(NonZeroUsize::new(2).unwrap(), 2);
        let running = Arc::new(AtomicUsize::new(0));
        let callers = (0..6).map(|number| {
            let (bulkhead, running) = (bulkhead.clone(), running.clone());
            thread::spawn(move || {
                let permit = match number % 3 {
                    0 => give_up_after(2, bulkhead.acquire()).and_then(Result::ok),
                    _ => block_on(bulkhead.acquire()).ok(),
                };
                if permit.is_some() {
                    assert!(running.fetch_add(1, SeqCst) < 2);
                    thread::yield_now();
                    running.fetch_sub(1, SeqCst);
                }
            })
        });
        let callers: Vec<_> = callers.collect();
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        let stats = bulkhead.stats();
        assert_eq!((stats.running, stats.queued), (0, 0));
    });
}
