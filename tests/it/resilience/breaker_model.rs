//! Random plans over a breaker, beside a plain account of what it should do.
use super::breaker::{SECOND, n};
use crate::support::chance::Chance;
use crate::support::rounds;
use std::time::Duration;
use taskcell::time::{ManualClock, TimeProvider};
use taskcell::{BreakerPermit, CircuitBreaker, CircuitState, Rejected};

const FEW: u64 = 4;

#[derive(Clone, Copy, PartialEq, Debug)]
enum End {
    Success,
    Failure,
    Neither,
}

/// What is said of a breaker, all of it plain.
#[derive(Clone, Copy, Debug)]
struct Said {
    in_a_row: Option<u32>,
    /// Share, steps of a second, minimum.
    ratio: Option<(u32, u32)>,
    length: Duration,
    grows: bool,
    probes: u32,
    successes: Option<u32>,
    probe_timeout: Duration,
}

impl Said {
    fn by(chance: &mut Chance) -> Self {
        let small = |chance: &mut Chance| chance.below(FEW) as u32 + 1;
        let length = [Duration::ZERO, SECOND, 7 * SECOND, Duration::MAX][chance.below(4) as usize];
        Self {
            in_a_row: chance.maybe(2, FEW).map(|n| n as u32 + 1),
            ratio: chance.maybe(2, 5).map(|quarters| (quarters as u32, small(chance))),
            length,
            grows: chance.once_in(2),
            probes: small(chance),
            successes: chance.maybe(2, FEW).map(|n| n as u32 + 1),
            probe_timeout: [Duration::MAX, Duration::MAX, 3 * SECOND, Duration::ZERO][chance.below(4) as usize],
        }
    }

    fn length(&self, nth: u32) -> Duration {
        if self.grows { self.length.saturating_mul(nth) } else { self.length }
    }

    fn build(self, clock: &ManualClock) -> CircuitBreaker {
        let mut builder = CircuitBreaker::builder_on(clock.clone()).probes(n(self.probes));
        if let Some(failures) = self.in_a_row {
            builder = builder.consecutive_failures(n(failures));
        }
        if let Some((quarters, minimum)) = self.ratio {
            builder = builder.failure_ratio(f64::from(quarters) / 4.0, 10 * SECOND, n(minimum));
        }
        if let Some(successes) = self.successes {
            builder = builder.successes_to_close(n(successes));
        }
        builder = builder.probe_timeout(self.probe_timeout);
        if self.grows { builder.break_by(move |nth| self.length(nth.get())) } else { builder.break_for(self.length) }
            .build()
    }
}

/// The plain account: seconds, lists, and no cleverness.
struct Plain {
    said: Said,
    state: CircuitState,
    now: u64,
    /// When it opened, or when the last probe was let through.
    since: u64,
    length: Duration,
    breaks: u32,
    /// An era of permits.
    era: u32,
    out: u32,
    succeeded: u32,
    /// When each result of this era came, and whether it was a failure.
    results: Vec<(u64, bool)>,
    figures: [u64; 6],
}

const SUCCESSES: usize = 0;
const FAILURES: usize = 1;
const NEITHER: usize = 2;
const REJECTED: usize = 3;
const RUNNING: usize = 4;
const TRIPS: usize = 5;

impl Plain {
    fn new(said: Said) -> Self {
        let (state, length) = (CircuitState::Closed, Duration::ZERO);
        let (results, figures) = (Vec::new(), [0; 6]);
        Self { said, state, now: 0, since: 0, length, breaks: 0, era: 0, out: 0, succeeded: 0, results, figures }
    }

    fn seen(&self) -> CircuitState {
        let over = self.length != Duration::MAX && Duration::from_secs(self.now - self.since) >= self.length;
        if self.state == CircuitState::Open && over { CircuitState::HalfOpen } else { self.state }
    }

    fn retry_after(&self) -> Duration {
        match self.state {
            CircuitState::Open if self.length == Duration::MAX => Duration::MAX,
            CircuitState::Open => self.length.saturating_sub(Duration::from_secs(self.now - self.since)),
            CircuitState::Isolated => Duration::MAX,
            _ => Duration::ZERO,
        }
    }

    fn enter(&mut self, state: CircuitState) {
        (self.state, self.since) = (state, self.now);
        self.era += 1;
        (self.out, self.succeeded) = (0, 0);
        self.results.clear();
        if state == CircuitState::Closed {
            self.breaks = 0;
        }
    }

    fn needed(&self) -> u32 {
        self.said.successes.unwrap_or(self.said.probes)
    }

    /// The era of the permit.
    fn acquire(&mut self) -> Result<u32, Rejected> {
        if self.state == CircuitState::Open && self.seen() == CircuitState::HalfOpen {
            self.enter(CircuitState::HalfOpen);
        }
        let has_room = |this: &Self| {
            this.out < this.said.probes && this.out + this.succeeded < this.needed().max(this.said.probes)
        };
        if self.state == CircuitState::HalfOpen {
            let waited = Duration::from_secs(self.now - self.since);
            if !has_room(self) && self.said.probe_timeout != Duration::MAX && waited >= self.said.probe_timeout {
                self.era += 1;
                self.out = 0;
            }
        }
        let rejected = match self.state {
            CircuitState::Closed => None,
            CircuitState::HalfOpen if has_room(self) => {
                (self.out, self.since) = (self.out + 1, self.now);
                None
            }
            CircuitState::Isolated => Some(Rejected::Isolated),
            _ => Some(Rejected::CircuitOpen { retry_after: self.retry_after() }),
        };
        self.figures[if rejected.is_some() { REJECTED } else { RUNNING }] += 1;
        rejected.map_or(Ok(self.era), Err)
    }

