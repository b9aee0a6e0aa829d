//! Which map a thread has.
//!
//! 1. `OCCUPIED` says whether `STATE` has something, and can be asked at any time: it has nothing to drop. So a thread
//!    without a context pays for one test.
//! 2. No foreign code runs while `STATE` is being changed: what goes is handed to the caller.
//! 3. A thread whose thread-locals are gone has no context and takes none.
//! 4. What is apart ends in the order of the stack. So who was not `OCCUPIED` at its beginning finds nothing aside at its
//!    end, and who was finds its own on top.

use super::change::{Held, tell_differences};
use super::map::{self, Entry, Slot};
use crate::shim::heap::Arc;
use crate::shim::local::local;
use alloc::vec::Vec;
use core::cell::Cell;
use core::num::NonZeroUsize;

local! {
    static OCCUPIED: Cell<bool> = Cell::new(false);
    static STATE: State = State { current: Cell::new(None), aside: Cell::new(Vec::new()) };
}

struct State {
    /// The thread's map.
    current: Cell<Slot>,
    /// The maps that the thread had when something was [`Apart`]; the innermost is the last.
    aside: Cell<Vec<Slot>>,
}

impl State {
    fn aside<R>(&self, f: impl FnOnce(&mut Vec<Slot>) -> R) -> R {
        let mut aside = self.aside.take();
        let result = f(&mut aside);
        self.aside.set(aside);
        result
    }
}

/// True if the thread has a map, or had one that is [`Apart`].
#[inline(always)]
fn is_occupied() -> bool {
    OCCUPIED.try_with(Cell::get).unwrap_or(false)
}

/// Has `f` change the thread's map; `None` if there is no place for one any more.
fn change<R>(f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
    let changed = STATE.try_with(|state| {
        let mut slot = state.current.take();
        let result = f(&mut slot);
        OCCUPIED.with(|occupied| occupied.set(slot.is_some() || state.aside(|aside| !aside.is_empty())));
        state.current.set(slot);
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

/// Puts a value in the place of another; returns that. The outer `None`: there is no place for it any more.
pub(super) fn put(id: NonZeroUsize, entry: Option<Entry>) -> Option<Option<Arc<dyn Held>>> {
    let mut entry = entry;
    // What is not put anywhere is dropped outside.
    change(|slot| map::put(slot, id, entry.take()))
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
    if change(|current| core::mem::swap(current, slot)).is_none() {
        return;
    }
    tell(slot, &current());
}

/// Tells those who want to know that the thread has another map.
fn tell(before: &Slot, now: &Slot) {
    let is_watched = |slot: &Slot| slot.as_ref().is_some_and(|map| map.is_watched());
    if is_watched(before) || is_watched(now) {
        tell_differences(before, now);
    }
}

/// The thread is without a map as long as this lives; what it has then goes, and it has again what it had before. A thread
/// that has no map pays for two tests.
pub(crate) struct Apart(());

impl Apart {
    #[inline(always)]
    pub(super) fn new() -> Self {
        if is_occupied() {
            set_aside();
        }
        Self(())
    }
}

impl Drop for Apart {
    #[inline(always)]
    fn drop(&mut self) {
        if is_occupied() {
            restore();
        }
    }
}

/// Sets the map aside; the thread remains `OCCUPIED`. Nothing in it unwinds, which is what the ABI says: so callers keep
/// nothing ready for it.
#[cold]
#[inline(never)]
extern "C" fn set_aside() {
    let taken = STATE.try_with(|state| {
        let slot = state.current.take();
        state.aside(|aside| aside.push(slot.clone()));
        slot
    });
    if let Ok(before) = taken {
        tell(&before, &None);
    }
}

/// Gives the thread what was set aside last; if that is nothing, nothing. Nothing unwinds, as above.
#[cold]
#[inline(never)]
extern "C" fn restore() {
    let aside = STATE.try_with(|state| state.aside(Vec::pop));
    exchange_some(&mut aside.ok().flatten().flatten());
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
