//! What is kept, and which loads there are.

use taskcell::{ErrorPolicy, Handover};

pub(super) type Answer = Result<u32, u32>;

#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub(super) key: u32,
    pub(super) answer: Answer,
    until: u64,
}

/// Callers of one key who share a load, or one load after another.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) key: u32,
    /// New callers join it, and what it loads is kept.
    pub(super) listed: bool,
    pub(super) load: Option<usize>,
    /// The caller that polls it.
    pub(super) leader: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) handover: Handover,
    pub(super) errors: ErrorPolicy,
    pub(super) capacity: usize,
    pub(super) time_to_live: Option<u64>,
    pub(super) now: u64,
    /// Longest unused first.
    pub(super) kept: Vec<Kept>,
    pub(super) flights: Vec<Flight>,
    /// How loads have ended: in which flight, and with what.
    pub(super) ends: Vec<(usize, Answer)>,
    pub(super) counts: Counts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) loads: u64,
    pub(super) failures: u64,
    pub(super) evictions: u64,
}

impl Kept {
    fn is_good(&self, now: u64) -> bool {
        now < self.until || self.until == u64::MAX
    }
}

impl Model {
    fn place(&self, key: u32) -> Option<usize> {
        self.kept.iter().position(|kept| kept.key == key)
    }

    /// What is kept by a key and still good.
    pub(super) fn good(&self, key: u32) -> Option<Answer> {
        let kept = self.kept[self.place(key)?];
        kept.is_good(self.now).then_some(kept.answer)
    }

    /// A caller comes who takes what is kept: that, or what is too old goes.
    pub(super) fn ask(&mut self, key: u32) -> Option<Answer> {
        let kept = self.kept.remove(self.place(key)?);
        if !kept.is_good(self.now) {
            return None;
        }
        self.kept.push(kept);
        Some(kept.answer)
    }

    /// How long an answer is kept, if it is.
    fn span(&self, answer: &Answer) -> Option<u64> {
        match (answer, self.errors) {
            (Ok(_), _) => Some(self.time_to_live.unwrap_or(u64::MAX)).filter(|time| *time > 0),
            (Err(_), ErrorPolicy::CacheFor(time)) => Some(time.as_nanos() as u64).filter(|time| *time > 0),
            (Err(_), _) => None,
        }
    }

    pub(super) fn keep(&mut self, key: u32, answer: Answer) {
        let Some(span) = self.span(&answer) else { return };
        if self.capacity == 0 {
            return;
        }
        let new = Kept { key, answer, until: self.now.saturating_add(span) };
        match self.place(key) {
            Some(at) => {
                let good = self.kept[at].is_good(self.now) && self.kept[at].answer.is_ok();
                if answer.is_ok() || !good {
                    self.kept.remove(at);
                    self.kept.push(new);
                }
            }
            None => {
                self.kept.push(new);
                if self.kept.len() > self.capacity {
                    self.kept.remove(0);
                    self.counts.evictions += 1;
                }
            }
        }
    }

    pub(super) fn set(&mut self, key: u32, value: u32) {
        if self.span(&Ok(value)).is_none() {
            self.remove(key);
        }
        self.unlist(key);
        self.keep(key, Ok(value));
    }

    pub(super) fn remove(&mut self, key: u32) -> Option<u32> {
        self.unlist(key);
        let kept = self.kept.remove(self.place(key)?);
        kept.answer.ok().filter(|_| kept.is_good(self.now))
    }

    fn unlist(&mut self, key: u32) {
        self.flights.iter_mut().filter(|flight| flight.key == key).for_each(|flight| flight.listed = false);
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.flights.iter_mut().for_each(|flight| flight.listed = false);
    }

    pub(super) fn remove_expired(&mut self) -> usize {
        let (before, now) = (self.kept.len(), self.now);
        self.kept.retain(|kept| kept.is_good(now));
        before - self.kept.len()
    }

    /// The flight that a new caller of `key` joins.
    pub(super) fn listed(&self, key: u32) -> Option<usize> {
        self.flights.iter().position(|flight| flight.listed && flight.key == key)
    }

    /// A load has ended with an answer.
    pub(super) fn land(&mut self, flight: usize, answer: Answer) {
        self.flights[flight].load = None;
        self.flights[flight].leader = None;
        self.counts.failures += u64::from(answer.is_err());
        let retried = answer.is_err() && self.errors == ErrorPolicy::RetryNext;
        self.ends.push((flight, answer));
        if !retried && std::mem::replace(&mut self.flights[flight].listed, false) {
            let key = self.flights[flight].key;
            self.keep(key, answer);
        }
    }
}
