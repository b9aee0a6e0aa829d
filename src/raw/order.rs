//! The entries of a node that have an order, as an intrusive list: callbacks
//! through their scratch word, links through their records. Newest first.

use super::link::Link;
use super::slot::{Slot, order};
use core::ptr;

/// A callback's slot, or a link's record with the lowest bit set; null is no entry.
pub(crate) type Entry = *const ();

/// An entry taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    Callback(*const Slot),
    Link(*const Link),
}

#[inline(always)]
pub(crate) fn of_link(link: *const Link) -> Entry {
    link.cast::<()>().map_addr(|a| a | 1)
}

#[inline(always)]
pub(crate) fn item(entry: Entry) -> Item {
    if entry.addr() & 1 == 0 { Item::Callback(entry.cast()) } else { Item::Link(entry.map_addr(|a| a & !1).cast()) }
}

/// # Safety
///
/// The entry was taken by the caller, as for everything below.
#[inline(always)]
pub(crate) unsafe fn next(entry: Entry) -> Entry {
    // SAFETY: scratch belongs to whoever took the entry.
    unsafe {
        match item(entry) {
            Item::Callback(slot) => order::next(slot),
            Item::Link(link) => (*link).next.with(|next| *next),
        }
    }
}

/// The same for what is known to be a callback.
///
/// # Safety
///
/// See [`next`].
#[inline(always)]
pub(crate) unsafe fn next_of_callback(slot: *const Slot) -> Entry {
    // SAFETY: as above.
    unsafe { order::next(slot) }
}

/// # Safety
///
/// See [`next`].
#[inline(always)]
pub(crate) unsafe fn set_next(entry: Entry, to: Entry) {
    // SAFETY: as above.
    unsafe {
        match item(entry) {
            Item::Callback(slot) => order::set_next(slot, to),
            Item::Link(link) => (*link).next.with_mut(|next| *next = to),
        }
    }
}

unsafe fn number(entry: Entry) -> u32 {
    // SAFETY: numbers are written before the entry is armed.
    unsafe {
        match item(entry) {
            Item::Callback(slot) => order::number(slot),
            Item::Link(link) => (*link).number,
        }
    }
}

/// True if `a` was registered after `b`. Exact among entries less than 2^31 registrations apart.
fn is_newer(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

/// A list that is being collected.
#[derive(Debug)]
pub(crate) struct Entries {
    first: Entry,
    newest: u32,
    sorted: bool,
}

impl Entries {
    pub(crate) const fn new() -> Self {
        // Numbers begin at zero: the first entry comes after this, or is sorted for nothing.
        Self { first: ptr::null(), newest: u32::MAX, sorted: true }
    }

    /// Puts a link first. As long as entries come oldest first, the list is sorted.
    ///
    /// # Safety
    ///
    /// See [`next`], here and below.
    #[inline(always)]
    pub(crate) unsafe fn push_link(&mut self, link: *const Link) {
        // SAFETY: the caller's.
        unsafe {
            (*link).next.with_mut(|next| *next = self.first);
            self.pushed(of_link(link), (*link).number);
        }
    }

    /// The same for a callback.
    #[inline(always)]
    pub(crate) unsafe fn push_callback(&mut self, slot: *const Slot) {
        // SAFETY: the caller's.
        unsafe {
            order::set_next(slot, self.first);
            self.pushed(slot.cast(), order::number(slot));
        }
    }

    #[inline(always)]
    fn pushed(&mut self, entry: Entry, number: u32) {
        self.sorted &= is_newer(number, self.newest);
        self.newest = number;
        self.first = entry;
    }

    /// The entries, newest first.
    #[inline(always)]
    pub(crate) unsafe fn newest_first(self) -> Entry {
        // SAFETY: the caller's.
        if self.sorted { self.first } else { unsafe { sort(self.first) } }
    }
}

/// Merge sort, newest first, without allocation: bin `i` holds a sorted run of 2^i entries or is empty.
#[cold]
unsafe fn sort(mut list: Entry) -> Entry {
    let mut bins = [ptr::null::<()>(); 32];
    // SAFETY: all entries are the caller's, here and in `merge`.
    unsafe {
        while !list.is_null() {
            let rest = next(list);
            set_next(list, ptr::null());
            let mut run = list;
            list = rest;
            let mut i = 0;
            while i < bins.len() - 1 && !bins[i].is_null() {
                run = merge(bins[i], run);
                bins[i] = ptr::null();
                i += 1;
            }
            bins[i] = if bins[i].is_null() { run } else { merge(bins[i], run) };
        }
        bins.into_iter().fold(ptr::null(), |all, run| merge(all, run))
    }
}

unsafe fn merge(mut a: Entry, mut b: Entry) -> Entry {
    let mut first = ptr::null();
    let mut last: Entry = ptr::null();
    // SAFETY: see `sort`.
    unsafe {
        while !a.is_null() && !b.is_null() {
            let newer = if is_newer(number(b), number(a)) { &mut b } else { &mut a };
            let entry = *newer;
            *newer = next(entry);
            if last.is_null() {
                first = entry;
            } else {
                set_next(last, entry);
            }
            last = entry;
        }
        let rest = if a.is_null() { b } else { a };
        if last.is_null() {
            return rest;
        }
        set_next(last, rest);
    }
    first
}
