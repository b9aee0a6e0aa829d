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
    //!
    //! Nobody calls what is here: closures, iterators and tokens are these things by themselves, and the methods of
    //! `Retry` put them in their places.
    //!
    //! | parameter of `Retry` | may be | said by |
    //! |---|---|---|
    //! | `R`, the rules | [`Rules`] of a [`Judge`] ([`Always`]), an [`Accept`] ([`AnyValue`], [`Unless`]), a [`Hint`] ([`NoHint`]), a [`Hear`] ([`Silent`]) | `when`, `when_value`, `delay_from`, `on_retry` |
    //! | `B`, the delays | [`NoDelay`], [`RandomDelays`], any iterator | `backoff`, `delays` |
    //! | `G`, what is awaited between attempts | a [`Gap`]: [`AtOnce`], [`Until`] a future whose answer is a [`Verdict`] | `retry_when` |
    //! | `S`, what ends it | a [`Stop`]: [`NoToken`], [`OnToken`] | `token` |
    //!
    //! ```
    //! use taskcell::{Backoff, Retry, SystemClock, retry, retry_parts::RandomDelays, retry_parts::Rules};
    //!
    //! type Attempts<F> = Retry<F, SystemClock, Rules, RandomDelays>;
    //!
    //! # smol::block_on(async {
    //! let calls: Attempts<_> = retry(async |_| Ok::<_, ()>(7)).backoff(Backoff::NONE);
    //! assert_eq!(calls.await.unwrap(), 7);
    //! # });
    //! ```
    #[cfg(feature = "std")]
    pub use super::entropy::RandomDelays;
    pub use super::gap::{AtOnce, Gap, Until, Verdict};
    pub use super::rules::{Accept, Always, AnyValue, Hear, Hint, Judge, NoDelay, NoHint, Rules, Silent, Unless};
    pub use super::stop::{NoToken, OnToken, Stop};
}
