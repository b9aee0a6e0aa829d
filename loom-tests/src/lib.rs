//! What every loom model stands on: the runner, counting wakers, drop counters.
//!
//! A model is a `#[test] fn name()` in `tests/<area>.rs` (which begins with
//! `#![cfg(loom)]`) and consists of one call:
//!
//! ```text
//! #[test]
//! fn register_against_cancel() {
//!     model(name!(), Bound::Exhaustive, || { /* two or three loom threads */ });
//! }
//! ```
//!
//! `cargo xtask loom` runs them all; CONTRIBUTING.md has the table of what each
//! one watches.
#![cfg(loom)]

pub mod cells;
pub mod children;
mod clock;
mod count;
mod data;
pub mod jobs;
mod order;
mod run;

pub use clock::{Clock, LATER, Late, SOON};
pub use count::{Drops, Tracked, Wakes, pending_once, poll_once};
pub use data::Data;
pub use loom::future::block_on;
pub use order::Order;
pub use run::{Bound, model};

/// The name of the function that this stands in.
#[macro_export]
macro_rules! name {
    () => {{
        fn here() {}
        $crate::function_name(core::any::type_name_of_val(&here))
    }};
}

/// `area::name::here` gives `name`.
#[doc(hidden)]
#[must_use]
pub fn function_name(path: &'static str) -> &'static str {
    path.rsplit("::").nth(1).unwrap_or(path)
}
