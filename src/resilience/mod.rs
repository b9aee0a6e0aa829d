//! Breaker, bulkhead, pipelines: calls to what may fail, be slow, or be too much.
//!
//! | type | keeps |
//! |---|---|
//! | [`CircuitBreaker`] | calls from a service that fails, until it has recovered |
//! | [`Bulkhead`] | a slow service from taking all that there is |
//!
//! What they do not let through ends as [`Rejected`], before anything was tried. [`retry_on`](crate::retry_on),
//! [`timeout_on`](crate::timeout_on), [`hedge_on`](crate::hedge_on) and [`fallback`](crate::fallback) are the other
//! strategies.
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
