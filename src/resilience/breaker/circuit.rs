//! The circuit itself: a plain state machine, which knows neither clock nor lock and calls nobody.
//!
//! 1. Permits are given out when it is closed or half-open. Each carries the generation of that moment.
//! 2. Every change of state begins a new generation, as do a reset and probes that are given up. So a permit of the present
//!    generation was given out in the present state, and any other is of the past: its result counts in the statistics,
//!    and nowhere else.
//! 3. `out` is how many permits of the present generation are out, if it is half-open.

use super::rules::Rules;
use super::state::{CircuitState, CircuitStats};
use super::window::Window;
use crate::resilience::Rejected;
use crate::shim::atomic::recheck;
use crate::time::Timestamp;
use core::num::NonZeroU32;
use core::time::Duration;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Failure,
    Ignored,
}

/// A change of state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) from: CircuitState,
    pub(super) to: CircuitState,
    /// How long the break is, if it opened by itself.
    pub(super) length: Option<Duration>,
    /// How many there were since it was last closed.
    pub(super) breaks: u32,
}

/// What becomes of a call that is to be made.
pub(super) enum Admission {
    /// It is made, in this generation.
    Admitted(u64, Option<Change>),
    Rejected(Rejected),
    /// That depends on the time.
    WhatTimeIsIt,
}

/// What comes of a result.
pub(super) enum Settled {
    Done(Option<Change>),
    /// It is going to open. Nothing was changed yet: for how long is this break, the nth in a row?
    ForHowLong(NonZeroU32),
}

enum Phase {
    Closed,
    Open { since: Timestamp, length: Duration },
    HalfOpen { out: u32, succeeded: u32, last: Timestamp },
    Isolated,
}

/// The time from `since` on has passed; [`Duration::MAX`] never has.
fn is_over(length: Duration, since: Timestamp, now: Timestamp) -> bool {
    length != Duration::MAX && now.saturating_duration_since(since) >= length
}

pub(super) struct Circuit {
    phase: Phase,
    generation: u64,
    /// How many results in a row were failures.
    failures_in_a_row: u32,
    /// How many breaks there were since it was last closed.
    breaks: u32,
    window: Option<Window>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    successes: u64,
    failures: u64,
    ignored: u64,
    rejected: u64,
    running: u64,
    trips: u64,
}

