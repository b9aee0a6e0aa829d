//! Queues between tasks.
