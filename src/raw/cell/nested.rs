//! Deliveries that stand in each other on one thread.
//!
//! What a user's code completes inside a callback or waker nests: [`DEEPEST`]
//! deep. What is completed below that waits in a list of the thread, and the
//! outermost delivery takes it up at its end. A thread that is about to block
//! first delivers what waits there, and what the deliveries on its own stack
//! have not come to yet: somebody may block for just that.

use super::super::fault::Panics;
#[cfg(feature = "std")]
use super::super::fault::Then;
use super::driver::Driver;
use super::list::List;
use crate::shim::nest;
use ::core::cell::Cell;
use ::core::ptr;

/// How deep deliveries stand in each other.
const DEEPEST: u32 = if cfg!(loom) { 4 } else { 32 };

/// Closed cells whose lines a driver has to deliver, each with a handle that is its own. Beside the driver on the stack:
/// whoever blocks further up takes them over.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) cells: Cell<List>,
    outer: Cell<*const Self>,
}

impl Reach {
    pub(super) const fn new() -> Self {
        Self { cells: Cell::new(List::new()), outer: Cell::new(ptr::null()) }
    }

    /// Can be reached from now on, until what is returned is dropped.
    pub(super) fn enter(&self) -> Reached<'_> {
        self.outer.set(nest::swap_innermost(ptr::from_ref(self).cast()).cast());
        Reached(self)
    }
}

pub(super) struct Reached<'a>(&'a Reach);

impl Drop for Reached<'_> {
    fn drop(&mut self) {
        nest::swap_innermost(self.0.outer.get().cast());
    }
}

/// One delivery more on this thread's stack.
pub(super) struct Nested(u32);

impl Nested {
    /// `None`: it would be too deep.
    #[inline(always)]
    pub(super) fn enter() -> Option<Self> {
        let depth = nest::depth();
        if depth >= DEEPEST {
            return None;
        }
        nest::set_depth(depth + 1);
        Some(Self(depth))
    }

    /// True: it would not be too deep.
    #[inline(always)]
    pub(super) fn has_room() -> bool {
        nest::depth() < DEEPEST
    }

    /// The outermost one goes on with what the others have put off.
    #[inline(always)]
    pub(super) fn leave(self, panics: &mut Panics) {
        if !nest::waiting().0.is_null() && self.0 == 0 {
            take_up(panics);
        }
        nest::set_depth(self.0);
    }
}

/// Delivers what waits for the outermost delivery of this thread.
#[cold]
#[inline(never)]
fn take_up(panics: &mut Panics) {
    let reach = Reach::new();
    let mut driver = Driver::new(&reach, ::core::mem::take(panics));
    driver.drain_waiting();
    *panics = ::core::mem::take(&mut driver.panics);
}

/// Delivers what this thread has put off, or not come to yet: it is about to block.
#[cfg(feature = "std")]
pub(crate) fn run_put_off() {
    let mut outer = nest::innermost().cast::<Reach>();
    if outer.is_null() && nest::waiting().0.is_null() {
        return;
    }
    let reach = Reach::new();
    let mut driver = Driver::new(&reach, Panics::new());
    while !outer.is_null() {
        // SAFETY: who can be reached is on this thread's stack; cells in the lists are those drivers', and now ours.
        unsafe {
            driver.sort((*outer).cells.replace(List::new()));
            outer = (*outer).outer.get();
        }
    }
    driver.turn();
    driver.drain_waiting();
    driver.panics.settle(Then::Resume);
}
