//! A node of the cancellation tree: a registry, a reason, counts, and the link
//! records by which it hangs under its parents.
//!
//! Three counts decide three things, never the state of the registry:
//!
//! * `strong`: handles (sources, tokens, registrations, detached callbacks,
//!   children). At zero the node leaves its parents and its timer ends.
//! * `possible`: what can still cancel it: source handles, parents for which it
//!   is possible, an armed timer. At zero the registry is closed with `NEVER`
//!   and its callbacks are dropped.
//! * `memory`: all strong handles together, links in parents, each waker of a timer.
//!   At zero the memory goes.
//!
//! In memory: the link records, then the node, then its slots. One allocation,
//! however many parents.

use super::link::Link;
use super::reason::Word;
use super::registry::Registry;
use super::timer::{self, Retired};
use crate::shim::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use core::ptr;

/// One node.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Node {
    pub(super) strong: AtomicU32,
    pub(super) memory: AtomicU32,
    pub(super) possible: AtomicU32,
    /// Link records before the node; see [`Node::links`].
    pub(super) records: u16,
    /// The firer's: what this node has for the later phases.
    pub(super) marks: UnsafeCell<u8>,
    /// How deep the node was made, from zero to [`PILE`]; see `pull.rs`.
    pub(super) depth: u8,
    pub(super) reason: AtomicPtr<()>,
    /// The firer's: the record by which its walk came here, later the next node with something to deliver.
    pub(super) work: UnsafeCell<*const ()>,
    /// A ticket for the next timer.
    pub(super) spare: AtomicPtr<()>,
    pub(super) registry: Registry,
}

/// Inline slots of a node: two entries, or one callback.
pub(crate) const INLINE: usize = super::word::SPAN;

impl Link {
    /// The node that this record belongs to.
    ///
    /// # Safety
    ///
    /// `this` came from a pointer to the node's whole allocation.
    #[inline(always)]
    pub(super) unsafe fn node(this: *const Self) -> *const Node {
        // SAFETY: the node follows its records.
        unsafe { this.add((*this).distance.into()).cast() }
    }

    /// The node, if the record shows that this is its only parent. Not every such record does.
    ///
    /// # Safety
    ///
    /// As for [`Link::node`].
    #[inline(always)]
    pub(super) unsafe fn node_if_only(this: *const Self) -> Option<*const Node> {
        // SAFETY: it follows the record.
        unsafe { if (*this).distance == 1 { Some(this.add(1).cast()) } else { None } }
    }

    /// The parent's node.
    ///
    /// # Safety
    ///
    /// The record is linked, and the parent lives.
    pub(super) unsafe fn parent(this: *const Self) -> *const Node {
        // SAFETY: a place leads to its registry, which lies in its node.
        unsafe { Node::of_registry((*this).place().registry()) }
    }
}

impl Node {
    /// A node with one strong handle and a memory reference for each link to come.
    pub(crate) fn new(records: u16, possible: u32, depth: u8) -> Self {
        Self {
            strong: AtomicU32::new(1),
            memory: AtomicU32::new(1 + Self::links(records) as u32),
            possible: AtomicU32::new(possible),
            records,
            marks: UnsafeCell::new(0),
            depth,
            reason: AtomicPtr::new(ptr::null_mut()),
            work: UnsafeCell::new(ptr::null()),
            spare: AtomicPtr::new(ptr::null_mut()),
            registry: Registry::new(INLINE),
        }
    }

    /// The node around a registry.
    ///
    /// # Safety
    ///
    /// The registry is a node's, and `registry` came from a pointer to the whole node.
    #[inline(always)]
    pub(super) unsafe fn of_registry(registry: *const Registry) -> *const Self {
        // SAFETY: the caller says that there is a node around it.
        unsafe { registry.byte_sub(core::mem::offset_of!(Self, registry)).cast() }
    }

    /// The registry, with the provenance of the whole node.
    #[inline(always)]
    pub(super) unsafe fn registry(this: *const Self) -> *const Registry {
        // SAFETY: the caller's pointer is good.
        unsafe { &raw const (*this).registry }
    }

    /// The first slot of the head.
    #[inline(always)]
    pub(super) unsafe fn slots(this: *const Self) -> *const super::slot::Slot {
        // SAFETY: the slots follow the node, whose last field is the registry.
        unsafe { this.add(1).cast() }
    }

