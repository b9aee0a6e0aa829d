//! Nodes without a heap: a link record, the node and `N` slots in one value,
//! usually a `static`. Nothing is counted: everything borrows the value.
//!
//! The same walk fires them, with slots that are wide enough for any entry.

use super::callback::{Callback, pack_small, unpack_small};
use super::fault::Then;
use super::fire;
use super::node::{Link, Node};
use super::reason::Word;
use super::registry::{Fixed, NoSlot, Place, Registry, Wanted};
use super::run::Fate;
use super::slot::{Payload, Slot};
use super::wait::Wait;
use super::word::SPAN;
use crate::shim::atomic::Ordering;
use crate::shim::cell::Written;
use core::marker::PhantomData;
use core::task::{Context, Poll};

/// The most slots that fit into a word of 32 bits: the same program fits every target.
pub(crate) const MOST: usize = 14;

/// A node with `N` slots.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FixedNode<const N: usize> {
    /// Written once, by [`FixedNode::link`], which has only a shared reference.
    link: Written<Link>,
    node: Node,
    slots: [[Slot; SPAN]; N],
}

// SAFETY: as for `Handle`: words are atomic, and each payload belongs to one side at a time.
unsafe impl<const N: usize> Send for FixedNode<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Sync for FixedNode<N> {}

impl<const N: usize> FixedNode<N> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(N >= 1 && N <= MOST, "a static source has 1 to 14 slots") };
        Self {
            link: Written::new(Link::new(1)),
            node: Node::new(N, 1, 0, 0),
            slots: [const { [const { Slot::new() }; SPAN] }; N],
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        assert!(N >= 1 && N <= MOST, "a static source has 1 to 14 slots");
        let slots = core::array::from_fn(|_| core::array::from_fn(|_| Slot::new()));
        Self { link: Written::new(Link::new(1)), node: Node::new(N, 1, 0, 0), slots }
    }

    pub(crate) fn handle(&self) -> FixedHandle<'_> {
        // SAFETY: the pointer is made from the whole value, so that it may go on to the slots and back to the record.
        let node = unsafe { core::ptr::from_ref(self).byte_add(core::mem::offset_of!(Self, node)) };
        FixedHandle { node: node.cast(), life: PhantomData }
    }

    /// Cancels this node with `parent`. False: it is linked already. `Err`: the parent has no slot.
    pub(crate) fn link<const M: usize>(&'static self, parent: &'static FixedNode<M>) -> Result<bool, NoSlot> {
        let (child, parent) = (self.handle().node, parent.handle().node);
        // SAFETY: both live for ever; the exchange makes sure that the record is written once.
        unsafe {
            // ORDERING: only who is first matters; the record is published by the arm.
            let is_first = || (*child).possible.swap(1, Ordering::Relaxed) == 0;
            // ORDERING: a guess, which the exchange checks: who is linked already needs no slot.
            if (*child).possible.load(Ordering::Relaxed) != 0 {
                return Ok(false);
            }
            let place = match Registry::claim::<Fixed>(Node::registry(parent), Wanted::link(false)) {
                Ok(place) => place,
                Err(NoSlot::Full) => return Err(NoSlot::Full),
                Err(_) if !is_first() => return Ok(false),
                Err(_) => {
                    fire::cancel::<Fixed>(child, (*parent).reason().inherit(), Then::Resume);
                    return Ok(true);
                }
            };
            if !is_first() {
                place.unclaim();
                return Ok(false);
            }
            let record = Node::link(child, 0).cast_mut();
            (*record).set_place(place);
            (*record).number = (*parent).registry.number();
            place.write(Payload::link(record.cast_const().cast()));
            if place.arm().is_err() {
                fire::cancel::<Fixed>(child, (*parent).reason().inherit(), Then::Resume);
            }
            Ok(true)
        }
    }
}

/// A borrowed node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedHandle<'a> {
    node: *const Node,
    life: PhantomData<&'a Node>,
}

// SAFETY: as for `FixedNode`, which it borrows.
unsafe impl Send for FixedHandle<'_> {}
// SAFETY: as above.
unsafe impl Sync for FixedHandle<'_> {}

