//! A cell without a heap: a value, the head of a line and `N` slots behind it,
//! usually in a `static`. Nothing is counted: everything borrows it.
//!
//! The word goes from pending to complete as a heap's cell does (`cell/core.rs`):
//! `RESERVED` decides who writes the value, `SEAL` publishes it and takes who
//! waits. Slots are wide enough for a number each, so the line is in disorder from
//! the start and every waiter takes one; nobody has to look for room.
//!
//! 1. The value is written between `RESERVED` and `SEAL` by the one who set both,
//!    read by anybody after `SEAL`, and dropped with the cell.

use super::fault::{Panics, Then};
use super::line::{self, Who};
use super::line_deliver;
use super::line_wait::LineWait;
use super::registry::{BEHIND, NoSlot, Place, Registry};
use super::shape::FixedLine;
use super::slot::Slot;
use super::word::{self, HEAD_ARMS, RESERVED, SEAL, SPAN};
use crate::shim::atomic::Ordering;
use crate::shim::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::task::{Context, Poll};

/// The most slots that leave room for the notes of a line in a word of 32 bits: the same program fits every target.
pub(crate) const MOST: usize = 11;

const _: () = {
    use core::mem::offset_of;
    // On 32 bits the notes are the arm bits of slots beyond these.
    assert!(MOST + word::NOTES.count_ones() as usize <= word::SLOTS);
    assert!(offset_of!(FixedCell<u8, 1>, slots) - offset_of!(FixedCell<u8, 1>, registry) == BEHIND);
};

/// A cell with `N` slots.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FixedCell<V, const N: usize> {
    value: UnsafeCell<MaybeUninit<V>>,
    /// Its slots follow it, as behind any head.
    registry: Registry,
    slots: [[Slot; SPAN]; N],
}

// SAFETY: words are atomic, each waker belongs to one side at a time, and the value moves with the cell.
unsafe impl<V: Send, const N: usize> Send for FixedCell<V, N> {}
// SAFETY: as above; by a shared reference a value is moved in, and read by everybody.
unsafe impl<V: Send + Sync, const N: usize> Sync for FixedCell<V, N> {}

impl<V, const N: usize> FixedCell<V, N> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(N >= 1 && N <= MOST, "a static cell has 1 to 11 slots") };
        Self {
            value: UnsafeCell::new(MaybeUninit::uninit()),
            registry: Registry::with(line::empty_fixed(N)),
            slots: [const { [const { Slot::new() }; SPAN] }; N],
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        assert!(N >= 1 && N <= MOST, "a static cell has 1 to 11 slots");
        Self {
            value: UnsafeCell::new(MaybeUninit::uninit()),
            registry: Registry::with(line::empty_fixed(N)),
            slots: core::array::from_fn(|_| core::array::from_fn(|_| Slot::new())),
        }
    }

    pub(crate) fn handle(&self) -> FixedCellHandle<'_, V> {
        // The pointer is made from the whole value, so that it may go on to the slots.
        FixedCellHandle { cell: core::ptr::from_ref(self).cast(), life: PhantomData }
    }

    /// The value, if there is one.
    pub(crate) fn into_value(self) -> Option<V> {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: ours alone, and not dropped.
        unsafe { this.take() }
    }

    /// Moves the value out.
    ///
    /// # Safety
    ///
    /// The cell is the caller's alone, and not used again.
    unsafe fn take(&self) -> Option<V> {
        // SAFETY: (1).
        (self.registry.state() & SEAL != 0).then(|| unsafe { self.value.with(|cell| (*cell).assume_init_read()) })
    }
}

impl<V, const N: usize> Drop for FixedCell<V, N> {
    fn drop(&mut self) {
        // SAFETY: ours alone, for the last time.
        drop(unsafe { self.take() });
    }
}

/// A borrowed cell, however many slots it has: that many lie behind the fields of one with a single slot.
#[derive(Debug)]
pub(crate) struct FixedCellHandle<'a, V> {
    cell: *const FixedCell<V, 1>,
    life: PhantomData<&'a V>,
}

// SAFETY: as for a reference to a `FixedCell`.
unsafe impl<V: Send + Sync> Send for FixedCellHandle<'_, V> {}
// SAFETY: as above.
unsafe impl<V: Send + Sync> Sync for FixedCellHandle<'_, V> {}

impl<V> Clone for FixedCellHandle<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V> Copy for FixedCellHandle<'_, V> {}

