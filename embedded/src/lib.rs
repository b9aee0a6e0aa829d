//! The board: what the programs need of the machine that QEMU emulates.
//!
//! | file | knows |
//! |---|---|
//! | `board/arm.rs` | Cortex-M: SysTick, PRIMASK, semihosting |
//! | `board/riscv.rs` | the `virt` machine: its timer, `mstatus`, semihosting |
//! | `board/alarm_arm.rs`, `board/alarm_riscv.rs` | the same timer without ticks: time, and an alarm at a deadline |
//! | `board/executor.rs` | one future, polled when it was woken; the core sleeps in between |
//! | `board/heap.rs` | a heap that knows how much of it was in use at most |
//! | `clock.rs` | the ticks as a clock, whose timers the main loop fires |
//! | `runtime.rs` | an executor made by hand |
//! | `ticks.rs` | the ticks as embassy's time |
//! | `app.rs` | an application that knows its executor and clock by traits |
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg_attr(target_arch = "arm", path = "board/alarm_arm.rs")]
#[cfg_attr(target_arch = "riscv32", path = "board/alarm_riscv.rs")]
pub mod alarm;
#[cfg(feature = "alloc")]
pub mod app;
#[cfg(feature = "alloc")]
pub mod clock;
#[path = "board/executor.rs"]
pub mod executor;
#[cfg(feature = "alloc")]
#[path = "board/heap.rs"]
pub mod heap;
#[cfg_attr(target_arch = "arm", path = "board/arm.rs")]
#[cfg_attr(target_arch = "riscv32", path = "board/riscv.rs")]
mod machine;
#[cfg(feature = "alloc")]
pub mod runtime;
#[cfg(feature = "embassy")]
pub mod ticks;

use core::cell::Cell;
use core::fmt;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use critical_section::Mutex;

/// Marks the function where a program starts.
pub use machine::entry;
/// Whether interrupts are enabled, so that wakers and callbacks may run. (A RISC-V core disables them while it handles one:
/// it is true there, too.)
pub use machine::interrupts_enabled;
/// Sleeps until an interrupt is pending, whether interrupts are enabled or not.
pub use machine::wait as idle;

static TICKS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));
static PERIOD: AtomicU32 = AtomicU32::new(0);

/// Has the timer interrupt every `period` cycles: below 2^24 of them.
pub fn start_tick(period: u32) {
    // ORDERING: read by the tick of this core.
    PERIOD.store(period, Ordering::Relaxed);
    machine::start_tick(period);
}

/// No more ticks.
pub fn stop_tick() {
    machine::stop_tick();
}

/// How often the timer interrupted.
pub fn ticks() -> u32 {
    all_ticks() as u32
}

/// The same for centuries.
fn all_ticks() -> u64 {
    critical_section::with(|cs| TICKS.borrow(cs).get())
}

/// The time since the ticks began, to the tick.
pub fn now() -> Duration {
    // ORDERING: one core.
    let cycles = all_ticks() * u64::from(PERIOD.load(Ordering::Relaxed));
    Duration::from_micros(cycles / u64::from(machine::CYCLES_PER_US))
}

/// What comes around the program's own handler: see [`on_tick!`].
#[doc(hidden)]
pub fn tick(handler: fn()) {
    critical_section::with(|cs| TICKS.borrow(cs).set(TICKS.borrow(cs).get() + 1));
    // ORDERING: one core.
    machine::ticked(PERIOD.load(Ordering::Relaxed), handler);
}

/// Says what the program's timer interrupt does: `on_tick!(function)`, once in a program that starts the tick.
#[macro_export]
macro_rules! on_tick {
    ($handler:path) => {
        $crate::on_timer!($crate::tick, $handler);
    };
}

/// Says what the program does when its alarm goes off: `on_alarm!(function)`, once in a program that starts the [`alarm`].
#[macro_export]
macro_rules! on_alarm {
    ($handler:path) => {
        $crate::on_timer!($crate::alarm::went_off, $handler);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! on_timer {
    ($around:path, $handler:path) => {
        const _: () = {
            #[cfg_attr(target_arch = "arm", unsafe(export_name = "SysTick"))]
            #[cfg_attr(target_arch = "riscv32", unsafe(export_name = "MachineTimer"))]
            extern "C" fn interrupted() {
                $around($handler);
            }
        };
    };
}

/// Prints a line on the host.
#[macro_export]
macro_rules! println {
    ($($arg:tt)*) => {
        $crate::print(::core::format_args!($($arg)*))
    };
}

#[doc(hidden)]
pub fn print(line: fmt::Arguments<'_>) {
    machine::print(line);
}

/// Ends the emulation, with 0 if all was fine, otherwise with 1.
pub fn exit(fine: bool) -> ! {
    report_heap();
    machine::exit(fine)
}

#[cfg(feature = "alloc")]
fn report_heap() {
    println!("heap peak: {}", heap::peak());
}

#[cfg(not(feature = "alloc"))]
fn report_heap() {}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    println!("{info}");
    machine::exit(false)
}