    /// How many parents a node with so many records has, where it could be linked: with two records it hangs by one of
    /// them at a time; with more, the last is spare.
    #[inline(always)]
    pub(super) const fn links(records: u16) -> u16 {
        if records < 2 { records } else { records - 1 }
    }

    /// How many records a node with so many parents needs at least.
    pub(super) const fn records(links: u16) -> u16 {
        if links < 2 { links } else { links + 1 }
    }

    /// Record `i` of the node, counted towards it.
    #[inline(always)]
    pub(super) unsafe fn record(this: *const Self, i: u16) -> *const Link {
        // SAFETY: the records lie before the node.
        unsafe { this.cast::<Link>().sub((*this).records.into()).add(i.into()) }
    }

    /// The record of link `i`.
    ///
    /// # Safety
    ///
    /// With two records nobody pulls the node up.
    #[inline(always)]
    pub(super) unsafe fn link(this: *const Self, i: u16) -> *const Link {
        // SAFETY: the caller's pointer is good.
        unsafe {
            let second = match (*this).records {
                // ORDERING: the caller is synchronised with whoever pulled it up before.
                2 => u16::from((*this).registry.word.load(Ordering::Relaxed) & super::word::SECOND == 0),
                _ => 0,
            };
            Self::record(this, second + i)
        }
    }

    /// The last record. It is the only one if there is one; the one by which a node with two hangs at first; with more,
    /// the spare one, for the stack of those that let go of nodes.
    ///
    /// # Safety
    ///
    /// There is a record.
    #[inline(always)]
    pub(super) unsafe fn nearest_record(this: *const Self) -> *const Link {
        // SAFETY: the records lie before the node.
        unsafe { this.cast::<Link>().sub(1) }
    }

    /// Stores the reason, if there is none yet. `Some`: it is this one, and the timer that was armed is the caller's to
    /// end. A reason that lost stays the caller's.
    #[inline(always)]
    pub(super) fn decide(&self, reason: Word) -> Option<Retired> {
        // ORDERING: Release publishes the error behind the word. Whoever loses reads it by itself.
        match self.reason.compare_exchange(ptr::null_mut(), reason.0, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => Some(Retired::NONE),
            Err(now) => timer::decide(self, now, reason),
        }
    }

    /// The reason's word as it stands.
    #[inline(always)]
    pub(super) fn reason(&self) -> Word {
        // ORDERING: Acquire, with the exchange that stored it: the error behind it is complete.
        Word(self.reason.load(Ordering::Acquire))
    }

    /// True if nothing hangs on it that would have to be dropped: no ticket, no group, no error. To be asked by whoever
    /// frees it.
    #[inline(always)]
    pub(super) fn is_bare(&self) -> bool {
        // ORDERING: whoever frees has synchronised with all others by the count that let it; for all three.
        let ticket = self.spare.load(Ordering::Relaxed).addr();
        // ORDERING: as above.
        let groups = self.registry.next.load(Ordering::Relaxed).addr();
        // ORDERING: as above.
        let reason = self.reason.load(Ordering::Relaxed).addr();
        // All are numbers then: null, the end of the groups, a reason without an error.
        (ticket | groups | reason) <= super::reason::LARGEST_NUMBER
    }

    /// True if there is a reason; the flag may not be up yet.
    pub(super) fn is_decided(&self) -> bool {
        !self.reason().is_open()
    }

    /// True if cancelled. One load, whatever the depth.
    #[inline(always)]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.registry.state() & super::word::SEAL != 0
    }

    /// False if nothing can cancel it any more, and nothing has.
    pub(crate) fn can_be_cancelled(&self) -> bool {
        let word = self.registry.state();
        word & super::word::SEAL != 0 || word & super::word::NEVER == 0
    }

    /// Why it was cancelled, and whether a parent was: `None` until the flag is up.
    pub(crate) fn cause(&self) -> Option<(super::reason::Cause, bool)> {
        if !self.is_cancelled() {
            return None;
        }
        let word = self.reason();
        // SAFETY: the node holds the error as long as it lives.
        unsafe { word.cause() }.map(|cause| (cause, word.is_inherited()))
    }
}
