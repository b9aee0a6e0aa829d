//! What the handles of one breaker share: the circuit under its lock, and who is told of its changes.
//!
//! 1. Changes are put into `untold` under the lock that made them, so hooks hear of them in their order.
//! 2. One thread at a time tells: who finds `telling` raised leaves its change to that one, also from inside a hook.

use super::change::CircuitChange;
use super::circuit::{Admission, Change, Circuit, Outcome, Settled};
use super::rules::{DEFAULT_LENGTH, Rules};
use super::state::CircuitState;
use super::{BreakerPermit, CircuitBreaker};
use crate::raw::fault::{Panics, Then, drain};
use crate::resilience::Rejected;

use crate::shim::lock::Lock;
use crate::time::{TimeProvider, Timestamp};
use crate::waiting::{Line, Wakers};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::mem;
use core::num::NonZeroU32;
use core::time::Duration;

pub(super) type Hook = Box<dyn Fn(CircuitChange<'_>) + Send + Sync>;

/// Who hears of what.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) opened: Option<Hook>,
    pub(super) closed: Option<Hook>,
    pub(super) half_open: Option<Hook>,
}

impl Hooks {
    fn of(&self, change: &Change) -> Option<&Hook> {
        match change.to {
            CircuitState::Open | CircuitState::Isolated => self.opened.as_ref(),
            CircuitState::Closed => self.closed.as_ref(),
            CircuitState::HalfOpen => self.half_open.as_ref(),
        }
    }
}

pub(super) struct Shared {
    pub(super) state: Lock<Guarded>,
    pub(super) rules: Rules,
    pub(super) clock: Box<dyn TimeProvider>,
    pub(super) hooks: Hooks,
}

/// What the lock guards.
pub(super) struct Guarded {
    pub(super) circuit: Circuit,
    /// How many changes there were.
    pub(super) changes: u64,
    pub(super) watchers: Line<()>,
    /// Nobody has a handle any more but those who watch.
    pub(super) is_over: bool,
    untold: VecDeque<Change>,
    telling: bool,
}

/// Who is to be told once the lock is free.
#[must_use]
pub(super) struct News {
    watchers: Wakers,
    /// The caller is the one who tells the hooks.
    tell: bool,
}

impl Shared {
    pub(super) fn new(rules: Rules, clock: Box<dyn TimeProvider>, hooks: Hooks) -> Self {
        let circuit = Circuit::new(&rules);
        let (watchers, untold) = (Line::new(), VecDeque::new());
        let guarded = Guarded { circuit, changes: 0, watchers, is_over: false, untold, telling: false };
        Self { state: Lock::new(guarded), rules, clock, hooks }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Notes a change under the lock.
    fn noted(&self, guarded: &mut Guarded, change: Option<Change>) -> Option<News> {
        let change = change?;
        guarded.changes += 1;
        let mut news = News { watchers: Wakers::new(), tell: false };
        guarded.watchers.tell_all(&mut news.watchers);
        if self.hooks.of(&change).is_some() {
            guarded.untold.push_back(change);
            news.tell = !mem::replace(&mut guarded.telling, true);
        }
        Some(news)
    }

    /// Changes the circuit by hand.
    pub(super) fn change(&self, breaker: &CircuitBreaker, f: impl FnOnce(&mut Circuit) -> Option<Change>) {
        let news = self.state.with(|guarded| {
            let change = f(&mut guarded.circuit);
            self.noted(guarded, change)
        });
        self.spread(breaker, news);
    }

    /// Tells those who are to be told, outside of the lock.
    fn spread(&self, breaker: &CircuitBreaker, news: Option<News>) {
        let Some(News { watchers, tell }) = news else { return };
        let mut watchers = Some(watchers);
        let mut panics = Panics::new();
        drain(&mut panics, || {
            if let Some(watchers) = watchers.take() {
                watchers.wake();
            }
            while let Some(change) = if tell { self.next_untold() } else { None } {
                if let Some(hook) = self.hooks.of(&change) {
                    hook(CircuitChange { breaker, change });
                }
            }
        });
        panics.settle(Then::Resume);
    }

    /// The next change to be told of; without one the turn to tell is over.
    fn next_untold(&self) -> Option<Change> {
        self.state.with(|guarded| {
            let change = guarded.untold.pop_front();
            guarded.telling = change.is_some();
            change
        })
    }

    /// Asks for a permit.
    pub(super) fn admit(&self, breaker: &CircuitBreaker) -> Result<BreakerPermit, Rejected> {
        let mut now = None;
        loop {
            let admission = self.state.with(|guarded| match guarded.circuit.admit(&self.rules, now) {
                Admission::Admitted(generation, change) => Some(Ok((generation, self.noted(guarded, change)))),
                Admission::Rejected(rejected) => Some(Err(rejected)),
                Admission::WhatTimeIsIt => None,
            });
            let Some(admission) = admission else {
                now = Some(self.now());
                continue;
            };
            let (generation, news) = admission?;
            // Made before anybody is told: if somebody panics the permit goes back.
            let permit = BreakerPermit::new(breaker.clone(), generation);
            self.spread(breaker, news);
            return Ok(permit);
        }
    }

    /// Takes note of a result.
    pub(super) fn settle(&self, breaker: &CircuitBreaker, generation: u64, outcome: Outcome) {
        // What it is if there is no telling the time.
        let (unknown, now) = (Outcome::Ignored, Timestamp::ZERO);
        let mut ended = Ended { shared: self, breaker, generation, outcome: unknown, now, is_settled: false };
        if self.needs_time(outcome) {
            ended.now = self.now();
        }
        ended.outcome = outcome;
        if let Some(nth) = ended.settle(self.rules.length.known()) {
            let length = self.rules.length.ask(nth);
            ended.settle(Some(length));
        }
    }

    /// Whether a result may change something that depends on the time.
    fn needs_time(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Ignored => false,
            Outcome::Failure => true,
            Outcome::Success => self.rules.ratio.is_some(),
        }
    }
}

/// A result that is to be noted, also if whoever is asked for the time or for the length of the break panics.
struct Ended<'a> {
    shared: &'a Shared,
    breaker: &'a CircuitBreaker,
    generation: u64,
    outcome: Outcome,
    now: Timestamp,
    is_settled: bool,
}

impl Ended<'_> {
    /// Notes it, unless the length of the nth break in a row is needed for that.
    fn settle(&mut self, length: Option<Duration>) -> Option<NonZeroU32> {
        let settled = self.shared.state.with(|guarded| {
            let result = (self.generation, self.outcome);
            match guarded.circuit.settle(&self.shared.rules, result, self.now, length) {
                Settled::Done(change) => Ok(self.shared.noted(guarded, change)),
                Settled::ForHowLong(nth) => Err(nth),
            }
        });
        self.is_settled = settled.is_ok();
        match settled {
            Ok(news) => {
                self.shared.spread(self.breaker, news);
                None
            }
            Err(nth) => Some(nth),
        }
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.settle(Some(DEFAULT_LENGTH));
        }
    }
}
