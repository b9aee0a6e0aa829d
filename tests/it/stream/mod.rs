//! Asynchronous streams.
