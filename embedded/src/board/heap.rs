//! A heap that knows how much of it was in use at most.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use critical_section::Mutex;
use embedded_alloc::LlffHeap;

const SIZE: usize = 8 * 1024;

struct Counted {
    heap: LlffHeap,
    is_ready: Mutex<Cell<bool>>,
    peak: Mutex<Cell<usize>>,
}

struct Memory(UnsafeCell<MaybeUninit<[u8; SIZE]>>);

// SAFETY: only the heap touches it.
unsafe impl Sync for Memory {}

static MEMORY: Memory = Memory(UnsafeCell::new(MaybeUninit::uninit()));

#[global_allocator]
static HEAP: Counted =
    Counted { heap: LlffHeap::empty(), is_ready: Mutex::new(Cell::new(false)), peak: Mutex::new(Cell::new(0)) };

// SAFETY: all is passed on.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        critical_section::with(|cs| {
            if !self.is_ready.borrow(cs).replace(true) {
                // SAFETY: once, with memory that nobody else uses.
                unsafe { self.heap.init(MEMORY.0.get() as usize, SIZE) };
            }
            // SAFETY: the caller's.
            let memory = unsafe { self.heap.alloc(layout) };
            let peak = self.peak.borrow(cs);
            peak.set(peak.get().max(self.heap.used()));
            memory
        })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { self.heap.dealloc(memory, layout) };
    }
}

/// The most bytes that were in use at the same time.
pub fn peak() -> usize {
    critical_section::with(|cs| HEAP.peak.borrow(cs).get())
}

/// The bytes in use now.
pub fn used() -> usize {
    HEAP.heap.used()
}
