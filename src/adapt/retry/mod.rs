//! Doing it again: when, how often, and after which delay.
//!
//! | file | knows |
//! |---|---|
