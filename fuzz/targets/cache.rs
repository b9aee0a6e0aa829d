//! Programs of the target `cache`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taskcell_fuzz::run("cache", bytes));
