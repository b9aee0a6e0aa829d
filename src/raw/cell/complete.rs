//! From pending to complete, and from pending to never.

use super::super::deliver::wake_all;
use super::super::fault::{Panics, Then, drain};
use super::super::line_deliver::head_slots;
use super::super::word::{GROWN, HEAD_ARMS, MIXED, NEVER, RESERVED, SEAL};
use super::call::{done_early, one, start_one};
use super::core::{Cell, Core, Outcome};
use super::driver::Driver;
use super::nested::{Nested, Reach};
use crate::shim::atomic::Ordering;
use ::core::cell;

/// What an armed head word says: somebody waits.
const ANYBODY: usize = HEAD_ARMS | GROWN;

/// Decides who completes the cell. True: the caller, who has to go on.
///
/// # Safety
///
/// The cell lives, here and below.
#[inline(always)]
pub(super) unsafe fn reserve(core: *const Core) -> bool {
    // ORDERING: only who is first matters: the outcome is published by the seal.
    // SAFETY: the caller's.
    unsafe { &(*core).registry.word }.fetch_or(RESERVED, Ordering::Relaxed) & RESERVED == 0
}

/// Stores the outcome of a cell that the caller has reserved. Returns the word as it was before the seal.
#[inline(always)]
unsafe fn seal<V: Outcome>(core: *const Core, value: V) -> usize {
    // SAFETY: reserved.
    unsafe {
        Cell::write(core, value);
        // ORDERING: Release publishes the outcome; Acquire takes the payloads that were armed.
        (*core).registry.word.fetch_add(SEAL, Ordering::AcqRel)
    }
}

/// Leaves to the deliverer what the head had armed.
#[inline(always)]
pub(super) unsafe fn note(core: *const Core, word: usize) {
    // SAFETY: scratch belongs to whoever closed the cell.
    unsafe { (*core).registry.taken.with_mut(|taken| *taken = (word & HEAD_ARMS) as u32) };
}

/// Completes the cell and delivers. `Err`: somebody else has.
///
/// # Safety
///
/// The caller's handle keeps the cell until this returns.
#[inline(always)]
pub(super) unsafe fn complete<V: Outcome>(core: *const Core, value: V) -> Result<(), V> {
    // SAFETY: the caller's.
    unsafe {
        if !reserve(core) {
            return Err(value);
        }
        let word = seal(core, value);
        if word & ANYBODY != 0 {
            deliver(core, word);
        }
    }
    Ok(())
}

/// The same inside a delivery, which goes on with this cell. The caller's handle goes over to it. `Err`: as above; the
/// handle is given up all the same.
///
/// # Safety
///
/// The caller gives up a handle.
pub(super) unsafe fn complete_in<V: Outcome>(core: *const Core, value: V, driver: &mut Driver) -> Result<(), V> {
    // SAFETY: the handle keeps the cell until the driver gives it up.
    unsafe {
        if !reserve(core) {
            driver.release(core);
            return Err(value);
        }
        let word = seal(core, value);
        go_on(core, word, driver);
    }
    Ok(())
}

/// Leaves the cell pending for good, unless it is complete. The caller's handle goes over to the driver.
///
/// # Safety
///
/// The caller gives up a handle, and no source is left that could complete the cell.
pub(super) unsafe fn leave_in(core: *const Core, driver: &mut Driver) {
    // SAFETY: as in `complete_in`.
    unsafe {
        if (*core).state() & RESERVED != 0 {
            return driver.release(core);
        }
        // ORDERING: nothing is published, and who delivers takes the payloads that were armed with a look of its own.
        let word = (*core).registry.word.fetch_or(NEVER, Ordering::Relaxed);
        go_on(core, word, driver);
    }
}

/// Hands a cell that was closed when its word was `word` to the driver, with a handle.
unsafe fn go_on(core: *const Core, word: usize, driver: &mut Driver) {
    // SAFETY: the caller's.
    unsafe {
        if word & ANYBODY == 0 {
            driver.release(core);
        } else {
            note(core, word);
            driver.push(core);
        }
    }
}

/// Delivers a cell that was sealed just now.
#[inline(never)]
unsafe fn deliver(core: *const Core, word: usize) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        if word & (GROWN | MIXED) == 0 {
            wake_few(core, word & HEAD_ARMS);
        } else if word & GROWN == 0 && (*core).vtable.divert.is_none() && Nested::has_room() {
            let callback = start_one(core);
            if callback.is_some_and(|callback| !done_early(callback)) {
                call_one(core);
            }
        } else {
            deliver_all(core, word);
        }
    }
}

/// The same where there is more than a few wakers.
#[cold]
#[inline(never)]
unsafe fn deliver_all(core: *const Core, word: usize) {
    // SAFETY: as above; the driver gives up a handle of its own.
    unsafe {
        note(core, word);
        (*core).retain();
        Driver::run(|driver| driver.push(core));
    }
}

/// Calls where a callback is all that there is: it fills the head, has been taken, and is not done early.
#[inline(never)]
unsafe fn call_one(core: *const Core) {
    let Some(nested) = Nested::enter() else { unreachable!("there was room") };
    // SAFETY: whoever closed the cell keeps it; nothing is written to it any more.
    unsafe {
        let reach = Reach::new();
        let mut driver = Driver::new(&reach, Panics::new());
        let reached = reach.enter();
        driver.call_arrived(core, one(core));
        drop(reached);
        if !driver.is_done() {
            driver.turn();
        }
        driver.leave(nested);
    }
}

/// Wakes where plain wakers in the head are all that there is.
#[inline(never)]
unsafe fn wake_few(core: *const Core, taken: usize) {
    // SAFETY: the seal took them; the caller's handle keeps the cell.
    unsafe {
        let Some(nested) = Nested::enter() else {
            return deliver_all(core, taken);
        };
        let left = cell::Cell::new(taken);
        let mut panics = Panics::new();
        drain(&mut panics, || {
            wake_all(head_slots(&raw const (*core).registry), left.get(), true, |rest| left.set(rest))
        });
        nested.leave(&mut panics);
        panics.settle(Then::Resume);
    }
}
