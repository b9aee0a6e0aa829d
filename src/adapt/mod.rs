//! Adapters: one future in, one future out; and many items through one function.
//!
//! | function | adds |
//! |---|---|
//! | [`retry`], [`retry_on`] | another attempt when one fails |
//! | [`timeout`], [`timeout_on`] | an end after a time: the future is dropped |
//! | [`timeout_cooperative`], [`timeout_cooperative_on`] | an end after a time: the future is told, and dropped after a grace |
//! | [`until_cancelled`] | an end when a token is cancelled, with the future given back |
//! | [`yield_now`] | a moment for others |
//! | [`using`], [`using_with`], [`dispose_with`] | the asynchronous cleanup of a resource (`await using`), whatever became of the future |
//! | [`hedge`], [`hedge_on`] | another attempt when the first one is slow |
//! | [`need_only_one`], [`first_successful`], [`fallback`] | other sources of the same result |
//! | [`throttled_map`], [`throttled_map_stream`], [`throttled_map_spawned`], [`throttled_map_stream_spawned`] | a function over many items, few at a time, with its outputs |
//! | [`for_each_throttled`], [`try_for_each_throttled`], [`for_each_throttled_spawned`] | the same, without outputs |
//! | [`batches`], [`batches_timed`], [`batches_timed_on`] | a stream's items, many at a time |
//!
//! What is lost when one of them is dropped or ends early, and what is not, is in the
//! [guide](crate::guide::cancellation_that_loses_nothing).
//!
//! | types | of |
//! |---|---|
//! | [`Retry`], [`Backoff`], [`Jitter`], [`Delays`], [`RetryAttempt`], [`RetryEvent`], [`RetryCause`], [`RetryError`], [`RetryErrorKind`], [`Retrying`], [`retry_parts`] | retries: the builder, the delays, what closures are told, why it gave up |
//! | [`Timeout`], [`TimeoutCooperative`], [`TimeoutOutcome`] | timeouts |
//! | [`UntilCancelledBy`], [`Unfinished`], [`UnfinishedCause`] | [`until_cancelled`]: its future, and a future that is given back |
//! | [`YieldNow`] | [`yield_now`] |
//! | [`AsyncDispose`], [`LocalAsyncDispose`], [`Using`], [`InPlace`], [`HandOver`], [`DisposeWith`], [`UsingError`] | disposal: what resources implement, scopes in parts, what went wrong |
//! | [`Hedge`], [`NeedOnlyOne`], [`FirstSuccessful`], [`Fallback`], [`Attempt`], [`RedundancyError`] | several attempts: the builders, what an attempt is told, why none succeeded |
//! | [`Losers`], [`Detach`], [`HedgeDelay`], [`ObservedLatency`], [`Observing`] | what becomes of losers; when the next attempt starts |
//! | [`ThrottledMap`], [`ThrottledMapIndexed`], [`ThrottledMapOrdered`], [`ThrottledMapSpawned`], [`ThrottledMapSpawnedIndexed`], [`Items`] | the streams of throttles |
//! | [`ForEachThrottled`], [`TryForEachThrottled`], [`ForEachThrottledSpawned`] | the futures of throttles |
//! | [`Batches`], [`BatchesTimed`] | the streams of batches |
#![forbid(unsafe_code)]

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
