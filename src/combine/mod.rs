//! Floor 5: many futures, one result.
//!
//! | function | ends | output |
//! |---|---|---|
//! | [`when_all`] | with the last one | all outputs, in input order |
//!
//! The children of all of them live in one block of `raw/children.rs`: a poll
//! polls only those that were woken.

mod when_all;

pub use when_all::{WhenAll, when_all};
