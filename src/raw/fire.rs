//! Firing a tree: seal it, wake, run callbacks, let go. See the phases at
//! [`Delivery`]; the first of them is in `walk.rs`.
//!
//! A node is delivered by whoever sealed it, whichever thread that is: another
//! firer that meets a sealed node passes on.
//!
//! `NEVER` walks the same way. Nothing is delivered then, but everything is
//! dropped, and a child is closed only if no other parent, source or timer can
//! still cancel it.

use super::deliver::{release, release_handle, wake_block, wake_head};
use super::fault::{Panics, Then, drain};
use super::node::Node;
use super::order::{self, Entry};
use super::reason::Word;
use super::registry::{Place, Shape};
use super::run;
use super::slot::Slot;
use super::walk::{HAS_DETACHED, HAS_WAKERS};
use super::word::{CLOSED, SEAL};
use crate::shim::atomic::Ordering;
use core::marker::PhantomData;
use core::ptr;

#[cfg(feature = "alloc")]
use super::group;
#[cfg(not(feature = "alloc"))]
use super::no_group as group;
#[cfg(not(feature = "alloc"))]
use super::no_timer::Retired;
#[cfg(feature = "alloc")]
use super::timer::Retired;
#[cfg(feature = "alloc")]
use super::word::{ARMS, GROWN, NEVER};

/// What a seal has taken and not delivered yet.
///
/// 1. [`Delivery::seal`] closes the subtree and takes what was armed: from now on every node below reads as cancelled.
/// 2. [`Delivery::wake`] drops the timers and wakes (or, for `NEVER`, drops) the wakers.
/// 3. [`Delivery::run`] runs (or drops) the callbacks, in order.
/// 4. The nodes are let go.
#[derive(Debug)]
pub(crate) struct Delivery<S> {
    pub(super) cancelled: bool,
    /// Nodes that have something to deliver, threaded through `work`.
    pub(super) kept: *const Node,
    /// The next one whose wakers are due.
    waking: *const Node,
    /// Callbacks in the order in which they run.
    pub(super) callbacks: Entry,
    pub(super) root: *const Node,
    /// The timers that were armed.
    pub(super) timers: Retired,
    panics: Panics,
    shape: PhantomData<S>,
}

impl<S: Shape> Delivery<S> {
    /// Nothing but `timers`.
    #[inline(always)]
    fn new(root: *const Node, cancelled: bool, timers: Retired) -> Self {
        Self {
            cancelled,
            kept: ptr::null(),
            waking: ptr::null(),
            callbacks: ptr::null(),
            root,
            timers,
            panics: Panics::new(),
            shape: PhantomData,
        }
    }

    /// Seals the subtree of `root`, whose word was just closed by the caller; `old` is what that returned.
    ///
    /// # Safety
    ///
    /// `root` lives until the delivery has ended, and lies on a shape of `S`.
    pub(super) unsafe fn seal(root: *const Node, old: usize, cancelled: bool, timers: Retired) -> Self {
        let mut this = Self::new(root, cancelled, timers);
        // SAFETY: the root lives, and each child is held by the reference that its link brought.
        unsafe { this.walk(old) };
        this.waking = this.kept;
        this
    }

    /// All the phases.
    #[inline(always)]
    unsafe fn complete(mut self, then: Then) {
        // SAFETY: the root lives; see `seal`.
        unsafe {
            self.wake();
            self.run(false);
            self.end(then);
        }
    }

    /// Lets go of the timers and wakes every waker that was taken. Foreign code: what panics is caught, and the rest goes
    /// on.
    #[inline(always)]
    pub(super) unsafe fn wake(&mut self) {
        self.timers.end(&mut self.panics);
        if self.waking.is_null() {
            return;
        }
        let Self { panics, waking, cancelled, .. } = self;
        drain(panics, || {
            while !waking.is_null() {
                // SAFETY: kept nodes are held; what is still marked as taken has not been woken.
                unsafe {
                    let node = *waking;
                    if (*node).marks.with(|marks| *marks) & HAS_WAKERS != 0 {
                        wake_head::<S>(node, *cancelled);
                        group::blocks(&(*node).registry, |block| wake_block::<S>(block, *cancelled));
                    }
                    *waking = (*node).work.with(|work| *work).cast();
                }
            }
        });
    }

