//! Wakers that count, and run with interrupts enabled.

use core::cell::Cell;
use core::task::{RawWaker, RawWakerVTable, Waker};
use critical_section::Mutex;

/// What became of the wakers of one waiter's poll, in this round.
pub struct Wakes(Mutex<Cell<Counts>>);

#[derive(Clone, Copy)]
struct Counts {
    wakes: u32,
    wakers: u32,
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

impl Wakes {
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(Counts { wakes: 0, wakers: 0 })))
    }

    pub fn waker(&'static self) -> Waker {
        self.change(0, 1);
        // SAFETY: the table's functions do nothing but count, in a static.
        unsafe { Waker::from_raw(RawWaker::new(core::ptr::from_ref(self).cast(), &TABLE)) }
    }

    pub fn wakes(&self) -> u32 {
        critical_section::with(|cs| self.0.borrow(cs).get().wakes)
    }

    /// How often it was woken in a round that is over.
    pub fn end(&self) -> u32 {
        let counts = critical_section::with(|cs| self.0.borrow(cs).replace(Counts { wakes: 0, wakers: 0 }));
        assert_eq!(counts.wakers, 0, "a waker stayed behind");
        counts.wakes
    }

    fn change(&self, wakes: u32, wakers: i32) {
        assert!(board::interrupts_enabled(), "a waker ran with interrupts off");
        critical_section::with(|cs| {
            let cell = self.0.borrow(cs);
            let counts = cell.get();
            let wakers = counts.wakers.checked_add_signed(wakers).expect("nobody drops what is not there");
            cell.set(Counts { wakes: counts.wakes + wakes, wakers });
        });
    }
}

fn of(data: *const ()) -> &'static Wakes {
    // SAFETY: `waker` made it from such a reference.
    unsafe { &*data.cast() }
}

fn clone(data: *const ()) -> RawWaker {
    of(data).change(0, 1);
    RawWaker::new(data, &TABLE)
}

fn wake(data: *const ()) {
    of(data).change(1, -1);
}

fn wake_by_ref(data: *const ()) {
    of(data).change(1, 0);
}

fn drop(data: *const ()) {
    of(data).change(0, -1);
}
