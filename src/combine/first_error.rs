//! `when_all_or_first_error`: waits for all, and cancels them at the first error.

use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::when_all::values;
use crate::cancel::CancellationTokenSource;
use crate::raw::children::Children;
use crate::task::AggregateError;

/// Waits for all futures; at the first error cancels `source`, whose token the others hold, and waits for them to end.
///
/// Without an error it gives the values in input order and leaves `source` as it is. With one, that one is the
/// [`AggregateError`]'s only listed error, so what [`first`](AggregateError::first) gives: the root, with its index, and
/// never a cancellation that it has caused. The errors of those that ended after it are kept apart, cancellations and
/// others: [`secondary`](AggregateError::secondary). The values are dropped. First is what is seen first: of futures that
/// were woken at the same time the one that was woken first, at the first poll the first in input order.
///
/// The source is cancelled inside the poll that sees the error, so its callbacks run there. Give each future a token of
/// it; a future that does not look at one goes on to its end, and is waited for.
/// [`without_waiting`](WhenAllOrFirstError::without_waiting) drops the others at once instead, after the cancelling. If
/// `source` was cancelled by somebody else, the first future that fails because of that is the root.
///
/// It is lazy, and polls, as [`when_all`](crate::when_all) does, with the same costs. An empty set is ready at the first
/// poll, with an empty vector.
///
/// # Cancel safety
///
/// Dropping the future drops all children that have not ended, in input order, and the outputs of those that have. It
/// does not cancel `source`: hold its [`drop_guard`](CancellationTokenSource::drop_guard_ref) for that.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the source is not cancelled by that, the other children are kept until
/// the future is dropped, and polling again panics. Polling after `Ready` panics. If a callback of the source panics, so
/// does the poll, after all callbacks have run; polling again goes on.
///
/// # Errors
///
/// If one of the futures gives an error.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationTokenSource, when_all_or_first_error};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let source = CancellationTokenSource::new();
/// let work = [0, 1, 2].map(|n| {
///     let token = source.token();
///     async move {
///         if n == 1 {
///             return Err("no paper");
///         }
///         token.cancelled().await;
///         Err::<(), _>("told to end")
///     }
/// });
/// let error = when_all_or_first_error(work, &source).await.unwrap_err();
/// assert!(error.iter().eq([(1, &"no paper")]));
/// assert!(error.secondary().eq([(0, &"told to end"), (2, &"told to end")]));
/// # })
/// ```
#[doc(alias = "WhenAllOrFirstException")]
#[doc(alias = "WhenAllOrFirstError")]
#[doc(alias = "try_join_all")]
#[doc(alias = "fail_fast")]
pub fn when_all_or_first_error<I, T, E>(
    futures: I,
    source: &CancellationTokenSource,
) -> WhenAllOrFirstError<'_, <I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture<Output = Result<T, E>>,
{
    let children = Some(Children::collect(futures.into_iter().map(IntoFuture::into_future)));
    WhenAllOrFirstError { children, source, root: None, waits: true }
}

/// The future of [`when_all_or_first_error`]. It is `Unpin`, whatever its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAllOrFirstError<'a, F: Future> {
    /// None once it was ready.
    children: Option<Children<F, F::Output>>,
    source: &'a CancellationTokenSource,
    /// Index of the first one that failed.
    root: Option<usize>,
    waits: bool,
}

impl<F: Future> WhenAllOrFirstError<'_, F> {
    /// Ends with the first error, right after the cancelling: the others are dropped where they are, in input order, and
    /// there are no secondary errors.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, when_all_or_first_error};
    ///
    /// # smol::block_on(async {
    /// let source = CancellationTokenSource::new();
    /// let work = [Some("no paper"), None].map(|error| async move {
    ///     match error {
    ///         Some(error) => Err::<(), _>(error),
    ///         None => core::future::pending().await, // looks at no token
    ///     }
    /// });
    /// let error = when_all_or_first_error(work, &source).without_waiting().await.unwrap_err();
    /// assert_eq!(error.first(), &"no paper");
    /// assert!(source.is_cancelled());
    /// # });
    /// ```
    pub fn without_waiting(mut self) -> Self {
        self.waits = false;
        self
    }
}

impl<F: Future<Output = Result<T, E>>, T, E> Future for WhenAllOrFirstError<'_, F> {
    type Output = Result<Vec<T>, AggregateError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let children = this.children.as_mut().expect("polled after it was ready");
        assert!(!children.has_panicked(), "polled after a child panicked");
        children.turn(cx.waker());
        if this.root.is_none() {
            this.root = children.poll_keep_until(Result::is_err);
            if this.root.is_some() {
                this.source.cancel();
            }
        }
        if let (Some(index), false) = (this.root, this.waits) {
            let root = children.take_kept(index);
            this.children = None;
            let Some(Err(error)) = root else { unreachable!("the root is an error that was kept") };
            return Poll::Ready(Err(AggregateError::new([(index, error)])));
        }
        children.poll_keep();
        if children.live() > 0 {
            return Poll::Pending;
        }
        let Some(children) = this.children.take() else { return Poll::Pending };
        Poll::Ready(values(children.drain_kept()).map_err(|mut errors| {
            let root = errors.iter().position(|(index, _)| Some(*index) == this.root).unwrap_or(0);
            let root = errors.remove(root);
            AggregateError::new([root]).and_secondary(errors)
        }))
    }
}

impl<F: Future> fmt::Debug for WhenAllOrFirstError<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let live = self.children.as_ref().map_or(0, |children| children.live());
        f.debug_struct("WhenAllOrFirstError").field("pending", &live).field("root", &self.root).finish_non_exhaustive()
    }
}
