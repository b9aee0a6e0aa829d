//! The programs of `tests/programs`, for a fuzzer to make up.

#[path = "../../tests/programs/mod.rs"]
mod programs;

/// Runs a program of one target.
pub fn run(target: &str, bytes: &[u8]) {
    let (_, program) = programs::TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target");
    program(bytes);
}