impl Circuit {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            phase: Phase::Closed,
            generation: 0,
            failures_in_a_row: 0,
            breaks: 0,
            window: rules.ratio.map(|ratio| Window::new(ratio.window)),
            counts: Counts::default(),
        }
    }

    /// The state that was decided: one whose break is over still is open.
    pub(super) fn decided(&self) -> CircuitState {
        match self.phase {
            Phase::Closed => CircuitState::Closed,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen { .. } => CircuitState::HalfOpen,
            Phase::Isolated => CircuitState::Isolated,
        }
    }

    /// The state that a call would find now.
    pub(super) fn state(&self, now: Timestamp) -> CircuitState {
        match self.phase {
            Phase::Open { since, length } if is_over(length, since, now) => CircuitState::HalfOpen,
            _ => self.decided(),
        }
    }

    pub(super) fn retry_after(&self, now: Timestamp) -> Duration {
        match self.phase {
            Phase::Open { length: Duration::MAX, .. } | Phase::Isolated => Duration::MAX,
            Phase::Open { since, length } => length.saturating_sub(now.saturating_duration_since(since)),
            Phase::Closed | Phase::HalfOpen { .. } => Duration::ZERO,
        }
    }

    pub(super) fn stats(&self, now: Timestamp) -> CircuitStats {
        let Counts { successes, failures, ignored, rejected, running, trips } = self.counts;
        let (state, retry_after) = (self.state(now), self.retry_after(now));
        CircuitStats { state, retry_after, successes, failures, ignored, rejected, running, trips }
    }

    fn enter(&mut self, phase: Phase, length: Option<Duration>) -> Option<Change> {
        let from = self.decided();
        self.phase = phase;
        self.generation += 1;
        self.failures_in_a_row = 0;
        if let Some(window) = &mut self.window {
            window.clear();
        }
        let to = self.decided();
        let breaks = self.breaks;
        if to == CircuitState::Closed {
            self.breaks = 0;
        }
        (from != to).then_some(Change { from, to, length, breaks })
    }

    /// Decides on a call.
    pub(super) fn admit(&mut self, rules: &Rules, now: Option<Timestamp>) -> Admission {
        let mut change = None;
        match (&self.phase, now) {
            (Phase::Closed | Phase::Isolated, _) => {}
            (_, None) => return Admission::WhatTimeIsIt,
            (&Phase::Open { since, length }, Some(now)) => {
                if is_over(length, since, now) {
                    change = self.enter(Phase::HalfOpen { out: 0, succeeded: 0, last: now }, None);
                }
            }
            (&Phase::HalfOpen { out, succeeded, last }, Some(now)) => {
                if !rules.has_room(out, succeeded) && is_over(rules.probe_timeout, last, now) {
                    self.enter(Phase::HalfOpen { out: 0, succeeded, last: now }, None);
                }
            }
        }
        match (&mut self.phase, now) {
            (Phase::Closed, _) => {}
            (Phase::HalfOpen { out, succeeded, last }, Some(now)) if rules.has_room(*out, *succeeded) => {
                *out += 1;
                *last = now;
            }
            (Phase::Isolated, _) => {
                self.counts.rejected += 1;
                return Admission::Rejected(Rejected::Isolated);
            }
            (_, now) => {
                self.counts.rejected += 1;
                let retry_after = self.retry_after(now.unwrap_or_default());
                return Admission::Rejected(Rejected::CircuitOpen { retry_after });
            }
        }
        self.counts.running += 1;
        Admission::Admitted(self.generation, change)
    }

    /// Takes note of the result of a call of that generation. `length` is that of the break, if it is known.
    pub(super) fn settle(
        &mut self,
        rules: &Rules,
        (generation, outcome): (u64, Outcome),
        now: Timestamp,
        length: Option<Duration>,
    ) -> Settled {
        let present = !recheck("generation of a permit", generation != self.generation);
        if present && self.trips(rules, outcome, now) {
            let breaks = NonZeroU32::MIN.saturating_add(self.breaks);
            let Some(length) = length else { return Settled::ForHowLong(breaks) };
            self.count(outcome);
            self.counts.trips += 1;
            self.breaks = breaks.get();
            return Settled::Done(self.enter(Phase::Open { since: now, length }, Some(length)));
        }
        self.count(outcome);
        Settled::Done(if present { self.note(rules, outcome) } else { None })
    }

    fn count(&mut self, outcome: Outcome) {
        self.counts.running -= 1;
        *match outcome {
            Outcome::Success => &mut self.counts.successes,
            Outcome::Failure => &mut self.counts.failures,
            Outcome::Ignored => &mut self.counts.ignored,
        } += 1;
    }

    /// Whether a result of the present generation opens it.
    fn trips(&mut self, rules: &Rules, outcome: Outcome, now: Timestamp) -> bool {
        let failed = outcome == Outcome::Failure;
        match self.phase {
            _ if outcome == Outcome::Ignored => false,
            Phase::HalfOpen { .. } => failed,
            Phase::Closed => {
                let in_a_row = self.failures_in_a_row.saturating_add(1);
                failed && rules.in_a_row.is_some_and(|limit| in_a_row >= limit.get())
                    || rules.ratio.zip(self.window.as_mut()).is_some_and(|(ratio, window)| {
                        window.slide(now);
                        let (all, failed) = window.with(failed);
                        ratio.is_exceeded(all, failed)
                    })
            }
            Phase::Open { .. } | Phase::Isolated => false,
        }
    }

    /// A result of the present generation that does not open it.
    fn note(&mut self, rules: &Rules, outcome: Outcome) -> Option<Change> {
        match (&mut self.phase, outcome) {
            (Phase::Closed, Outcome::Success | Outcome::Failure) => {
                let failed = outcome == Outcome::Failure;
                self.failures_in_a_row = if failed { self.failures_in_a_row.saturating_add(1) } else { 0 };
                if let Some(window) = &mut self.window {
                    window.add(failed);
                }
            }
            (Phase::HalfOpen { out, .. }, Outcome::Ignored) => *out -= 1,
            (Phase::HalfOpen { out, succeeded, .. }, Outcome::Success) => {
                *out -= 1;
                *succeeded += 1;
                if *succeeded >= rules.successes() {
                    return self.enter(Phase::Closed, None);
                }
            }
            _ => {}
        }
        None
    }

    /// Opens it until it is closed by hand.
    pub(super) fn isolate(&mut self) -> Option<Change> {
        self.enter(Phase::Isolated, None)
    }

    /// Closes it, and forgets what it has seen but for the statistics.
    pub(super) fn close(&mut self) -> Option<Change> {
        self.enter(Phase::Closed, None)
    }
}
