//! Waiting in a line: one place of it, held by a future. As `wait.rs`, in order.

use super::line::{self, Who};
use super::registry::{Place, Registry, Shape};
use super::slot::Payload;
use super::swap::{refused, replace};
use super::word::SEAL;
use core::task::{Context, Poll, Waker};

/// A waiter's place in a line. It is empty until the first poll that has to wait.
#[derive(Debug)]
pub(crate) struct LineWait<S> {
    place: Place<S>,
}

impl<S: Shape> LineWait<S> {
    pub(crate) const fn new() -> Self {
        Self { place: Place::NONE }
    }

    /// Ready once the line is sealed; pending for ever if it never can be.
    ///
    /// # Safety
    ///
    /// `registry` is the same each time, came from a pointer to what it lies in, and lives. If nothing grows,
    /// [`LineWait::start`] came before.
    #[inline(always)]
    pub(crate) unsafe fn poll(&mut self, registry: *const Registry, cx: &Context<'_>) -> Poll<()> {
        // SAFETY: the caller's, here and below.
        unsafe {
            if (*registry).state() & SEAL != 0 {
                self.place.clear();
                Poll::Ready(())
            } else if self.place.is_none() {
                // Also where nothing will ever come, which is found out there; and so it is with a waker of before below.
                self.first(registry, cx.waker())
            } else if (*self.place.slot()).read().unnumbered().is_waker(cx.waker()) {
                Poll::Pending
            } else {
                replace(&mut self.place, cx.waker())
            }
        }
    }

    /// The waker is cloned before a slot is claimed, so that no foreign code runs in between.
    ///
    /// # Safety
    ///
    /// As in `poll`.
    #[inline(never)]
    unsafe fn first(&mut self, registry: *const Registry, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        // SAFETY: as in `poll`.
        unsafe {
            match line::claim_at_once(registry) {
                Ok(Some(place)) => {
                    let payload = Payload::waker(waker);
                    place.write(payload);
                    self.arm(place, payload)
                }
                Ok(None) => self.search(registry, waker),
                Err(closed) => refused(closed, waker),
            }
        }
    }

    /// # Safety
    ///
    /// As in `poll`.
    #[cold]
    #[inline(never)]
    unsafe fn search(&mut self, registry: *const Registry, waker: Waker) -> Poll<()> {
        // SAFETY: as in `poll`.
        unsafe {
            match line::claim(registry, Who::Waker, true) {
                Ok(place) => self.start(registry, place, waker),
                Err(closed) => refused(closed, waker),
            }
        }
    }

    /// Waits at `place`.
    ///
    /// # Safety
    ///
    /// The place was claimed by the caller for a waker, and the registry lives.
    #[inline(always)]
    pub(crate) unsafe fn start(&mut self, registry: *const Registry, place: Place<S>, waker: Waker) -> Poll<()> {
        let payload = Payload::waker(waker);
        // SAFETY: claimed and not armed; on a closed word the payload is still ours.
        unsafe {
            line::write(registry, place, Who::Waker, payload);
            self.arm(place, payload)
        }
    }

    /// # Safety
    ///
    /// As in `start`; the payload has been written.
    #[inline(always)]
    unsafe fn arm(&mut self, place: Place<S>, payload: Payload) -> Poll<()> {
        // SAFETY: the caller's.
        unsafe {
            match place.arm() {
                Ok(()) => {
                    self.place = place;
                    Poll::Pending
                }
                Err(closed) => refused(closed, payload.into_waker()),
            }
        }
    }

    /// Takes the waker out again.
    ///
    /// # Safety
    ///
    /// The registry of the polls lives; there are no more polls.
    #[inline(always)]
    pub(crate) unsafe fn leave(&mut self) {
        if !self.place.is_none() {
            // SAFETY: the caller's.
            unsafe { self.leave_place() };
        }
    }

    /// # Safety
    ///
    /// As in `leave`, and there is a place.
    #[inline(never)]
    unsafe fn leave_place(&mut self) {
        let place = core::mem::replace(&mut self.place, Place::NONE);
        // SAFETY: the place is ours, and armed.
        unsafe {
            if let Some(payload) = line::remove_waker(place) {
                drop(payload.into_waker());
            }
        }
    }
}
