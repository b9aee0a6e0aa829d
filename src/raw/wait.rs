//! Waiting for a seal: one slot of a registry, held by a future.

use super::node::Node;
use super::registry::{NoSlot, Place, Registry, Shape, Wanted};
use super::slot::Payload;
use super::word::{CLOSED, SEAL};
use core::task::{Context, Poll, Waker};

/// A waiter's place. It is empty until the first poll that has to wait.
#[derive(Debug)]
pub(crate) struct Wait<S> {
    place: Place<S>,
}

impl<S: Shape> Wait<S> {
    pub(crate) const fn new() -> Self {
        Self { place: Place::NONE }
    }

    /// Ready once the node is cancelled; pending for ever if it can never be. `Err`: no slot is free, and nothing grows.
    ///
    /// The waker is cloned before a slot is claimed and the one before is dropped after the new one is armed, so that no
    /// foreign code runs in between.
    ///
    /// # Safety
    ///
    /// `node` is the same each time, lies on a shape of `S` and lives.
    #[inline(always)]
    pub(crate) unsafe fn poll(&mut self, node: *const Node, cx: &Context<'_>, grow: bool) -> Result<Poll<()>, NoSlot> {
        // SAFETY: the caller's, here and below.
        unsafe {
            let state = (*node).registry.state();
            if state & CLOSED != 0 {
                self.place = Place::NONE;
                return Ok(ready(state & SEAL != 0));
            }
            if self.place.is_none() { self.first(node, cx.waker(), grow) } else { self.again(cx.waker()) }
        }
    }

    #[inline(always)]
    unsafe fn first(&mut self, node: *const Node, waker: &Waker, grow: bool) -> Result<Poll<()>, NoSlot> {
        let waker = waker.clone();
        // SAFETY: as in `poll`.
        unsafe {
            match Registry::claim::<S>(Node::registry(node), Wanted::waker(grow)) {
                Ok(place) => Ok(self.start(place, waker)),
                Err(NoSlot::Full) => Err(NoSlot::Full),
                Err(closed) => Ok(ready(closed == NoSlot::Sealed)),
            }
        }
    }

    /// Waits at `place`.
    ///
    /// # Safety
    ///
    /// The place was claimed by the caller for a waker, and the node lives.
    #[inline(always)]
    pub(crate) unsafe fn start(&mut self, place: Place<S>, waker: Waker) -> Poll<()> {
        let payload = Payload::waker(waker);
        // SAFETY: claimed and not armed; on a closed word the payload is still ours.
        unsafe {
            place.write(payload);
            match place.arm() {
                Ok(()) => {
                    self.place = place;
                    Poll::Pending
                }
                Err(closed) => {
                    drop(payload.into_waker());
                    ready(closed == NoSlot::Sealed)
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn again(&mut self, waker: &Waker) -> Result<Poll<()>, NoSlot> {
        // SAFETY: as in `poll`; the place is ours, and armed.
        unsafe {
            if (*self.place.slot()).read().is_waker(waker) {
                return Ok(Poll::Pending);
            }
            Ok(self.replace(waker))
        }
    }

    #[cold]
    unsafe fn replace(&mut self, waker: &Waker) -> Poll<()> {
        let new = waker.clone();
        // SAFETY: as in `again`. From here to the arm no foreign code runs.
        unsafe {
            let place = self.place;
            if let Err(closed) = place.disarm() {
                self.place = Place::NONE;
                drop(new);
                return ready(closed == NoSlot::Sealed);
            }
            let old = (*place.slot()).read();
            let new = Payload::waker(new);
            place.write(new);
            let armed = place.arm();
            if armed.is_err() {
                self.place = Place::NONE;
            }
            let old = old.into_waker();
            match armed {
                Ok(()) => {
                    drop(old);
                    Poll::Pending
                }
                Err(closed) => {
                    let new = new.into_waker();
                    drop(old);
                    drop(new);
                    ready(closed == NoSlot::Sealed)
                }
            }
        }
    }

    /// Takes the waker out again.
    ///
    /// # Safety
    ///
    /// The node of the polls lives.
    #[inline(always)]
    pub(crate) unsafe fn leave(&mut self) {
        if !self.place.is_none() {
            let place = core::mem::replace(&mut self.place, Place::NONE);
            // SAFETY: the place is ours, and armed.
            unsafe {
                if let Some(payload) = place.remove() {
                    drop(payload.into_waker());
                }
            }
        }
    }
}

fn ready(cancelled: bool) -> Poll<()> {
    if cancelled { Poll::Ready(()) } else { Poll::Pending }
}
