//! The order in which timers fire: a heap with four children a node, by
//! deadline and then by order of arming.
//!
//! The keys lie in the heap, the place of an item in its entry, so that one
//! that died is taken out of the middle in O(log n).

use core::ptr::NonNull;

use super::alarm_entry::Entry;

const FAN: usize = 4;

/// One timer in the heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) deadline: u64,
    /// Ties are broken by the order of arming.
    pub(super) sequence: u64,
    pub(super) entry: NonNull<Entry>,
}

impl Item {
    /// No timer, for a place that is not in use.
    pub(super) const NONE: Self = Self { deadline: u64::MAX, sequence: 0, entry: NonNull::dangling() };

    fn before(&self, other: &Self) -> bool {
        (self.deadline, self.sequence) < (other.deadline, other.sequence)
    }

    fn put(self, heap: &mut [Self], at: usize) {
        heap[at] = self;
        // SAFETY: whoever has the heap holds the lock.
        unsafe { self.entry.as_ref().set_position(at) };
    }
}

/// Moves the last item of `heap` up to its place.
#[inline]
pub(super) fn settle_last(heap: &mut [Item]) {
    if let Some(last) = heap.len().checked_sub(1) {
        up(heap, last, heap[last]);
    }
}

/// Puts `item` in the place of the one at `at`, and then where it belongs.
#[inline(never)]
pub(super) fn replace(heap: &mut [Item], at: usize, item: Item) {
    if at > 0 && item.before(&heap[(at - 1) / FAN]) {
        up(heap, at, item);
    } else {
        down(heap, at, item);
    }
}

fn up(heap: &mut [Item], mut at: usize, item: Item) {
    while at > 0 {
        let parent = (at - 1) / FAN;
        if !item.before(&heap[parent]) {
            break;
        }
        heap[parent].put(heap, at);
        at = parent;
    }
    item.put(heap, at);
}

fn down(heap: &mut [Item], mut at: usize, item: Item) {
    loop {
        let first = at * FAN + 1;
        if first >= heap.len() {
            break;
        }
        let mut least = first;
        for child in first + 1..heap.len().min(first + FAN) {
            if heap[child].before(&heap[least]) {
                least = child;
            }
        }
        if !heap[least].before(&item) {
            break;
        }
        heap[least].put(heap, at);
        at = least;
    }
    item.put(heap, at);
}
