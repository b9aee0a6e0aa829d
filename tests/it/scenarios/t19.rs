//! T19: a breaker opens after five failures of ten, lets through exactly as many probes as it should, and is moved by
//! nothing that is late.
use crate::support::rounds;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{BreakerPermit, CircuitBreaker, CircuitState, Rejected};

const PROBES: u32 = 3;
const BREAK: Duration = Duration::from_secs(30);

fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// It, what its hooks wrote down, and its clock.
fn breaker() -> (CircuitBreaker, Arc<Mutex<Vec<CircuitState>>>, ManualClock) {
    let (clock, log) = (ManualClock::new(), Arc::<Mutex<Vec<_>>>::default());
    let hook = || {
        let log = log.clone();
        move |change: taskcell::CircuitChange<'_>| {
            // Outside of the lock: it may be asked.
            assert_eq!(change.breaker().state(), change.to());
            assert!(change.breaker().stats().trips > 0);
            log.lock().unwrap().push(change.to());
        }
    };
    let breaker = CircuitBreaker::builder_on(clock.clone())
        .failure_ratio(0.5, Duration::from_secs(60), n(10))
        .break_for(BREAK)
        .probes(n(PROBES))
        .on_opened(hook())
        .on_half_open(hook())
        .on_closed(hook())
        .build();
    (breaker, log, clock)
}

/// Five of ten; the one that is pending at the trip stays out of it for ever.
fn trip(breaker: &CircuitBreaker) -> BreakerPermit {
    let early = breaker.try_acquire().unwrap();
    for call in 0..10 {
        assert_eq!(breaker.state(), CircuitState::Closed, "before call {call}");
        let permit = breaker.try_acquire().unwrap();
        if call % 2 == 0 { permit.success() } else { permit.failure() }
    }
    assert_eq!(breaker.try_acquire().unwrap_err(), Rejected::CircuitOpen { retry_after: BREAK });
    early
}

#[test]
fn five_failures_of_ten_open_it_and_probes_close_it() {
    use CircuitState::{Closed, HalfOpen, Open};
    let (breaker, log, clock) = breaker();
    let early = trip(&breaker);
    early.success();
    assert_eq!(breaker.state(), Open);
    clock.advance(BREAK);
    let probes: Vec<_> = (0..PROBES).map(|_| breaker.try_acquire().unwrap()).collect();
    probes.into_iter().for_each(BreakerPermit::success);
    assert_eq!(breaker.state(), Closed);
    assert_eq!(*log.lock().unwrap(), [Open, HalfOpen, Closed]);
}

/// failsafe-rs lets everybody through; Polly#216 let through who came while a probe was out.
#[test]
fn of_a_hundred_callers_exactly_the_probes_come_through() {
    for _ in 0..rounds(200) {
        let (breaker, log, clock) = breaker();
        let early = trip(&breaker);
        clock.advance(BREAK);
        let (threads, each) = (10, 10);
        let (start, all_asked) = (Barrier::new(threads), Barrier::new(threads));
        let (admitted, rejected) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    start.wait();
                    let permits: Vec<_> = (0..each).map(|_| breaker.try_acquire()).collect();
                    all_asked.wait();
                    for permit in permits {
                        match permit {
                            Ok(permit) => {
                                admitted.fetch_add(1, Ordering::SeqCst);
                                permit.success();
                            }
                            Err(error) => {
                                assert_eq!(error, Rejected::CircuitOpen { retry_after: Duration::ZERO });
                                rejected.fetch_add(1, Ordering::SeqCst);
                            }
                        }
                    }
                });
            }
        });
        assert_eq!((admitted.into_inner(), rejected.into_inner()), (PROBES as usize, 100 - PROBES as usize));
        early.failure();
        assert_eq!(breaker.state(), CircuitState::Closed);
        assert_eq!(log.lock().unwrap().len(), 3);
    }
}

/// The callers do not wait for each other: a probe that is done makes room for no other.
#[test]
fn of_a_hundred_callers_in_a_hurry_no_more_come_through() {
    for _ in 0..rounds(200) {
        let (breaker, _log, clock) = breaker();
        let _early = trip(&breaker);
        clock.advance(BREAK);
        let (threads, start, admitted) = (4, Barrier::new(4), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..25 {
                        // The last probe fails, so that nobody comes through because it has closed.
                        if let Ok(permit) = breaker.try_acquire() {
                            let nth = admitted.fetch_add(1, Ordering::SeqCst) as u32;
                            if nth + 1 < PROBES { permit.success() } else { permit.failure() }
                        }
                    }
                });
            }
        });
        assert_eq!((admitted.into_inner() as u32, breaker.state()), (PROBES, CircuitState::Open));
    }
}

/// Probes that are dropped, as those of callers who give up: each place is free again, and nothing else has happened.
#[test]
fn a_dropped_probe_frees_its_place() {
    let (breaker, log, clock) = breaker();
    let _early = trip(&breaker);
    clock.advance(BREAK);
    for _ in 0..10 {
        let mut probes: Vec<_> =
            (0..PROBES).map(|_| Box::pin(breaker.call(std::future::pending::<Result<(), ()>>()))).collect();
        let waker = crate::support::Counter::new();
        assert!(probes.iter_mut().all(|probe| waker.poll(probe).is_pending()));
        assert!(breaker.try_acquire().is_err());
        probes.pop();
        drop(breaker.try_acquire().unwrap());
    }
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert_eq!(*log.lock().unwrap(), [CircuitState::Open, CircuitState::HalfOpen]);
}
