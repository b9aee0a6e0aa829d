//! Who waits for what a lock guards: in order, each with a waker, woken when the lock is free again.
//!
//! | file | knows |
//! |---|---|
//! | `line.rs` | a line of those who wait, in which each has a place of its own |
//! | `wakers.rs` | wakers that were taken out of a line, to be woken outside of the lock |
#![forbid(unsafe_code)]

mod line;
mod wakers;

pub(crate) use line::{Line, Place};
pub(crate) use wakers::Wakers;
