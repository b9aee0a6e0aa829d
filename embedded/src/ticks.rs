//! The ticks of the board as embassy's time.

use core::cell::RefCell;
use core::task::Waker;
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

embassy_time_driver::time_driver_impl!(static TICKS: Ticks = Ticks { queue: Mutex::new(RefCell::new(Queue::new())) });

struct Ticks {
    queue: Mutex<RefCell<Queue>>,
}

impl Driver for Ticks {
    fn now(&self) -> u64 {
        crate::now().as_micros() as u64
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        // There is no alarm to set: the next tick will look.
        critical_section::with(|cs| self.queue.borrow(cs).borrow_mut().schedule_wake(at, waker));
    }
}

/// Wakes who has slept long enough; for each tick.
pub fn turn() {
    let now = TICKS.now();
    critical_section::with(|cs| TICKS.queue.borrow(cs).borrow_mut().next_expiration(now));
}
