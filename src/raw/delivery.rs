//! What a seal has taken, and how it is delivered: the phases of firing. The
//! first of them is in `walk.rs`.

use super::deliver::{Garbage, wake_node};
use super::fault::{Panics, Then, drain};
use super::leave::{drops_to_zero, leave};
use super::node::Node;
use super::order::{self, Entry};
use super::registry::Place;
use super::run;
use super::slot::Slot;
use super::timer::Retired;
use super::walk::{HAS_DETACHED, HAS_WAKERS};
use core::mem::ManuallyDrop;
use core::ptr;

/// What a seal has taken and not delivered yet.
///
/// 1. [`Delivery::seal`] closes the subtree and takes what was armed: from now on every node below reads as cancelled.
/// 2. [`Delivery::wake`] drops the timers and wakes (or, for `NEVER`, drops) the wakers.
/// 3. [`Delivery::run`] runs (or drops) the callbacks, in order.
/// 4. [`Delivery::end`] lets the nodes go; those that had only wakers have gone before, unless something hangs on them.
///
/// The first calls nothing foreign; each of the others, told again after a panic, goes on where that came.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(super) cancelled: bool,
    /// Nodes whose wakers are due, threaded through `work`.
    pub(super) waking: *const Node,
    /// Nodes whose callbacks are due, threaded through `work`.
    pub(super) kept: *const Node,
    /// Callbacks in the order in which they run.
    pub(super) callbacks: Entry,
    /// Nodes that have no handle left since the seal, threaded through `work`.
    leaving: *const Node,
    pub(super) garbage: Garbage,
    pub(super) root: *const Node,
    /// The timers that were armed.
    pub(super) timers: Retired,
    pub(super) panics: Panics,
}

impl Delivery {
    /// Nothing but `timers`.
    #[inline(always)]
    pub(super) fn new(root: *const Node, cancelled: bool, timers: Retired) -> Self {
        Self {
            cancelled,
            waking: ptr::null(),
            kept: ptr::null(),
            callbacks: ptr::null(),
            leaving: ptr::null(),
            garbage: Garbage::NONE,
            root,
            timers,
            panics: Panics::new(),
        }
    }

    /// Seals what is below `root`, which the caller has just closed.
    ///
    /// # Safety
    ///
    /// `root` lives until the delivery has ended.
    #[inline(always)]
    pub(super) unsafe fn seal(root: *const Node, cancelled: bool, timers: Retired) -> Self {
        let mut this = Self::new(root, cancelled, timers);
        // SAFETY: the caller's.
        unsafe { this.walk() };
        this
    }

    /// All the phases that are left.
    #[inline(always)]
    pub(super) unsafe fn complete(mut self, then: Then) {
        // SAFETY: the root lives; see `seal`.
        unsafe {
            self.wake();
            self.run(false);
            self.let_go();
        }
        // Nothing is left for the drop to do.
        core::mem::take(&mut ManuallyDrop::new(self).panics).settle(then);
    }

    /// Lets go of the timers and wakes every waker that was taken. Foreign code: what panics is caught, and the rest goes
    /// on.
    #[inline(always)]
    pub(super) unsafe fn wake(&mut self) {
        self.timers.end(&mut self.panics);
        if self.waking.is_null() {
            return;
        }
        let Self { panics, waking, kept, cancelled, root, garbage, .. } = self;
        drain(panics, || {
            while !waking.is_null() {
                // SAFETY: these nodes are held; what is still marked as taken has not been woken.
                unsafe {
                    let node = *waking;
                    wake_node(node, *cancelled);
                    *waking = (*node).work.with(|work| *work).cast();
                    if (*node).marks.with(|marks| *marks) != HAS_WAKERS {
                        (*node).work.with_mut(|work| *work = kept.cast());
                        *kept = node;
                    } else if node != *root {
                        garbage.release(node);
                    }
                }
            }
        });
    }

    /// True if there are callbacks that have not been run or dropped.
    pub(super) fn has_callbacks(&self) -> bool {
        !self.callbacks.is_null()
    }

    /// Runs the callbacks, newest first. With `fail_fast` those after a panic are dropped instead.
    #[inline(always)]
    pub(super) unsafe fn run(&mut self, fail_fast: bool) {
        if self.callbacks.is_null() {
            return;
        }
        let Self { panics, callbacks, cancelled, .. } = self;
        let mut call = *cancelled;
        let frame = run::Frame::new();
        let _entered = frame.enter();
        drain(panics, || {
            // Entered again only after a panic.
            let call_these = core::mem::replace(&mut call, *cancelled && !fail_fast);
            while !callbacks.is_null() {
                let slot = callbacks.cast::<Slot>();
                // SAFETY: taken by the seal; its node is kept.
                unsafe {
                    *callbacks = order::next_of_callback(slot);
                    run::run(Place::of_slot(slot), slot, call_these, &frame);
                }
            }
        });
    }

    /// Lets the nodes go, then resumes or reports the first panic.
    #[inline(always)]
    pub(super) unsafe fn end(&mut self, then: Then) {
        // SAFETY: the caller's.
        unsafe { self.let_go() };
        self.panics.settle(then);
    }

    #[inline(always)]
    unsafe fn let_go(&mut self) {
        let mut node = core::mem::replace(&mut self.kept, ptr::null());
        while !node.is_null() {
            // SAFETY: kept nodes are held until here.
            unsafe {
                let next = (*node).work.with(|work| *work).cast();
                let marks = (*node).marks.with(|marks| *marks);
                if marks & HAS_DETACHED != 0 && drops_to_zero(node) {
                    (*node).work.with_mut(|work| *work = self.leaving.cast());
                    self.leaving = node;
                } else if node != self.root {
                    self.garbage.release(node);
                }
                node = next;
            }
        }
        if !self.leaving.is_null() || !self.garbage.is_none() {
            // SAFETY: the caller's.
            unsafe { self.clear_away() };
        }
    }

    /// Lets go of what only the delivery has kept: foreign code.
    #[cold]
    #[inline(never)]
    unsafe fn clear_away(&mut self) {
        let Self { panics, leaving, garbage, root, .. } = self;
        drain(panics, || {
            while !leaving.is_null() {
                let node = *leaving;
                // SAFETY: held by a link's reference, or by the root's holder; its last handle was the callbacks'.
                unsafe {
                    if (*node).marks.with_mut(|marks| core::mem::take(&mut *marks)) != 0 {
                        leave(node);
                    }
                    *leaving = (*node).work.with(|work| *work).cast();
                    if node != *root {
                        garbage.release(node);
                    }
                }
            }
            garbage.free();
        });
    }
}

/// Without std a panic passes through: what is left to do is done here.
impl Drop for Delivery {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: whoever has a delivery keeps the root until it is gone.
        unsafe {
            self.wake();
            self.run(false);
            self.end(Then::Resume);
        }
    }
}

/// Delivers what a seal took.
///
/// # Safety
///
/// As for [`Delivery::seal`].
#[inline(never)]
pub(super) unsafe fn deliver(root: *const Node, cancelled: bool, then: Then) {
    // SAFETY: the caller's.
    unsafe { Delivery::seal(root, cancelled, Retired::NONE).complete(then) };
}
