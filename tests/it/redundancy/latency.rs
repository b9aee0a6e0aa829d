//! `ObservedLatency`.
use core::time::Duration;
use std::thread;
use taskcell::ObservedLatency;

const fn micros(n: u64) -> Duration {
    Duration::from_micros(n)
}

/// Whether an answer is right: at most 1/16 above.
fn about(answer: Duration, right: Duration) -> bool {
    answer >= right && answer <= right + right / 16 + Duration::from_nanos(1)
}

#[test]
fn percentiles_are_right_to_a_sixteenth() {
    for percent in [0.0, 1.0, 50.0, 95.0, 99.0, 99.9, 100.0] {
        let latency = ObservedLatency::percentile(percent).window(100_000);
        for n in 0..10_000_u64 {
            latency.record(micros((n * 7919) % 10_000 + 1));
        }
        let rank = ((percent * 100.0).ceil() as u64).max(1);
        assert!(about(latency.delay(), micros(rank)), "{percent}: {latency:?}");
    }
}

#[test]
fn too_few_samples_give_the_initial_delay() {
    let latency = ObservedLatency::percentile(95.0);
    assert_eq!(latency.delay(), Duration::MAX);
    let latency = latency.initial(micros(77)).min_samples(3);
    for _ in 0..2 {
        latency.record(micros(5));
        assert_eq!(latency.delay(), micros(77));
    }
    latency.record(micros(5));
    assert!(about(latency.delay(), micros(5)));
    let none = ObservedLatency::percentile(95.0).initial(micros(7)).min_samples(0);
    assert_eq!(none.delay(), micros(7));
}

#[test]
fn answers_are_clamped_the_initial_one_too() {
    let latency = ObservedLatency::percentile(50.0).clamp(micros(10), micros(20)).min_samples(1);
    assert_eq!(latency.delay(), micros(20));
    latency.record(micros(1));
    assert_eq!(latency.delay(), micros(10));
    (0..2).for_each(|_| latency.record(micros(15)));
    assert!(about(latency.delay(), micros(15)));
    (0..5).for_each(|_| latency.record(micros(1000)));
    assert_eq!(latency.delay(), micros(20));
}

#[test]
fn the_ends_of_time_have_their_places() {
    let latency = ObservedLatency::percentile(100.0).min_samples(1);
    latency.record(Duration::ZERO);
    assert_eq!(latency.delay(), Duration::ZERO);
    for nanos in (0..42).map(|log| 1_u64 << log) {
        for nanos in [nanos - 1, nanos, nanos + 1] {
            let latency = ObservedLatency::percentile(100.0).min_samples(1);
            latency.record(Duration::from_nanos(nanos));
            assert!(about(latency.delay(), Duration::from_nanos(nanos)), "{nanos}: {latency:?}");
        }
    }
    latency.record(Duration::MAX);
    assert_eq!(latency.delay(), Duration::from_nanos((1 << 42) - 1));
}

#[test]
fn old_samples_fade() {
    let latency = ObservedLatency::percentile(95.0).window(1000).min_samples(100);
    (0..5000).for_each(|_| latency.record(micros(1000)));
    assert!((500..=1000).contains(&latency.samples()), "{latency:?}");
    assert!(about(latency.delay(), micros(1000)));
    let mut needed = 0;
    while latency.delay() > micros(11) {
        latency.record(micros(10));
        needed += 1;
        assert!(latency.samples() >= 500);
    }
    assert!(needed < 5000, "{needed}");
}

/// One sample in each bucket: halving must not take all of them.
#[test]
fn halving_leaves_half() {
    let latency = ObservedLatency::percentile(50.0).window(100).min_samples(200);
    (0..99).for_each(|n| latency.record(Duration::from_millis(1 << (n % 20)) + micros(n)));
    latency.record(micros(1));
    assert_eq!(latency.samples(), 50);
    // `min_samples` is more than can be: half of the window is enough.
    assert!(latency.delay() < Duration::MAX);
}

#[test]
fn threads_record_at_the_same_time() {
    for window in [2, 64, 1 << 20] {
        let latency = ObservedLatency::percentile(50.0).window(window).min_samples(1);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for n in 0..crate::support::rounds(20_000) as u64 {
                        latency.record(micros(100 + n % 10));
                        if n % 64 == 0 {
                            assert!(latency.delay() >= micros(100) || latency.samples() == 0, "{latency:?}");
                        }
                    }
                });
            }
        });
        (0..2).for_each(|_| latency.record(micros(100)));
        assert!(latency.delay() >= micros(100) && latency.delay() <= micros(117), "{latency:?}");
        assert!(latency.samples() <= window.max(2), "{latency:?}");
    }
}

#[test]
#[should_panic(expected = "between 0 and 100")]
fn not_a_percentile() {
    let _ = ObservedLatency::percentile(f64::NAN);
}
