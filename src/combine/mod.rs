//! Floor 5: many futures, one result.
//!
//! | function | ends | output |
//! |---|---|---|
//! | [`when_all`] | with the last one | all outputs, in input order |
//! | [`when_any`] | with the first one | its output, its place, and the other futures |
//!
//! The children of all of them live in one block of `raw/children.rs`: a poll
//! polls only those that were woken.

mod rest;
mod when_all;
mod when_any;

pub use rest::{Rest, RestFutures};
pub use when_all::{WhenAll, when_all};
pub use when_any::{WhenAny, Winner, when_any};
