//! The meter that a row is given: it marks where the measured part begins and ends, and takes the number of operations.

use crate::{heap, valgrind};
use std::time::{Duration, Instant};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Callgrind counts; the meter only tells it when.
    Callgrind,
    /// Allocations and live bytes.
    Heap,
    /// The wall clock.
    Time,
}

/// One run of a row.
#[derive(Debug)]
pub struct Meter {
    mode: Mode,
    operations: f64,
    rounds: Option<f64>,
    value: Option<f64>,
    heap: heap::Count,
    allocations: u64,
    live: i64,
    begin: Option<Instant>,
    elapsed: Duration,
}

impl Meter {
    /// A meter at zero.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            operations: 0.0,
            rounds: None,
            value: None,
            heap: heap::Count::default(),
            allocations: 0,
            live: 0,
            begin: None,
            elapsed: Duration::ZERO,
        }
    }

    /// The measured part begins.
    #[inline(never)]
    pub fn start(&mut self) {
        match self.mode {
            Mode::Callgrind => valgrind::start(),
            Mode::Heap => self.heap = heap::count(),
            Mode::Time => self.begin = Some(Instant::now()),
        }
    }

    /// The measured part ends; it held so many operations. A row may have several parts.
    #[inline(never)]
    pub fn stop(&mut self, operations: usize) {
        match self.mode {
            Mode::Callgrind => valgrind::stop(),
            Mode::Heap => {
                let now = heap::count();
                self.allocations += now.allocations - self.heap.allocations;
                self.live += now.live - self.heap.live;
            }
            Mode::Time => self.elapsed += self.begin.take().map_or(Duration::ZERO, |begin| begin.elapsed()),
        }
        self.operations += operations as f64;
    }

    /// Allocations are given for each of so many rounds, not for each operation.
    pub fn rounds(&mut self, rounds: usize) {
        self.rounds = Some(rounds as f64);
    }

    /// The row's number is this: a size, or something that the row has worked out itself.
    pub fn value(&mut self, value: f64) {
        self.value = Some(value);
    }

    /// Growth of live bytes in the measured parts, if they are counted.
    #[must_use]
    pub fn live(&self) -> i64 {
        self.live
    }

    /// Operations measured so far.
    #[must_use]
    pub fn operations(&self) -> f64 {
        self.operations
    }

    /// Nanoseconds an operation.
    #[must_use]
    pub fn nanos(&self) -> f64 {
        self.elapsed.as_nanos() as f64 / self.operations.max(1.0)
    }

    /// The line that the driver reads.
    #[must_use]
    pub fn report(&self) -> String {
        let rounds = self.rounds.unwrap_or(self.operations).max(1.0);
        let bytes = self.value.unwrap_or(self.live as f64 / self.operations.max(1.0));
        format!("operations {} allocations {} bytes {}", self.operations, self.allocations as f64 / rounds, bytes)
    }
}
