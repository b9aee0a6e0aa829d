//! What the lock of a cache guards: what is kept, in the order of its use, and the loads that are under way.
//!
//! A caller's key is looked for by its hash, which was computed outside, and by the user's `Eq`, which is all of the user's
//! that runs in here. What is taken out goes into an `After`.

use super::after::{After, Waste};
use super::entry::{Answer, ByHash, Kept, Keyed, Span};
use super::flight::{Failure, Load, Look};
use super::flights::Flights;
use super::statistics::CacheStatistics;
use crate::shim::atomic::recheck;
use crate::time::Timestamp;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::mem;
use hashlink::LinkedHashMap;
use hashlink::linked_hash_map::RawEntryMut;

/// What a cache was told about keeping and giving up.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// At most so many entries are kept; `usize::MAX` is no limit.
    pub(super) capacity: usize,
    pub(super) cancel_when_abandoned: bool,
    pub(super) cancel_when_removed: bool,
}

/// A caller's key, with its hash.
pub(super) struct Wanted<'a, Q: ?Sized> {
    pub(super) hash: u64,
    pub(super) key: &'a Q,
}

pub(super) struct State<K, V, E> {
    kept: Entries<K, V, E>,
    pub(super) flights: Flights<K, V, E>,
    pub(super) statistics: CacheStatistics,
    numbers: u64,
    limits: Limits,
}

/// What a caller finds.
pub(super) enum Arrival<V, E> {
    Kept(Answer<V, E>),
    /// It is a member now.
    Entered(usize),
    /// It leads now: with a future to go on with, or none.
    Leads(usize, Option<Load<V, E>>),
    /// Nothing it could have or join: to lead, it has to bring the key.
    Nobody,
}

/// All that is kept, the one first that was not asked for for longest.
type Entries<K, V, E> = LinkedHashMap<Keyed<K>, Kept<V, E>, ByHash>;

/// The number of the entry of this key.
fn number_of<K: Eq, V, E>(kept: &Entries<K, V, E>, hash: u64, key: &K) -> Option<u64> {
    kept.raw_entry().from_hash(hash, |other| other.key == *key).map(|(own, _)| own.number)
}

impl<K, V, E> State<K, V, E> {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            kept: LinkedHashMap::with_hasher(ByHash::default()),
            flights: Flights::new(),
            statistics: CacheStatistics::default(),
            numbers: 0,
            limits,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// What is kept and still good, with its place in the order of use renewed if that counts; or the load that is under
    /// way.
    #[inline]
    pub(super) fn hit<Q>(&mut self, wanted: &Wanted<'_, Q>, now: Timestamp) -> Arrival<V, E>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let is_key = |own: &Keyed<K>| own.key.borrow() == wanted.key;
        if let RawEntryMut::Occupied(mut entry) = self.kept.raw_entry_mut().from_hash(wanted.hash, is_key) {
            if entry.get().is_good(now) {
                if self.limits.capacity != usize::MAX {
                    entry.to_back();
                }
                self.statistics.hits += 1;
                return Arrival::Kept(entry.get().answer.clone());
            }
            // What is too old goes when the key is brought.
            return Arrival::Nobody;
        }
        if self.flights.is_empty() { Arrival::Nobody } else { self.join(wanted, true) }
    }

