//! The library's tests: one binary, one module per area.
#[cfg(feature = "std")]
mod auto_traits;
#[cfg(feature = "std")]
mod cache;
#[cfg(feature = "std")]
mod callbacks;
#[cfg(feature = "std")]
mod cancel_async;
#[cfg(feature = "std")]
mod channel;
#[cfg(feature = "std")]
mod children;
#[cfg(feature = "std")]
mod children_hostile;
#[cfg(feature = "std")]
mod combine;
#[cfg(feature = "std")]
mod compat;
#[cfg(feature = "std")]
mod conformance;
#[cfg(feature = "std")]
mod context;
#[cfg(feature = "std")]
mod continuations;
#[cfg(feature = "std")]
mod dotnet;
#[cfg(feature = "std")]
mod executors;
#[cfg(feature = "std")]
mod foreign;
#[cfg(feature = "std")]
mod group;
#[cfg(feature = "std")]
mod hostile;
#[cfg(feature = "std")]
mod hostile_drops;
#[cfg(feature = "std")]
mod hot;
#[cfg(feature = "std")]
mod linked;
#[cfg(feature = "alloc")]
mod panics;
#[cfg(feature = "std")]
mod progress;
#[cfg(feature = "std")]
mod redundancy;
#[cfg(feature = "alloc")]
mod relays;
#[cfg(feature = "std")]
mod resilience;
#[cfg(feature = "std")]
mod retry;
#[cfg(feature = "std")]
mod running;
#[cfg(feature = "std")]
mod scenarios;
#[cfg(feature = "std")]
mod schedule;
#[cfg(feature = "alloc")]
mod smoke;
#[cfg(feature = "std")]
mod spawn;
mod static_cell;
mod static_channel;
mod static_channel_threads;
mod static_source;
#[cfg(feature = "std")]
mod stream;
#[cfg(feature = "alloc")]
mod structures;
#[cfg(feature = "std")]
mod support;
#[cfg(not(feature = "std"))]
mod support {
    //! What the tests of the smaller tiers have of it.
    mod kept;
    pub(crate) use kept::{forget, leak};
}
#[cfg(feature = "std")]
mod task;
#[cfg(feature = "std")]
mod task_aggregates;
#[cfg(feature = "std")]
mod task_all;
#[cfg(feature = "std")]
mod task_any;
#[cfg(feature = "std")]
mod task_blocking;
#[cfg(feature = "std")]
mod task_cancel_on_drop;
#[cfg(feature = "std")]
mod task_errors;
#[cfg(feature = "std")]
mod task_flatten;
#[cfg(feature = "std")]
mod task_hostile;
#[cfg(feature = "std")]
mod task_value;
#[cfg(feature = "std")]
mod task_wait;
#[cfg(feature = "std")]
mod throttle;
mod tidy;
#[cfg(feature = "std")]
mod time;
#[cfg(feature = "std")]
mod time_clocks;
#[cfg(feature = "std")]
mod time_delay;
#[cfg(feature = "std")]
mod time_hostile;
#[cfg(feature = "std")]
mod timed_hostile;
#[cfg(feature = "std")]
mod timeout;
#[cfg(feature = "std")]
mod timeout_cooperative;
#[cfg(feature = "std")]
mod unregister_async;
#[cfg(feature = "std")]
mod until_cancelled;
#[cfg(feature = "std")]
mod using;
#[cfg(feature = "std")]
mod when_any;
#[cfg(feature = "std")]
mod when_any_hostile;
#[cfg(feature = "std")]
mod when_any_rest;
