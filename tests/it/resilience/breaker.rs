//! What opens a breaker, what closes it, and what changes nothing.
use crate::support::forget;
use std::num::NonZeroU32;
use std::time::Duration;
use taskcell::time::{ManualClock, SystemClock, TimeProvider, Timestamp};
use taskcell::{CircuitBreaker, CircuitBreakerBuilder, CircuitState, Rejected};

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// A clock, and a builder on it: two failures in a row, a break of ten seconds.
pub(super) fn two_failures() -> (ManualClock, CircuitBreakerBuilder) {
    let clock = ManualClock::new();
    let builder = CircuitBreaker::builder_on(clock.clone()).consecutive_failures(n(2)).break_for(10 * SECOND);
    (clock, builder)
}

/// Fails as often as said.
pub(super) fn fail(breaker: &CircuitBreaker, times: u32) {
    for _ in 0..times {
        breaker.try_acquire().unwrap().failure();
    }
}

pub(super) fn succeed(breaker: &CircuitBreaker, times: u32) {
    for _ in 0..times {
        breaker.try_acquire().unwrap().success();
    }
}

pub(super) fn open_for(time: Duration) -> Rejected {
    Rejected::CircuitOpen { retry_after: time }
}

#[test]
fn failures_in_a_row_open_it() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    for _ in 0..5 {
        fail(&breaker, 1);
        succeed(&breaker, 1);
    }
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Closed, Duration::ZERO));
    fail(&breaker, 1);
    clock.advance(100_000 * SECOND);
    // However much time lies between.
    fail(&breaker, 1);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 10 * SECOND));
    clock.advance(4 * SECOND);
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(6 * SECOND));
    let stats = breaker.stats();
    assert_eq!((stats.successes, stats.failures, stats.rejected, stats.trips), (5, 7, 1, 1));
    assert_eq!((stats.running, stats.ignored, stats.retry_after), (0, 0, 6 * SECOND));
}

#[test]
fn the_defaults_are_five_failures_five_seconds_one_probe() {
    let clock = ManualClock::new();
    let breaker = CircuitBreaker::builder_on(clock.clone()).build();
    fail(&breaker, 4);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.retry_after(), 5 * SECOND);
    clock.advance(5 * SECOND);
    let probe = breaker.try_acquire().unwrap();
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(Duration::ZERO));
    probe.success();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// The circuit is half-open to whoever looks before anybody has called.
#[test]
fn a_break_that_is_over_reads_as_half_open() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND - Duration::from_nanos(1));
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, Duration::from_nanos(1)));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::HalfOpen, Duration::ZERO));
    assert_eq!(breaker.stats().state, CircuitState::HalfOpen);
    // Looking has changed nothing: the decision is that of the first call.
    assert_eq!(format!("{breaker:?}"), "CircuitBreaker { state: Open, .. }");
    drop(breaker.try_acquire().unwrap());
    assert_eq!(format!("{breaker:?}"), "CircuitBreaker { state: HalfOpen, .. }");
}

#[test]
fn the_first_probe_that_fails_opens_it_for_another_break() {
    let (clock, builder) = two_failures();
    let breaker = builder.probes(n(3)).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let late = [breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap()];
    fail(&breaker, 1);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 10 * SECOND));
    // The probes of before are of the past: neither do they close it, nor do they open it for longer.
    clock.advance(SECOND);
    late.into_iter().for_each(taskcell::BreakerPermit::success);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 9 * SECOND));
    assert_eq!((breaker.stats().trips, breaker.stats().successes), (2, 2));
}

