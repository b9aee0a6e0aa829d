//! Many items, few at a time; and batches.
//!
//! | file | knows |
//! |---|---|
//! | `batches.rs` | so many items at a time |
//! | `batches_timed.rs` | batches that do not wait for long |
//! | `turns.rs` | how much is done in a row before other tasks have their turn |

mod batches;
mod batches_timed;
mod turns;

pub use batches::{Batches, batches};
#[cfg(feature = "std")]
pub use batches_timed::batches_timed;
pub use batches_timed::{BatchesTimed, batches_timed_on};
