//! Programs of the target `static_channel`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taskcell_fuzz::run("static_channel", bytes));
