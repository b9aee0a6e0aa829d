//! Structured concurrency: children that do not outlive their group.
//!
//! | file | knows |
//! |---|---|
