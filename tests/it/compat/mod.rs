//! Other crates' names over this library.
//!
//! - `suite`: what code over tokio-util's token may count on. `benches/tests/compat` runs the same text over tokio-util
//! - `native`: what there is beside, and where the two differ
mod native;
mod suite;

// What the suite is about.
use taskcell::compat::tokio_util;
