//! Memory of this build: loom's allocator reports what a model leaked.

#[cfg(loom)]
pub(crate) use alloc::alloc::handle_alloc_error;
#[cfg(not(loom))]
pub(crate) use alloc::alloc::{alloc, dealloc, handle_alloc_error};
#[cfg(loom)]
pub(crate) use loom::alloc::alloc;

#[cfg(target_has_atomic = "ptr")]
pub(crate) use alloc::sync::Arc;
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use portable_atomic_util::Arc;

/// An `Arc` that loom watches: for what holds cells of the shim.
#[cfg(not(loom))]
pub(crate) use Arc as Shared;
#[cfg(loom)]
pub(crate) use loom::sync::Arc as Shared;

/// Gives memory back that nobody can mistake for what it was.
///
/// # Safety
///
/// As for the allocator's.
#[cfg(loom)]
pub(crate) unsafe fn dealloc(start: *mut u8, layout: core::alloc::Layout) {
    // SAFETY: the caller's.
    unsafe {
        start.write_bytes(0xA5, layout.size());
        loom::alloc::dealloc(start, layout);
    }
}
