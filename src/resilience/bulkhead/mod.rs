//! How many calls are under way at once.
//!
//! | file | knows |
//! |---|---|
//! | `bulkhead.rs` | the handle |
//! | `shared.rs` | the lock, and who waits under it |
//! | `acquire.rs` | waiting for a place |
//! | `permit.rs` | a place |
//! | `call.rs` | a future behind a bulkhead |
//! | `error.rs` | why there was no place, where a token may say so, too |

mod acquire;
#[expect(clippy::module_inception, reason = "the file is named after its type, as all are")]
mod bulkhead;
mod call;
mod error;
mod permit;
mod shared;

pub use acquire::{BulkheadAcquire, BulkheadAcquireOrCancelled};
pub use bulkhead::{Bulkhead, BulkheadStats};
pub use call::BulkheadCall;
pub use error::AcquireError;
pub use permit::BulkheadPermit;
