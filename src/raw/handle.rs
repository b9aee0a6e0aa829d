//! Safe handles of nodes on the heap: [`Handle`] (what a token is), [`Source`]
//! (what can cancel), [`Waiter`] (what a future holds).

use super::deferred::Deferred;
use super::fault::Then;
use super::fire;
use super::link::Link;
use super::node::Node;
use super::reason::{Cause, CustomError, Word};
use super::timer::{self, Arming};
use super::wait::Wait;
use super::{group, leave, owned, pull};
use crate::shim::atomic::Ordering;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use core::task::{Context, Poll, Waker};

/// A strong handle of a node, or one of two addresses that stand for no node.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Handle(NonNull<Node>);

// SAFETY: a node is shared by reference: its words are atomic, and each payload belongs to one side at a time. What it
// holds (wakers, callbacks, errors) is `Send`, errors are `Sync`, too.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

/// Addresses up to this one are no nodes.
const LAST_CONSTANT: usize = 2 * align_of::<Node>();

impl Handle {
    /// Never cancelled.
    pub(crate) const NONE: Self = Self::constant(align_of::<Node>());
    /// Cancelled, and never anything else.
    pub(crate) const CANCELLED: Self = Self::constant(LAST_CONSTANT);

    const fn constant(address: usize) -> Self {
        // SAFETY: not zero.
        Self(unsafe { NonNull::new_unchecked(ptr::without_provenance_mut(address)) })
    }

    #[inline(always)]
    fn is_constant(&self) -> bool {
        self.0.addr().get() <= LAST_CONSTANT
    }

    pub(crate) fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// The node, if there is one.
    #[inline(always)]
    pub(crate) fn node(&self) -> Option<&Node> {
        // SAFETY: the handle keeps it.
        if self.is_constant() { None } else { Some(unsafe { self.0.as_ref() }) }
    }

    /// What a callback is called with.
    #[inline(always)]
    pub(super) fn address(&self) -> *const () {
        self.0.as_ptr().cast_const().cast()
    }

    /// The node with the provenance of its allocation; only if it is one.
    #[inline(always)]
    pub(super) fn pointer(&self) -> Option<*const Node> {
        if self.is_constant() { None } else { Some(self.0.as_ptr().cast_const()) }
    }

    /// The handle that a callback's entry holds.
    ///
    /// # Safety
    ///
    /// `node` is the address that the callback was called or discarded with, once.
    pub(super) unsafe fn of_entry(node: *const ()) -> Self {
        // SAFETY: a node's address is not null.
        Self(unsafe { NonNull::new_unchecked(node.cast_mut().cast()) })
    }

    #[inline(always)]
    pub(crate) fn is_cancelled(&self) -> bool {
        match self.node() {
            Some(node) => node.is_cancelled(),
            None => self.is_cancelled_constant(),
        }
    }

    #[cold]
    fn is_cancelled_constant(&self) -> bool {
        *self == Self::CANCELLED
    }

    pub(crate) fn can_be_cancelled(&self) -> bool {
        self.node().map_or(*self == Self::CANCELLED, Node::can_be_cancelled)
    }

    pub(crate) fn cause(&self) -> Option<(Cause, bool)> {
        match self.node() {
            Some(node) => node.cause(),
            None => (*self == Self::CANCELLED).then_some((Cause::Requested, false)),
        }
    }

    pub(crate) fn listeners(&self) -> usize {
        self.node().map_or(0, |node| node.registry.listeners())
    }
}

impl Clone for Handle {
    #[inline(always)]
    fn clone(&self) -> Self {
        if let Some(node) = self.pointer() {
            // SAFETY: kept by this handle.
            unsafe { owned::retain_strong(node) };
        }
        Self(self.0)
    }
}

impl Drop for Handle {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(node) = self.pointer() {
            // SAFETY: this handle is given up.
            unsafe { leave::release_strong(node) };
        }
    }
}

/// A handle that can cancel.
#[derive(Debug)]
pub(crate) struct Source(ManuallyDrop<Handle>);

