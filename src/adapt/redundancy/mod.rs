//! Several attempts at one result: one engine behind `need_only_one`, `first_successful`, `fallback` and `hedge`.
//!
//! | function | the next attempt starts | the outcome |
//! |---|---|---|
//! | [`need_only_one`] | at once | the first output, whatever it is |
//! | [`first_successful`] | at once | the first success, or all errors |
//! | [`fallback`] | when the one before has failed | the first success, or all errors |
//! | `hedge`, [`hedge_on`] | after a delay, or when one has failed | the first success, or all errors |
//!
//! Whatever is attempted more than once may take effect more than once: it had better be idempotent.
//! What becomes of those that still run then is up to [`Losers`]. Each attempt has a token of its own, below the caller's
//! if there is one.
//!
//! | file | knows |
//! |---|---|
//! | `engine.rs` | starting, judging, ending: what all share |
//! | `set.rs` | the attempts that run |
//! | `attempt.rs` | one of them |
//! | `losers.rs` | what becomes of those that have lost |
//! | `error.rs` | why there is no result |
//! | `each.rs` | factories that are given in a row |
//! | `need_only_one.rs`, `first_successful.rs`, `fallback.rs` | the names on it |
//! | `racing.rs` | attempts that follow each other in time |
//! | `hedge.rs` | the name on it |
//! | `delay.rs` | when the next one starts |
//! | `latency.rs` | a percentile of observed latencies |

mod attempt;
mod delay;
mod each;
mod engine;
mod error;
mod fallback;
mod first_successful;
mod hedge;
mod latency;
mod losers;
mod need_only_one;
mod racing;
mod set;

pub use attempt::Attempt;
pub use delay::{HedgeDelay, Observing};
pub use error::RedundancyError;
pub use fallback::{Fallback, fallback};
pub use first_successful::{FirstSuccessful, first_successful};
#[cfg(feature = "std")]
pub use hedge::hedge;
pub use hedge::{Hedge, hedge_on};
pub use latency::ObservedLatency;
pub use losers::{Detach, Losers};
pub use need_only_one::{NeedOnlyOne, need_only_one};