    /// The load of this key, if one is under way or parked.
    fn join<Q>(&mut self, wanted: &Wanted<'_, Q>, counts: bool) -> Arrival<V, E>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let Some(number) = self.flights.find(wanted.hash, |own| own.borrow() == wanted.key) else {
            return Arrival::Nobody;
        };
        self.statistics.misses += u64::from(counts);
        let flight = self.flights.get(number);
        match flight.lead() {
            Some(load) => {
                self.statistics.loads += u64::from(load.is_none());
                Arrival::Leads(number, load)
            }
            None => {
                flight.enter();
                Arrival::Entered(number)
            }
        }
    }

    /// What is kept and still good; nothing changes.
    pub(super) fn peek<Q>(&self, wanted: &Wanted<'_, Q>, now: Timestamp) -> Option<Answer<V, E>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let found = self.kept.raw_entry().from_hash(wanted.hash, |own| own.key.borrow() == wanted.key);
        found.filter(|(_, kept)| kept.is_good(now)).map(|(_, kept)| kept.answer.clone())
    }

    /// A caller has come that brings the key; without a time it does not take what is kept.
    pub(super) fn arrive<Q>(
        &mut self,
        wanted: &Wanted<'_, Q>,
        now: Option<Timestamp>,
        key: &mut Option<K>,
        after: &mut After<K, V, E>,
    ) -> Arrival<V, E>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        if let Some(now) = now {
            if let RawEntryMut::Occupied(entry) =
                self.kept.raw_entry_mut().from_hash(wanted.hash, |own| own.key.borrow() == wanted.key)
            {
                if entry.get().is_good(now) {
                    self.statistics.hits += 1;
                    return Arrival::Kept(entry.get().answer.clone());
                }
                after.drop(Some(entry.remove_entry()), |(key, kept)| Waste::Entry(key, kept));
            }
        }
        let arrival = self.join(wanted, now.is_some());
        let Arrival::Nobody = arrival else { return arrival };
        let Some(key) = key.take() else { return Arrival::Nobody };
        let key = self.keyed(wanted.hash, key);
        self.statistics.misses += u64::from(now.is_some());
        self.statistics.loads += 1;
        Arrival::Leads(self.flights.open(key), None)
    }

    fn keyed(&mut self, hash: u64, key: K) -> Keyed<K> {
        self.numbers += 1;
        Keyed { hash, number: self.numbers, key }
    }

    /// The leader has an answer for all; it is kept, if it has a time and the flight is listed.
    pub(super) fn land(&mut self, number: usize, answer: Answer<V, E>, span: Option<Span>, after: &mut After<K, V, E>)
    where
        K: Eq,
    {
        let own = span.and_then(|_| self.flights.get(number).key.as_ref());
        // The only place where this may panic: nothing has changed yet.
        let there = own.and_then(|own| number_of(&self.kept, own.hash, &own.key));
        self.statistics.failures += u64::from(matches!(answer, Answer::Fault(_)));
        let listed = self.flights.unlist(number);
        let flight = self.flights.get(number);
        let key = flight.key.take();
        flight.end(&answer, after);
        self.sweep(number, after);
        match (key, span) {
            (Some(key), Some(span)) if recheck("flight is listed", listed) => {
                self.keep(key, there, answer, span, after);
            }
            // The leader has the answer, too, so nothing of the user's is dropped with it here.
            (key, _) => after.drop(key, Waste::Key),
        }
    }

    /// Keeps an answer by a key, in the place of the one `there`; in a cache that is full, instead of the one that was not
    /// asked for for longest.
    fn keep(
        &mut self,
        key: Keyed<K>,
        there: Option<u64>,
        answer: Answer<V, E>,
        span: Span,
        after: &mut After<K, V, E>,
    ) {
        let mut kept = Kept { answer, until: span.until };
        if self.limits.capacity == 0 {
            return after.drop(Some((key, kept)), |(key, kept)| Waste::Entry(key, kept));
        }
        match self.kept.raw_entry_mut().from_hash(key.hash, |other| Some(other.number) == there) {
            RawEntryMut::Occupied(mut entry) => {
                if !kept.is_fault() || !entry.get().is_good_value(span.now) {
                    entry.to_back();
                    mem::swap(entry.get_mut(), &mut kept);
                }
                after.drop(Some((key, kept)), |(key, kept)| Waste::Entry(key, kept));
            }
            RawEntryMut::Vacant(entry) => {
                entry.insert_with_hasher(key.hash, key, kept, |own| own.hash);
                if self.kept.len() > self.limits.capacity {
                    after.drop(self.kept.pop_front(), |(key, kept)| Waste::Entry(key, kept));
                    self.statistics.evictions += 1;
                }
            }
        }
    }

    /// The leader goes without an answer for all, because its load `failed`, or because it was dropped.
    pub(super) fn give_up(
        &mut self,
        number: usize,
        load: Option<Load<V, E>>,
        failure: Option<Failure<E>>,
        failed: bool,
        after: &mut After<K, V, E>,
    ) {
        self.statistics.failures += u64::from(failed);
        let flight = self.flights.get(number);
        if load.is_none() && !failed && self.limits.cancel_when_abandoned {
            after.cancel(flight.take_source());
        }
        flight.give_up(load, failure, after);
        self.sweep(number, after);
    }

    /// A member has found that.
    pub(super) fn looked(&mut self, number: usize, look: &Look<V, E>, after: &mut After<K, V, E>) {
        match look {
            Look::Waits | Look::Stranger => {}
            Look::Lead(load) => self.statistics.loads += u64::from(load.is_none()),
            Look::Over(_) | Look::Failed(_) => self.sweep(number, after),
        }
    }

    /// A member or leader of this flight has gone.
    pub(super) fn sweep(&mut self, number: usize, after: &mut After<K, V, E>) {
        self.flights.sweep(number, self.limits.cancel_when_abandoned, after);
    }

    /// Keeps a value that nobody loaded. Its caller has the key until no `Eq` can panic any longer.
    pub(super) fn set(
        &mut self,
        hash: u64,
        key: &mut Option<K>,
        value: Answer<V, E>,
        span: Span,
        after: &mut After<K, V, E>,
    ) where
        K: Eq,
    {
        let flight = key.as_ref().and_then(|key| self.flights.find(hash, |other| other == key));
        let there = key.as_ref().and_then(|key| number_of(&self.kept, hash, key));
        let Some(key) = key.take() else { return };
        if let Some(number) = flight {
            self.unlist(number, false, after);
        }
        let key = self.keyed(hash, key);
        self.keep(key, there, value, span, after);
    }

    /// What is kept by a key goes, and a load is unlisted: because the key is `removed`, or because of a value that is not
    /// kept.
    pub(super) fn remove<Q>(
        &mut self,
        wanted: &Wanted<'_, Q>,
        removed: bool,
        after: &mut After<K, V, E>,
    ) -> Option<(Keyed<K>, Kept<V, E>)>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let flight = self.flights.find(wanted.hash, |own| own.borrow() == wanted.key);
        let entry = match self.kept.raw_entry_mut().from_hash(wanted.hash, |own| own.key.borrow() == wanted.key) {
            RawEntryMut::Occupied(entry) => Some(entry.remove_entry()),
            RawEntryMut::Vacant(_) => None,
        };
        if let Some(number) = flight {
            self.unlist(number, removed, after);
        }
        entry
    }

    fn unlist(&mut self, number: usize, removed: bool, after: &mut After<K, V, E>) {
        self.flights.unlist(number);
        self.unlisted(number, removed, after);
    }

    fn unlisted(&mut self, number: usize, removed: bool, after: &mut After<K, V, E>) {
        if removed && self.limits.cancel_when_removed {
            let flight = self.flights.get(number);
            flight.removed = true;
            after.cancel(flight.take_source());
        }
        self.sweep(number, after);
    }

    /// All that is kept goes, and all loads are unlisted. It is to be dropped outside.
    pub(super) fn clear(&mut self, after: &mut After<K, V, E>) -> impl Sized + use<K, V, E> {
        for number in self.flights.unlist_all() {
            self.unlisted(number, true, after);
        }
        mem::replace(&mut self.kept, LinkedHashMap::with_hasher(ByHash::default()))
    }

    /// What is no longer good.
    pub(super) fn take_expired(&mut self, now: Timestamp) -> Vec<(Keyed<K>, Kept<V, E>)> {
        let old = self.kept.iter().filter(|(_, kept)| !kept.is_good(now));
        let old: Vec<_> = old.map(|(own, _)| (own.hash, own.number)).collect();
        let mut taken = Vec::with_capacity(old.len());
        for (hash, number) in old {
            if let RawEntryMut::Occupied(entry) = self.kept.raw_entry_mut().from_hash(hash, |own| own.number == number)
            {
                taken.push(entry.remove_entry());
            }
        }
        taken
    }
}