impl Source {
    /// A node of its own.
    pub(crate) fn new() -> Self {
        Self::from_new(owned::new(0, 1, 0))
    }

    /// One with slots for at least `slots` entries of any kind.
    pub(crate) fn with_capacity(slots: usize) -> Self {
        let node = owned::new(0, 1, 0);
        let missing = slots.saturating_mul(super::word::SPAN).saturating_sub(super::node::INLINE);
        // SAFETY: nobody else knows the node yet.
        unsafe { group::reserve(Node::registry(node.as_ptr()), missing) };
        Self::from_new(node)
    }

    /// The source of a node that was just made, with a count in `possible` for it.
    #[inline(always)]
    fn from_new(node: NonNull<Node>) -> Self {
        Self(ManuallyDrop::new(Handle(node)))
    }

    /// One that is cancelled with any of `parents`, which are nodes and all different.
    pub(crate) fn linked(parents: &[&Handle]) -> Self {
        if let [parent] = parents {
            return Self::child_of(parent);
        }
        let count = u16::try_from(parents.len()).ok().filter(|&count| count < u16::MAX);
        let count = count.expect("a source is linked to at most 65,534 tokens");
        let child = owned::new(Node::records(count), 1 + u32::from(count), 0);
        let source = Self::from_new(child);
        for (i, parent) in parents.iter().enumerate() {
            let parent = parent.pointer().expect("a node");
            // SAFETY: just made, with counts for this many links.
            unsafe { owned::link(child.as_ptr(), Node::link(child.as_ptr(), i as u16), parent) };
        }
        source
    }

