//! All loads of a cache: by number, and those that new callers find by key.

use super::after::After;
use super::entry::Keyed;
use super::flight::{Flight, Rest};
use alloc::vec::Vec;
use hashbrown::HashTable;

/// When no load is under way, room is kept for so many.
const KEPT: usize = 32;

/// Loads under way. A number is used again once its flight is gone; whoever leads one or is a member of it keeps it.
pub(super) struct Flights<K, V, E> {
    all: Vec<Flight<K, V, E>>,
    free: Vec<usize>,
    listed: HashTable<usize>,
}

impl<K, V, E> Flights<K, V, E> {
    pub(super) const fn new() -> Self {
        Self { all: Vec::new(), free: Vec::new(), listed: HashTable::new() }
    }

    pub(super) fn get(&mut self, number: usize) -> &mut Flight<K, V, E> {
        &mut self.all[number]
    }

    /// How many new callers would find.
    pub(super) fn len(&self) -> usize {
        self.listed.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The one that is listed by a key.
    pub(super) fn find(&self, hash: u64, mut is_key: impl FnMut(&K) -> bool) -> Option<usize> {
        if self.listed.is_empty() {
            return None;
        }
        let is =
            |number: &usize| self.all[*number].key.as_ref().is_some_and(|own| own.hash == hash && is_key(&own.key));
        self.listed.find(hash, is).copied()
    }

    /// A new one, led by whoever asks.
    pub(super) fn open(&mut self, key: Keyed<K>) -> usize {
        let hash = key.hash;
        let number = self.free.pop().unwrap_or_else(|| {
            self.all.push(Flight::new());
            self.all.len() - 1
        });
        self.all[number].open(key);
        let all = &self.all;
        self.listed.insert_unique(hash, number, |&other| all[other].key.as_ref().map_or(0, |key| key.hash));
        number
    }

    /// New callers do not find it any longer. True if they did.
    pub(super) fn unlist(&mut self, number: usize) -> bool {
        let flight = &mut self.all[number];
        if !core::mem::take(&mut flight.listed) {
            return false;
        }
        let hash = flight.key.as_ref().map_or(0, |key| key.hash);
        // By its number: it is this one that goes, whatever its key.
        if let Ok(entry) = self.listed.find_entry(hash, |other| *other == number) {
            entry.remove();
        }
        true
    }

    /// Unlists all, because their keys are removed; hands out their numbers.
    pub(super) fn unlist_all(&mut self) -> Vec<usize> {
        let numbers: Vec<usize> = self.listed.drain().collect();
        for number in &numbers {
            self.all[*number].listed = false;
        }
        numbers
    }

    /// Somebody has gone. `cancel` says that what nobody waits for is not wanted.
    pub(super) fn sweep(&mut self, number: usize, cancel: bool, after: &mut After<K, V, E>) {
        match self.all[number].rest() {
            Rest::Needed => {}
            Rest::Unwatched => {
                if cancel {
                    self.unlist(number);
                    after.cancel(self.all[number].take_source());
                }
            }
            Rest::Parked => {
                if cancel || !self.all[number].listed {
                    self.unlist(number);
                    after.cancel(self.all[number].take_source());
                    self.close(number, after);
                }
            }
            Rest::Gone => {
                self.unlist(number);
                self.close(number, after);
            }
        }
    }

    /// Its number is free.
    fn close(&mut self, number: usize, after: &mut After<K, V, E>) {
        self.all[number].clear(after);
        self.free.push(number);
        if self.free.len() == self.all.len() && self.all.capacity() > KEPT {
            // None holds anything that is foreign.
            self.all.clear();
            self.all.shrink_to(KEPT);
            (self.free, self.listed) = (Vec::new(), HashTable::new());
        }
    }
}
