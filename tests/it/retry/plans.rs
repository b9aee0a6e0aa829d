//! Plans for retries, drawn by chance.
use super::MS;
use crate::support::chance::Chance;
use core::time::Duration;
use taskcell::{Backoff, Jitter};

/// Never, in milliseconds.
pub(super) const NEVER: u64 = 1 << 40;
/// No plan has more attempts than that.
pub(super) const MOST: usize = 90;

/// What an attempt gives, after so long. An odd value is one that counts as a failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script {
    pub(super) takes: u64,
    pub(super) gives: Result<u64, u64>,
}

#[derive(Clone, Debug)]
pub(super) enum Pauses {
    None,
    List(Vec<u64>),
    Seeded(Backoff, u64),
}

/// All times are in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) attempts: Vec<Script>,
    /// Zero is for ever.
    pub(super) most: u32,
    /// Errors from here on are not worth it.
    pub(super) hopeless: u64,
    pub(super) odd_fails: bool,
    /// Errors that can be divided by this say how long the delay is.
    pub(super) hints: Option<u64>,
    pub(super) pauses: Pauses,
    pub(super) gaps: Option<Vec<(u64, bool)>>,
    pub(super) limit: u64,
    pub(super) whole: u64,
    pub(super) token: bool,
    pub(super) cancelled: u64,
    /// The event in whose hook it is cancelled.
    pub(super) cancelled_in: usize,
    pub(super) drops: bool,
    pub(super) keeps: bool,
    pub(super) start: u64,
}

pub(super) fn draw(chance: &mut Chance) -> Plan {
    let pauses = match chance.below(4) {
        0 => Pauses::None,
        1 => Pauses::List((0..chance.below(8)).map(|_| chance.below(4) * 5).collect()),
        _ => {
            let base = MS * chance.below(12) as u32;
            let shape = [Backoff::constant, Backoff::linear, Backoff::exponential, Backoff::fibonacci];
            let jitter = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated];
            let shape = shape[chance.below(4) as usize](base).max_delay(MS * chance.below(60) as u32);
            Pauses::Seeded(shape.jitter(jitter[chance.below(4) as usize]), chance.below(1000))
        }
    };
    let script = |chance: &mut Chance| {
        let takes = [0, 0, 1, 5, 10, 20, NEVER][chance.below(7) as usize];
        Script { takes, gives: if chance.once_in(4) { Ok(chance.below(100)) } else { Err(chance.below(100)) } }
    };
    let attempts = (0..=chance.below(MOST as u64)).map(|_| script(chance)).chain([Script { takes: 0, gives: Ok(0) }]);
    let gap = |chance: &mut Chance| ([0, 0, 5, 10, NEVER][chance.below(5) as usize], !chance.once_in(8));
    Plan {
        attempts: attempts.collect(),
        most: [0, 1, 2, 3, 5, 40][chance.below(6) as usize],
        hopeless: if chance.once_in(3) { 90 } else { 100 },
        odd_fails: chance.once_in(2),
        hints: chance.maybe(3, 5).map(|n| n + 2),
        pauses,
        gaps: chance.maybe(3, 1).map(|_| (0..4).map(|_| gap(chance)).collect()),
        limit: [NEVER, NEVER, 0, 5, 10, 15][chance.below(6) as usize],
        whole: [NEVER, NEVER, 0, 5, 50, 100, 200][chance.below(7) as usize],
        token: chance.once_in(2),
        cancelled: chance.maybe(3, 30).map_or(NEVER, |n| n * 5),
        cancelled_in: chance.maybe(6, 6).map_or(usize::MAX, |n| n as usize),
        drops: chance.once_in(3),
        keeps: chance.once_in(2),
        start: chance.below(3),
    }
}

pub(super) fn ms(n: u64) -> Duration {
    if n >= NEVER { Duration::MAX } else { Duration::from_millis(n) }
}

pub(super) fn nanos(n: u64) -> u64 {
    if n >= NEVER { u64::MAX } else { n * 1_000_000 }
}
