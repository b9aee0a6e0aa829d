//! Pipelines.
mod boxed;
mod hostile;
mod kinds;
mod order;
mod polly;
mod random;
mod tokens;
mod told;

use std::time::Duration;
use taskcell::pipeline_parts::Seeded;
use taskcell::time::{ManualClock, TimeProvider, delay_on};
use taskcell::{Backoff, RetryStrategy};

const SECOND: Duration = Duration::from_secs(1);

/// A clock that goes on when everybody waits.
fn auto() -> ManualClock {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    clock
}

/// Seconds that have passed.
fn passed(clock: &ManualClock) -> u64 {
    clock.now().as_nanos() / 1_000_000_000
}

/// Three attempts, so many seconds apart.
fn every(seconds: u64) -> RetryStrategy<Seeded> {
    RetryStrategy::seeded(Backoff::constant(Duration::from_secs(seconds)), 0)
}

/// What takes so many seconds.
fn takes<'a, T: 'a>(clock: &'a ManualClock, seconds: u64, output: T) -> impl Future<Output = T> + use<'a, T> {
    let wait = delay_on(clock, Duration::from_secs(seconds));
    async move {
        wait.await;
        output
    }
}
