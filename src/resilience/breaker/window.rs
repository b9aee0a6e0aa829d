//! How many calls succeeded and failed of late.

use crate::time::Timestamp;
use core::time::Duration;

/// In so many steps the window moves on.
const BUCKETS: usize = 10;

/// So many succeeded and failed.
#[derive(Clone, Copy, Default)]
struct Tally {
    successes: u64,
    failures: u64,
}

/// A window that slides over time, step by step.
pub(super) struct Window {
    /// Nanoseconds of a bucket, at least one.
    step: u64,
    /// The number of the newest bucket since the clock's start.
    newest: u64,
    /// That of number `n` stands at `n % BUCKETS`.
    buckets: [Tally; BUCKETS],
    sum: Tally,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        let step = (Timestamp::from(length).as_nanos() / BUCKETS as u64).max(1);
        Self { step, newest: 0, buckets: [Tally::default(); BUCKETS], sum: Tally::default() }
    }

    /// Moves it on to `now`. A time before the newest bucket, as that of a thread that was slow, counts as the newest.
    pub(super) fn slide(&mut self, now: Timestamp) {
        let at = now.as_nanos() / self.step;
        if at.saturating_sub(self.newest) >= BUCKETS as u64 {
            self.clear();
        } else {
            for number in self.newest + 1..=at {
                let old = core::mem::take(&mut self.buckets[index(number)]);
                self.sum.successes -= old.successes;
                self.sum.failures -= old.failures;
            }
        }
        self.newest = self.newest.max(at);
    }

    /// Counts a result.
    pub(super) fn add(&mut self, failed: bool) {
        for tally in [&mut self.buckets[index(self.newest)], &mut self.sum] {
            if failed {
                tally.failures += 1;
            } else {
                tally.successes += 1;
            }
        }
    }

    /// All and the failed ones, if a result came now.
    pub(super) fn with(&self, failed: bool) -> (u64, u64) {
        let failures = self.sum.failures + u64::from(failed);
        (self.sum.successes + self.sum.failures + 1, failures)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.buckets = [Tally::default(); BUCKETS];
        self.sum = Tally::default();
    }
}

/// Where the bucket of that number is.
fn index(number: u64) -> usize {
    (number % BUCKETS as u64) as usize
}
