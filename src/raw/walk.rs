//! The sealing walk: closes a tree, and takes what was armed in it.
//!
//! It is depth first, newest entry first, and keeps its way back in the nodes,
//! so that its path is the order in which callbacks run (G10) and its depth
//! costs no stack (G8). A child with one parent is closed as soon as that
//! parent's slots are read: it has no other place in the order, and if it has
//! no entries of its own the walk need not come back.
//!
//! Every link that a seal takes brings one memory reference of its child: the
//! child stays in memory until the firer gives that back, whatever becomes of
//! its handles (the source may go in its own last callback).

use super::delivery::Delivery;
use super::fire::close;
use super::group;
use super::link::Link;
use super::node::Node;
use super::order::{self, Entries, Entry, Item};
use super::reason::Word;
use super::registry::{Heap, Shape};
use super::slot::{Kind, Slot};
use super::word::{MIXED, NEVER, SEAL};
use crate::shim::atomic::Ordering;
use core::ptr;

pub(super) const HAS_WAKERS: u8 = 1;
const HAS_CALLBACKS: u8 = 2;
/// The reference of its detached callbacks is ours.
pub(super) const HAS_DETACHED: u8 = 4;

/// What one node had.
struct Found {
    entries: Entries,
    marks: u8,
    /// For its children, see [`Delivery::plain_reason`].
    reason: Word,
}

