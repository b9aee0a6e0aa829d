//! What one would write without the library: a flag, and room for one waker.
//!
//! The twin of `size_taskcell.rs`.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::cell::RefCell;
use core::future::poll_fn;
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use critical_section::Mutex;

struct Flag {
    is_cancelled: AtomicBool,
    waker: Mutex<RefCell<Option<Waker>>>,
}

static STOP: Flag = Flag { is_cancelled: AtomicBool::new(false), waker: Mutex::new(RefCell::new(None)) };

impl Flag {
    fn cancel(&self) {
        // ORDERING: one core.
        self.is_cancelled.store(true, Ordering::Release);
        let waker = critical_section::with(|cs| self.waker.borrow_ref_mut(cs).take());
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let old = critical_section::with(|cs| self.waker.borrow_ref_mut(cs).replace(waker));
        drop(old);
        // ORDERING: one core.
        if self.is_cancelled.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    board::start_tick(100_000);
    let (told, polls) = block_on(pin!(async {
        poll_fn(|cx| STOP.poll(cx)).await;
        true
    }));
    board::exit(told && polls == 2)
}

fn tick() {
    STOP.cancel();
}
