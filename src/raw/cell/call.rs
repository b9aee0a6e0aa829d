//! Calling what stands in a cell's line.

use super::super::callback::{Captured, Early};
use super::super::line::whole_head;
use super::super::line_deliver::head_slots;
use super::super::slot::{Kind, Payload};
use super::core::Core;
use super::driver::Driver;
use super::each::put_early;
use super::row::RowRef;
use ::core::ptr;

/// What a callback in a cell is called with.
#[derive(Debug)]
pub(super) struct Firing<'a> {
    pub(super) core: *const Core,
    pub(super) driver: &'a mut Driver,
}

impl Firing<'_> {
    pub(super) fn context(&mut self) -> *const () {
        ptr::from_mut(self).cast_const().cast()
    }
}

/// Calls a callback, or drops it.
///
/// # Safety
///
/// The payload is an entry's of that cell, and the caller's; the cell lives.
pub(super) unsafe fn call(payload: Payload, complete: bool, core: *const Core, driver: &mut Driver) {
    let mut firing = Firing { core, driver };
    let context = firing.context();
    let captured: Captured = payload.captured();
    // SAFETY: callbacks in cells take a `Firing`; see `entry.rs`.
    unsafe {
        let vtable = payload.vtable();
        if !complete {
            (vtable.drop)(captured, context);
        } else if !done_early(payload) {
            (vtable.call)(captured, context);
        }
    }
}

/// Does what needs no driver. True: that was all, and the callback has been used up.
///
/// # Safety
///
/// An entry's of a complete cell, which lives, and the caller's.
#[inline(always)]
pub(super) unsafe fn done_early(callback: Payload) -> bool {
    // SAFETY: the caller's: the word is what the vtable says, a seat of a row that lives as long as its entries.
    unsafe {
        match callback.vtable().early {
            Early::Nothing => false,
            Early::Count => !RowRef::of_seat(callback.captured().assume_init().cast()).counts_last(1),
            Early::Put => put_early(callback.captured().assume_init().cast()),
        }
    }
}

/// The callback that is all that there is in a cell.
///
/// # Safety
///
/// The caller sealed the cell, and keeps it. It has not grown, but holds more than wakers: so it is in order, since a head
/// in disorder has no room for what takes a number.
#[inline(always)]
pub(super) unsafe fn one(core: *const Core) -> Payload {
    // SAFETY: the caller's. In order, a callback has all slots of the head.
    let payload = unsafe { (*head_slots(Core::registry(core))).read() };
    debug_assert!(payload.kind() == Kind::Callback && !payload.is_numbered(), "there are no others");
    payload
}

/// Takes that callback. `None`: it has been removed.
///
/// # Safety
///
/// As for [`one`].
#[inline(always)]
pub(super) unsafe fn start_one(core: *const Core) -> Option<Payload> {
    // SAFETY: the caller's.
    unsafe {
        let payload = one(core);
        whole_head(Core::registry(core)).start().then_some(payload)
    }
}
