//! Delays: shapes, jitter, seeds, and no overflow anywhere.
use super::{MS, times};
use core::time::Duration;
use taskcell::{Backoff, Jitter};

fn first(backoff: Backoff, n: usize) -> Vec<u128> {
    backoff.delays(1).take(n).map(|delay| delay.as_nanos()).collect()
}

const fn nanos(n: u64) -> Duration {
    Duration::from_nanos(n)
}

#[test]
fn the_shapes() {
    assert_eq!(first(Backoff::NONE, 3), [0, 0, 0]);
    assert_eq!(first(Backoff::constant(nanos(7)), 3), [7, 7, 7]);
    assert_eq!(first(Backoff::linear(nanos(7)), 4), [7, 14, 21, 28]);
    assert_eq!(first(Backoff::exponential(nanos(7)), 4), [7, 14, 28, 56]);
    assert_eq!(first(Backoff::exponential(nanos(7)).factor(3), 4), [7, 21, 63, 189]);
    assert_eq!(first(Backoff::exponential(nanos(100)).factor_ratio(3, times(2)), 4), [100, 150, 225, 338]);
    assert_eq!(first(Backoff::fibonacci(nanos(7)), 6), [7, 7, 14, 21, 35, 56]);
    // A factor means nothing elsewhere.
    assert_eq!(Backoff::linear(MS).factor(9), Backoff::linear(MS));
}

#[test]
fn a_factor_below_one_shrinks_and_never_ends_in_nothing() {
    let delays = first(Backoff::exponential(nanos(10)).factor_ratio(1, times(3)), 5);
    assert_eq!(delays, [10, 4, 2, 1, 1]);
    assert_eq!(first(Backoff::exponential(nanos(10)).factor(0), 3), [10, 0, 0]);
    assert_eq!(first(Backoff::exponential(nanos(1)).factor_ratio(3, times(2)), 4), [1, 2, 3, 5]);
}

#[test]
fn the_longest_delay() {
    let max = |backoff: Backoff| backoff.max_delay(nanos(20));
    assert_eq!(first(max(Backoff::constant(nanos(21))), 2), [20, 20]);
    assert_eq!(first(max(Backoff::linear(nanos(9))), 4), [9, 18, 20, 20]);
    assert_eq!(first(max(Backoff::exponential(nanos(9))), 4), [9, 18, 20, 20]);
    assert_eq!(first(max(Backoff::fibonacci(nanos(9))), 5), [9, 9, 18, 20, 20]);
}

#[test]
fn the_last_nanosecond() {
    const MOST: u128 = u64::MAX as u128;
    assert_eq!(first(Backoff::constant(Duration::MAX), 2), [MOST; 2]);
    assert_eq!(first(Backoff::linear(Duration::MAX), 3), [MOST; 3]);
    assert_eq!(first(Backoff::exponential(Duration::MAX).factor(u32::MAX), 3), [MOST; 3]);
    assert_eq!(first(Backoff::fibonacci(Duration::MAX), 3), [MOST; 3]);
    // Where the product overflows the quotient need not.
    let shrinking = Backoff::exponential(nanos(u64::MAX)).factor_ratio(u32::MAX - 1, times(u32::MAX));
    let delays = first(shrinking, 3);
    assert!(delays[1] < delays[0] && delays[2] < delays[1] && delays[2] > MOST / 2);
    // Nor is anything lost on the way there.
    let growing = Backoff::exponential(nanos(5_000_000_000)).factor_ratio(4_000_000_000, times(3_000_000_000));
    assert_eq!(first(growing, 3), [5_000_000_000, 6_666_666_667, 8_888_888_890]);
    for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
        assert!(Backoff::constant(Duration::MAX).jitter(jitter).delays(3).take(1000).all(|d| d.as_nanos() <= MOST));
    }
}

#[test]
fn jitter_stays_in_its_bounds_and_fills_them() {
    let base = nanos(1_000);
    let of = |jitter| Backoff::constant(base).jitter(jitter).delays(5).take(100_000).map(|d| d.as_nanos());
    let (low, high) = (of(Jitter::Full).min().unwrap(), of(Jitter::Full).max().unwrap());
    assert_eq!((low, high), (0, 1_000));
    assert_eq!((of(Jitter::Equal).min(), of(Jitter::Equal).max()), (Some(500), Some(1_000)));
    assert!((490..510).contains(&(of(Jitter::Full).sum::<u128>() / 100_000)));
    let decorrelated = Backoff::decorrelated(base, nanos(50_000));
    let mut before = 1_000;
    for delay in decorrelated.delays(5).take(100_000).map(|d| d.as_nanos()) {
        assert!((1_000..=50_000.min(3 * before)).contains(&delay));
        before = delay;
    }
    assert!(decorrelated.delays(5).take(1_000).any(|d| d == nanos(50_000)), "clamped last");
    // A base above the longest delay.
    assert!(Backoff::decorrelated(base, nanos(9)).delays(1).take(100).all(|d| d == nanos(9)));
}

#[test]
fn one_seed_one_row_and_another_seed_another() {
    let backoff = Backoff::exponential(MS).max_delay(1000 * MS).jitter(Jitter::Full);
    let row = |seed| backoff.delays(seed).take(20).collect::<Vec<_>>();
    assert_eq!(row(0), row(0));
    assert_eq!(backoff.delays(9).clone().take(9).collect::<Vec<_>>(), row(9)[..9]);
    let rows: std::collections::HashSet<_> = (0..1000).map(row).collect();
    assert_eq!(rows.len(), 1000, "seeds next to each other, too");
    assert_eq!(backoff.delays(0).size_hint(), (usize::MAX, None));
}

#[test]
fn the_generator_is_splitmix64() {
    // The first numbers of Vigna's splitmix64.c for seed 0, halved to what fits a delay's range: all of it.
    let all = Backoff::constant(Duration::MAX).jitter(Jitter::Full).delays(0);
    let numbers: Vec<u64> = all.take(3).map(|d| d.as_nanos() as u64).collect();
    assert_eq!(numbers, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
}

#[test]
fn entropy_gives_each_retry_delays_of_its_own() {
    let delays = || {
        let (mut seen, clock) = (Vec::new(), taskcell::time::ManualClock::new());
        clock.set_auto_advance(true);
        let backoff = Backoff::constant(Duration::from_secs(3600)).jitter(Jitter::Full);
        let hook = |event: taskcell::RetryEvent<'_, ()>| seen.push(event.delay);
        let retry = taskcell::retry(async |_| Err::<(), _>(())).on_clock(&clock).max_attempts(times(6));
        let retry = std::future::IntoFuture::into_future(retry.backoff(backoff).on_retry(hook));
        assert_eq!(clock.block_on(retry).unwrap_err().attempts(), 6);
        seen
    };
    let rows: std::collections::HashSet<_> = (0..100).map(|_| delays()).collect();
    assert_eq!(rows.len(), 100);
    assert_eq!(rows.iter().next().unwrap().len(), 5);
}
