//! Adapters: one future in, one future out; and many items through one function.
//!
//! | function | adds |
//! |---|---|
//! | `retry`, [`retry_on`] | another attempt when one fails |
//! | `timeout`, [`timeout_on`] | an end after a time: the future is dropped |
//! | `timeout_cooperative`, [`timeout_cooperative_on`] | an end after a time: the future is told, and dropped after a grace |
//! | [`until_cancelled`] | an end when a token is cancelled, with the future given back |
//! | [`yield_now`] | a moment for others |
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
mod timeout_cooperative;
mod until_cancelled;
#[cfg(feature = "alloc")]
mod using;
mod yield_now;

#[cfg(feature = "alloc")]
pub use redundancy::*;
pub use retry::*;
#[cfg(feature = "alloc")]
pub use throttle::*;
#[cfg(feature = "std")]
pub use timeout::timeout;
pub use timeout::{Timeout, timeout_on};
#[cfg(feature = "std")]
pub use timeout_cooperative::timeout_cooperative;
#[cfg(feature = "alloc")]
pub use timeout_cooperative::{TimeoutCooperative, TimeoutOutcome, timeout_cooperative_on};
pub use until_cancelled::{Unfinished, UnfinishedCause, UntilCancelledBy, until_cancelled};
#[cfg(feature = "alloc")]
pub use using::*;
pub use yield_now::{YieldNow, yield_now};