    /// One that is cancelled with `parent`, which is a node. It does not make a pile of relays higher; see [`pull`].
    #[inline(always)]
    pub(crate) fn child_of(parent: &Handle) -> Self {
        // SAFETY: the handle keeps its node, which keeps its parents.
        unsafe {
            let parent = parent.pointer().expect("a node");
            let depth = (*parent).depth + 1;
            if depth >= pull::PILE && (*parent).records != 0 {
                return Self::movable_child_of(parent);
            }
            pull::before_a_child(parent);
            Self::new_child_of(parent, owned::new(1, 2, depth))
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn movable_child_of(parent: *const Node) -> Self {
        // SAFETY: as in `child_of`.
        unsafe {
            pull::before_a_child(parent);
            Self::new_child_of(parent, owned::new(2, 2, 0))
        }
    }

    /// Links a new node to its only parent. It is the caller's, who has a strong handle of `parent`.
    #[inline(always)]
    unsafe fn new_child_of(parent: *const Node, child: NonNull<Node>) -> Self {
        // SAFETY: the caller's.
        unsafe {
            owned::link(child.as_ptr(), Node::nearest_record(child.as_ptr()), parent);
            Self::from_new(child)
        }
    }

    /// One that is cancelled if `parent`, which is no node, is.
    #[cold]
    pub(crate) fn child_of_constant(parent: &Handle) -> Self {
        let source = Self::new();
        if parent.is_cancelled() {
            // SAFETY: a number has no error to keep.
            source.cancel(unsafe { Word::REQUESTED.inherit() });
        }
        source
    }

    #[inline(always)]
    fn pointer(&self) -> *const Node {
        self.0.0.as_ptr()
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0
    }

    /// A handle that cannot cancel.
    #[inline(always)]
    pub(crate) fn share(&self) -> Handle {
        // SAFETY: kept by `self`.
        unsafe { owned::retain_strong(self.pointer()) };
        Handle(self.0.0)
    }

    #[inline(always)]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.node().is_cancelled()
    }

    /// Cancels with a word that is given up.
    pub(crate) fn cancel(&self, reason: Word) -> bool {
        // SAFETY: kept by `self` until this returns.
        unsafe { fire::cancel(self.pointer(), reason, Then::Resume) }
    }

    pub(crate) fn cancel_with(&self, error: CustomError) -> bool {
        self.cancel(Word::custom(error))
    }

    /// Sets the flag and wakes; the callbacks are what is returned.
    pub(crate) fn cancel_deferred(&self, reason: Word) -> (bool, Option<Deferred>) {
        // SAFETY: the handle that `Deferred` holds keeps the node until the delivery has ended.
        unsafe {
            let (first, delivery) = fire::cancel_deferred(self.pointer(), reason);
            (first, delivery.map(|delivery| Deferred::new(delivery, self.share())))
        }
    }

    /// Begins to arm a timer: the waker is for the clock, which has the rest of the arming when it is done. `None`: the
    /// source is cancelled.
    pub(crate) fn begin_timer(&self) -> Option<(Arming<'_>, Waker)> {
        // SAFETY: borrowed until the end of the arming.
        unsafe { Arming::begin(self.pointer()) }
    }

    /// Disarms the timer. True: one was armed, and will never fire.
    pub(crate) fn disarm(&self) -> bool {
        // SAFETY: kept by `self`.
        unsafe { timer::disarm(self.pointer()) }
    }

    fn node(&self) -> &Node {
        // SAFETY: a source is never one of the constants.
        unsafe { self.0.0.as_ref() }
    }

    /// Makes this a source that nobody else knows, with the same parents. False: it has been cancelled.
    pub(crate) fn try_reset(&mut self) -> bool {
        self.disarm();
        if self.node().is_decided() {
            return false;
        }
        let node = self.pointer();
        // SAFETY: kept by `self`.
        if !unsafe { leave::is_alone(node) } {
            // SAFETY: kept by `self`.
            let Some(parents) = (unsafe { pull::with_links_locked(node, || Self::parents(node)) }) else {
                return false;
            };
            let parents: Vec<&Handle> = parents.iter().collect();
            *self = Self::linked(&parents);
        }
        !self.0.is_cancelled()
    }
}

impl Source {
    /// Handles of the parents of `node`.
    ///
    /// # Safety
    ///
    /// The node lives, and nobody pulls it up.
    unsafe fn parents(node: *const Node) -> Vec<Handle> {
        // SAFETY: each link holds a strong handle of its parent.
        unsafe {
            (0..Node::links((*node).records))
                .map(|i| Node::link(node, i))
                .filter(|link| !(**link).is_unlinked())
                .map(|link| {
                    let parent = Link::parent(link);
                    owned::retain_strong(parent);
                    Handle(NonNull::new_unchecked(parent.cast_mut()))
                })
                .collect()
        }
    }
}

impl Clone for Source {
    fn clone(&self) -> Self {
        // ORDERING: a new handle is made from one that exists, and publishes nothing.
        self.node().possible.fetch_add(1, Ordering::Relaxed);
        Self(ManuallyDrop::new(self.share()))
    }
}

impl Drop for Source {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: this handle is given up.
        unsafe { leave::release_source(self.pointer()) };
    }
}

/// A future's place in the registry of the node that `H` keeps.
#[derive(Debug)]
pub(crate) struct Waiter<H: Borrow<Handle>> {
    handle: H,
    wait: Wait,
}

// SAFETY: a place is only a key: the slot behind it is reached through `&mut self`, and what lies there is `Send`.
unsafe impl<H: Borrow<Handle> + Send> Send for Waiter<H> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl<H: Borrow<Handle> + Sync> Sync for Waiter<H> {}

impl<H: Borrow<Handle>> Waiter<H> {
    #[inline(always)]
    pub(crate) const fn new(handle: H) -> Self {
        Self { handle, wait: Wait::new() }
    }

    /// What keeps the node.
    pub(crate) fn handle(&self) -> &Handle {
        self.handle.borrow()
    }

    /// Ready once the node is cancelled.
    #[inline(always)]
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        match self.handle.borrow().pointer() {
            // SAFETY: the handle is the same each time, since nobody can reach it to change it, and keeps the node.
            Some(node) => unsafe { self.wait.poll(node, cx) },
            None if *self.handle.borrow() == Handle::CANCELLED => Poll::Ready(()),
            None => Poll::Pending,
        }
    }
}

impl<H: Borrow<Handle>> Drop for Waiter<H> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle is dropped after this.
        unsafe { self.wait.leave() };
    }
}
