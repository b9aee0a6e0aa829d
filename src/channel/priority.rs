//! A storage that gives the smallest item first.

use super::storage::Storage;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A binary heap. Equal items come out in the order in which they went in.
///
/// Items are only ever swapped, so that a comparison that panics leaves all of them there.
pub(super) struct Priority<T, C> {
    heap: Vec<(T, u64)>,
    compare: C,
    next: u64,
}

impl<T, C: FnMut(&T, &T) -> Ordering> Priority<T, C> {
    pub(super) const fn new(compare: C) -> Self {
        Self { heap: Vec::new(), compare, next: 0 }
    }

    fn is_before(&mut self, a: usize, b: usize) -> bool {
        let ((a, a_came), (b, b_came)) = (&self.heap[a], &self.heap[b]);
        (self.compare)(a, b).then(a_came.cmp(b_came)).is_lt()
    }

    fn sift_up(&mut self, mut at: usize) {
        while at > 0 && self.is_before(at, (at - 1) / 2) {
            self.heap.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    /// `len`: how far the heap goes.
    fn sift_down(&mut self, mut at: usize, len: usize) {
        while 2 * at + 1 < len {
            let mut child = 2 * at + 1;
            if child + 1 < len && self.is_before(child + 1, child) {
                child += 1;
            }
            if !self.is_before(child, at) {
                return;
            }
            self.heap.swap(at, child);
            at = child;
        }
    }
}

impl<T, C: FnMut(&T, &T) -> Ordering> Storage<T> for Priority<T, C> {
    fn insert(&mut self, item: T) {
        self.heap.push((item, self.next));
        self.next += 1;
        self.sift_up(self.heap.len() - 1);
    }

    fn remove(&mut self) -> Option<T> {
        let last = self.heap.len().checked_sub(1)?;
        self.heap.swap(0, last);
        self.sift_down(0, last);
        self.heap.pop().map(|(item, _)| item)
    }

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn peek(&self) -> Option<&T> {
        self.heap.first().map(|(item, _)| item)
    }
}
