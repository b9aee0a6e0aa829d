//! The allocator that counts, by thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has asked for memory.
pub(crate) fn calls() -> usize {
    CALLS.get()
}

/// Runs `f`, which must not ask for any.
#[track_caller]
pub(crate) fn untouched<R>(f: impl FnOnce() -> R) -> R {
    let before = calls();
    let result = f();
    assert_eq!(calls() - before, 0, "memory was asked for");
    result
}

// SAFETY: the system's allocator does it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[test]
fn the_allocator_counts() {
    let before = calls();
    drop(std::hint::black_box(Box::new(1)));
    assert_eq!(calls() - before, 1);
}
