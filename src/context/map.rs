//! The map behind a snapshot: sorted by the locals' numbers, copied when somebody else has it, too.
//!
//! 1. Entries are sorted, each number once.
//! 2. A map that is empty and not suppressed is none at all.

use super::change::Held;
use crate::shim::heap::Arc;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

/// A map, or the empty one.
pub(super) type Slot = Option<Arc<Map>>;

/// What a thread or a piece of work has.
#[derive(Clone, Default)]
pub(super) struct Map {
    entries: Vec<Entry>,
    /// Nothing is captured from here.
    suppressed: bool,
}

/// The value of one local.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: NonZeroUsize,
    /// True if it flows.
    pub(super) inherits: bool,
    pub(super) value: Arc<dyn Held>,
}

impl Map {
    fn position(&self, id: NonZeroUsize) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }

    pub(super) fn value(&self, id: NonZeroUsize) -> Option<&Arc<dyn Held>> {
        Some(&self.entries[self.position(id).ok()?].value)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// True if it should not be there (2).
    fn is_nothing(&self) -> bool {
        self.entries.is_empty() && !self.suppressed
    }

    pub(super) fn is_suppressed(&self) -> bool {
        self.suppressed
    }

    /// True if somebody is told when a value of it comes or goes.
    pub(super) fn is_watched(&self) -> bool {
        self.entries.iter().any(|entry| entry.value.is_watched())
    }
}

/// Puts an entry in, or takes one out; returns the value that was there.
pub(super) fn put(slot: &mut Slot, id: NonZeroUsize, entry: Option<Entry>) -> Option<Arc<dyn Held>> {
    if slot.is_none() && entry.is_none() {
        return None;
    }
    let map = Arc::make_mut(slot.get_or_insert_default());
    let old = match (map.position(id), entry) {
        (Ok(at), Some(entry)) => Some(core::mem::replace(&mut map.entries[at], entry)),
        (Ok(at), None) => Some(map.entries.remove(at)),
        (Err(at), Some(entry)) => {
            map.entries.insert(at, entry);
            None
        }
        (Err(_), None) => None,
    };
    if map.is_nothing() {
        *slot = None;
    }
    old.map(|entry| entry.value)
}

/// Makes it suppressed, or no longer; returns what it was.
pub(super) fn suppress(slot: &mut Slot, suppressed: bool) -> bool {
    let was = slot.as_ref().is_some_and(|map| map.suppressed);
    if was != suppressed {
        let map = Arc::make_mut(slot.get_or_insert_default());
        map.suppressed = suppressed;
        if map.is_nothing() {
            *slot = None;
        }
    }
    was
}

/// What of it flows; all but the suppression.
pub(super) fn flowing(slot: Slot) -> Slot {
    let map = slot?;
    if !map.suppressed && map.entries.iter().all(|entry| entry.inherits) {
        return Some(map);
    }
    let entries: Vec<_> = map.entries.iter().filter(|entry| entry.inherits).cloned().collect();
    (!entries.is_empty()).then(|| Arc::new(Map { entries, suppressed: false }))
}
