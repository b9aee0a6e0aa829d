//! Plans for hedges, drawn by chance.
use crate::support::chance::Chance;
use core::time::Duration;

/// Never, in milliseconds.
pub(super) const NEVER: u64 = 1 << 40;

/// What each success gives: of those that end at the same time any may win.
pub(super) const SUCCESS: u64 = 7;

/// What an attempt gives, after so long; told to end it does so with an error after `answers`, if at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script {
    pub(super) takes: u64,
    pub(super) gives: Result<u64, u64>,
    pub(super) answers: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) enum Delays {
    Unsaid,
    Fixed(u64),
    Each(Vec<Option<u64>>),
    Observed(u64),
}

/// What becomes of losers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kept {
    Dropped,
    Awaited,
    Detached,
}

/// All times are in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) attempts: Vec<Script>,
    pub(super) delays: Delays,
    pub(super) most: u32,
    /// Attempts from this one on are not allowed.
    pub(super) gate: u32,
    pub(super) losers: Kept,
    pub(super) cancelled: u64,
}

impl Plan {
    /// How long after the start of the attempt before.
    pub(super) fn delay(&self, number: u32) -> Option<u64> {
        match &self.delays {
            Delays::Unsaid => None,
            Delays::Fixed(delay) | Delays::Observed(delay) => Some(*delay),
            Delays::Each(delays) => delays[number as usize % delays.len()],
        }
    }
}

pub(super) fn draw(chance: &mut Chance) -> Plan {
    let delay = |chance: &mut Chance| [0, 0, 1, 5, 10, 20, NEVER][chance.below(7) as usize];
    let script = |chance: &mut Chance| Script {
        takes: [0, 1, 5, 5, 10, 15, 20, 40, NEVER][chance.below(9) as usize],
        gives: if chance.once_in(3) { Ok(SUCCESS) } else { Err(chance.below(100)) },
        answers: [None, Some(0), Some(0), Some(5), Some(12)][chance.below(5) as usize],
    };
    let losers = [Kept::Dropped, Kept::Awaited, Kept::Detached][chance.below(3) as usize];
    Plan {
        delays: match chance.below(4) {
            0 => Delays::Unsaid,
            1 => Delays::Fixed(delay(chance)),
            2 => Delays::Each((0..3).map(|_| if chance.once_in(4) { None } else { Some(delay(chance)) }).collect()),
            _ => Delays::Observed(delay(chance)),
        },
        attempts: (0..40).map(|_| script(chance)).collect(),
        most: [0, 1, 2, 3, 5, 40][chance.below(6) as usize],
        gate: if chance.once_in(3) { chance.below(6) as u32 } else { u32::MAX },
        losers,
        cancelled: chance.maybe(3, 10).map_or(NEVER, |n| n * 5),
    }
}

pub(super) fn ms(n: u64) -> Duration {
    if n >= NEVER { Duration::MAX } else { Duration::from_millis(n) }
}

pub(super) fn nanos(n: u64) -> u64 {
    if n >= NEVER { u64::MAX } else { n * 1_000_000 }
}
