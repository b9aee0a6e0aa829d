//! Asynchronous disposal.
//!
//! | file | knows |
//! |---|---|
