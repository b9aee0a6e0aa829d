//! Adapters: one future in, one future out; and many items through one function.
//!
//! | function | adds |
//! |---|---|
//! | `retry`, [`retry_on`] | another attempt when one fails |
//! | `timeout`, [`timeout_on`] | an end after a time |
//! | [`using`], [`using_with`] | the asynchronous cleanup of a resource (`await using`), whatever became of the future |
//! | `hedge`, [`hedge_on`] | another attempt when the first one is slow |
//! | [`need_only_one`], [`first_successful`], [`fallback`] | other sources of the same result |
//! | [`throttled_map`], [`throttled_map_spawned`], [`for_each_throttled`] | a function over many items, few at a time |
//! | [`batches`], `batches_timed`, [`batches_timed_on`] | a stream's items, many at a time |

#[cfg(feature = "alloc")]
mod redundancy;
mod retry;
#[cfg(feature = "alloc")]
mod throttle;
mod timeout;
#[cfg(feature = "alloc")]
mod using;

#[cfg(feature = "alloc")]
pub use redundancy::*;
pub use retry::*;
#[cfg(feature = "alloc")]
pub use throttle::*;
#[cfg(feature = "std")]
pub use timeout::timeout;
pub use timeout::{Timeout, timeout_on};
#[cfg(feature = "alloc")]
pub use using::*;
