//! The counting allocator: how many allocations were made, and how many bytes are live.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// The system's allocator, counted. Only the binary `row_heap` installs it: a count costs instructions.
#[derive(Debug)]
pub struct Counting;

/// What was counted up to a moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// Calls of `alloc` and `realloc`.
    pub allocations: u64,
    /// Bytes that were asked for and not yet given back.
    pub live: i64,
}

/// Reads the counters; they stand still unless `Counting` is installed.
#[must_use]
pub fn count() -> Count {
    // ORDERING: statistics that their own thread reads.
    Count { allocations: ALLOCATIONS.load(Relaxed), live: LIVE.load(Relaxed) }
}

fn note(allocations: u64, bytes: i64) {
    // ORDERING: statistics, nothing is published by them.
    ALLOCATIONS.fetch_add(allocations, Relaxed);
    // ORDERING: as above.
    LIVE.fetch_add(bytes, Relaxed);
}

// SAFETY: every call goes to `System` with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the block came from `System` with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: the block came from `System` with this layout; the size is the caller's.
        unsafe { System.realloc(block, layout, size) }
    }
}
