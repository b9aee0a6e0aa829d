//! Which map a thread has.
//!
//! 1. `OCCUPIED` says whether `CURRENT` has something, and can be asked at any time: it has nothing to drop. So a thread
//!    without a context pays for one test.
//! 2. No foreign code runs while `CURRENT` is being changed: what goes is handed to the caller.
//! 3. A thread whose thread-locals are gone has no context and takes none.

use super::change::{Held, tell_differences};
use super::map::{self, Entry, Slot};
use crate::shim::heap::Arc;
use crate::shim::local::local;
use core::cell::Cell;
use core::num::NonZeroUsize;

local! {
    static OCCUPIED: Cell<bool> = Cell::new(false);
    static CURRENT: Cell<Slot> = Cell::new(None);
}

#[inline(always)]
fn is_occupied() -> bool {
    OCCUPIED.try_with(Cell::get).unwrap_or(false)
}

/// Has `f` change the thread's map; `None` if there is no place for one any more.
fn change<R>(f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
    let changed = CURRENT.try_with(|current| {
        let mut slot = current.take();
        let result = f(&mut slot);
        OCCUPIED.with(|occupied| occupied.set(slot.is_some()));
        current.set(slot);
        result
    });
    changed.ok()
}

/// What the thread has.
#[inline(always)]
pub(super) fn current() -> Slot {
    if is_occupied() { cloned() } else { None }
}

#[cold]
fn cloned() -> Slot {
    change(|slot| slot.clone()).flatten()
}

/// The value that a local has.
pub(super) fn value(id: NonZeroUsize) -> Option<Arc<dyn Held>> {
    change(|slot| slot.as_ref()?.value(id).cloned()).flatten()
}

/// Puts a value in the place of another; returns that.
pub(super) fn put(id: NonZeroUsize, entry: Option<Entry>) -> Option<Arc<dyn Held>> {
    let mut entry = entry;
    // What is not put anywhere is dropped outside.
    change(|slot| map::put(slot, id, entry.take())).flatten()
}

/// Suppresses the flow, or no longer; returns what was before.
pub(super) fn suppress(suppressed: bool) -> bool {
    change(|slot| map::suppress(slot, suppressed)).unwrap_or(false)
}

/// Trades what `slot` has for what the thread has, and tells those who want to know.
#[inline(always)]
pub(super) fn exchange(slot: &mut Slot) {
    if slot.is_some() || is_occupied() {
        exchange_some(slot);
    }
}

#[cold]
#[inline(never)]
fn exchange_some(slot: &mut Slot) {
    change(|current| core::mem::swap(current, slot));
    let is_watched = |slot: &Slot| slot.as_ref().is_some_and(|map| map.is_watched());
    let now = current();
    if is_watched(slot) || is_watched(&now) {
        tell_differences(slot, &now);
    }
}

/// A map that is the thread's as long as this lives; then the thread has again what it had before.
pub(super) struct Installed(Slot);

impl Installed {
    /// Not yet the thread's: [`enter`](Self::enter) has to come before it is dropped.
    pub(super) const fn prepared(slot: Slot) -> Self {
        Self(slot)
    }

    pub(super) fn new(slot: Slot) -> Self {
        let mut this = Self(slot);
        this.enter();
        this
    }

    /// Makes it the thread's.
    #[inline(always)]
    pub(super) fn enter(&mut self) {
        exchange(&mut self.0);
    }

    /// Takes it away again, as it has become.
    #[inline(always)]
    pub(super) fn leave(&mut self) {
        exchange(&mut self.0);
    }
}

impl Drop for Installed {
    #[inline(always)]
    fn drop(&mut self) {
        self.leave();
    }
}
