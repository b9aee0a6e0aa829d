//! Cortex-M: SysTick, PRIMASK, semihosting.

use core::fmt;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_semihosting::{debug, hprintln};

pub use cortex_m_rt::entry;

/// Nominally: the boards differ.
pub(crate) const CYCLES_PER_US: u32 = 16;

pub(crate) fn start_tick(period: u32) {
    // SAFETY: one core, and nothing else touches this timer.
    let mut timer = unsafe { cortex_m::Peripherals::steal() }.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(period - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

pub(crate) fn stop_tick() {
    // SAFETY: as above.
    unsafe { cortex_m::Peripherals::steal() }.SYST.disable_counter();
}

/// The timer goes on by itself.
pub(crate) fn ticked(_period: u32, handler: fn()) {
    handler();
}

pub fn interrupts_enabled() -> bool {
    cortex_m::register::primask::read().is_active()
}

pub fn wait() {
    cortex_m::asm::wfi();
}

pub(crate) fn print(line: fmt::Arguments<'_>) {
    hprintln!("{}", line);
}

pub(crate) fn exit(fine: bool) -> ! {
    debug::exit(if fine { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        wait();
    }
}
