//! A block of children whose futures are still being collected.

use core::alloc::Layout;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use super::batch::{Batch, LAST};
use super::block::Plan;
use super::{Children, Slot};
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};

impl<F, T> Children<F, T> {
    /// Takes all futures of the iterator. One allocation if its lower size hint is exact, none if it is empty.
    #[inline]
    pub(crate) fn collect(mut futures: impl Iterator<Item = F>) -> Self {
        let mut building = Building::new(futures.size_hint().0);
        while let Some(future) = futures.next() {
            if building.len == building.capacity {
                building = building.go_on(future, futures);
                break;
            }
            building.push(future);
        }
        building.finish()
    }

    /// No futures, and slots for so many.
    pub(super) fn room_for(slots: usize) -> Self {
        Building::new(slots).finish_with(slots)
    }
}

/// A block whose futures are still being collected; nothing but slots is written.
struct Building<F, T> {
    memory: NonNull<u8>,
    slots: NonNull<Slot<F, T>>,
    len: usize,
    /// Zero: nothing is allocated.
    capacity: usize,
}

impl<F, T> Building<F, T> {
    #[inline(always)]
    fn new(capacity: usize) -> Self {
        let (memory, slots) =
            if capacity > 0 { Self::memory(capacity) } else { (NonNull::dangling(), NonNull::dangling()) };
        Self { memory, slots, len: 0, capacity }
    }

    /// Fresh memory, and where its slots lie.
    #[inline(always)]
    fn memory(capacity: usize) -> (NonNull<u8>, NonNull<Slot<F, T>>) {
        let plan = Plan::new::<Slot<F, T>>(capacity);
        // SAFETY: a block is never of size zero; the plan places the slots inside it.
        unsafe {
            let Some(memory) = NonNull::new(alloc(plan.layout)) else { handle_alloc_error(plan.layout) };
            (memory, memory.add(plan.slots).cast())
        }
    }

    /// There must be room.
    #[inline(always)]
    fn push(&mut self, future: F) {
        // SAFETY: there is room, and nothing in it.
        unsafe { self.slots.add(self.len).write(Slot { future: ManuallyDrop::new(future) }) };
        self.len += 1;
    }

    /// Takes the others too, of an iterator that has more than it promised.
    #[cold]
    fn go_on(mut self, next: F, futures: impl Iterator<Item = F>) -> Self {
        core::iter::once(next).chain(futures).for_each(|future| {
            if self.len == self.capacity {
                self.grow((self.capacity * 2).max(4));
            }
            self.push(future);
        });
        self
    }

    #[cold]
    fn grow(&mut self, capacity: usize) {
        let (memory, slots) = Self::memory(capacity);
        // SAFETY: the new memory is larger and apart. Not yet polled, the futures may still be moved.
        unsafe {
            self.slots.copy_to_nonoverlapping(slots, self.len);
            self.free();
        }
        (self.memory, self.slots, self.capacity) = (memory, slots, capacity);
    }

    /// # Safety
    ///
    /// The memory is not used again.
    unsafe fn free(&mut self) {
        if self.capacity > 0 {
            let layout: Layout = Plan::new::<Slot<F, T>>(self.capacity).layout;
            // SAFETY: allocated by `memory` with the same layout.
            unsafe { dealloc(self.memory.as_ptr(), layout) }
        }
    }

    #[inline(always)]
    fn finish(self) -> Children<F, T> {
        let len = self.len;
        self.finish_with(len)
    }

    /// The same, with so many children in all; from `len` on they have no future yet.
    #[inline(always)]
    fn finish_with(self, children: usize) -> Children<F, T> {
        let len = self.len;
        // Without futures the memory, if there is any, is given back by the drop.
        let block = (children > 0).then(|| {
            // SAFETY: the memory has this plan and room for so many.
            unsafe { Plan::new::<Slot<F, T>>(self.capacity).write(self.memory, children) }
        });
        let children = Children {
            block,
            slots: self.slots,
            len: len as u32,
            fresh: 0,
            batch: Batch { front: LAST, back: LAST },
            live: len as u32,
            panicked: 0,
            free: LAST,
        };
        if block.is_some() {
            core::mem::forget(self);
        }
        children
    }
}

impl<F, T> Drop for Building<F, T> {
    fn drop(&mut self) {
        // Reached when the iterator panicked, or gave nothing.
        for index in 0..self.len {
            // SAFETY: the first `len` slots hold futures.
            unsafe { ManuallyDrop::drop(&mut (*self.slots.add(index).as_ptr()).future) }
        }
        // SAFETY: nothing is in it any more.
        unsafe { self.free() }
    }
}
