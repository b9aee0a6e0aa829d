//! Seeds that differ, from the keys that std gives to its hash maps.

use core::hash::{BuildHasher, Hasher};
use core::time::Duration;
use std::hash::RandomState;

use super::{Backoff, Delays};

/// Differs from call to call, thread to thread and process to process.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Delays with a seed of their own, which is drawn with the first of them.
#[derive(Clone, Debug)]
pub struct RandomDelays {
    backoff: Backoff,
    delays: Option<Delays>,
}

impl RandomDelays {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self { backoff, delays: None }
    }
}

impl Iterator for RandomDelays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let Self { backoff, delays } = self;
        delays.get_or_insert_with(|| backoff.delays(seed())).next()
    }
}
