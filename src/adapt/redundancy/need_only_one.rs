//! `need_only_one`: all at once, and the first that ends.

use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::attempt::Attempt;
use super::each::{Completed, Each, future_of_factories};
use super::engine::Engine;
use super::error::RedundancyError;
use super::losers::Losers;
use crate::cancel::CancellationToken;

/// Starts all attempts at once and gives the outcome of the first that ends, whatever it is; the others are cancelled.
///
/// Each factory is called with a token of its own attempt, in order, at the first poll (64 in a poll; then other tasks
/// have their turn). The first output ends it, an `Err` too: for the first success take
/// [`first_successful`](crate::first_successful). Then the tokens of all others are cancelled, at once, and what becomes
/// of them is up to [`Losers`]. The winner's token is not cancelled: what it gave may still hold it.
///
/// Of several that have ended already when they are first polled the first in input order wins; of several that end
/// later, but before the next poll, the one that was woken first (if the number of factories is known from the start, as
/// that of an array; otherwise one of them).
///
/// The attempts are lazy: they make progress only while the future is polled. For work on several threads let the
/// factories spawn; the token ends what was spawned.
///
/// # Cost
///
/// One allocation for each attempt's token, and one block for all attempts if their number is known from the start, as
/// that of an array; otherwise blocks that double. A poll polls only those that were woken.
///
/// # Cancel safety
///
/// Dropping the future cancels the attempts and drops them, or, with [`Losers::CancelAndDetach`], hands them over. It
/// leaves nothing on the token.
///
/// # Panics
///
/// If a factory, an attempt or the hook panics, the panic goes to the caller; the others are cancelled and dropped with
/// the future, and polling again panics. So does polling after `Ready`.
///
/// # Errors
///
/// [`RedundancyError::Empty`] if there is no factory, [`RedundancyError::Cancelled`] if the token was cancelled before an
/// attempt had ended; if it is cancelled from the start no factory is called. An attempt that ends while it is being
/// cancelled still wins, as long as this waits for it.
///
/// # Examples
///
/// The guide's own: the price of a share, from whichever server answers first.
///
/// ```
/// use taskcell::{CancellationToken, need_only_one};
///
/// async fn current_price_from_server(server: u32, symbol: &str, ct: CancellationToken) -> f64 {
///     if server != 2 {
///         ct.cancelled().await; // a slow one
///     }
///     if symbol == "msft" { 512.5 } else { 0.0 }
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let servers = [1, 2, 3];
/// let current_price =
///     need_only_one(servers.map(|server| move |ct| current_price_from_server(server, "msft", ct))).await?;
/// assert_eq!(current_price, 512.5);
/// # Ok::<(), taskcell::RedundancyError>(())
/// # }).unwrap();
/// ```
///
/// With a token of the caller's, a hook, and losers that may finish what they have begun:
///
/// ```
/// use taskcell::{Attempt, CancellationTokenSource, Losers, need_only_one};
///
/// let user = CancellationTokenSource::new();
/// # smol::block_on(async {
/// let first = need_only_one([1, 2].map(|server| move |_token| async move { server }))
///     .token(&user.token())
///     .on_attempt(|attempt: &Attempt| println!("asking server {}", attempt.number))
///     .losers(Losers::CancelAndAwait)
///     .await;
/// assert_eq!(first, Ok(1));
/// # });
/// ```
#[doc(alias = "NeedOnlyOne")]
#[doc(alias = "WhenAny")]
#[doc(alias = "Promise.race")]
#[doc(alias = "race")]
#[inline]
pub fn need_only_one<I, G, R>(factories: I) -> NeedOnlyOne<I::IntoIter, R::IntoFuture>
where
    I: IntoIterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture,
{
    NeedOnlyOne::new(factories.into_iter())
}

future_of_factories! {
    /// The future of [`need_only_one`]. It is `Unpin`, whatever its attempts are.
    NeedOnlyOne: Completed, |F: Future| -> F::Output, Infallible
}

impl<I, G, R, F, H> Future for NeedOnlyOne<I, F, H>
where
    I: Iterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture<IntoFuture = F>,
    F: Future,
    H: FnMut(&Attempt),
{
    type Output = Result<F::Output, RedundancyError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.engine.poll(&mut this.plan, cx)
    }
}
