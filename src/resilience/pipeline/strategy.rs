//! What a strategy is, and how they stand around each other.

use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::PipelineError;
use crate::cancel::{CancellationToken, CancellationTokenSource, DropGuard};

/// One layer of a [`Pipeline`](super::Pipeline): what it does around a call of `T` that may fail with `E`.
///
/// Written as an `async fn`; whatever it holds across an `await` goes when the call is dropped.
///
/// An implementation:
///
/// * MUST hand down the token it was given, or one that is linked to it ([`CancellationToken::child`]).
/// * MUST cancel that token before it drops a future of `next` that has not ended, unless its own token is cancelled or its
///   own future is dropped: whoever is above has seen to that.
/// * MUST, where it waits for anything but `next`, stop waiting when its token is cancelled, and answer
///   [`Cancelled`](crate::Cancelled).
/// * MUST NOT keep anything of a call alive when its future is gone, nor call `next` from anywhere but that future.
/// * MUST be ready for other calls at the same time.
/// * MAY call `next` any number of times, never as well, and make of its results what it likes; an error that it does not
///   understand it SHOULD pass on as it is.
///
/// It is implemented for references, `Arc`s and pipelines of strategies, too.
///
/// # Examples
///
/// Chaos: one call in three fails without being made.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use taskcell::{CancellationToken, Pipeline, PipelineError, PipelineNext, Strategy};
///
/// #[derive(Default)]
/// struct Chaos(AtomicU32);
///
/// impl<T, E: From<&'static str>> Strategy<T, E> for Chaos {
///     async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
///         if self.0.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
///             return Err(PipelineError::failed("chaos".into()));
///         }
///         next.call(token).await
///     }
/// }
///
/// # smol::block_on(async {
/// let pipeline = Pipeline::new().with(Chaos::default());
/// let mut failed = 0;
/// for _ in 0..9 {
///     let result = pipeline.call(|_| async { Ok::<_, String>(()) }).await;
///     failed += usize::from(result.is_err());
/// }
/// assert_eq!(failed, 3);
/// # })
/// ```
#[doc(alias = "ResilienceStrategy")]
#[doc(alias = "Layer")]
#[doc(alias = "middleware")]
pub trait Strategy<T, E> {
    /// Calls `next`, or not, and again, and makes something of that.
    #[doc(alias = "ExecuteCore")]
    fn execute<N: PipelineNext<T, E>>(
        &self,
        next: N,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>>;
}

/// What is inside of a strategy: the next one, or the operation.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, Pipeline, PipelineError, PipelineNext, Strategy};
///
/// struct Twice;
///
/// impl<T, E> Strategy<T, E> for Twice {
///     async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
///         next.call(token.clone()).await?; // to warm it up
///         next.call(token).await
///     }
/// }
/// let calls = core::cell::Cell::new(0);
/// # smol::block_on(async {
/// Pipeline::new().with(Twice).call(async |_| Ok::<_, ()>(calls.set(calls.get() + 1))).await.unwrap();
/// # });
/// assert_eq!(calls.get(), 2);
/// ```
pub trait PipelineNext<T, E> {
    /// Makes the call. Nothing happens before the future is polled. `token` tells it that it is not wanted any more.
    fn call(&self, token: CancellationToken) -> impl Future<Output = Result<T, PipelineError<E>>>;
}

impl<T, E, N: PipelineNext<T, E> + ?Sized> PipelineNext<T, E> for &N {
    fn call(&self, token: CancellationToken) -> impl Future<Output = Result<T, PipelineError<E>>> {
        (**self).call(token)
    }
}

impl<T, E, S: Strategy<T, E> + ?Sized> Strategy<T, E> for &S {
    fn execute<N: PipelineNext<T, E>>(
        &self,
        next: N,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>> {
        (**self).execute(next, token)
    }
}

impl<T, E, S: Strategy<T, E>> Strategy<T, E> for crate::shim::heap::Arc<S> {
    fn execute<N: PipelineNext<T, E>>(
        &self,
        next: N,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>> {
        (**self).execute(next, token)
    }
}

/// No strategy at all.
#[derive(Clone, Copy, Default)]
pub struct Bare;

impl fmt::Debug for Bare {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<T, E> Strategy<T, E> for Bare {
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        next.call(token).await
    }
}

/// One strategy around another.
#[derive(Clone, Copy)]
pub struct Around<A, B> {
    pub(super) outer: A,
    pub(super) inner: B,
}

impl<T, E, A: Strategy<T, E>, B: Strategy<T, E>> Strategy<T, E> for Around<A, B> {
    fn execute<N: PipelineNext<T, E>>(
        &self,
        next: N,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>> {
        self.outer.execute(Through { strategy: &self.inner, next }, token)
    }
}

impl<A: fmt::Debug, B: fmt::Debug> fmt::Debug for Around<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{:?} > ", self.outer, self.inner)
    }
}

/// An inner strategy, as the outer one sees it.
pub(super) struct Through<'a, B, N> {
    pub(super) strategy: &'a B,
    pub(super) next: N,
}

impl<T, E, B: Strategy<T, E>, N: PipelineNext<T, E>> PipelineNext<T, E> for Through<'_, B, N> {
    fn call(&self, token: CancellationToken) -> impl Future<Output = Result<T, PipelineError<E>>> {
        self.strategy.execute(&self.next, token)
    }
}

/// The operation, as the innermost strategy sees it.
pub(super) struct Operation<F>(pub(super) F);

impl<T, E, F, R> PipelineNext<T, E> for Operation<F>
where
    F: Fn(CancellationToken) -> R,
    R: IntoFuture<Output = Result<T, E>>,
{
    async fn call(&self, token: CancellationToken) -> Result<T, PipelineError<E>> {
        (self.0)(token).await.map_err(PipelineError::failed)
    }
}

/// A call with a token of its own, which is cancelled if this is dropped before the end of the call; or with its caller's.
#[pin_project]
pub(super) struct Apart<F> {
    // Before the call: it goes first. None, too, if the token is not its own.
    given_up: Option<DropGuard>,
    #[pin]
    call: F,
}

/// Makes a call with a token of its own below `token`.
pub(super) fn apart<F>(token: &CancellationToken, call: impl FnOnce(CancellationToken) -> F) -> Apart<F> {
    apart_if(true, token, call)
}

/// The same if it `may_be_given_up` before its end while whoever calls goes on; otherwise with `token` itself.
pub(super) fn apart_if<F>(
    may_be_given_up: bool,
    token: &CancellationToken,
    call: impl FnOnce(CancellationToken) -> F,
) -> Apart<F> {
    let source = may_be_given_up.then(|| token.child());
    let call = call(source.as_ref().map_or_else(|| token.clone(), CancellationTokenSource::token));
    Apart { given_up: source.map(CancellationTokenSource::drop_guard), call }
}

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let output = this.call.poll(cx);
        if output.is_ready() {
            // Not cancelled: what it gave may still hold the token.
            drop(this.given_up.take().map(DropGuard::disarm));
        }
        output
    }
}
