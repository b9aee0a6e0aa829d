//! Breakers that open by the share of failures in a window.
use super::breaker::{SECOND, fail, n, succeed};
use crate::support::panic_of;
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{CircuitBreaker, CircuitState};

/// Half of at least ten in ten seconds.
fn half_of_ten() -> (ManualClock, CircuitBreaker) {
    let clock = ManualClock::new();
    let builder = CircuitBreaker::builder_on(clock.clone()).failure_ratio(0.5, 10 * SECOND, n(10));
    (clock, builder.build())
}

#[test]
fn half_of_ten_open_it_in_whatever_order() {
    for first in 0..6 {
        let (_clock, breaker) = half_of_ten();
        fail(&breaker, first);
        succeed(&breaker, 5);
        if first < 5 {
            assert_eq!(breaker.state(), CircuitState::Closed);
            fail(&breaker, 5 - first);
        }
        assert_eq!((breaker.state(), breaker.stats().trips), (CircuitState::Open, 1), "{first}");
    }
}

#[test]
fn too_few_calls_do_not_open_it_whatever_their_share() {
    let (clock, breaker) = half_of_ten();
    for _ in 0..20 {
        fail(&breaker, 9);
        assert_eq!(breaker.state(), CircuitState::Closed);
        clock.advance(10 * SECOND);
    }
}

#[test]
fn a_smaller_share_does_not_open_it() {
    let (_clock, breaker) = half_of_ten();
    for _ in 0..100 {
        succeed(&breaker, 6);
        fail(&breaker, 5);
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    // 500 of 1100; the share reaches a half with another 100.
    fail(&breaker, 99);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);
}

/// What drops out of the window does not count, neither successes nor failures.
#[test]
fn the_window_slides() {
    let (clock, breaker) = half_of_ten();
    succeed(&breaker, 100);
    clock.advance(5 * SECOND);
    fail(&breaker, 10);
    assert_eq!(breaker.state(), CircuitState::Closed);
    clock.advance(5 * SECOND);
    // The successes are gone, the failures are there.
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);

    let (clock, breaker) = half_of_ten();
    fail(&breaker, 9);
    clock.advance(10 * SECOND);
    fail(&breaker, 9);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn a_trip_and_a_success_of_a_probe_begin_a_new_window() {
    let (clock, breaker) = half_of_ten();
    fail(&breaker, 10);
    clock.advance(5 * SECOND);
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 9);
    assert_eq!(breaker.state(), CircuitState::Closed);
    breaker.close();
    fail(&breaker, 9);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[test]
fn both_rules_may_stand_side_by_side() {
    let clock = ManualClock::new();
    let builder = || CircuitBreaker::builder_on(clock.clone()).failure_ratio(0.5, 10 * SECOND, n(10));
    let breaker = builder().consecutive_failures(n(3)).build();
    fail(&breaker, 3);
    assert_eq!(breaker.state(), CircuitState::Open);
    let breaker = builder().consecutive_failures(n(30)).build();
    fail(&breaker, 10);
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[test]
fn the_ends_of_ratio_and_window() {
    let clock = ManualClock::new();
    let builder = |ratio, window| CircuitBreaker::builder_on(clock.clone()).failure_ratio(ratio, window, n(3)).build();
    // Zero: any failure, once there are enough; but no success.
    let breaker = builder(0.0, SECOND);
    succeed(&breaker, 10);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);
    // One: only without any success.
    let breaker = builder(1.0, Duration::MAX);
    succeed(&breaker, 1);
    fail(&breaker, 1_000);
    assert_eq!(breaker.state(), CircuitState::Closed);
    // A window of zero knows only this moment.
    let breaker = builder(1.0, Duration::ZERO);
    for _ in 0..20 {
        fail(&breaker, 2);
        clock.advance(Duration::from_nanos(10));
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 3);
    assert_eq!(breaker.state(), CircuitState::Open);
    // One for ever forgets nothing.
    let breaker = builder(1.0, Duration::MAX);
    fail(&breaker, 2);
    clock.advance(Duration::from_secs(1 << 33));
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);
    for wrong in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
        assert_eq!(panic_of(|| builder(wrong, SECOND)), Some("a ratio is from 0 to 1"));
    }
}
