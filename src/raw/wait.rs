//! Waiting for a seal: one slot of a registry, held by a future.

use super::group;
use super::node::Node;
use super::registry::{Heap, NoSlot, Place, Registry, Wanted};
use super::slot::Payload;
use super::swap::{ready, refused, replace};
use super::word::CLOSED;
use core::task::{Context, Poll, Waker};

/// A waiter's place. It is empty until the first poll that has to wait.
#[derive(Debug)]
pub(crate) struct Wait {
    place: Place<Heap>,
}

impl Wait {
    pub(crate) const fn new() -> Self {
        Self { place: Place::NONE }
    }

    /// Ready once the node is cancelled; pending for ever if it can never be.
    ///
    /// # Safety
    ///
    /// `node` is the same each time and lives.
    #[inline(always)]
    pub(crate) unsafe fn poll(&mut self, node: *const Node, cx: &Context<'_>) -> Poll<()> {
        // SAFETY: the caller's, here and below.
        unsafe {
            let state = (*node).registry.state();
            if state & CLOSED != 0 {
                self.place.clear();
                ready(NoSlot::closed(state))
            } else if self.place.is_none() {
                self.first(node, cx.waker())
            } else if (*self.place.slot()).read().is_waker(cx.waker()) {
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
    unsafe fn first(&mut self, node: *const Node, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        // SAFETY: as in `poll`.
        unsafe {
            match Registry::claim_at_once(Node::registry(node), Wanted::waker(true)) {
                Ok(Some(place)) => self.start(place, waker),
                Ok(None) => self.search(node, waker),
                Err(closed) => refused(closed, waker),
            }
        }
    }

    /// # Safety
    ///
    /// As in `poll`.
    #[cold]
    #[inline(never)]
    unsafe fn search(&mut self, node: *const Node, waker: Waker) -> Poll<()> {
        // SAFETY: as in `poll`.
        unsafe {
            match group::search(Node::registry(node), Wanted::waker(true)) {
                Ok(place) => self.start(place, waker),
                Err(closed) => refused(closed, waker),
            }
        }
    }

    /// Waits at `place`.
    ///
    /// # Safety
    ///
    /// The place was claimed by the caller for a waker, and the node lives.
    #[inline(always)]
    unsafe fn start(&mut self, place: Place<Heap>, waker: Waker) -> Poll<()> {
        let payload = Payload::waker(waker);
        // SAFETY: claimed and not armed; on a closed word the payload is still ours.
        unsafe {
            place.write(payload);
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
    /// The node of the polls lives; there are no more polls.
    #[inline(always)]
    pub(crate) unsafe fn leave(&mut self) {
        if !self.place.is_none() {
            // SAFETY: the place is ours, and armed.
            unsafe {
                if let Some(payload) = self.place.remove() {
                    drop(payload.into_waker());
                }
            }
        }
    }
}
