//! Breaker, bulkhead, pipelines.
//!
//! | file | knows |
//! |---|---|
//! | `breaker/` | what keeps calls from a service that fails |
//! | `bulkhead/` | how many calls are under way at once |
//! | `rejected.rs` | why a call was not even made |
//! | `pipeline/` | strategies around one call |

mod breaker;
mod bulkhead;
mod pipeline;
mod rejected;

pub use breaker::*;
pub use bulkhead::*;
pub use pipeline::*;
pub use rejected::Rejected;
