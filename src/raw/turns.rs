//! Work that is done by one at a time, and nobody waits: who comes while it is being done leaves it to whoever does it.
//!
//! 1. `due` counts the pieces of work that were announced and are not done. Whoever brings it up from 0 has the turn, and
//!    has it until its own subtraction brings it back to 0.
//! 2. Only who has the turn reaches `state`.
//! 3. What a piece needs was put where it is found before the piece was announced.

use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::Shared;
use core::fmt;
use core::ops::Deref;

/// What everybody has, and what only the one has whose turn it is.
pub(crate) struct Turns<Q, S> {
    due: AtomicUsize,
    all: Q,
    state: UnsafeCell<S>,
}

// SAFETY: `state` is reached by one thread at a time (2), which may be any.
unsafe impl<Q: Sync, S: Send> Sync for Turns<Q, S> {}

impl<Q, S> Turns<Q, S> {
    pub(crate) fn new(all: Q, state: S) -> Self {
        Self { due: AtomicUsize::new(0), all, state: UnsafeCell::new(state) }
    }

    /// Announces a piece of work. With a turn, the caller has to do it, and whatever else is announced meanwhile.
    pub(crate) fn announce(this: &Shared<Self>) -> Option<Turn<Q, S>> {
        // ORDERING: Release, for whoever does the piece: what it needs is there (3). Acquire, with the end of the turn before:
        // the state is as that has left it (2).
        let due = this.due.fetch_add(1, Ordering::AcqRel);
        (due == 0).then(|| Turn { turns: this.clone(), batch: 1, left: 1 })
    }
}

impl<Q, S> Deref for Turns<Q, S> {
    type Target = Q;

    fn deref(&self) -> &Q {
        &self.all
    }
}

/// The turn. If it is forgotten, nobody ever has one again.
#[must_use]
pub(crate) struct Turn<Q, S> {
    turns: Shared<Turns<Q, S>>,
    /// So many pieces are known of, and counted; so many of them are not done.
    batch: usize,
    left: usize,
}

impl<Q, S> Turn<Q, S> {
    /// Works.
    pub(crate) fn work<R>(&mut self, f: impl FnOnce(&Q, &mut S) -> R) -> R {
        self.turns.state.with_mut(|state| {
            // SAFETY: it is our turn (2), and `self` is borrowed until `f` is over.
            f(&self.turns.all, unsafe { &mut *state })
        })
    }

    /// A piece is done. `None`: so are all, and the turn is over.
    pub(crate) fn done(mut self) -> Option<Self> {
        self.left -= 1;
        if self.left == 0 {
            // ORDERING: Acquire, for the pieces that were announced: what they need is there (3). Release, for who has the next
            // turn: the state is as we leave it (2).
            self.left = self.turns.due.fetch_sub(self.batch, Ordering::AcqRel) - self.batch;
            self.batch = self.left;
        }
        (self.left != 0).then_some(self)
    }
}

impl<Q, S> fmt::Debug for Turn<Q, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("left", &self.left).finish_non_exhaustive()
    }
}
