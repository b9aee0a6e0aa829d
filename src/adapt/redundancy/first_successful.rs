//! `first_successful`: all at once, and the first that succeeds.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::TryFuture;

use super::attempt::Attempt;
use super::each::{Each, Successful, future_of_factories};
use super::engine::Engine;
use super::error::RedundancyError;
use super::losers::Losers;
use crate::cancel::CancellationToken;

/// Starts all attempts at once and gives the value of the first that succeeds; the others are cancelled.
///
/// An attempt that fails is waited for no longer, and its error is kept. All else is as for
/// [`need_only_one`](crate::need_only_one): how factories are called, what becomes of the others, what a token does,
/// what it costs, what happens at a drop and at a panic.
///
/// # Errors
///
/// [`RedundancyError::Failed`] if all failed, with the error of each under its place in the input;
/// [`RedundancyError::Empty`] if there is no factory; [`RedundancyError::Cancelled`] if the token was cancelled first, with
/// the errors from before.
///
/// # Examples
///
/// ```
/// use taskcell::first_successful;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let read = |mirror: &'static str| move |_token| async move {
///     if mirror == "c" { Ok("data") } else { Err(mirror) }
/// };
/// assert_eq!(first_successful(["a", "b", "c"].map(read)).await, Ok("data"));
///
/// let error = first_successful(["a", "b"].map(read)).await.unwrap_err();
/// assert_eq!(error.to_string(), "all attempts failed: 2 errors: [0] a; [1] b");
/// # })
/// ```
///
/// With a token, a hook, and losers that may finish:
///
/// ```
/// use taskcell::{Attempt, CancellationTokenSource, Losers, first_successful};
///
/// let user = CancellationTokenSource::new();
/// let mirror = |name: &'static str, up: bool| move |_token| async move { up.then_some(name).ok_or("down") };
/// # smol::block_on(async {
/// let file = first_successful([mirror("a", false), mirror("b", true)])
///     .token(&user.token())
///     .on_attempt(|attempt: &Attempt| println!("mirror {}", attempt.number))
///     .losers(Losers::CancelAndAwait)
///     .await;
/// assert_eq!(file, Ok("b"));
/// # });
/// ```
#[doc(alias = "NeedOnlyOne")]
#[doc(alias = "WhenAny")]
#[doc(alias = "Promise.any")]
#[doc(alias = "select_ok")]
#[doc(alias = "race_ok")]
#[inline]
pub fn first_successful<I, G, R, T, E>(factories: I) -> FirstSuccessful<I::IntoIter, R::IntoFuture>
where
    I: IntoIterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    FirstSuccessful::new(factories.into_iter())
}

future_of_factories! {
    /// The future of [`first_successful`]. It is `Unpin`, whatever its attempts are.
    FirstSuccessful: Successful, |F: TryFuture| -> F::Ok, F::Error
}

impl<I, G, R, F, T, E, H> Future for FirstSuccessful<I, F, H>
where
    I: Iterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture<IntoFuture = F>,
    F: Future<Output = Result<T, E>>,
    H: FnMut(&Attempt),
{
    type Output = Result<T, RedundancyError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.engine.poll(&mut this.plan, cx)
    }
}
