//! One future, polled when its waker was called; the core sleeps in between.

use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

static WOKEN: AtomicBool = AtomicBool::new(true);
static WAKE: RawWakerVTable = RawWakerVTable::new(|_| RAW, |_| woken(), |_| woken(), |_| {});
const RAW: RawWaker = RawWaker::new(core::ptr::null(), &WAKE);

/// The library calls no waker inside of a critical section.
fn woken() {
    assert!(crate::interrupts_enabled(), "a waker is called while interrupts are disabled");
    wake();
}

fn wake() {
    // ORDERING: one core; the interrupt's return orders it.
    WOKEN.store(true, Ordering::Release);
}

/// Runs a future to its end, and says also how often it was polled.
pub fn block_on<T>(mut future: Pin<&mut impl Future<Output = T>>) -> (T, u32) {
    // SAFETY: the table's functions touch nothing but a static.
    let waker = unsafe { Waker::from_raw(RAW) };
    let mut cx = Context::from_waker(&waker);
    let mut polls = 0;
    wake();
    loop {
        // With interrupts off nothing can wake between the look and the sleep; a pending interrupt still ends the sleep.
        let woken = critical_section::with(|_| {
            // ORDERING: as in `wake`.
            let woken = WOKEN.load(Ordering::Acquire);
            WOKEN.store(false, Ordering::Relaxed);
            if !woken {
                crate::idle();
            }
            woken
        });
        if woken {
            polls += 1;
            if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
                return (value, polls);
            }
        }
    }
}
