//! SysTick as clock and alarm: it counts 24 bits down, here between two deadlines instead of two ticks.
//!
//! A period is `load + 1` cycles, the first of them at zero. Whoever reads or sets it does so in a short critical section, and
//! notes whether a period has ended; the interrupt at its end makes sure that somebody reads in time.

use core::cell::Cell;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{Peripherals, SCB, SYST};
use critical_section::{CriticalSection, Mutex};
use taskcell::Timestamp;

/// Nominally: the boards differ.
const CYCLES_PER_US: u64 = 16;
/// The longest period, about a second.
const LONGEST: u64 = (1 << 24) - 1;
/// The shortest: longer than interrupts are disabled, so that no two periods end unseen. An alarm may be so late.
const SHORTEST: u64 = 100 * CYCLES_PER_US;

/// When the period began, in cycles, and what was loaded for it.
static PERIOD: Mutex<Cell<(u64, u64)>> = Mutex::new(Cell::new((0, LONGEST)));

fn timer() -> SYST {
    // SAFETY: one core, and nothing else touches this timer.
    unsafe { Peripherals::steal() }.SYST
}

/// Starts the clock, without an alarm.
pub fn start() {
    let mut timer = timer();
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(LONGEST as u32);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}

/// The time since the start.
pub fn now() -> Timestamp {
    Timestamp::from_nanos(critical_section::with(read) * 1000 / CYCLES_PER_US)
}

/// Sets the alarm in place of what was set. It may go off early.
pub fn set(next: Option<Timestamp>) {
    let next = next.map_or(u64::MAX, |next| next.as_nanos().saturating_mul(CYCLES_PER_US).div_ceil(1000));
    critical_section::with(|cs| {
        let now = read(cs);
        let load = next.saturating_sub(now).clamp(SHORTEST, LONGEST);
        PERIOD.borrow(cs).set((now, load));
        timer().set_reload(load as u32);
        timer().clear_current();
        if next <= now {
            SCB::set_pendst();
        }
    });
}

/// Cycles since the start.
fn read(cs: CriticalSection<'_>) -> u64 {
    let (mut began, load) = PERIOD.borrow(cs).get();
    let mut left = SYST::get_current();
    if timer().has_wrapped() {
        began += load + 1;
        left = SYST::get_current();
        PERIOD.borrow(cs).set((began, load));
    }
    began + if left == 0 { 0 } else { load + 1 - u64::from(left) }
}

/// What comes around the program's own handler: see [`on_alarm!`](crate::on_alarm).
#[doc(hidden)]
pub fn went_off(handler: fn()) {
    critical_section::with(read);
    handler();
}
