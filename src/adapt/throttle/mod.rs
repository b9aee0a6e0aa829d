//! Many items, few at a time; and batches.
//!
//! | file | knows |
//! |---|---|
