//! Where entries come from and go back to: slabs that double, and a free list.
//!
//! Nothing here is shared: it belongs to the holder of the queue's lock. The
//! slabs are given back when no entry is out and they hold more than a slab's
//! worth of a busy queue.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::ptr::{self, NonNull};

use super::alarm_entry::Entry;
use crate::shim::heap;

const FIRST_SLAB: usize = 8;
const LARGEST_SLAB: usize = if cfg!(loom) { FIRST_SLAB } else { 1024 };

/// Of a slab of so many entries.
const fn layout(len: usize) -> Layout {
    match Layout::array::<Entry>(len) {
        Ok(layout) => layout,
        Err(_) => panic!("a slab fits into the address space"),
    }
}

#[derive(Debug)]
pub(super) struct Store {
    slabs: Vec<NonNull<[Entry]>>,
    free: *mut Entry,
    /// Entries in the slabs.
    slotted: usize,
    /// Entries that are armed, fired or listed: not free.
    out: usize,
}

impl Store {
    pub(super) fn new() -> Self {
        Self { slabs: Vec::new(), free: ptr::null_mut(), slotted: 0, out: 0 }
    }

    /// A free entry.
    #[inline]
    pub(super) fn take(&mut self) -> NonNull<Entry> {
        let entry = match NonNull::new(self.free) {
            Some(entry) => entry,
            None => self.grow(),
        };
        // SAFETY: free entries belong to the store.
        self.free = unsafe { entry.as_ref().next() };
        self.out += 1;
        entry
    }

    /// Counts an entry that did not come from here: one allocated by itself.
    pub(super) fn adopt(&mut self) {
        self.out += 1;
    }

    /// Takes an entry back.
    ///
    /// # Safety
    ///
    /// It is counted as out, dead, in no heap and on no list.
    #[inline]
    pub(super) unsafe fn give_back(&mut self, entry: NonNull<Entry>) {
        self.out -= 1;
        // SAFETY: the entry is ours now.
        if unsafe { entry.as_ref() }.single {
            // SAFETY: as above, and `single` says how it was allocated.
            return unsafe { free_single(entry) };
        }
        // SAFETY: the entry is ours now.
        unsafe { entry.as_ref().set_next(self.free) };
        self.free = entry.as_ptr();
    }

    /// Entries that are not free.
    pub(super) fn out(&self) -> usize {
        self.out
    }

    /// Entries that the slabs hold, free or not.
    pub(super) fn slotted(&self) -> usize {
        self.slotted
    }

    /// Whether the slabs hold much and no entry is out.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.out == 0 && self.slotted > 2 * LARGEST_SLAB
    }

    /// Frees the slabs.
    ///
    /// # Safety
    ///
    /// No entry is out.
    pub(super) unsafe fn release(&mut self) {
        self.free = ptr::null_mut();
        self.slotted = 0;
        for slab in self.slabs.drain(..) {
            // SAFETY: nobody has an entry of it.
            unsafe { slab.as_ptr().drop_in_place() };
            // SAFETY: `grow` allocated it with this layout.
            unsafe { heap::dealloc(slab.as_ptr().cast(), layout(slab.len())) };
        }
    }

    #[cold]
    fn grow(&mut self) -> NonNull<Entry> {
        let len = self.slotted.clamp(FIRST_SLAB, LARGEST_SLAB);
        // SAFETY: the layout is not empty.
        let memory: *mut Entry = unsafe { heap::alloc(layout(len)) }.cast();
        let Some(first) = NonNull::new(memory) else { heap::handle_alloc_error(layout(len)) };
        self.slabs.push(NonNull::slice_from_raw_parts(first, len));
        self.slotted += len;
        for i in (0..len).rev() {
            // SAFETY: `i` is within the slab.
            let entry = unsafe { first.add(i) };
            // SAFETY: as above; it is ours, and new.
            unsafe { entry.write(Entry::new(false)) };
            // SAFETY: the entry is new and ours.
            unsafe { entry.as_ref().set_next(self.free) };
            self.free = entry.as_ptr();
        }
        first
    }
}

/// An entry allocated by itself.
pub(super) fn new_single() -> NonNull<Entry> {
    NonNull::from(Box::leak(Box::new(Entry::new(true))))
}

/// # Safety
///
/// The entry comes from [`new_single`] and is the caller's.
#[cold]
#[inline(never)]
pub(super) unsafe fn free_single(entry: NonNull<Entry>) {
    // SAFETY: as the caller says.
    let entry = unsafe { Box::from_raw(entry.as_ptr()) };
    entry.freed();
    drop(entry);
}