    /// Runs the callbacks, newest first. With `fail_fast` those after a panic are dropped instead.
    pub(super) unsafe fn run(&mut self, fail_fast: bool) {
        if self.callbacks.is_null() {
            return;
        }
        let Self { panics, callbacks, cancelled, .. } = self;
        let mut call = *cancelled;
        drain(panics, || {
            // Entered again only after a panic.
            let call_these = core::mem::replace(&mut call, *cancelled && !fail_fast);
            while !callbacks.is_null() {
                let slot = callbacks.cast::<Slot>();
                // SAFETY: taken by the seal; its node is kept.
                unsafe {
                    *callbacks = order::next(*callbacks);
                    run::run(Place::<S>::of_slot(slot), slot, call_these);
                }
            }
        });
    }

    /// Lets the nodes go, then resumes or reports the first panic.
    pub(super) unsafe fn end(&mut self, then: Then) {
        let mut node = core::mem::replace(&mut self.kept, ptr::null());
        while !node.is_null() {
            // SAFETY: kept nodes are held until here.
            unsafe {
                let next = (*node).work.with(|work| *work).cast();
                let marks = (*node).marks.with(|marks| *marks);
                if marks & HAS_DETACHED != 0 {
                    release_handle::<S>(node);
                }
                if node != self.root {
                    release::<S>(node);
                }
                node = next;
            }
        }
        self.panics.settle(then);
    }
}

/// A reason that came too late.
struct TooLate(Word);

impl Drop for TooLate {
    fn drop(&mut self) {
        // SAFETY: the word was not stored, so it is still ours.
        unsafe { self.0.release() };
    }
}

/// Decides and seals. The first value: this reason is the one. The second: there is something to deliver.
///
/// # Safety
///
/// The node lives until the delivery has ended, and lies on a shape of `S`; the word's error is given up.
#[inline(always)]
pub(super) unsafe fn begin<S: Shape>(node: *const Node, reason: Word) -> (bool, Option<Delivery<S>>) {
    // SAFETY: the caller's.
    unsafe {
        match (*node).decide(reason) {
            Some(timer) => (true, close(node, timer)),
            None => {
                let mut late = Some(TooLate(reason));
                let mut delivery = close(node, Retired::NONE);
                if let Some(delivery) = &mut delivery {
                    // Its drop is the user's, and may panic.
                    drain(&mut delivery.panics, || drop(late.take()));
                }
                (false, delivery)
            }
        }
    }
}

/// Seals a node for which there is a reason; `timer` is the one that was armed. `Some`: there is something to deliver.
///
/// Everybody seals, also who came too late: the winner may have been interrupted before it could.
#[inline(always)]
unsafe fn close<S: Shape>(node: *const Node, timer: Retired) -> Option<Delivery<S>> {
    // SAFETY: the caller's.
    unsafe {
        // ORDERING: Release shows the reason to whoever meets the seal; Acquire takes the payloads that were armed.
        let old = (*node).registry.word.fetch_or(SEAL, Ordering::AcqRel);
        if old & CLOSED == 0 {
            return Some(Delivery::seal(node, old, true, timer));
        }
        (!timer.is_none()).then(|| Delivery::new(node, true, timer))
    }
}

/// Cancels: flag, wakers, callbacks. True: this reason is the one.
///
/// # Safety
///
/// As for [`begin`].
pub(super) unsafe fn cancel<S: Shape>(node: *const Node, reason: Word, then: Then) -> bool {
    // SAFETY: the caller's.
    unsafe {
        let (first, delivery) = begin::<S>(node, reason);
        if let Some(delivery) = delivery {
            delivery.complete(then);
        }
        first
    }
}

/// Goes on with a cancellation that its timer has decided.
///
/// # Safety
///
/// As for [`begin`].
#[cfg(feature = "alloc")]
pub(super) unsafe fn expired<S: Shape>(node: *const Node, timer: Retired) {
    // SAFETY: the caller's.
    unsafe {
        if let Some(delivery) = close::<S>(node, timer) {
            // A timer's thread has nobody to resume a panic in.
            delivery.complete(Then::Report);
        }
    }
}

/// Nothing can cancel the node any more: drops what waits for it.
///
/// # Safety
///
/// The caller counted `possible` down to nothing, and holds a strong handle.
#[cfg(feature = "alloc")]
#[cold]
pub(super) unsafe fn never(node: *const Node) {
    // SAFETY: the caller's.
    unsafe {
        // ORDERING: Acquire takes the payloads that were armed. Nothing is published: a closed word without SEAL says only that.
        let old = (*node).registry.word.fetch_or(NEVER, Ordering::Acquire);
        if old & (CLOSED | ARMS | GROWN) == 0 || old & CLOSED != 0 {
            return;
        }
        Delivery::<super::registry::Heap>::seal(node, old, false, Retired::NONE).complete(Then::Resume);
    }
}
