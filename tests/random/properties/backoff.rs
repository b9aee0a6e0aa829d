//! Delays keep to their bounds, whatever the numbers.
use super::config;
use proptest::prelude::*;
use std::num::NonZeroU32;
use std::time::Duration;
use taskcell::{Backoff, Jitter};

fn nanos(delay: Duration) -> u64 {
    u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX)
}

/// Durations small and large, up to the last.
fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..1000_u64).prop_map(Duration::from_nanos),
        any::<u64>().prop_map(Duration::from_nanos),
        any::<(u64, u32)>().prop_map(|(seconds, nanos)| Duration::new(seconds, nanos % 1_000_000_000)),
        Just(Duration::MAX),
    ]
}

fn jitter() -> impl Strategy<Value = Jitter> {
    prop_oneof![Just(Jitter::None), Just(Jitter::Full), Just(Jitter::Equal), Just(Jitter::Decorrelated)]
}

/// Any shape; whether it grows.
fn shape() -> impl Strategy<Value = (Backoff, bool)> {
    let one = NonZeroU32::MIN;
    prop_oneof![
        duration().prop_map(|base| (Backoff::constant(base), true)),
        duration().prop_map(|step| (Backoff::linear(step), true)),
        duration().prop_map(|base| (Backoff::fibonacci(base), true)),
        (duration(), any::<u32>(), any::<NonZeroU32>()).prop_map(move |(base, factor, over)| {
            let over = if factor % 3 == 0 { one } else { over };
            (Backoff::exponential(base).factor_ratio(factor, over), factor >= over.get())
        }),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_delay_is_above_the_longest(
        (backoff, _) in shape(), max in duration(), jitter in jitter(), seed in any::<u64>(),
    ) {
        let backoff = backoff.max_delay(max).jitter(jitter);
        let most = nanos(max);
        for (attempt, delay) in backoff.delays(seed).take(300).enumerate() {
            prop_assert!(delay.as_nanos() <= u128::from(most), "attempt {}: {:?}", attempt, delay);
        }
    }

    #[test]
    fn without_jitter_delays_grow(
        (backoff, grows) in shape(), max in duration(), seeds in any::<[u64; 2]>(),
    ) {
        let delays: Vec<_> = backoff.max_delay(max).delays(seeds[0]).take(300).collect();
        let ordered = |pair: &[Duration]| if grows { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
        prop_assert!(delays.windows(2).all(ordered));
        // The seed means nothing.
        prop_assert!(backoff.max_delay(max).delays(seeds[1]).take(300).eq(delays));
    }

    #[test]
    fn jitter_takes_away_only(
        (backoff, _) in shape(), max in duration(), seed in any::<u64>(),
    ) {
        let plain = backoff.max_delay(max);
        let full = plain.jitter(Jitter::Full).delays(seed);
        let equal = plain.jitter(Jitter::Equal).delays(seed);
        for ((plain, full), equal) in plain.delays(0).zip(full).zip(equal).take(100) {
            prop_assert!(full <= plain && equal <= plain);
            prop_assert!(nanos(equal) >= nanos(plain) / 2, "{:?} of {:?}", equal, plain);
        }
    }

    #[test]
    fn decorrelated_delays_lie_between_the_base_and_three_times_the_last(
        base in duration(), max in duration(), seed in any::<u64>(),
    ) {
        let (low, most) = (nanos(base), nanos(max));
        let mut last = low;
        for delay in Backoff::decorrelated(base, max).delays(seed).take(200).map(nanos) {
            let high = last.saturating_mul(3).max(low).min(most);
            prop_assert!((low.min(most)..=high).contains(&delay), "{} of {}..={}", delay, low, high);
            last = delay;
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_delays(
        (backoff, _) in shape(), jitter in jitter(), seed in any::<u64>(),
    ) {
        let backoff = backoff.jitter(jitter);
        prop_assert!(backoff.delays(seed).take(50).eq(backoff.delays(seed).take(50)));
    }

    #[test]
    fn a_factor_that_is_not_whole_is_exact(base in any::<u64>(), factor in any::<u32>(), over in any::<NonZeroU32>()) {
        let backoff = Backoff::exponential(Duration::from_nanos(base)).factor_ratio(factor, over);
        let exact = (u128::from(base) * u128::from(factor)).div_ceil(u128::from(over.get()));
        let next = backoff.delays(0).nth(1).map(|delay| delay.as_nanos());
        prop_assert_eq!(next, Some(exact.min(u128::from(u64::MAX))));
    }

    #[test]
    fn delays_are_what_exact_arithmetic_says(base in 0..1_000_000_u64, attempts in 1..200_usize) {
        let capped = |delay: u128| u64::try_from(delay).unwrap_or(u64::MAX);
        let last = |backoff: Backoff| backoff.delays(0).nth(attempts - 1).map(nanos);
        let base_ = Duration::from_nanos(base);
        prop_assert_eq!(last(Backoff::linear(base_)), Some(capped(u128::from(base) * attempts as u128)));
        let factor = 2_u128.checked_pow(attempts as u32 - 1).unwrap_or(u128::MAX);
        prop_assert_eq!(last(Backoff::exponential(base_)), Some(capped(u128::from(base).saturating_mul(factor))));
        let (mut here, mut next) = (u128::from(base), u128::from(base));
        for _ in 1..attempts {
            (here, next) = (next, here.saturating_add(next));
        }
        prop_assert_eq!(last(Backoff::fibonacci(base_)), Some(capped(here)));
    }
}
