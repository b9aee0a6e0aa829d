//! What a scenario is given and what it counts: items in, items accounted for, and what must never happen.

use crate::chance::Chance;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How many threads of a scenario count.
pub(crate) const THREADS: usize = 32;

/// More violations than that are counted, and no longer printed.
const PRINTED: usize = 10;

/// The counts of one thread, on cache lines of their own.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Tally {
    /// What was given away: items, callers, calls.
    pub(crate) given: Count,
    /// What of it is accounted for.
    pub(crate) found: Count,
    /// Waits that were given up.
    pub(crate) given_up: Count,
}

#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }
    pub(crate) fn one(&self) {
        self.add(1);
    }
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// One scenario's run.
pub(crate) struct Job {
    name: &'static str,
    seed: u64,
    begun: Instant,
    until: Instant,
    lost_before: u64,
    rounds: Count,
    tallies: [Tally; THREADS],
    violations: AtomicUsize,
}

/// One round of a scenario: its chance is its own.
pub(crate) struct Round<'a> {
    job: &'a Job,
    number: u64,
}

pub(crate) const HEAD: &str =
    "scenario                   rounds        items    given up       lost  violations        time";

impl Job {
    pub(crate) fn new(name: &'static str, seed: u64, time: Duration, lost_before: u64) -> Self {
        let begun = Instant::now();
        let (rounds, tallies, violations) = Default::default();
        Self { name, seed, begun, until: begun + time, lost_before, rounds, tallies, violations }
    }

    /// Runs `round` again and again, at least once, until it gives false or the time is over. A panic is a violation, and
    /// ends it.
    pub(crate) fn rounds(&self, mut round: impl FnMut(&Round<'_>) -> bool) {
        loop {
            let this = Round { job: self, number: self.rounds.get() };
            let ended = catch_unwind(AssertUnwindSafe(|| round(&this)));
            self.rounds.one();
            if ended.is_err() {
                this.violation("a thread panicked");
            }
            if !ended.unwrap_or(false) || self.is_over() {
                return;
            }
        }
    }

    /// Whether the time is over.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    pub(crate) fn violations(&self) -> usize {
        self.violations.load(Relaxed)
    }

    fn sum(&self, count: impl Fn(&Tally) -> &Count) -> u64 {
        self.tallies.iter().map(|tally| count(tally).get()).sum()
    }

    pub(crate) fn given(&self) -> u64 {
        self.sum(|tally| &tally.given)
    }

    pub(crate) fn found(&self) -> u64 {
        self.sum(|tally| &tally.found)
    }

    /// What was given away, and is not accounted for: at the end, what is lost.
    pub(crate) fn lost(&self) -> u64 {
        self.given().saturating_sub(self.found())
    }

    /// What was lost before this scenario, and in it.
    pub(crate) fn lost_in_all(&self) -> u64 {
        self.lost_before + self.lost()
    }

    /// Changes as long as anything goes on.
    pub(crate) fn pulse(&self) -> u64 {
        self.given() + self.found() + self.sum(|tally| &tally.given_up) + self.rounds.get()
    }

    /// The line of the table, as far as it has got.
    pub(crate) fn row(&self) -> String {
        let (given, given_up) = (self.given(), self.sum(|tally| &tally.given_up));
        let (name, rounds, lost, violations) = (self.name, self.rounds.get(), self.lost(), self.violations());
        let time = self.begun.elapsed().as_secs_f64();
        format!("{name:22}{rounds:>11}{given:>13}{given_up:>12}{lost:>11}{violations:>12}{time:>10.1} s")
    }
}

impl Round<'_> {
    /// The chance of this round for one of its threads: the same for the same seed.
    pub(crate) fn chance(&self, thread: usize) -> Chance {
        let name = self.job.name.bytes().fold(0_u64, |all, byte| all.wrapping_mul(31).wrapping_add(byte.into()));
        let mut chance = Chance::new(self.job.seed ^ name);
        let mixed = chance.below(u64::MAX) ^ self.number.wrapping_mul(0x9e37_79b9).wrapping_add(thread as u64);
        Chance::new(mixed)
    }

    /// The counts of one of its threads.
    pub(crate) fn tally(&self, thread: usize) -> &Tally {
        &self.job.tallies[thread % THREADS]
    }

    /// Everything given away so far must be accounted for, once.
    pub(crate) fn check(&self) {
        let (given, found) = (self.job.given(), self.job.found());
        if given != found {
            self.violation(format_args!("{given} were given, {found} are accounted for"));
        }
    }

    pub(crate) fn job(&self) -> &Job {
        self.job
    }

    /// What must never happen has happened.
    pub(crate) fn violation(&self, what: impl Display) {
        if self.job.violations.fetch_add(1, Relaxed) < PRINTED {
            println!("{} in round {}: {what}", self.job.name, self.number);
        }
    }
}
