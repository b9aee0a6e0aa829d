//! The `virt` machine: the timer of its CLINT, `mstatus`, semihosting.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

pub use riscv_rt::entry;

/// Of the timer, which is what `start_tick` counts.
pub(crate) const CYCLES_PER_US: u32 = 10;

/// The core disables interrupts while it handles one.
static IN_HANDLER: AtomicBool = AtomicBool::new(false);

const TIME: *mut u32 = 0x0200_bff8 as *mut u32;
const COMPARE: *mut u32 = 0x0200_4000 as *mut u32;

pub(crate) fn start_tick(period: u32) {
    compare_with(time() + u64::from(period));
    enable_timer();
}

pub(crate) fn enable_timer() {
    // SAFETY: the handler is the program's.
    unsafe {
        riscv::register::mie::set_mtimer();
        riscv::interrupt::enable();
    }
}

pub(crate) fn stop_tick() {
    // SAFETY: fewer interrupts.
    unsafe { riscv::register::mie::clear_mtimer() };
}

/// Asks for the next interrupt, which ends this one.
pub(crate) fn ticked(period: u32, handler: fn()) {
    compare_with(time() + u64::from(period));
    in_handler(handler);
}

/// Wakers and callbacks may run in it.
pub(crate) fn in_handler(handler: fn()) {
    // ORDERING: one core.
    IN_HANDLER.store(true, Ordering::Relaxed);
    handler();
    // ORDERING: as above.
    IN_HANDLER.store(false, Ordering::Relaxed);
}

/// What the timer has counted.
pub(crate) fn time() -> u64 {
    loop {
        // SAFETY: registers of the machine.
        let (high, low, again) =
            unsafe { (TIME.add(1).read_volatile(), TIME.read_volatile(), TIME.add(1).read_volatile()) };
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}

/// The timer interrupts from then on. The upper half is never too early in between.
pub(crate) fn compare_with(at: u64) {
    // SAFETY: registers of the machine.
    unsafe {
        COMPARE.add(1).write_volatile(u32::MAX);
        COMPARE.write_volatile(at as u32);
        COMPARE.add(1).write_volatile((at >> 32) as u32);
    }
}

pub fn interrupts_enabled() -> bool {
    // ORDERING: one core.
    riscv::register::mstatus::read().mie() || IN_HANDLER.load(Ordering::Relaxed)
}

pub fn wait() {
    riscv::asm::wfi();
}

pub(crate) fn print(line: fmt::Arguments<'_>) {
    semihosting::println!("{}", line);
}

pub(crate) fn exit(fine: bool) -> ! {
    semihosting::process::exit(if fine { 0 } else { 1 })
}
