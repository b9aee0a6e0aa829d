//! One arming of a timer: what its waker knows, and where its alarm is kept.
//!
//! A clock may take a waker out and call it much later, so the waker names the
//! arming, not the source. A ticket is used again only when no waker of it is
//! left; until then its address is the arming's own.
//!
//! Who holds a reference:
//!
//! 1. The node, in its reason's word while the timer is armed (`timer.rs`).
//!    Whoever takes the ticket out of that word retires it.
//! 2. The node, as the spare one.
//! 3. Every waker. It also keeps the node's memory, but no handle (G15).
//!
//! The alarm is known only when the clock's `arm` has returned, and the ticket
//! may have been retired by then:
//!
//! | alarm | meaning | left by |
//! |---|---|---|
//! | null | the clock is arming | [`put_alarm`](Ticket::put_alarm), [`retire`](Ticket::retire) |
//! | address | armed | `retire` |
//! | [`RETIRED`] | nobody wants an alarm | nobody; the next arming begins with null |
//!
//! Whoever comes second has the alarm and the reference (1).

use super::alarm::Alarm;
use super::node::Node;
use super::owned::{release_memory, retain_memory};
use super::timer;
use crate::shim::atomic::{AtomicPtr, AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::{self, NonNull};
use core::task::{RawWaker, RawWakerVTable, Waker};

/// The address of no alarm.
const RETIRED: *mut () = ptr::without_provenance_mut(1);

/// Counts above this are a clock that leaks wakers in a loop.
const MOST: u32 = i32::MAX as u32;

/// One arming.
#[derive(Debug)]
#[repr(align(8))]
pub(super) struct Ticket {
    references: AtomicU32,
    alarm: AtomicPtr<()>,
    node: *const Node,
    /// The next in the list of whoever has retired it.
    pub(super) next: UnsafeCell<*const Ticket>,
}

impl Ticket {
    /// A ticket of `node` with one reference.
    pub(super) fn new(node: *const Node) -> *const Self {
        let layout = Layout::new::<Self>();
        // SAFETY: not empty.
        let this = unsafe { alloc(layout) }.cast::<Self>();
        if this.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: just allocated.
        unsafe {
            this.write(Self {
                references: AtomicU32::new(1),
                alarm: AtomicPtr::new(RETIRED),
                node,
                next: UnsafeCell::new(ptr::null()),
            });
        }
        this
    }

    /// # Safety
    ///
    /// The caller gives up a reference.
    pub(super) unsafe fn release(this: *const Self) {
        // SAFETY: the caller's reference keeps it.
        let references = unsafe { &(*this).references };
        // Nobody can make a reference from none: if this is all, it is the last, and needs no RMW.
        // ORDERING: Acquire, with the Release of those who gave theirs up before. AcqRel: the same, and ours to the last.
        if references.load(Ordering::Acquire) == 1 || references.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: the last.
            unsafe {
                #[cfg(loom)]
                this.cast_mut().drop_in_place();
                dealloc(this.cast_mut().cast(), Layout::new::<Self>());
            }
        }
    }

    /// True if no waker of an earlier arming is left.
    ///
    /// # Safety
    ///
    /// The caller has a reference, and no waker is made meanwhile.
    pub(super) unsafe fn is_unknown(this: *const Self) -> bool {
        // ORDERING: Acquire, with the Release of the wakers that are gone.
        // SAFETY: the caller's reference keeps it.
        unsafe { &(*this).references }.load(Ordering::Acquire) == 1
    }

    /// Begins an arming: returns the waker for the clock.
    ///
    /// # Safety
    ///
    /// The caller has the only reference, and the node lives.
    pub(super) unsafe fn begin(this: *const Self) -> Waker {
        // SAFETY: the caller's reference keeps it; nobody else can reach it yet.
        unsafe {
            // ORDERING: the ticket is published when it is put into the reason's word.
            (*this).alarm.store(ptr::null_mut(), Ordering::Relaxed);
            // ORDERING: as above; nobody else has a reference that could be counted meanwhile.
            (*this).references.store(2, Ordering::Relaxed);
            retain_memory((*this).node);
            Waker::new(this.cast(), &VTABLE)
        }
    }

    /// Keeps the alarm for whoever retires the ticket. `Err`: it has been retired, and the reference is the caller's.
    ///
    /// # Safety
    ///
    /// The caller is the one who began the arming.
    pub(super) unsafe fn put_alarm(this: *const Self, alarm: Alarm) -> Result<(), Alarm> {
        let raw = alarm.into_raw();
        // SAFETY: until this exchange nobody gives the node's reference up.
        let place = unsafe { &(*this).alarm };
        // ORDERING: Release publishes the alarm to whoever retires the ticket; Acquire, on a loss: his accesses come before ours.
        match place.compare_exchange(ptr::null_mut(), raw.as_ptr(), Ordering::Release, Ordering::Acquire) {
            Ok(_) => Ok(()),
            // SAFETY: just taken apart, and not stored.
            Err(_) => Err(unsafe { Alarm::from_raw(raw) }),
        }
    }

    /// Takes the alarm, and with it the reference; `None`: both are left to the one who is arming.
    ///
    /// # Safety
    ///
    /// The caller took the ticket out of the reason's word, and does this once.
    pub(super) unsafe fn retire(this: *const Self) -> Option<Alarm> {
        // ORDERING: Acquire, with the exchange that stored the alarm. Release: if it comes later, our accesses come before.
        // SAFETY: the caller's reference keeps it.
        let alarm = unsafe { &(*this).alarm }.swap(RETIRED, Ordering::AcqRel);
        // SAFETY: `put_alarm` stored it by `into_raw`, and the swap made it ours.
        NonNull::new(alarm).map(|alarm| unsafe { Alarm::from_raw(alarm) })
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

unsafe fn clone(ticket: *const ()) -> RawWaker {
    let this = ticket.cast::<Ticket>();
    // SAFETY: the waker's references keep both.
    unsafe {
        // ORDERING: a new reference is made from one that exists, and publishes nothing.
        if (*this).references.fetch_add(1, Ordering::Relaxed) > MOST {
            super::owned::too_many();
        }
        retain_memory((*this).node);
    }
    RawWaker::new(ticket, &VTABLE)
}

unsafe fn wake(ticket: *const ()) {
    // SAFETY: the waker's references keep both, and are given up afterwards. Nothing unwinds out of a report.
    unsafe {
        wake_by_ref(ticket);
        drop(ticket);
    }
}

unsafe fn wake_by_ref(ticket: *const ()) {
    let this = ticket.cast::<Ticket>();
    // SAFETY: the waker's references keep both.
    unsafe { timer::expire((*this).node, this) };
}

unsafe fn drop(ticket: *const ()) {
    let this = ticket.cast::<Ticket>();
    // SAFETY: the waker's references are given up; the node's memory does not hang on the ticket's.
    unsafe {
        let node = (*this).node;
        Ticket::release(this);
        release_memory(node, 1);
    }
}
