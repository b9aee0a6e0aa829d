//! Where work runs: schedulers over an executor, synchronization contexts, a thread's own message loop.
//!
//! | file | knows |
//! |---|---|
