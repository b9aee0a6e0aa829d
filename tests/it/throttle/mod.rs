//! Many items, few at a time; and batches.
//!
//! - `batches`: by size and by time
mod batches;
