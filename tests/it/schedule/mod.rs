//! Schedulers, contexts, message loops.
//!
//! - `blocking`: threads that must not block

mod blocking;
