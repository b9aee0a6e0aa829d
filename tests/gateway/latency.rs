//! The services' seeded latency.

use crate::tail;

#[test]
fn the_tail_has_its_shape() {
    let draws = |seed| {
        let mut draws: Vec<_> = (0..100_000).map(|n| tail::Rng::keyed(&[seed, n]).latency()).collect();
        draws.sort_unstable();
        draws
    };
    let sorted = draws(1);
    assert_eq!(sorted, draws(1), "the same seed, the same latencies");
    assert_ne!(sorted, draws(2));
    let ms = |at: usize| sorted[at].as_secs_f64() * 1000.0;
    let slow = sorted.iter().filter(|draw| draw.as_millis() >= 300).count();
    assert!((2_800..3_200).contains(&slow), "{slow} of 100000 are slow");
    let fast = sorted.len() - slow;
    assert!((7.9..8.1).contains(&ms(fast / 2)), "median {}", ms(fast / 2));
    // One sigma above the median: 8 ms * e^0.3 = 10.8 ms at 84.1 %.
    assert!((10.6..11.0).contains(&ms(fast * 841 / 1000)), "{}", ms(fast * 841 / 1000));
    assert!((580.0..620.0).contains(&ms(fast + slow / 2)), "the slow ones are uniform: {}", ms(fast + slow / 2));
    assert!(*sorted.last().expect("there are draws") <= tail::slowest());
}
