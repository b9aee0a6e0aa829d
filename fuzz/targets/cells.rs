//! Programs of the target `cells`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taskcell_fuzz::run("cells", bytes));
