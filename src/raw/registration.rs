//! A callback's registration: the right to take it back.

use super::callback::{Callback, pack, pack_small, unpack, unpack_small};
use super::callback::{Captured, Packed};
use super::handle::Handle;
use super::node::Node;
use super::registry::{Heap, NoSlot, Place, Registry, Wanted};
use super::run::{self, Fate};
use super::slot::Payload;
use super::wait_end;
use super::word::{CLOSED, DETACHED};
use crate::shim::atomic::Ordering;
use core::mem::forget;
use core::task::{Context, Poll};

/// A registered callback, or none.
#[derive(Debug)]
pub(crate) struct Registration {
    handle: Handle,
    place: Place<Heap>,
}

// SAFETY: a place is only a key; the callback behind it is `Send`, and is reached through `&mut self`.
unsafe impl Send for Registration {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for Registration {}

/// A callback that sees the handle of the node that was cancelled.
#[derive(Debug)]
pub(crate) struct WithHandle<F>(pub(crate) F);

impl<F: FnOnce(&Handle)> Callback for WithHandle<F> {
    const HOLDS_HANDLE: bool = true;
    fn call(self, node: *const ()) {
        // SAFETY: the entry's handle, which is given up with the entry.
        let handle = unsafe { Handle::of_entry(node) };
        (self.0)(&handle);
    }
    fn discard(self, node: *const ()) {
        // SAFETY: as above.
        let _handle = unsafe { Handle::of_entry(node) };
        drop(self);
    }
}

impl Registration {
    /// No callback.
    pub(crate) const EMPTY: Self = Self { handle: Handle::NONE, place: Place::NONE };

    /// Registers `callback`, growing the registry where it has to; or gives it back.
    #[inline(always)]
    pub(crate) fn new<C: Callback + Send + 'static>(handle: &Handle, callback: C) -> Result<Self, (C, NoSlot)> {
        Self::register(handle, callback, true, pack, unpack)
    }

    /// Registers `callback`, which must capture at most one word, without allocating; or gives it back.
    pub(crate) fn without_growth<C: Callback + Send + 'static>(
        handle: &Handle,
        callback: C,
    ) -> Result<Self, (C, NoSlot)> {
        Self::register(handle, callback, false, pack_small, unpack_small)
    }

    #[inline(always)]
    fn register<C: Callback>(
        handle: &Handle,
        callback: C,
        grow: bool,
        pack: fn(C) -> Packed,
        unpack: unsafe fn(Captured) -> C,
    ) -> Result<Self, (C, NoSlot)> {
        let Some(node) = handle.pointer() else {
            let why = if handle.is_none() { NoSlot::Never } else { NoSlot::Sealed };
            return Err((callback, why));
        };
        // SAFETY: the handle keeps the node.
        unsafe {
            let registry = Node::registry(node);
            let place = match Registry::claim(registry, Wanted::ordered::<Heap>(grow)) {
                Ok(place) => place,
                Err(why) => return Err((callback, why)),
            };
            let (captured, vtable) = pack(callback);
            place.write_ordered(Payload::callback(captured, vtable), (*registry).number());
            let handle = handle.clone();
            if C::HOLDS_HANDLE {
                forget(handle.clone());
            }
            match place.arm() {
                Ok(()) => Ok(Self { handle, place }),
                Err(why) => {
                    if C::HOLDS_HANDLE {
                        drop(Handle::of_entry(node.cast()));
                    }
                    drop(handle);
                    Err((unpack(captured), why))
                }
            }
        }
    }

    fn into_handle(mut self) -> Handle {
        self.place.clear();
        core::mem::replace(&mut self.handle, Handle::NONE)
    }

    /// The token's handle; none for the empty registration.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// An address and a number that no other live registration has; null for the empty one.
    pub(crate) fn id(&self) -> (*const (), u8) {
        self.place.id()
    }

    /// Takes the callback back if it has not started. Never waits. The callback is dropped before this returns.
    pub(crate) fn unregister(&mut self) -> Fate {
        let Some(node) = self.handle.pointer().filter(|_| !self.place.is_none()) else { return Fate::Finished };
        // SAFETY: the handle keeps the node, and the place is ours until the payload is.
        unsafe {
            match self.place.remove_ordered() {
                Some(payload) => {
                    self.place.clear();
                    (payload.vtable().drop)(payload.captured(), node.cast());
                    Fate::Removed
                }
                None if self.place.is_running() => Fate::Running,
                None => Fate::Finished,
            }
        }
    }

    /// True if this thread is inside this very callback.
    pub(crate) fn is_inside(&self) -> bool {
        // SAFETY: the handle keeps the node.
        !self.place.is_none() && run::is_inside(unsafe { self.place.slot() })
    }

    /// Ready once the callback is over. It has started, or been removed.
    pub(crate) fn poll_finished(&self, cx: &Context<'_>) -> Poll<()> {
        if self.place.is_none() {
            return Poll::Ready(());
        }
        // SAFETY: the handle keeps the node; the entry is ours, and whoever asks has found that it has started.
        unsafe { wait_end::poll(self.place, cx.waker()) }
    }

    /// Nobody waits for the end of the callback any more.
    pub(crate) fn stop_waiting(&self) {
        if !self.place.is_none() {
            // SAFETY: the handle keeps the node; the entry is ours.
            unsafe { wait_end::leave(self.place) };
        }
    }

    /// Leaves the callback where it is: it runs at a cancellation or goes with the node. All detached callbacks of a node
    /// together hold one strong handle of it.
    pub(crate) fn detach(self) {
        if self.place.is_none() {
            return;
        }
        let handle = self.into_handle();
        if let Some(node) = handle.node() {
            // ORDERING: Release: the handle goes over to the mark, and whoever seals may give it back as the last.
            let old = node.registry.word.fetch_or(DETACHED, Ordering::Release);
            if old & (CLOSED | DETACHED) == 0 {
                forget(handle);
            }
        }
    }
}

impl Drop for Registration {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.place.is_none() {
            // SAFETY: as in `unregister`; there is no second time.
            unsafe {
                if let Some(payload) = self.place.remove_ordered() {
                    (payload.vtable().drop)(payload.captured(), self.handle.address());
                }
            }
        }
    }
}
