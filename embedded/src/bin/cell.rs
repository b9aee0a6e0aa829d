//! A board whose timer interrupt cancels what the main loop waits for, and gives
//! it a value.
//!
//! No heap, no executor: a source in a `static`, a child linked to it, a waiter
//! on each, a callback; a cell with a waiter. The third tick cancels, the fifth
//! sets the cell; QEMU ends with 0 when all waiters were woken and the callback
//! ran once, otherwise with 1.
#![no_std]
#![no_main]

use board::executor::block_on;
use core::pin::pin;
use core::sync::atomic::{AtomicU32, Ordering};
use taskcell::{CancellationSlot, StaticCancellationTokenSource, StaticTaskCell};

static STOP: StaticCancellationTokenSource<4> = StaticCancellationTokenSource::new();
static PART: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
static LAST: StaticTaskCell<u32, 1> = StaticTaskCell::new();
static CALLS: AtomicU32 = AtomicU32::new(0);

board::on_tick!(tick);

#[board::entry]
fn main() -> ! {
    PART.link(&STOP).expect("a slot for the child");
    let called = STOP.token().try_register(|| CALLS.store(calls() + 1, Ordering::Relaxed));
    let _called = called.ok().expect("a slot for the callback");
    board::start_tick(100_000);
    let (_, polls) = block_on(pin!(async {
        let mut stop = STOP.slot().expect("a slot to wait in");
        stop.cancelled().await;
        let mut part = PART.slot().expect("a slot to wait in");
        part.cancelled().await;
        assert!(!LAST.is_completed() && *LAST.slot().expect("a slot to wait in").await == 5);
    }));
    board::stop_tick();
    board::println!("over after {} ticks and {} polls, {} calls", board::ticks(), polls, calls());
    board::exit(STOP.is_cancelled() && PART.is_cancelled() && polls == 3 && calls() == 1 && !STOP.cancel())
}

fn tick() {
    match board::ticks() {
        3 => drop(STOP.cancel()),
        5 => assert_eq!(LAST.try_set(5), Ok(())),
        _ => {}
    }
}

fn calls() -> u32 {
    // ORDERING: one core.
    CALLS.load(Ordering::Relaxed)
}
