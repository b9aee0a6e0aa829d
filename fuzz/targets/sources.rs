//! Programs of the target `sources`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taskcell_fuzz::run("sources", bytes));
