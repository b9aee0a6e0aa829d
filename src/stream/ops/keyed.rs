//! Values by key, in the order in which their keys came.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// Values by key. A key is hashed and compared, and never cloned.
pub(super) struct Keyed<K, V> {
    entries: Vec<(K, V)>,
    /// The places of the keys in `entries`, all of them: a panic of a key's `Hash` or `Eq` changes neither.
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl<K, V> Keyed<K, V> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), places: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }

    pub(super) fn entries(&self) -> &[(K, V)] {
        &self.entries
    }

    pub(super) fn into_entries(self) -> Vec<(K, V)> {
        self.entries
    }

    pub(super) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.places.find(self.hasher.hash_one(key), |&at| self.entries[at].0.borrow() == key)?;
        Some(&self.entries[*place].1)
    }
}

impl<K: Hash + Eq, V> Keyed<K, V> {
    /// The value of `key`; of a key that is new, the one that `make` gives.
    pub(super) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce(&K) -> V) -> &mut V {
        let Self { entries, places, hasher } = self;
        let hash = hasher.hash_one(&key);
        let at = match places.find(hash, |&at| entries[at].0 == key) {
            Some(at) => *at,
            None => {
                let (at, value) = (entries.len(), make(&key));
                places.insert_unique(hash, at, |&at| hasher.hash_one(&entries[at].0));
                entries.push((key, value));
                at
            }
        };
        &mut entries[at].1
    }
}