    fn is_too_much(&self) -> bool {
        let in_a_row = self.results.iter().rev().take_while(|(_, failed)| *failed).count() as u32;
        let window: Vec<_> = self.results.iter().filter(|(at, _)| at + 10 > self.now).collect();
        let failed = window.iter().filter(|(_, failed)| *failed).count();
        let rule = |(quarters, minimum): (u32, u32)| {
            window.len() >= minimum as usize && failed > 0 && failed * 4 >= window.len() * quarters as usize
        };
        let nothing_said = self.said.in_a_row.is_none() && self.said.ratio.is_none();
        self.said.in_a_row.or(nothing_said.then_some(5)).is_some_and(|limit| in_a_row >= limit)
            || self.said.ratio.is_some_and(rule)
    }

    fn end(&mut self, era: u32, end: End) {
        self.figures[RUNNING] -= 1;
        self.figures[[SUCCESSES, FAILURES, NEITHER][end as usize]] += 1;
        if era != self.era {
            return;
        }
        if end != End::Neither && self.state == CircuitState::Closed {
            self.results.push((self.now, end == End::Failure));
        }
        let mut opens = false;
        match (self.state, end) {
            (CircuitState::HalfOpen, End::Neither) => self.out -= 1,
            (CircuitState::HalfOpen, End::Failure) => opens = true,
            (CircuitState::HalfOpen, End::Success) => {
                (self.out, self.succeeded) = (self.out - 1, self.succeeded + 1);
                if self.succeeded >= self.needed() {
                    self.enter(CircuitState::Closed);
                }
            }
            (_, End::Neither) => {}
            _ => opens = self.is_too_much(),
        }
        if opens {
            self.enter(CircuitState::Open);
            self.breaks += 1;
            self.length = self.said.length(self.breaks);
            self.figures[TRIPS] += 1;
        }
    }

    fn check(&self, breaker: &CircuitBreaker, what: &str) {
        let stats = breaker.stats();
        assert_eq!((stats.state, stats.retry_after), (self.seen(), self.retry_after()), "{what}");
        assert_eq!((breaker.state(), breaker.retry_after()), (self.seen(), self.retry_after()), "{what}");
        let figures = [stats.successes, stats.failures, stats.ignored, stats.rejected, stats.running, stats.trips];
        assert_eq!(figures, self.figures, "{what}");
    }
}

#[test]
fn random_plans_agree_with_a_plain_account() {
    let mut seen = [0u32; 6];
    for seed in 0..rounds(20_000) as u64 {
        let mut chance = Chance::new(seed);
        let said = Said::by(&mut chance);
        let clock = ManualClock::new();
        let breaker = said.build(&clock);
        let mut plain = Plain::new(said);
        let mut out: Vec<(u32, BreakerPermit)> = Vec::new();
        // Some services are mostly well, some mostly ill.
        let ill = chance.below(4);
        for step in 0..60 {
            let what = format!("seed {seed}, step {step}: {said:?}");
            match chance.below(20) {
                0..8 => match (plain.acquire(), breaker.try_acquire()) {
                    (Ok(era), Ok(permit)) => out.push((era, permit)),
                    (expected, got) => assert_eq!(expected.err(), got.err(), "{what}"),
                },
                8..17 if !out.is_empty() => {
                    let (era, permit) = out.swap_remove(chance.below(out.len() as u64) as usize);
                    let end = match chance.below(6) {
                        0 => End::Neither,
                        m if m > ill + 1 => End::Success,
                        _ => End::Failure,
                    };
                    plain.end(era, end);
                    match end {
                        End::Success => permit.success(),
                        End::Failure => permit.failure(),
                        End::Neither if chance.once_in(2) => permit.ignore(),
                        End::Neither => drop(permit),
                    }
                }
                8..19 => {
                    let seconds = chance.below(5);
                    plain.now += seconds;
                    clock.advance(seconds as u32 * SECOND);
                }
                _ if chance.once_in(4) => {
                    plain.enter(CircuitState::Isolated);
                    breaker.isolate();
                }
                _ => {
                    plain.enter(CircuitState::Closed);
                    breaker.close();
                }
            }
            plain.check(&breaker, &what);
            seen[plain.state as usize] += 1;
        }
        for (era, permit) in out {
            plain.end(era, End::Neither);
            drop(permit);
        }
        plain.check(&breaker, "the end");
        seen[4] += u32::from(plain.figures[TRIPS] > 1);
        seen[5] += u32::from(clock.now().as_nanos() > 0);
    }
    assert!(cfg!(miri) || seen.iter().all(|n| *n > 5_000), "the plans reach everything: {seen:?}");
}
