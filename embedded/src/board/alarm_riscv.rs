//! The timer of the CLINT as clock and alarm: it counts up for ever, and interrupts as long as it is past what it is
//! compared with.

use crate::machine::{compare_with, enable_timer, in_handler, time};
use taskcell::Timestamp;

const NANOS_PER_CYCLE: u64 = 100;

/// Starts the clock, without an alarm.
pub fn start() {
    compare_with(u64::MAX);
    enable_timer();
}

/// The time since the machine's start.
pub fn now() -> Timestamp {
    Timestamp::from_nanos(time() * NANOS_PER_CYCLE)
}

/// Sets the alarm in place of what was set.
pub fn set(next: Option<Timestamp>) {
    compare_with(next.map_or(u64::MAX, |next| next.as_nanos().div_ceil(NANOS_PER_CYCLE)));
}

/// What comes around the program's own handler: see [`on_alarm!`](crate::on_alarm).
#[doc(hidden)]
pub fn went_off(handler: fn()) {
    // Otherwise it would interrupt again at once, if the handler leaves it to the main program to set the next alarm.
    compare_with(u64::MAX);
    in_handler(handler);
}
