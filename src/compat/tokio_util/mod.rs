//! The token of the crate tokio-util, over the sources and tokens of this one.
//!
//! A program that was written for `tokio_util::sync::CancellationToken` changes its imports, and nothing else:
//!
//! ```
//! use taskcell::compat::tokio_util; // this line is new
//!
//! use tokio_util::future::FutureExt;
//! use tokio_util::sync::{CancellationToken, DropGuard};
//!
//! async fn serve(stop: CancellationToken) -> u32 {
//!     let _all: DropGuard = stop.clone().drop_guard();
//!     let request = stop.child_token();
//!     async { 42 }.with_cancellation_token(&request).await.unwrap_or(0)
//! }
//! # let token = CancellationToken::new();
//! # assert_eq!(smol::block_on(serve(token.clone())), 42);
//! # assert!(token.is_cancelled());
//! ```
//!
//! It needs no tokio, runs on any executor, and where there is only a heap and no std. Each handle is a
//! [`CancellationTokenSource`](crate::CancellationTokenSource) and turns into one and back, so that a program can change
//! place by place: the page `from_tokio_util` of [`guide`](crate::guide) says how, and what there is to gain.
//!
//! # What is the same
//!
//! A token is source and token in one. Clones are handles of one token: equal, with one hash; children are tokens of their
//! own. Cancelling goes down the tree, never up. A token that is dropped cancels nothing, and what hung below it hangs
//! below what was above it. What is dropped when, what is polled first, which types are `Send`, `Sync` and `Unpin`, and what
//! `Debug` prints, is as there. The tests run one and the same text over both.
//!
//! # What differs
//!
//! - A waker that panics leaves nobody unwoken: the others are woken, and the panic then resumes where `cancel` was called.
//! - Who waits is woken in another order: those above before those below.
//! - `is_cancelled` takes no lock. While another thread is inside of `cancel`, a token may read as cancelled before
//!   those below it do, and a second call of `cancel` then returns without waiting for the first. When the first waker
//!   runs, and when the first call has returned, all below read as cancelled.
//! - A token that is dropped in the middle of a tree keeps its memory until what is below it goes, or is cancelled.
//! - Wakers that nothing can wake any more, because every token that could is gone, are dropped at once.
//!
//! # Files
//!
//! | file | knows |
//! |---|---|
//! | `token.rs` | the token |
//! | `convert.rs` | from and to the types of this crate |
//! | `guard.rs` | cancelling on drop |
//! | `wait.rs` | waiting for a cancellation |
//! | `run.rs` | a future beside a token, checked at its first poll |
//! | `with_token.rs` | a future beside a token, checked when it is made |
//! | `future.rs` | the same as methods of futures |

mod convert;
pub mod future;
mod guard;
mod run;
mod token;
mod wait;
mod with_token;

pub mod sync {
    //! What `tokio_util::sync` has for cancellation.
    //!
    //! | type | is |
    //! |---|---|
    //! | [`CancellationToken`] | source and token in one |
    //! | [`DropGuard`], [`DropGuardRef`] | cancel a token when they are dropped |
    //! | [`WaitForCancellationFuture`], [`WaitForCancellationFutureOwned`] | the futures of `cancelled` and `cancelled_owned` |
    //! | [`RunUntilCancelledFuture`], [`RunUntilCancelledFutureOwned`] | those of `run_until_cancelled` and `run_until_cancelled_owned` |

    pub use super::guard::{DropGuard, DropGuardRef};
    pub use super::run::{RunUntilCancelledFuture, RunUntilCancelledFutureOwned};
    pub use super::token::CancellationToken;
    pub use super::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
}