impl Delivery {
    /// # Safety
    ///
    /// As for [`Delivery::seal`].
    #[inline(never)]
    pub(super) unsafe fn walk(&mut self) {
        let mut node = self.root;
        let mut last: Entry = ptr::null();
        // SAFETY: the root lives, each child is held by the reference that its link brought, and scratch fields belong to
        // whoever sealed the node.
        unsafe {
            (*node).work.with_mut(|work| *work = ptr::null());
            'down: loop {
                let mut entry = self.collect(node);
                // True while `last` leads to `entry` already.
                let mut joined = false;
                loop {
                    match order::item(entry) {
                        Item::Link(link) => {
                            let only = Link::node_if_only(link);
                            let child = only.unwrap_or_else(|| Link::node(link));
                            if only.is_none() && self.close(node, child) == 0 {
                                joined = false;
                                entry = (*link).next.with(|next| *next);
                                self.garbage.release(child);
                                continue;
                            }
                            (*child).work.with_mut(|work| *work = link.cast());
                            node = child;
                            continue 'down;
                        }
                        Item::Callback(slot) if !slot.is_null() => {
                            if !joined {
                                if last.is_null() {
                                    self.callbacks = entry;
                                } else {
                                    order::set_next(last, entry);
                                }
                                joined = true;
                            }
                            last = entry;
                            entry = order::next_of_callback(slot);
                        }
                        Item::Callback(_) => {
                            joined = false;
                            let way_back = (*node).work.with(|work| *work).cast::<Link>();
                            if way_back.is_null() {
                                if (*node).marks.with(|marks| *marks) != 0 {
                                    self.leave(node);
                                }
                                break 'down;
                            }
                            // The way back lies in the node's own allocation: read it before that goes.
                            let done = node;
                            node = Link::parent(way_back);
                            entry = (*way_back).next.with(|next| *next);
                            self.leave(done);
                        }
                    }
                }
            }
            if !last.is_null() {
                order::set_next(last, ptr::null());
            }
        }
    }

    /// Closes a child; see [`close`].
    #[cold]
    #[inline(never)]
    unsafe fn close(&mut self, parent: *const Node, child: *const Node) -> usize {
        // SAFETY: both are held by the walk.
        unsafe {
            if self.cancelled {
                let reason = (*parent).reason().inherit();
                match (*child).decide(reason) {
                    Some(timer) => self.timers.add(timer),
                    None => reason.release(),
                }
                return close(child, SEAL);
            }
            // ORDERING: AcqRel: the last of several that make it impossible sees what the others did before.
            if (*child).possible.fetch_sub(1, Ordering::AcqRel) != 1 {
                return 0;
            }
            close(child, NEVER)
        }
    }

    /// What children of `parent` get for a reason, if that is only a number; null otherwise.
    #[inline(always)]
    unsafe fn plain_reason(&self, parent: *const Node) -> Word {
        // SAFETY: held by the walk.
        unsafe {
            let reason = (*parent).reason();
            if self.cancelled { reason.inherit_plain() } else { Word::NOTHING }
        }
    }

    /// Sorts what a sealed node had: leaves its wakers beside its words, returns the rest newest first.
    #[inline(always)]
    unsafe fn collect(&mut self, node: *const Node) -> Entry {
        let mut found = Found { entries: Entries::new(), marks: 0, reason: Word::NOTHING };
        // SAFETY: sealed by this walk, so what was armed is ours, and so is the scratch.
        unsafe {
            found.marks = (*node).marks.with(|marks| *marks);
            found.reason = self.plain_reason(node);
            let taken = (*node).registry.taken.with(|taken| *taken);
            let wakers = self.scan(node, Node::slots(node), taken as usize, &mut found);
            (*node).registry.taken.with_mut(|taken| *taken = wakers as u32);
            group::blocks(&(*node).registry, |block| {
                let taken = block.taken().with(|taken| *taken);
                let wakers = self.scan(node, block.slots(), taken, &mut found);
                block.taken().with_mut(|taken| *taken = wakers);
            });
            (*node).marks.with_mut(|marks| *marks = found.marks);
            found.entries.newest_first()
        }
    }

    /// Sorts what a seal found armed in one word of `node`: returns the wakers' bits, collects the others.
    #[inline(always)]
    unsafe fn scan(&mut self, node: *const Node, slots: *const Slot, taken: usize, found: &mut Found) -> usize {
        let mut wakers = 0;
        let mut left = taken;
        while left != 0 {
            let rest = left & (left - 1);
            // SAFETY: armed slots hold complete payloads, and the seal took them.
            unsafe {
                let slot = Heap::lowest(slots, left);
                let payload = (*slot).read();
                match payload.kind() {
                    Kind::Link => self.meet(node, payload.record().cast(), found),
                    Kind::Waker => wakers |= left ^ rest,
                    Kind::Callback => {
                        found.marks |= HAS_CALLBACKS;
                        found.entries.push_callback(slot);
                    }
                }
            }
            left = rest;
        }
        if wakers != 0 {
            found.marks |= HAS_WAKERS;
        }
        wakers
    }

    /// A child: closes it if this is its only parent, and notes it unless that was all.
    #[inline(always)]
    unsafe fn meet(&mut self, parent: *const Node, link: *const Link, found: &mut Found) {
        // SAFETY: the seal took the link, so that its reference is ours, and the record's scratch.
        unsafe {
            if let Some(child) = Link::node_if_only(link) {
                let flags = if found.reason == Word::NOTHING {
                    self.close(parent, child)
                } else {
                    if let Some(timer) = (*child).decide(found.reason) {
                        self.timers.add(timer);
                    }
                    close(child, SEAL)
                };
                if flags == 0 {
                    return self.garbage.release(child);
                }
                if flags & MIXED == 0 {
                    (*child).marks.with_mut(|marks| *marks = HAS_WAKERS);
                    return self.leave(child);
                }
            }
            found.entries.push_link(link);
        }
    }

    /// The walk is done with `node`: keeps it for the later phases, or lets it go.
    #[inline(always)]
    unsafe fn leave(&mut self, node: *const Node) {
        // SAFETY: sealed by this walk.
        unsafe {
            let marks = (*node).marks.with(|marks| *marks);
            let list = if marks & HAS_WAKERS != 0 { &mut self.waking } else { &mut self.kept };
            if marks != 0 {
                (*node).work.with_mut(|work| *work = list.cast());
                *list = node;
            } else {
                self.garbage.release(node);
            }
        }
    }
}
