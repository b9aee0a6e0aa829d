//! Asynchronous streams.

mod ops;

pub use ops::*;
