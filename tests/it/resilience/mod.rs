//! Breaker, bulkhead, pipelines.

mod breaker;
mod breaker_calls;
mod breaker_hooks;
mod breaker_model;
mod breaker_ratio;
mod breaker_watch;
mod bulkhead;
mod bulkhead_hostile;
mod bulkhead_model;
mod pipeline;
