//! The sealing walk: closes a tree, and takes what was armed in it.
//!
//! It is depth first, newest entry first, and keeps its way back in the nodes,
//! so that its path is the order in which callbacks run (G10) and its depth
//! costs no stack (G8).
//!
//! Every link that a seal takes brings one memory reference of its child: the
//! child stays in memory until the firer gives that back, whatever becomes of
//! its handles (the source may go in its own last callback).

use super::deliver::release;
use super::fire::Delivery;
use super::node::{Link, Node};
use super::order::{self, Entries, Entry, Item};
use super::registry::Shape;
use super::slot::{Kind, Slot};
use super::word::{self, ARMS, CLOSED, GROWN, MIXED, NEVER, SEAL};
use crate::shim::atomic::Ordering;
use core::ptr;

#[cfg(feature = "alloc")]
use super::group;
#[cfg(not(feature = "alloc"))]
use super::no_group as group;

pub(super) const HAS_WAKERS: u16 = 1;
const HAS_CALLBACKS: u16 = 2;
/// The reference of its detached callbacks is ours.
pub(super) const HAS_DETACHED: u16 = 4;

impl<S: Shape> Delivery<S> {
    /// # Safety
    ///
    /// As for [`Delivery::seal`].
    #[inline(always)]
    pub(super) unsafe fn walk(&mut self, old: usize) {
        if old & (ARMS | GROWN) == 0 {
            return;
        }
        let mut last: Entry = ptr::null();
        let mut node = self.root;
        // SAFETY: as in `seal`; scratch fields belong to whoever sealed the node.
        unsafe {
            (*node).work.with_mut(|work| *work = ptr::null());
            let mut entry = self.collect(node, old);
            loop {
                if entry.is_null() {
                    let way_back = (*node).work.with(|work| *work).cast::<Link>();
                    if way_back.is_null() {
                        self.leave(node);
                        return;
                    }
                    // The way back lies in the node's own allocation: read it before that goes.
                    let done = node;
                    node = Link::parent(way_back);
                    entry = (*way_back).next.with(|next| *next);
                    self.leave(done);
                    continue;
                }
                let next = order::next(entry);
                match order::item(entry) {
                    Item::Callback(_) => {
                        order::set_next(entry, ptr::null());
                        if last.is_null() {
                            self.callbacks = entry;
                        } else {
                            order::set_next(last, entry);
                        }
                        last = entry;
                    }
                    Item::Link(link) => {
                        let child = Link::node(link);
                        match self.close(node, child) {
                            Some(old) if old & (ARMS | GROWN) != 0 => {
                                (*child).work.with_mut(|work| *work = link.cast());
                                node = child;
                                entry = self.collect(child, old);
                                continue;
                            }
                            // Nothing hangs there, or somebody else has sealed it.
                            _ => release::<S>(child),
                        }
                    }
                }
                entry = next;
            }
        }
    }

    /// Closes a child. `Some`: this call did, and the word was as returned.
    #[inline(always)]
    unsafe fn close(&mut self, parent: *const Node, child: *const Node) -> Option<usize> {
        // SAFETY: both are held by the walk.
        unsafe {
            let flag = if self.cancelled {
                let reason = (*parent).reason().inherit();
                match (*child).decide(reason) {
                    Some(timer) => self.timers.add(timer),
                    None => reason.release(),
                }
                SEAL
            } else {
                // ORDERING: AcqRel: the last of several that make it impossible sees what the others did before.
                if (*child).possible.fetch_sub(1, Ordering::AcqRel) != 1 {
                    return None;
                }
                NEVER
            };
            // ORDERING: Release shows the reason to whoever meets the seal; Acquire takes the payloads that were armed.
            let old = (*child).registry.word.fetch_or(flag, Ordering::AcqRel);
            if old & CLOSED != 0 {
                return None;
            }
            Some(old)
        }
    }

    /// Takes what a sealed node had: notes its wakers, returns the rest newest first.
    unsafe fn collect(&self, node: *const Node, old: usize) -> Entry {
        // SAFETY: sealed by the caller, so what was armed is the caller's.
        unsafe {
            let mut entries = Entries::new();
            let mut marks = if old & S::NOTES & word::DETACHED != 0 { HAS_DETACHED } else { 0 };
            let wakers = scan::<S>(Node::slots(node), old & !S::NOTES, &mut entries, &mut marks);
            (*node).registry.taken.with_mut(|taken| *taken = (wakers >> 4) as u32);
            if old & GROWN != 0 {
                group::seal(&(*node).registry, if self.cancelled { SEAL } else { NEVER }, |block, old| {
                    let wakers = scan::<S>(block.slots(), old, &mut entries, &mut marks);
                    block.taken().with_mut(|taken| *taken = wakers);
                });
            }
            (*node).marks.with_mut(|cell| *cell = marks);
            entries.newest_first()
        }
    }

    /// The walk is done with `node`: keeps it for the later phases, or lets it go.
    #[inline(always)]
    unsafe fn leave(&mut self, node: *const Node) {
        // SAFETY: sealed by this walk.
        unsafe {
            if (*node).marks.with(|marks| *marks) != 0 {
                (*node).work.with_mut(|work| *work = self.kept.cast());
                self.kept = node;
            } else if node != self.root {
                release::<S>(node);
            }
        }
    }
}

/// Sorts what a seal found armed in one word: returns the wakers' bits, collects the others.
#[inline(always)]
unsafe fn scan<S: Shape>(slots: *const Slot, old: usize, entries: &mut Entries, marks: &mut u16) -> usize {
    let mut wakers = old & ARMS;
    if old & MIXED != 0 {
        let mut left = wakers;
        while left != 0 {
            let i = word::lowest(left);
            left &= left - 1;
            // SAFETY: armed slots hold complete payloads, and the seal took them.
            unsafe {
                let slot = slots.add(i * S::STRIDE);
                let payload = (*slot).read();
                match payload.kind() {
                    Kind::Waker => continue,
                    Kind::Link => entries.push(order::of_link(payload.record().cast())),
                    Kind::Callback => {
                        *marks |= HAS_CALLBACKS;
                        entries.push(slot.cast());
                    }
                }
            }
            wakers &= !word::arm(i);
        }
    }
    if wakers != 0 {
        *marks |= HAS_WAKERS;
    }
    wakers
}