/// As many as are let through, and no more, also when the first of them are done.
#[test]
fn all_probes_must_succeed_unless_told_otherwise() {
    let (clock, builder) = two_failures();
    let breaker = builder.probes(n(3)).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    succeed(&breaker, 1);
    let two = [breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap()];
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(Duration::ZERO));
    let [second, third] = two;
    second.success();
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(Duration::ZERO));
    third.success();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn fewer_successes_than_probes_close_it_at_once() {
    let (clock, builder) = two_failures();
    let breaker = builder.probes(n(3)).successes_to_close(n(1)).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let late = [breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap()];
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
    // They were begun before it closed: they do not open it.
    late.into_iter().for_each(taskcell::BreakerPermit::failure);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn more_successes_than_probes_use_the_places_again() {
    let (clock, builder) = two_failures();
    let breaker = builder.probes(n(2)).successes_to_close(n(3)).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let first = breaker.try_acquire().unwrap();
    succeed(&breaker, 1);
    let second = breaker.try_acquire().unwrap();
    assert!(breaker.try_acquire().is_err());
    first.success();
    // One is out, two have succeeded, three are needed.
    assert!(breaker.try_acquire().is_err());
    second.success();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// nora#607: a probe that gets lost wedges the circuit. Here a drop frees its place, and changes nothing else.
#[test]
fn a_probe_that_is_dropped_frees_its_place() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    for _ in 0..3 {
        let probe = breaker.try_acquire().unwrap();
        assert!(breaker.try_acquire().is_err());
        drop(probe);
        let probe = breaker.try_acquire().unwrap();
        assert!(breaker.try_acquire().is_err());
        probe.ignore();
        assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::HalfOpen, Duration::ZERO));
    }
    assert_eq!(breaker.stats().ignored, 6);
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// A panic between permit and result is a drop like any other.
#[test]
fn a_probe_that_panics_frees_its_place() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let died = crate::support::panic_of(|| {
        let _probe = breaker.try_acquire().unwrap();
        panic!("a probe");
    });
    assert_eq!(died, Some("a probe"));
    assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::HalfOpen, 0));
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn a_probe_that_hangs_is_given_up_if_that_was_asked_for() {
    let (clock, builder) = two_failures();
    let breaker = builder.probe_timeout(7 * SECOND).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let hangs = breaker.try_acquire().unwrap();
    forget(breaker.clone());
    clock.advance(6 * SECOND);
    assert!(breaker.try_acquire().is_err());
    clock.advance(SECOND);
    let other = breaker.try_acquire().unwrap();
    assert!(breaker.try_acquire().is_err());
    // It does not count any more, and frees no place that is not its own.
    hangs.success();
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert!(breaker.try_acquire().is_err());
    other.success();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn a_probe_that_was_leaked_wedges_it_without_a_time_limit_until_it_is_closed() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    forget(breaker.try_acquire().unwrap());
    clock.advance(1_000_000 * SECOND);
    assert!(breaker.try_acquire().is_err());
    breaker.close();
    succeed(&breaker, 1);
}

/// Polly#216, #217: a success that was under way when it opened closes it. Polly#223: failures that come late call the
/// hook again, or make the break longer.
#[test]
fn results_from_before_the_trip_change_nothing() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    let early: Vec<_> = (0..6).map(|_| breaker.try_acquire().unwrap()).collect();
    fail(&breaker, 2);
    let mut early = early.into_iter();
    clock.advance(3 * SECOND);
    early.next().unwrap().success();
    early.next().unwrap().failure();
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 7 * SECOND));
    clock.advance(7 * SECOND);
    // Half-open: nothing that is late is a probe, and none of it frees a place.
    let probe = breaker.try_acquire().unwrap();
    early.next().unwrap().success();
    early.next().unwrap().failure();
    drop(early.next());
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert!(breaker.try_acquire().is_err());
    probe.success();
    assert_eq!(breaker.state(), CircuitState::Closed);
    // Closed again: a late failure is not the first of two.
    early.next().unwrap().failure();
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
    let stats = breaker.stats();
    assert_eq!((stats.successes, stats.failures, stats.ignored, stats.trips), (3, 6, 1, 1));
}

#[test]
fn isolation_holds_until_it_is_closed_by_hand() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    let early = breaker.try_acquire().unwrap();
    breaker.isolate();
    breaker.isolate();
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Isolated, Duration::MAX));
    assert_eq!(breaker.try_acquire().unwrap_err(), Rejected::Isolated);
    clock.advance(1_000_000 * SECOND);
    assert_eq!(breaker.try_acquire().unwrap_err(), Rejected::Isolated);
    early.success();
    assert_eq!(breaker.state(), CircuitState::Isolated);
    breaker.close();
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert_eq!((breaker.stats().trips, breaker.stats().rejected), (0, 2));
}

/// From any state; failures of before are forgotten, also those of calls that are still under way.
#[test]
fn closing_forgets_the_failures() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    let early = breaker.try_acquire().unwrap();
    fail(&breaker, 1);
    breaker.close();
    early.failure();
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Open);
    breaker.close();
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Closed, Duration::ZERO));
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let probe = breaker.try_acquire().unwrap();
    breaker.close();
    probe.failure();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn breaks_may_grow_and_start_anew_after_a_success() {
    let (clock, builder) = two_failures();
    let breaker = builder.break_by(|nth| nth.get() * SECOND).build();
    fail(&breaker, 2);
    for seconds in 1..5 {
        assert_eq!(breaker.retry_after(), seconds * SECOND);
        clock.advance(seconds * SECOND);
        fail(&breaker, 1);
    }
    clock.advance(5 * SECOND);
    succeed(&breaker, 1);
    fail(&breaker, 2);
    assert_eq!(breaker.retry_after(), SECOND);
    breaker.isolate();
    breaker.close();
    fail(&breaker, 2);
    assert_eq!(breaker.retry_after(), SECOND);
}

