//! The suite of the compatible token (`tests/it/compat/suite`) over tokio-util and over this library: one text.

#[path = "../../../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the suite's own tests use the rest")]
mod support;

#[expect(clippy::duplicate_mod, reason = "that is what it is for")]
mod ours;
mod theirs;
