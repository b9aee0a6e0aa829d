//! Items that know what becomes of them: each has one fate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Its write said so.
pub(crate) const WRITTEN: u8 = 1;
/// Its write was dropped.
pub(crate) const GIVEN_UP: u8 = 2;
/// Its write, or a full mode, gave it back.
pub(crate) const RETURNED: u8 = 4;
/// It was read.
pub(crate) const READ: u8 = 8;
/// It was dropped without having been read or given back.
pub(crate) const DROPPED: u8 = 16;

/// What has become of each item of a round.
pub(crate) struct Fates(Arc<[AtomicU8]>);

/// An item.
pub(crate) struct Item {
    number: usize,
    fates: Arc<[AtomicU8]>,
    /// Its fate has been written down.
    settled: bool,
}

impl Fates {
    pub(crate) fn new(items: usize) -> Self {
        Self((0..items).map(|_| AtomicU8::new(0)).collect())
    }

    pub(crate) fn item(&self, number: usize) -> Item {
        Item { number, fates: self.0.clone(), settled: false }
    }

    /// Writes down what became of an item; what was known before.
    pub(crate) fn note(&self, number: usize, fate: u8) {
        self.0[number].fetch_or(fate, Relaxed);
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().map(|fate| fate.load(Relaxed))
    }
}

impl Item {
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Somebody has it in hand: `READ` or `RETURNED`. Whether nobody had before.
    pub(crate) fn settle(mut self, fate: u8) -> bool {
        self.settled = true;
        self.fates[self.number].fetch_or(fate, Relaxed) & fate == 0
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        if !self.settled {
            self.fates[self.number].fetch_or(DROPPED, Relaxed);
        }
    }
}
