//! What flows with a piece of work from poll to poll, and what a thread may not do meanwhile.
//!
//! | file | knows |
//! |---|---|
//! | `blocking.rs` | threads that must not block, and what a wait on them is told |

mod blocking;

pub use blocking::{WouldDeadlock, may_block, no_blocking};
