//! Programs of the target `timers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taskcell_fuzz::run("timers", bytes));
