//! Doing it again: when, how often, and after which delay.
//!
//! | function | does |
//! |---|---|
//! | `retry`, [`retry_on`] | an operation again and again, until it succeeds or something says no |
//!
//! | file | knows |
//! |---|---|
//! | `builder.rs` | what a retry is told before it starts |
//! | `future.rs` | what it does then |
//! | `rules.rs` | the closures that it asks, and what stands for those it was not given |
//! | `gap.rs` | what it waits for between attempts |
//! | `stop.rs` | the token that ends it |
//! | `attempt.rs` | what attempts and hooks are told |
//! | `error.rs` | how it fails |
//! | `earlier.rs` | the errors of all attempts, where there is a heap |
//! | `backoff.rs` | how long the delays are |
//! | `delays.rs` | one row of delays |
//! | `random.rs` | the generator behind jitter |
//! | `entropy.rs` | where seeds come from (std) |

mod attempt;
mod backoff;
mod builder;
mod delays;
mod earlier;
#[cfg(feature = "std")]
mod entropy;
mod error;
mod future;
mod gap;
mod random;
mod rules;
mod stop;

pub use attempt::{RetryAttempt, RetryCause, RetryEvent};
pub use backoff::{Backoff, Jitter};
#[cfg(feature = "std")]
pub use builder::retry;
pub use builder::{Retry, retry_on};
pub use delays::Delays;
pub use error::{RetryError, RetryErrorKind};
pub use future::Retrying;

pub mod retry_parts {
    //! The parts of the types [`Retry`](super::Retry) and [`Retrying`](super::Retrying), for those who name them.
    #[cfg(feature = "std")]
    pub use super::entropy::RandomDelays;
    pub use super::gap::{AtOnce, Gap, Until, Verdict};
    pub use super::rules::{Accept, Always, AnyValue, Hear, Hint, Judge, NoDelay, NoHint, Rules, Silent, Unless};
    pub use super::stop::{NoToken, OnToken, Stop};
}
