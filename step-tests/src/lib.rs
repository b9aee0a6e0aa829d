//! One operation preempted by another, at every step: what an interrupt may do on a machine with one core.
//!
//! Under `cfg(step)` the shim has a point before each atomic operation and each access of a cell, and the wakers and
//! callbacks here have some of their own. A test takes each pair of operations on one object, and for each point of the
//! first runs the second there, to its end; then it looks whether everybody got what they were promised.
//!
//! | file | knows |
//! |---|---|
//! | `matrix.rs` | operations, and how they are run into each other |
//! | `wakes.rs` | wakers that count, with points of their own |
//! | `watched.rs` | one who waits, and which wakes are due to them |
//! | `kept.rs` | what lives as long as a `static`, and is freed all the same |
//!
//! `cargo xtask step` runs the tests, and then shows that they notice what is broken on purpose.
#![cfg(step)]

mod kept;
mod matrix;
mod wakes;
mod watched;

pub use kept::Kept;
pub use matrix::{Floor, Matrix, Operation, State, World, operation};
pub use taskcell::step::{fault, point};
pub use wakes::Wakes;
pub use watched::Watched;

/// Adds to a count.
pub fn add(count: &std::cell::Cell<usize>, n: usize) {
    count.set(count.get() + n);
}
