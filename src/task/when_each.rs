//! `Task::when_each`: tasks in the order in which they end.

use super::outcome::Outcome;
use super::{BoxError, NextTaskOrCancelled, Task};
use crate::cancel::CancellationToken;
use crate::raw::cell::Each;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::{FusedStream, Stream};

impl<T: 'static, E: 'static> Task<T, E> {
    /// A stream of these tasks in the order in which they end, each with its index in the order of input.
    ///
    /// Those that have ended already come first, in the order of input, and the stream never waits for them; what ends
    /// while this is called comes among them. Then each comes when it ends, in whatever way: the items are the tasks, not
    /// their outcomes. Nothing is thrown, and no fault counts as seen before somebody looks at it. The stream ends when it
    /// has given all; without any task that is at once. It never ends if one is left pending for good: that never comes.
    ///
    /// The order is the one in which the tasks call those who wait. One task may be given several times, and comes as
    /// often, each time with another index.
    ///
    /// Nobody polls the tasks: one that ends leaves its number in a list and wakes who waits for the stream, in constant
    /// time, and all of them cost O(N). A handle is held for each task until it has been given. One allocation for the
    /// places with all tasks, one for the list of tasks unless that is a `Vec`, and none later.
    ///
    /// # Cancel safety
    ///
    /// An item leaves the stream only in the poll that returns it. Dropping the stream stops none of the tasks; it is taken
    /// out of all that have not ended at once, in constant time for each, so that nothing stays with tasks that live long.
    ///
    /// # Panics
    ///
    /// With 2³⁰ tasks or more.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::{Task, TaskCompletionSource};
    ///
    /// let (slow, fast) = (TaskCompletionSource::<&str>::new(), TaskCompletionSource::<&str>::new());
    /// let mut each = Task::when_each([slow.task(), fast.task()]);
    /// fast.set_result("fast");
    /// slow.set_error("no paper".into());
    /// # smol::block_on(async {
    /// let (index, first) = each.next().await.unwrap();
    /// assert_eq!((index, first.await.unwrap()), (1, "fast"));
    /// let (index, second) = each.next().await.unwrap();
    /// assert_eq!((index, second.await.is_err()), (0, true));
    /// assert!(each.next().await.is_none());
    /// # });
    /// ```
    #[doc(alias = "WhenEach")]
    #[doc(alias = "OrderByCompletion")]
    #[doc(alias = "FuturesUnordered")]
    #[doc(alias = "as_completed")]
    pub fn when_each(tasks: impl IntoIterator<Item = Self>) -> WhenEachTask<T, E> {
        WhenEachTask(Each::new(tasks.into_iter().map(|task| task.0).collect()))
    }
}

/// Tasks in the order in which they end, each with its index; made by [`Task::when_each`].
///
/// # Cancel safety
///
/// An item leaves the stream only in the poll that returns it. Dropping the stream stops none of the tasks, and leaves
/// nothing behind in them.
#[must_use = "streams do nothing unless polled"]
pub struct WhenEachTask<T: 'static, E: 'static = BoxError>(Each<Outcome<T, E>>);

impl<T, E> WhenEachTask<T, E> {
    /// The next task that ends, unless `token` is cancelled first.
    ///
    /// A task that has ended comes first, whatever the token says: so nothing is lost, and a loop sees the cancellation
    /// when nothing is left to be given. A cancellation ends neither the tasks nor the stream, which can be asked again.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no task, and leaves nothing on the token.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled), if the token is cancelled and no task has ended that was not given.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, Task, TaskCompletionSource};
    ///
    /// let (source, late) = (CancellationTokenSource::new(), TaskCompletionSource::<u32>::new());
    /// let mut each = Task::when_each([late.task(), Task::from_result(7)]);
    /// # smol::block_on(async {
    /// source.cancel();
    /// let token = source.token();
    /// let (index, _) = each.next_or_cancelled(&token).await?.unwrap();
    /// assert_eq!(index, 1);
    /// assert!(each.next_or_cancelled(&token).await.is_err());
    /// # Ok::<(), taskcell::Cancelled>(())
    /// # }).unwrap();
    /// ```
    #[doc(alias = "WithCancellation")]
    pub fn next_or_cancelled<'a>(&'a mut self, token: &'a CancellationToken) -> NextTaskOrCancelled<'a, T, E> {
        NextTaskOrCancelled::new(self, token)
    }
}

impl<T, E> Stream for WhenEachTask<T, E> {
    type Item = (usize, Task<T, E>);

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx.waker()).map(|next| next.map(|(index, cell)| (index, Task(cell))))
    }

    /// As many as have not been given yet.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.to_come(), Some(self.0.to_come()))
    }
}

impl<T, E> FusedStream for WhenEachTask<T, E> {
    fn is_terminated(&self) -> bool {
        self.0.to_come() == 0
    }
}

impl<T, E> fmt::Debug for WhenEachTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenEachTask").field("to_come", &self.0.to_come()).finish_non_exhaustive()
    }
}
