//! What is kept, and under what: a key with its hash and a number, so that nothing of the user's runs where an entry moves.
//!
//! The map that entries are kept in hashes a key by handing out the hash that stands beside it, and compares keys by their
//! numbers. A user's `Eq` runs where a caller's key is looked for, and nowhere else.

use crate::shim::heap::Arc;
use crate::task::Fault;
use crate::time::Timestamp;
use core::hash::{BuildHasherDefault, Hash, Hasher};

/// A key in the cache.
pub(super) struct Keyed<K> {
    pub(super) hash: u64,
    /// No other key has had it.
    pub(super) number: u64,
    pub(super) key: K,
}

impl<K> PartialEq for Keyed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<K> Eq for Keyed<K> {}

impl<K> Hash for Keyed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Hands out the hash that it is given.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a key writes its hash alone");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

pub(super) type ByHash = BuildHasherDefault<AsItIs>;

/// How a load ended, for all who ask. Cloning it runs nothing of the user's.
pub(super) enum Answer<V, E> {
    Value(Arc<V>),
    Fault(Fault<E>),
}

impl<V, E> Clone for Answer<V, E> {
    fn clone(&self) -> Self {
        match self {
            Self::Value(value) => Self::Value(value.clone()),
            Self::Fault(fault) => Self::Fault(fault.clone()),
        }
    }
}

/// An answer that is kept.
pub(super) struct Kept<V, E> {
    pub(super) answer: Answer<V, E>,
    /// When it is no longer good.
    pub(super) until: Timestamp,
}

/// How long an answer is to be kept.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) now: Timestamp,
    pub(super) until: Timestamp,
}

impl<V, E> Kept<V, E> {
    pub(super) fn is_good_value(&self, now: Timestamp) -> bool {
        matches!(self.answer, Answer::Value(_)) && self.is_good(now)
    }

    pub(super) fn is_fault(&self) -> bool {
        matches!(self.answer, Answer::Fault(_))
    }

    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        now < self.until || self.until == Timestamp::MAX
    }
}
