//! Models of observed latencies: counts that several take at once, and a window that fades meanwhile.
#![cfg(loom)]

use loom::thread::{spawn, yield_now};
use std::sync::Arc;
use std::time::Duration;
use taskcell::ObservedLatency;
use taskcell_loom_tests::{Bound, model, name};

const FAST: Duration = Duration::from_nanos(3);
const SLOW: Duration = Duration::from_nanos(9);

/// With one sample it knows the percentile.
fn observed(percent: f64, window: u32) -> Arc<ObservedLatency> {
    Arc::new(ObservedLatency::percentile(percent).min_samples(1).window(window))
}

/// A window that is full is halved, each time, and so are the buckets. Times are rounded up.
#[test]
fn latency_of_one_thread() {
    model(name!(), Bound::Exhaustive, || {
        let latency = observed(50.0, 4);
        assert_eq!((latency.samples(), latency.delay()), (0, Duration::MAX));
        for _ in 0..3 {
            latency.record(SLOW);
        }
        assert_eq!((latency.samples(), latency.delay()), (3, SLOW));
        for _ in 0..3 {
            latency.record(FAST);
            assert_eq!(latency.samples(), 2);
            latency.record(FAST);
        }
        assert_eq!((latency.samples(), latency.delay()), (3, FAST));
        let latency = observed(50.0, 4);
        latency.record(Duration::from_nanos(40));
        assert_eq!(latency.delay(), Duration::from_nanos(41));
    });
}

/// Two samples come at once: both count.
#[test]
fn two_latencies_at_once() {
    model(name!(), Bound::Exhaustive, || {
        // The second of three, but the second of two as well.
        let latency = observed(60.0, 10);
        latency.record(SLOW);
        let other = latency.clone();
        let thread = spawn(move || other.record(FAST));
        latency.record(FAST);
        thread.join().unwrap();
        assert_eq!((latency.samples(), latency.delay()), (3, FAST));
    });
}

/// Two samples come to a window that is nearly full: it fades once, or, if one of them came into a bucket that was just
/// being halved, with the next. Half of it is always left.
#[test]
fn two_latencies_fill_the_window() {
    model(name!(), Bound::Preemptions(3), || {
        let latency = observed(50.0, 8);
        for _ in 0..7 {
            latency.record(SLOW);
        }
        let other = latency.clone();
        let thread = spawn(move || other.record(SLOW));
        latency.record(SLOW);
        thread.join().unwrap();
        let left = latency.samples();
        assert!(left == 5 || left == 9, "{left}");
        latency.record(SLOW);
        assert_eq!(latency.samples(), if left == 5 { 6 } else { 5 });
        assert_eq!(latency.delay(), SLOW);
    });
}

/// The only fast sample comes while the slow ones are halved: it is not lost, nor is its count.
#[test]
fn latency_against_fade() {
    model(name!(), Bound::Preemptions(3), || {
        let latency = observed(0.0, 4);
        for _ in 0..3 {
            latency.record(SLOW);
        }
        let other = latency.clone();
        let thread = spawn(move || other.record(FAST));
        latency.record(SLOW);
        thread.join().unwrap();
        assert_eq!(latency.delay(), FAST);
        let left = latency.samples();
        assert!(left == 3 || left == 5, "{left}");
    });
}

/// The window is full while two more come: no more goes than was counted, and half of it is left.
#[test]
fn two_latencies_against_fade() {
    model(name!(), Bound::Preemptions(3), || {
        let latency = observed(50.0, 2);
        latency.record(SLOW);
        let others = [latency.clone(), latency.clone()].map(|other| spawn(move || other.record(SLOW)));
        // They may be in the midst of it.
        yield_now();
        latency.record(SLOW);
        assert!(latency.samples() > 0);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}
