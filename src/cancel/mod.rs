//! Cancellation: who asks for it ([`CancellationTokenSource`]), who observes it
//! ([`CancellationToken`]), and what hangs between them.
//!
//! Take a token if you only observe, a source if you request. A token is one
//! word, `is_cancelled()` one load; registering allocates nothing in the steady
//! state, and no call here takes a lock or waits for another thread unless its
//! name says so.
//!
//! What is lost when work ends early, and how not to lose it, is told in the [guide].
//!
//! | type | what it is |
//! |---|---|
//! | [`CancellationTokenSource`] | asks: cancels, now or after a time, itself and all that is linked below |
//! | [`CancellationToken`] | is asked: looks, waits, has callbacks run |
//! | [`Registration`], [`RegistrationId`], [`Unregistered`], [`UnregisterAsync`] | a callback that waits for the cancellation, and taking it back |
//! | [`DropGuard`], [`DropGuardRef`] | cancel when they are dropped |
//! | [`DeferredCallbacks`] | the callbacks of a source, to be run later |
//! | [`Cancelled`], [`CancellationReason`] | the error of what was cancelled, and why it was |
//! | [`Interrupted`], [`TryRegisterError`], [`Full`] | what other calls answer |
//! | [`Cancellation`], [`CancellationSlot`] | what tokens of all kinds have in common, and a place to wait in |
//! | [`StaticCancellationTokenSource`], [`StaticToken`], [`StaticSlot`], [`StaticRegistration`], [`StaticTimer`], [`StaticReason`], [`StaticCancelled`] | the same without a heap, in a `static` |
//! | [`WaitForCancelled`], [`WaitForCancelledOwned`], [`UntilCancelled`], [`RunUntilCancelled`], [`SlotCancelled`], [`RunInSlot`] | the futures of the above |
//!
//! ```
//! use taskcell::{CancellationToken, CancellationTokenSource, Cancelled};
//!
//! async fn download(pages: u32, token: &CancellationToken) -> Result<u32, Cancelled> {
//!     for _page in 0..pages {
//!         token.check()?; // between two steps
//!         token.run_until_cancelled(smol::future::yield_now()).await; // or in the middle of one
//!     }
//!     Ok(pages)
//! }
//!
//! let ctrl_c = CancellationTokenSource::new();
//! # smol::block_on(async {
//! assert_eq!(download(3, &ctrl_c.token()).await, Ok(3));
//! ctrl_c.cancel();
//! assert!(download(3, &ctrl_c.token()).await.is_err());
//! # });
//! ```
//!
//! Ctrl-C is a signal from another crate that cancels a source; whoever works looks at its tokens:
//!
//! ```no_run
//! use async_signal::{Signal, Signals}; // or `tokio::signal::ctrl_c`, or the crate ctrlc
//! use futures_util::StreamExt;
//! use taskcell::CancellationTokenSource;
//!
//! let shutdown = CancellationTokenSource::new();
//! let mut signals = Signals::new([Signal::Int])?;
//! let source = shutdown.clone(); // the same source
//! smol::spawn(async move {
//!     while signals.next().await.is_some() {
//!         source.cancel_with("Ctrl-C");
//!     }
//! })
//! .detach();
//! # std::io::Result::Ok(())
//! ```
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `source.rs` | who cancels; linking, deferring, resetting |
//! | `timed.rs` | sources that cancel themselves |
//! | `token.rs` | who observes |
//! | `register_on.rs` | callbacks that run on an executor |
//! | `registration.rs` | callbacks, and taking them back |
//! | `futures.rs` | waiting for a cancellation |
//! | `until.rs` | a future that ends early |
//! | `stop.rs` | the token that a future of other floors ends early by |
//! | `blocking.rs` | a thread that waits (std) |
//! | `deferred.rs` | callbacks that run later |
//! | `guard.rs` | cancelling on drop |
//! | `reason.rs` | why |
//! | `error.rs` | what the calls here can answer |
//! | `signal.rs` | what all tokens have in common |
//! | `run_in_slot.rs` | a future that ends early, in a place to wait that is there already |
//! | `fixed.rs` | sources in a `static`, without a heap |
//! | `fixed_reason.rs` | why these were cancelled |
//! | `fixed_timer.rs` | when these cancel themselves |
//!
//! [guide]: crate::guide::cancellation_that_loses_nothing
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
mod blocking;
#[cfg(feature = "alloc")]
mod deferred;
mod error;
mod fixed;
mod fixed_reason;
mod fixed_timer;
#[cfg(feature = "alloc")]
mod futures;
#[cfg(feature = "alloc")]
mod guard;
#[cfg(feature = "alloc")]
mod reason;
#[cfg(feature = "alloc")]
mod register_on;
#[cfg(feature = "alloc")]
mod registration;
mod run_in_slot;
mod signal;
#[cfg(feature = "alloc")]
mod source;
#[cfg(feature = "alloc")]
mod stop;
#[cfg(feature = "alloc")]
mod timed;
#[cfg(feature = "alloc")]
mod token;
#[cfg(feature = "alloc")]
mod until;

#[cfg(feature = "alloc")]
pub use deferred::DeferredCallbacks;
#[cfg(feature = "alloc")]
pub use error::{Cancelled, Interrupted};
pub use error::{Full, TryRegisterError};
pub use fixed::{StaticCancellationTokenSource, StaticRegistration, StaticSlot, StaticToken};
pub use fixed_reason::{StaticCancelled, StaticReason};
pub use fixed_timer::StaticTimer;
#[cfg(feature = "alloc")]
pub use futures::{WaitForCancelled, WaitForCancelledOwned};
#[cfg(feature = "alloc")]
pub use guard::{DropGuard, DropGuardRef};
#[cfg(feature = "alloc")]
pub use reason::CancellationReason;
#[cfg(feature = "alloc")]
pub use registration::{Registration, RegistrationId, UnregisterAsync, Unregistered};
pub use run_in_slot::RunInSlot;
pub(crate) use signal::poll_until;
pub use signal::{Cancellation, CancellationSlot, SlotCancelled};
#[cfg(feature = "alloc")]
pub use source::CancellationTokenSource;
#[cfg(feature = "alloc")]
pub(crate) use stop::Stop;
#[cfg(feature = "alloc")]
pub use token::CancellationToken;
#[cfg(feature = "alloc")]
pub use until::{RunUntilCancelled, UntilCancelled};
