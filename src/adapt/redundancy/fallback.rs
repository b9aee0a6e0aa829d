//! `fallback`: one after the other, until one succeeds.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::TryFuture;

use super::attempt::Attempt;
use super::each::{Each, InTurn, future_of_factories};
use super::engine::Engine;
use super::error::RedundancyError;
use super::losers::Losers;
use crate::cancel::CancellationToken;

/// Tries one source after the other until one succeeds.
///
/// The first factory is called at the first poll, each further one when the attempt before has failed, in the same poll.
/// (After 64 failures in one poll other tasks have their turn.) What comes after the one that succeeds is never called.
/// No two attempts run at the same time, so a loser there is only if the token is cancelled.
///
/// All else is as for [`need_only_one`](crate::need_only_one): tokens, what happens at a drop and at a panic. For the
/// same source once more after a while take `retry`; for one that may also be too slow, [`hedge_on`](crate::hedge_on).
///
/// # Errors
///
/// [`RedundancyError::Failed`] if all failed, with the error of each under its place in the input;
/// [`RedundancyError::Empty`] if there is no factory; [`RedundancyError::Cancelled`] if the token was cancelled first, with
/// the errors from before. An attempt that succeeds in the poll that sees the cancellation still wins, one that fails
/// then is the last.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, CancellationToken, fallback};
///
/// type Source = fn(CancellationToken) -> BoxFuture<'static, Result<u32, &'static str>>;
/// let cache: Source = |_| Box::pin(async { Err("not in the cache") });
/// let disk: Source = |_| Box::pin(async { Ok(7) });
/// let network: Source = |_| unreachable!("the disk has it");
///
/// # #[cfg(not(loom))]
/// assert_eq!(smol::block_on(fallback([cache, disk, network])), Ok(7));
/// ```
///
/// With a token, a hook, and losers that may finish (there is one only when the token is cancelled):
///
/// ```
/// use taskcell::{Attempt, CancellationTokenSource, Losers, fallback};
///
/// let user = CancellationTokenSource::new();
/// let source = |name: &'static str, there: bool| move |_token| async move { there.then_some(name).ok_or("not there") };
/// # smol::block_on(async {
/// let page = fallback([source("cache", false), source("disk", true)])
///     .token(&user.token())
///     .on_attempt(|attempt: &Attempt| println!("source {}", attempt.number))
///     .losers(Losers::CancelAndAwait)
///     .await;
/// assert_eq!(page, Ok("disk"));
/// # });
/// ```
#[doc(alias = "FallbackAction")]
#[doc(alias = "or_else")]
#[inline]
pub fn fallback<I, G, R, T, E>(factories: I) -> Fallback<I::IntoIter, R::IntoFuture>
where
    I: IntoIterator<Item = G>,
    G: FnOnce(CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    Fallback::new(factories.into_iter())
}

future_of_factories! {
    /// The future of [`fallback`]. It is `Unpin`, whatever its attempts are.
    Fallback: InTurn, |F: TryFuture| -> F::Ok, F::Error
}

impl<I, G, R, F, T, E, H> Future for Fallback<I, F, H>
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