impl<'a> FixedHandle<'a> {
    fn node(&self) -> &'a Node {
        // SAFETY: borrowed for the life of the handle.
        unsafe { &*self.node }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.node().is_cancelled()
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        core::ptr::eq(self.node, other.node)
    }

    pub(crate) fn listeners(&self) -> usize {
        self.node().registry.listeners::<Fixed>()
    }

    pub(crate) fn cancel(&self) -> bool {
        // SAFETY: borrowed until this returns.
        unsafe { fire::cancel::<Fixed>(self.node, Word::REQUESTED, Then::Resume) }
    }

    /// A slot to wait in. `Err`: none is free.
    pub(crate) fn slot(&self) -> Result<FixedSlot<'a>, NoSlot> {
        // SAFETY: borrowed.
        let reserved = match unsafe { Registry::claim::<Fixed>(Node::registry(self.node), Wanted::waker(false)) } {
            Ok(place) => place,
            Err(NoSlot::Full) => return Err(NoSlot::Full),
            Err(_) => Place::NONE,
        };
        Ok(FixedSlot { handle: *self, reserved, wait: Wait::new() })
    }

    /// Registers a callback of one word.
    pub(crate) fn register<C: Callback + Send + 'static>(
        &self,
        callback: C,
    ) -> Result<FixedRegistration<'a>, (C, NoSlot)> {
        // SAFETY: borrowed; the place is ours until it is armed.
        unsafe {
            let registry = Node::registry(self.node);
            let place = match Registry::claim::<Fixed>(registry, Wanted::ordered::<Fixed>(false)) {
                Ok(place) => place,
                Err(why) => return Err((callback, why)),
            };
            let (captured, vtable) = pack_small(callback);
            place.write_ordered(Payload::callback(captured, vtable), (*registry).number());
            match place.arm() {
                Ok(()) => Ok(FixedRegistration { place, life: PhantomData }),
                Err(why) => Err((unpack_small(captured), why)),
            }
        }
    }
}

/// A slot that was claimed for one waiter.
#[derive(Debug)]
pub(crate) struct FixedSlot<'a> {
    handle: FixedHandle<'a>,
    /// Claimed, and not in use at the moment.
    reserved: Place<Fixed>,
    wait: Wait<Fixed>,
}

// SAFETY: a place is only a key; see `Waiter`.
unsafe impl Send for FixedSlot<'_> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for FixedSlot<'_> {}

impl FixedSlot<'_> {
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.handle.is_cancelled() {
            return Poll::Ready(());
        }
        if !self.reserved.is_none() {
            let waker = cx.waker().clone();
            let place = core::mem::replace(&mut self.reserved, Place::NONE);
            // SAFETY: claimed, not armed, borrowed.
            return unsafe { self.wait.start(place, waker) };
        }
        // SAFETY: the same node each time, borrowed.
        unsafe { self.wait.poll(self.handle.node, cx) }
    }
}

impl Drop for FixedSlot<'_> {
    fn drop(&mut self) {
        // SAFETY: borrowed; given up.
        unsafe {
            if !self.reserved.is_none() {
                self.reserved.unclaim();
            }
            self.wait.leave();
        }
    }
}

/// A registered callback.
#[derive(Debug)]
pub(crate) struct FixedRegistration<'a> {
    place: Place<Fixed>,
    life: PhantomData<&'a Node>,
}

// SAFETY: a place is only a key; the callback behind it is `Send`, and is reached through `&mut self`.
unsafe impl Send for FixedRegistration<'_> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for FixedRegistration<'_> {}

impl FixedRegistration<'_> {
    pub(crate) fn unregister(&mut self) -> Fate {
        if self.place.is_none() {
            return Fate::Finished;
        }
        // SAFETY: borrowed; the place is ours until the payload is.
        unsafe {
            match self.place.remove_ordered() {
                Some(payload) => {
                    self.place = Place::NONE;
                    (payload.vtable().drop)(payload.captured(), core::ptr::null());
                    Fate::Removed
                }
                None if self.place.is_running() => Fate::Running,
                None => Fate::Finished,
            }
        }
    }
}

impl Drop for FixedRegistration<'_> {
    fn drop(&mut self) {
        self.unregister();
    }
}
