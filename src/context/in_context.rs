//! Futures that run in a context.

use super::execution_context::ExecutionContext;
use super::flow::{Flow, Flowing};
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Has a future run in the context that is current now, as .NET does with every `async` method: it sees the locals that
/// are set here, and what it sets neither its caller sees nor whoever polls it. In the empty context, if the flow is
/// suppressed here.
///
/// See [`WithContext::with_context`], which says it all.
///
/// # Examples
///
/// ```
/// use taskcell::{AsyncLocal, in_context};
///
/// static DEPTH: AsyncLocal<u32> = AsyncLocal::new();
///
/// async fn deeper() -> u32 {
///     DEPTH.set(DEPTH.get().unwrap_or(0) + 1);
///     DEPTH.get().unwrap()
/// }
///
/// # smol::block_on(async {
/// assert_eq!(in_context(deeper()).await, 1);
/// assert_eq!(in_context(deeper()).await, 1);
/// # });
/// assert_eq!(DEPTH.get(), None);
/// ```
#[doc(alias = "ExecutionContext")]
pub fn in_context<F: IntoFuture>(future: F) -> InContext<F::IntoFuture> {
    InContext { future: Some(Flow::capture().around(future.into_future())) }
}

/// Gives futures a context.
///
/// # Examples
///
/// ```
/// use taskcell::{ExecutionContext, WithContext};
///
/// # smol::block_on(async {
/// let answer = async { 7 }.with_context(ExecutionContext::EMPTY).await; // it sees nobody's locals
/// assert_eq!(answer, 7);
/// # });
/// ```
pub trait WithContext: IntoFuture + Sized {
    /// Has this future run in `context`: that is installed for each poll and for the drop of the future, and taken away
    /// after it, also if that panics.
    ///
    /// What the future sets stays with it from poll to poll, and goes nowhere else. Once it has ended, it is dropped
    /// and the snapshot let go, inside the poll that says so.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future, in the context, and the snapshot.
    ///
    /// # Panics
    ///
    /// If it is polled after its end, or the future panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{AsyncLocal, ExecutionContext, WithContext};
    ///
    /// static USER: AsyncLocal<&str> = AsyncLocal::new();
    ///
    /// let context = USER.scope("Ada", || ExecutionContext::capture().unwrap());
    /// # smol::block_on(async {
    /// assert_eq!(async { USER.get() }.with_context(context).await, Some("Ada"));
    /// # });
    /// ```
    #[doc(alias = "Run")]
    fn with_context(self, context: ExecutionContext) -> InContext<Self::IntoFuture> {
        InContext { future: Some(Flow::of(context).around(self.into_future())) }
    }
}

impl<F: IntoFuture> WithContext for F {}

/// The future of [`in_context`] and [`WithContext::with_context`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct InContext<F> {
    /// None once it has ended.
    #[pin]
    future: Option<Flowing<F>>,
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut future = self.project().future;
        let Some(running) = future.as_mut().as_pin_mut() else { panic!("polled after its end") };
        let poll = running.poll(cx);
        if poll.is_ready() {
            future.set(None);
        }
        poll
    }
}

impl<F> fmt::Debug for InContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InContext").field("ended", &self.future.is_none()).finish_non_exhaustive()
    }
}
