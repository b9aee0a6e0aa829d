//! The order in which timers fire: a heap with four children a node, by
//! deadline and then by order of arming.
//!
//! The keys lie in the heap, the place of an item in its entry, so that one
//! that died is taken out of the middle in O(log n).

use core::ptr::NonNull;

use super::alarm_entry::{Entry, NOWHERE};

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

/// Takes the item at `at` out of the order and leaves it in the last place.
#[inline]
pub(super) fn move_out(heap: &mut [Item], at: usize) {
    let last = heap.len() - 1;
    let gone = heap[at];
    let item = heap[last];
    heap[last] = gone;
    if at != last {
        let rest = &mut heap[..last];
        if at > 0 && item.before(&rest[(at - 1) / FAN]) {
            up(rest, at, item);
        } else {
            down(rest, at, item);
        }
    }
    // SAFETY: whoever has the heap holds the lock.
    unsafe { gone.entry.as_ref().set_position(NOWHERE) };
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
