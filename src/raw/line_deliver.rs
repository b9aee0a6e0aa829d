//! Delivering a line that has been sealed: first what stands in the order of
//! its slots, then what has a number.

use super::fault::{Panics, drain};
use super::order::{Entries, Entry, next_of_callback, set_next};
#[cfg(feature = "alloc")]
use super::registry::Place;
use super::registry::{BEHIND, Registry, Shape};
#[cfg(feature = "alloc")]
use super::slot::Payload;
use super::slot::{Kind, Slot};
use super::word::{DISORDERED, GROWN};
use crate::shim::atomic::Ordering;
use core::ptr;

#[cfg(feature = "alloc")]
use super::group;
#[cfg(not(feature = "alloc"))]
use super::no_group as group;

/// Wakes wakers and hands callbacks to `call`, which has to [`start`] them, now or later; or drops the wakers. What panics is
/// caught, and the rest goes on.
///
/// # Safety
///
/// The caller closed the head by `flag` and left its arms in `taken`; the registry came from a pointer to what it lies
/// in, and lives on until this returns.
pub(super) unsafe fn deliver<S: Shape>(
    registry: *const Registry,
    flag: usize,
    wake: bool,
    panics: &mut Panics,
    mut call: impl FnMut(*const Slot),
) {
    // SAFETY: the caller's, here and below: what the seal found armed is ours, and so is the scratch.
    unsafe {
        // ORDERING: what matters here was there before the caller closed the head.
        let word = (*registry).word.load(Ordering::Relaxed);
        if word & GROWN != 0 {
            group::seal(&*registry, flag);
        }
        let mut numbered = if word & DISORDERED != 0 { oldest_first(collect::<S>(registry)) } else { ptr::null() };
        drain(panics, || {
            let mut go = |slot: *const Slot| {
                let payload = (*slot).read().unnumbered();
                if payload.kind() != Kind::Waker {
                    return call(slot);
                }
                let waker = payload.into_waker();
                if wake {
                    waker.wake();
                }
            };
            let taken = &(*registry).taken;
            each::<S>(head_slots(registry), taken.with(|taken| *taken) as usize, |slot, rest| {
                taken.with_mut(|taken| *taken = rest as u32);
                go(slot);
            });
            group::blocks(&*registry, |block| {
                let taken = block.taken();
                each::<S>(block.slots(), taken.with(|taken| *taken), |slot, rest| {
                    taken.with_mut(|taken| *taken = rest);
                    go(slot);
                });
            });
            while !numbered.is_null() {
                let slot = numbered.cast::<Slot>();
                numbered = next_of_callback(slot);
                go(slot);
            }
        });
    }
}

/// Takes the callback in a slot, which is to be run or dropped. `None`: it has been removed.
///
/// # Safety
///
/// A callback that the caller's seal took, and nobody has taken yet; the registry lives.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(super) unsafe fn start<S: Shape>(slot: *const Slot) -> Option<Payload> {
    // SAFETY: the caller's. A copy that does not count, if it has been removed.
    unsafe {
        let payload = (*slot).read().unnumbered();
        Place::<S>::of_slot(slot).start().then_some(payload)
    }
}

/// The slots of the head.
pub(super) unsafe fn head_slots(registry: *const Registry) -> *const Slot {
    // SAFETY: they lie behind it.
    unsafe { registry.byte_add(BEHIND).cast() }
}

/// Calls `go` for each slot whose arm bit is in `left`, lowest first, with the bits that are still to come.
#[inline(always)]
unsafe fn each<S: Shape>(slots: *const Slot, mut left: usize, mut go: impl FnMut(*const Slot, usize)) {
    while left != 0 {
        let rest = left & (left - 1);
        // SAFETY: the caller's.
        go(unsafe { S::lowest(slots, left) }, rest);
        left = rest;
    }
}

/// Takes the entries that have numbers out of what is marked as taken: newest first.
#[cold]
#[inline(never)]
unsafe fn collect<S: Shape>(registry: *const Registry) -> Entry {
    let mut entries = Entries::new();
    // SAFETY: as in `deliver`.
    unsafe {
        let mut pick = |slots, taken| {
            let mut before = taken;
            let mut plain = 0;
            each::<S>(slots, taken, |slot, rest| {
                if (*slot).read().is_numbered() {
                    entries.push_callback(slot);
                } else {
                    plain |= before ^ rest;
                }
                before = rest;
            });
            plain
        };
        let taken = &(*registry).taken;
        let head = pick(head_slots(registry), taken.with(|taken| *taken) as usize);
        taken.with_mut(|taken| *taken = head as u32);
        group::blocks(&*registry, |block| {
            let taken = block.taken();
            let plain = pick(block.slots(), taken.with(|taken| *taken));
            taken.with_mut(|taken| *taken = plain);
        });
        entries.newest_first()
    }
}

unsafe fn oldest_first(mut list: Entry) -> Entry {
    let mut done: Entry = ptr::null();
    // SAFETY: the entries are the caller's.
    unsafe {
        while !list.is_null() {
            let next = next_of_callback(list.cast());
            set_next(list, done);
            done = list;
            list = next;
        }
    }
    done
}
