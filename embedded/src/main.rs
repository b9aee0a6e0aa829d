//! A board whose timer interrupt cancels what the main loop waits for, and gives
//! it a value.
//!
//! No heap, no executor: a source in a `static`, a child linked to it, a waiter
//! on each, a callback; a cell with a waiter. The third tick of SysTick cancels,
//! the fifth sets the cell; QEMU ends with 0 when all waiters were woken and the
//! callback ran once, otherwise with 1.
#![no_std]
#![no_main]

mod executor;

use core::cell::Cell;
use core::panic::PanicInfo;
use core::pin::pin;
use cortex_m::interrupt::Mutex;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::{debug, hprintln};
use taskcell::{CancellationSlot, StaticCancellationTokenSource, StaticTaskCell};

static STOP: StaticCancellationTokenSource<4> = StaticCancellationTokenSource::new();
static PART: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
static LAST: StaticTaskCell<u32, 1> = StaticTaskCell::new();
static TICKS: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));
static CALLS: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));

#[entry]
fn main() -> ! {
    PART.link(&STOP).expect("a slot for the child");
    let _called = STOP.token().try_register(|| add(&CALLS)).ok().expect("a slot for the callback");
    let mut board = cortex_m::Peripherals::take().expect("taken once");
    board.SYST.set_clock_source(SystClkSource::Core);
    board.SYST.set_reload(100_000);
    board.SYST.clear_current();
    board.SYST.enable_interrupt();
    board.SYST.enable_counter();

    let polls = executor::run(pin!(async {
        let mut stop = STOP.slot().expect("a slot to wait in");
        stop.cancelled().await;
        let mut part = PART.slot().expect("a slot to wait in");
        part.cancelled().await;
        assert!(!LAST.is_completed() && *LAST.slot().expect("a slot to wait in").await == 5);
    }));
    board.SYST.disable_counter();

    hprintln!("over after {} ticks and {} polls, {} calls", read(&TICKS), polls, read(&CALLS));
    let fine = STOP.is_cancelled() && PART.is_cancelled() && polls == 3 && read(&CALLS) == 1 && !STOP.cancel();
    finish(fine)
}

#[exception]
fn SysTick() {
    add(&TICKS);
    if read(&TICKS) == 3 {
        STOP.cancel();
    } else if read(&TICKS) == 5 {
        assert_eq!(LAST.try_set(5), Ok(()));
    }
}

fn add(counter: &Mutex<Cell<u32>>) {
    cortex_m::interrupt::free(|cs| counter.borrow(cs).set(counter.borrow(cs).get() + 1));
}

fn read(counter: &Mutex<Cell<u32>>) -> u32 {
    cortex_m::interrupt::free(|cs| counter.borrow(cs).get())
}

fn finish(fine: bool) -> ! {
    debug::exit(if fine { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    finish(false)
}