impl<'a, V> FixedCellHandle<'a, V> {
    /// The head of the line, with the provenance of the whole cell.
    fn pointer(self) -> *const Registry {
        // SAFETY: borrowed for the life of the handle.
        unsafe { &raw const (*self.cell).registry }
    }

    fn registry(self) -> &'a Registry {
        // SAFETY: as above.
        unsafe { &*self.pointer() }
    }

    fn value(self) -> &'a UnsafeCell<MaybeUninit<V>> {
        // SAFETY: as above.
        unsafe { &(*self.cell).value }
    }

    /// The value, once there is one.
    pub(crate) fn get(self) -> Option<&'a V> {
        // SAFETY: (1); borrowed.
        (self.registry().state() & SEAL != 0).then(|| unsafe { self.value().with(|cell| (*cell).assume_init_ref()) })
    }

    /// How many wait; racy.
    pub(crate) fn listeners(self) -> usize {
        self.registry().listeners()
    }

    /// Completes the cell and wakes who waits. `Err`: somebody else has, or is about to.
    pub(crate) fn try_set(self, value: V) -> Result<(), V> {
        let registry = self.registry();
        // ORDERING: only who is first matters: the value is published by the seal.
        if registry.word.fetch_or(RESERVED, Ordering::Relaxed) & RESERVED != 0 {
            return Err(value);
        }
        // SAFETY: (1): reserved by us.
        unsafe { self.value().with_mut(|cell| (*cell).write(value)) };
        // ORDERING: Release publishes the value; Acquire takes the wakers that were armed.
        let word = registry.word.fetch_add(SEAL, Ordering::AcqRel);
        if word & HEAD_ARMS != 0 {
            self.deliver((word & HEAD_ARMS) as u32);
        }
        Ok(())
    }

    fn deliver(self, arms: u32) {
        let mut panics = Panics::new();
        // SAFETY: we have sealed the line, so the scratch is ours; borrowed until this returns.
        unsafe {
            self.registry().taken.with_mut(|taken| *taken = arms);
            line_deliver::deliver::<FixedLine>(self.pointer(), SEAL, true, &mut panics, |_| {
                unreachable!("nothing but wakers waits here")
            });
        }
        panics.settle(Then::Resume);
    }

    /// A slot to wait in. `Err`: none is free.
    pub(crate) fn slot(self) -> Result<FixedCellSlot<'a, V>, NoSlot> {
        // SAFETY: borrowed.
        let reserved = match unsafe { line::claim::<FixedLine>(self.pointer(), Who::Waker, false) } {
            Ok(place) => place,
            Err(NoSlot::Full) => return Err(NoSlot::Full),
            Err(_) => Place::NONE,
        };
        Ok(FixedCellSlot { cell: self, reserved, wait: LineWait::new() })
    }
}

/// A slot that was claimed for one waiter.
#[derive(Debug)]
pub(crate) struct FixedCellSlot<'a, V> {
    cell: FixedCellHandle<'a, V>,
    /// Claimed, and not in use at the moment.
    reserved: Place<FixedLine>,
    wait: LineWait<FixedLine>,
}

// SAFETY: a place is only a key; see `CellWaiter`.
unsafe impl<V: Send + Sync> Send for FixedCellSlot<'_, V> {}
// SAFETY: through a shared reference the value can be read, and nothing else done.
unsafe impl<V: Send + Sync> Sync for FixedCellSlot<'_, V> {}

impl<'a, V> FixedCellSlot<'a, V> {
    /// The cell that it belongs to.
    pub(crate) fn cell(&self) -> FixedCellHandle<'a, V> {
        self.cell
    }

    /// Ready once the cell is complete. The first poll that has to wait joins the line.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<&'a V> {
        if let Some(value) = self.cell.get() {
            return Poll::Ready(value);
        }
        // SAFETY: borrowed, and the same cell each time; the place was claimed, is not armed, and is used once.
        let ready = unsafe {
            if self.reserved.is_none() {
                self.wait.poll(self.cell.pointer(), cx)
            } else {
                let waker = cx.waker().clone();
                let place = core::mem::replace(&mut self.reserved, Place::NONE);
                self.wait.start(self.cell.pointer(), place, waker)
            }
        };
        match ready {
            Poll::Ready(()) => self.cell.get().map_or(Poll::Pending, Poll::Ready),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<V> Drop for FixedCellSlot<'_, V> {
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
