//! A stream that becomes one value.

use core::fmt;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedFuture, Stream};
use pin_project::pin_project;

use super::source::Source;

/// What is done with each item, and what comes of it.
pub trait Rule<T> {
    /// What comes of it.
    type Output;

    /// Takes an item, and may know the result already.
    fn take(&mut self, item: T) -> ControlFlow<Self::Output>;

    /// There are no more.
    fn finish(self) -> Self::Output;
}

/// The future of the operators of [`AsyncEnumerableExt`](super::AsyncEnumerableExt) that make one value of a stream; `R`
/// is what they do, of [`reductions`](super::reductions).
///
/// It takes items until the stream ends or the result is known, and leaves the rest. After 128 items in a row it wakes
/// its own task and is pending once, so that other tasks have their turn. To end it with a token:
/// [`until_cancelled`](crate::until_cancelled); after a time: [`timeout_on`](crate::timeout_on).
///
/// The closures are called once an item, inside the poll that takes it. One that waits comes before, as futures-util's
/// `then`: `stream.then(|item| async { .. }).sum()`.
///
/// # Cancel safety
///
/// Dropping it drops the stream and what came of it so far. To keep the rest of a stream, reduce `stream.by_ref()`: what
/// was taken out of it before the drop is lost.
///
/// # Panics
///
/// A panic of the stream or of a closure goes to the caller; the item that it was called with is gone, the result so far
/// is not. Polled again after its end it panics.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::reductions::Sum;
/// use taskcell::stream::{AsyncEnumerableExt, Reduction};
///
/// let total: Reduction<_, Sum<u32>> = stream::iter([1, 2, 3]).sum(); // to be awaited
/// # smol::block_on(async {
/// assert_eq!(total.await, Ok(6));
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct Reduction<S, R> {
    #[pin]
    source: Source<S>,
    /// None at the end.
    rule: Option<R>,
}

impl<S: Stream, R: Rule<S::Item>> Reduction<S, R> {
    pub(super) const fn new(stream: S, rule: R) -> Self {
        Self { source: Source::new(stream), rule: Some(rule) }
    }
}

impl<S: Stream, R: Rule<S::Item>> Future for Reduction<S, R> {
    type Output = R::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R::Output> {
        let mut this = self.project();
        let mut rule = this.rule.as_mut().expect("polled after its end");
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            if let ControlFlow::Break(output) = rule.take(item) {
                *this.rule = None;
                return Poll::Ready(output);
            }
            rule = this.rule.as_mut().expect("it has not ended");
        }
        Poll::Ready(this.rule.take().expect("it has not ended").finish())
    }
}

impl<S: Stream, R: Rule<S::Item>> FusedFuture for Reduction<S, R> {
    fn is_terminated(&self) -> bool {
        self.rule.is_none()
    }
}

impl<S, R> fmt::Debug for Reduction<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reduction").field("ended", &self.rule.is_none()).finish_non_exhaustive()
    }
}

/// `Debug` of a rule: its name.
macro_rules! named {
    ($name:ident [$($arguments:tt)*]) => {
        impl<$($arguments)*> core::fmt::Debug for $name<$($arguments)*> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use named;
