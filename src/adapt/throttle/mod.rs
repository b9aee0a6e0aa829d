//! Many items, few at a time; and batches.
//!
//! | function | runs | gives |
//! |---|---|---|
//! | [`throttled_map`], [`throttled_map_stream`] | inside the consumer's task | a stream of outputs |
//! | [`throttled_map_spawned`], [`throttled_map_stream_spawned`] | on an executor | a stream of results |
//! | [`for_each_throttled`] | inside the caller's task | nothing, when all have ended |
//! | [`try_for_each_throttled`] | inside the caller's task | the first error, when those under way have ended |
//! | [`for_each_throttled_spawned`] | on an executor | the same |
//!
//! `throttled_map` says what lazy and spawned mean for a consumer.
//!
//! | file | knows |
//! |---|---|
//! | `flight.rs` | at most so many futures under way |
//! | `map.rs` | outputs as they come |
//! | `ordered.rs` | outputs in the order of their items |
//! | `queue.rs` | outputs that wait |
//! | `for_each.rs` | a loop without outputs |
//! | `try_for_each.rs` | a loop up to the first error |
//! | `failures.rs` | the error that stops a loop, and those that came after it |
//! | `hot.rs` | bodies on an executor |
//! | `spawned.rs` | their results |
//! | `for_each_spawned.rs` | their loop |
//! | `batches.rs` | so many items at a time |
//! | `batches_timed.rs` | batches that do not wait for long |
//! | `turns.rs` | how much is done in a row before other tasks have their turn |

mod batches;
mod batches_timed;
mod failures;
mod flight;
mod for_each;
mod for_each_spawned;
mod hot;
mod map;
mod ordered;
mod queue;
mod spawned;
mod try_for_each;
mod turns;

pub use batches::{Batches, batches};
#[cfg(feature = "std")]
pub use batches_timed::batches_timed;
pub use batches_timed::{BatchesTimed, batches_timed_on};
pub use flight::Items;
pub use for_each::{ForEachThrottled, for_each_throttled};
pub use for_each_spawned::{ForEachThrottledSpawned, for_each_throttled_spawned};
pub use map::{ThrottledMap, ThrottledMapIndexed, throttled_map, throttled_map_stream};
pub use ordered::ThrottledMapOrdered;
pub use spawned::{
    ThrottledMapSpawned, ThrottledMapSpawnedIndexed, throttled_map_spawned, throttled_map_stream_spawned,
};
pub use try_for_each::{TryForEachThrottled, try_for_each_throttled};
pub(crate) use turns::Turns;