/// Who is asked for the length may look at the breaker; a panic there opens it nevertheless, and frees the probe.
#[test]
fn a_length_that_panics_is_five_seconds() {
    let (clock, builder) = two_failures();
    let own: std::sync::Arc<std::sync::OnceLock<CircuitBreaker>> = std::sync::Arc::default();
    let asked = std::sync::Arc::downgrade(&own);
    let breaker = builder
        .break_by(move |nth| {
            assert_eq!(asked.upgrade().unwrap().get().unwrap().stats().trips, nth.get() as u64 - 1);
            if nth.get() == 2 { panic!("how long?") } else { SECOND }
        })
        .build();
    let _ = own.set(breaker.clone());
    fail(&breaker, 2);
    clock.advance(SECOND);
    let probe = breaker.try_acquire().unwrap();
    assert_eq!(crate::support::panic_of(|| probe.failure()), Some("how long?"));
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 5 * SECOND));
    clock.advance(5 * SECOND);
    succeed(&breaker, 1);
    assert_eq!((breaker.stats().running, breaker.stats().failures, breaker.stats().trips), (0, 3, 2));
}

#[test]
fn a_break_of_zero_makes_the_next_call_a_probe() {
    let (_clock, builder) = two_failures();
    let breaker = builder.break_for(Duration::ZERO).build();
    fail(&breaker, 2);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::HalfOpen, Duration::ZERO));
    let probe = breaker.try_acquire().unwrap();
    assert!(breaker.try_acquire().is_err());
    probe.failure();
    assert_eq!(breaker.stats().trips, 2);
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// The ends of time.
#[test]
fn a_break_for_ever_never_ends_by_itself() {
    let (clock, builder) = two_failures();
    let breaker = builder.break_for(Duration::MAX).build();
    fail(&breaker, 2);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, Duration::MAX));
    clock.advance(Duration::MAX);
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(Duration::MAX));
    breaker.close();
    fail(&breaker, 2);
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[test]
fn at_the_end_of_time_a_break_has_its_length() {
    let (clock, builder) = two_failures();
    let breaker = builder.failure_ratio(1.0, Duration::MAX, n(1_000)).build();
    fail(&breaker, 2);
    clock.advance(Duration::MAX);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::HalfOpen, Duration::ZERO));
    fail(&breaker, 1);
    assert_eq!((breaker.state(), breaker.retry_after()), (CircuitState::Open, 10 * SECOND));
    assert_eq!(breaker.try_acquire().unwrap_err(), open_for(10 * SECOND));
}

/// Nobody asks a clock, and nothing is armed, while nothing depends on it.
#[test]
fn there_are_no_timers() {
    struct Unasked;
    impl TimeProvider for Unasked {
        fn now(&self) -> Timestamp {
            panic!("what time is it?")
        }
        fn arm(&self, _: Timestamp, _: std::task::Waker) -> taskcell::time::Alarm {
            panic!("a timer")
        }
    }
    let breaker = CircuitBreaker::builder_on(Unasked).build();
    succeed(&breaker, 10);
    breaker.isolate();
    assert_eq!(breaker.try_acquire().unwrap_err(), Rejected::Isolated);
    breaker.close();
    drop(breaker.try_acquire());

    let (clock, builder) = two_failures();
    let breaker = builder.failure_ratio(0.5, SECOND, n(9)).probe_timeout(SECOND).build();
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    let _probe = breaker.try_acquire();
    assert_eq!(clock.armed(), 0);
}

#[test]
fn rejections_say_why() {
    assert_eq!(open_for(SECOND).to_string(), "the circuit is open; try again in 1.0s");
    assert_eq!(Rejected::Isolated.to_string(), "the circuit is isolated");
    assert_eq!(Rejected::BulkheadFull.to_string(), "the bulkhead is full");
    let states = [CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen, CircuitState::Isolated];
    assert_eq!(states.map(|state| state.to_string()).join(" "), "closed open half-open isolated");
    let _system = CircuitBreaker::builder_on(SystemClock);
}
