//! Other crates' names, over what is here: code that was written for them compiles unchanged.
//!
//! | module | instead of |
//! |---|---|
//! | [`tokio_util`] | the token of the crate tokio-util and what belongs to it |
//!
//! Everything can also be named without `tokio_util`: [`compat::sync`](sync), [`compat::future`](future), and the names
//! of both here.
//!
//! It is there wherever there is a heap, without a feature of its own: it brings no dependency, nobody pays for it who
//! does not name it, and a library that changes from one token to the other should not have to tell its users to turn
//! something on.
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `tokio_util/` | tokio-util's token |
#![forbid(unsafe_code)]

pub mod tokio_util;

#[doc(no_inline)]
pub use tokio_util::future::{FutureExt, WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
#[doc(no_inline)]
pub use tokio_util::sync::{
    CancellationToken, DropGuard, DropGuardRef, RunUntilCancelledFuture, RunUntilCancelledFutureOwned,
    WaitForCancellationFuture, WaitForCancellationFutureOwned,
};
#[doc(no_inline)]
pub use tokio_util::{future, sync};
