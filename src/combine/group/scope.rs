//! The group as a future.

use super::handle::TaskGroup;
use super::running::{Outcome, Running};
use crate::cancel::{CancellationToken, Cancelled};
use crate::spawn::BoxFuture;
use crate::task::{AggregateError, TaskError};
use core::fmt;
use core::future::Future;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Runs `body`, which starts children in its group, and ends when the body and all children have: structured concurrency.
///
/// - **Nothing outlives the group.** Its future is ready when the body has ended and every child that was accepted, lazy
///   and hot, has ended too.
/// - **The end of the body cancels** the group's [token](TaskGroup::token), and waits for the children that are left: they
///   see the token, and end when they like. Who wants them to end by themselves awaits
///   [`wait_all`](TaskGroup::wait_all), or [`next`](TaskGroup::next) until there is `None`.
/// - **The first error cancels** the token, too, be it a child's or the body's, and the group waits for all the others.
///   **The body is waited for as well**: nobody drops it; `next` and `wait_all` go on until no child is left, and a body
///   that waits for anything else has to look at the token.
/// - **Once the token is cancelled no child begins**: neither those that have waited for room, nor those that come then.
///   They are dropped, which is no error if the group itself has cancelled. So children that start siblings without
///   end do end, with the body or at an error.
/// - **Dropped** (by a timeout, or as the loser of a race), the group drops the body and the lazy children, then cancels
///   its token: hot children see it and go on without a group.
///
/// What children give comes through [`next`](TaskGroup::next) while they run. Lazy children make progress only while this
/// future is polled, so one that computes for long holds up the body and its siblings: that is what hot children are for.
/// See [`TaskGroup`] for the kinds of children, [`limit`](TaskGroupScope::limit) for how many are in progress at a time,
/// and [`token`](TaskGroupScope::token) for whose cancellation reaches the group.
///
/// A poll polls the body and the children that were woken or are new. After 32 ends it lets others have their turn.
///
/// Nothing is allocated before the first poll; then a few blocks for the group, one for the body, and those of the queues.
/// A lazy child costs its box; the places of children are used again, in blocks that double.
///
/// # Cancel safety
///
/// Dropping it is the end of the body and of the lazy children, as said above.
///
/// # Errors
///
/// The first error, alone; what came after it is in [`secondary`](AggregateError::secondary). Its index is the child's
/// number, counted from one in the order in which children were accepted; that of the body is zero. Cancellations that
/// the group has brought about are no errors (a [`Cancelled`] of a child, or a boxed one). That an executor dropped a hot
/// child, or that it panicked, is an error. An error after the body has ended well fails the group, too: the body's value
/// is dropped then.
///
/// # Panics
///
/// If a lazy child or the body panics, so does the poll; the others are kept until the future is dropped, and polling
/// again panics. Polling after `Ready` panics. Callbacks of the token that panic do so in the poll that cancels it, and
/// spawners in the poll that starts a child for which there was no room; the group can be polled again after that.
///
/// # Examples
///
/// Many pages, eight at a time; the first failure stops all:
///
/// ```
/// use taskcell::{BoxError, task_group};
///
/// async fn fetch(page: u32) -> Result<usize, BoxError> {
///     smol::future::yield_now().await;
///     Ok(page as usize * 100)
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let bytes = task_group(|mut group| async move {
///     for page in 0..100 {
///         group.run(fetch(page));
///     }
///     let mut bytes = 0;
///     while let Some(length) = group.next().await {
///         bytes += length;
///     }
///     Ok::<_, BoxError>(bytes)
/// })
/// .limit(8.try_into()?)
/// .await?;
/// assert_eq!(bytes, 495_000);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
///
/// Work that runs on an executor's threads, and ends with its server:
///
/// ```
/// use taskcell::{BoxError, BoxFuture, TaskGroup, task_group};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let answered = task_group(|mut group: TaskGroup<u32, BoxError>| async move {
///     let token = group.token();
///     group.run(async move {
///         token.cancelled().await; // a heartbeat, until the end
///         Ok(0)
///     });
///     for request in 1..=3 {
///         group.run_on(&smol, async move { Ok(request) });
///     }
///     let mut answered = 0;
///     for _ in 0..3 {
///         answered += group.next().await.unwrap_or(0);
///     }
///     Ok(answered) // cancels the heartbeat, and waits for its end
/// });
/// assert_eq!(answered.await?, 6);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
///
/// A child that finds work for siblings:
///
/// ```
/// use taskcell::{BoxError, BoxFuture, TaskGroup, TaskGroupHandle, task_group};
///
/// // Boxed, as a future that starts futures of its own type has to be.
/// fn crawl(depth: u32, group: TaskGroupHandle<u32>) -> BoxFuture<'static, Result<u32, BoxError>> {
///     Box::pin(async move {
///         for _ in 0..depth {
///             // A child's group is not over.
///             group.push(crawl(depth - 1, group.clone())).ok();
///         }
///         Ok(1)
///     })
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let pages = task_group(|mut group: TaskGroup<u32>| async move {
///     group.push(crawl(3, group.handle()));
///     Ok(group.wait_all().await.into_iter().sum::<u32>())
/// });
/// assert_eq!(pages.await?, 16);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
#[doc(alias = "coroutineScope")]
#[doc(alias = "nursery")]
#[doc(alias = "JoinSet")]
#[doc(alias = "TaskTracker")]
#[doc(alias = "StructuredTaskScope")]
#[doc(alias = "AttachedToParent")]
#[doc(alias = "scope")]
pub fn task_group<'env, B, U, R, T, E>(body: B) -> TaskGroupScope<B, U, R, T, E, BoxFuture<'env, Result<T, E>>>
where
    B: FnOnce(TaskGroup<T, E, BoxFuture<'env, Result<T, E>>>) -> U,
    U: Future<Output = Result<R, E>>,
    E: 'static,
{
    task_group_of(body)
}

/// [`task_group`] for lazy children that are all of one type: nothing is boxed, and they need not be `Send`. They are
/// started by [`TaskGroup::push`].
///
/// # Cancel safety
///
/// As for [`task_group`], and so are errors and panics.
///
/// # Examples
///
/// ```
/// use taskcell::{TaskGroup, task_group_of};
///
/// async fn square(number: u32) -> Result<u32, String> {
///     Ok(number * number)
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let sum = task_group_of(|mut group: TaskGroup<_, _, _>| async move {
///     (1..=3).for_each(|number| group.push(square(number)));
///     Ok(group.wait_all().await.iter().sum::<u32>())
/// });
/// assert_eq!(sum.await.unwrap(), 14);
/// # })
/// ```
pub fn task_group_of<B, U, R, T, E, F>(body: B) -> TaskGroupScope<B, U, R, T, E, F>
where
    B: FnOnce(TaskGroup<T, E, F>) -> U,
    U: Future<Output = Result<R, E>>,
    E: 'static,
    F: Future<Output = Result<T, E>>,
{
    TaskGroupScope { stage: Stage::New { body, parent: CancellationToken::NONE, limit: None } }
}

/// The future of [`task_group`]. It is `Unpin`, whatever its body and its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct TaskGroupScope<B, U, R, T, E: 'static, F> {
    stage: Stage<B, U, R, T, E, F>,
}

#[expect(clippy::large_enum_variant, reason = "the other ones are for a moment")]
enum Stage<B, U, R, T, E: 'static, F> {
    New { body: B, parent: CancellationToken, limit: Option<NonZeroUsize> },
    Running(Running<U, R, T, E, F>),
    Over,
}

impl<B, U, R, T, E: 'static, F> TaskGroupScope<B, U, R, T, E, F> {
    /// At most so many children are in progress at a time, lazy and hot ones together. The others wait, lazy and hot ones
    /// in turn, each kind in the order in which they came. A child that waits for a sibling which waits for room waits
    /// for ever.
    ///
    /// # Panics
    ///
    /// If the group was polled before.
    #[doc(alias = "MaxDegreeOfParallelism")]
    #[doc(alias = "buffer_unordered")]
    pub fn limit(mut self, most: NonZeroUsize) -> Self {
        let Stage::New { limit, .. } = &mut self.stage else { panic!("the group has begun") };
        *limit = Some(most);
        self
    }

    /// Links the group's token to another one. If that is cancelled before the first poll, the body is not called, and the
    /// group fails as cancelled; later it is for the body and the children to look at the group's token.
    ///
    /// # Panics
    ///
    /// If the group was polled before.
    pub fn token(mut self, token: &CancellationToken) -> Self {
        let Stage::New { parent, .. } = &mut self.stage else { panic!("the group has begun") };
        *parent = token.clone();
        self
    }
}

impl<B, U, R, T, E: 'static, F> Unpin for TaskGroupScope<B, U, R, T, E, F> {}

impl<B, U, R, T, E, F> Future for TaskGroupScope<B, U, R, T, E, F>
where
    B: FnOnce(TaskGroup<T, E, F>) -> U,
    U: Future<Output = Result<R, E>>,
    E: 'static,
    F: Future<Output = Result<T, E>>,
{
    type Output = Outcome<R, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Stage::New { .. } = self.stage {
            let Stage::New { body, parent, limit } = core::mem::replace(&mut self.stage, Stage::Over) else {
                unreachable!("just seen")
            };
            if parent.is_cancelled() {
                let cancelled = TaskError::Cancelled(Cancelled::new(parent));
                return Poll::Ready(Err(AggregateError::new([(0, cancelled)])));
            }
            self.stage = Stage::Running(Running::new(&parent, limit.map(NonZeroUsize::get), body));
        }
        let Stage::Running(running) = &mut self.stage else { panic!("`task_group` polled after it was ready") };
        if running.poll(cx.waker()).is_pending() {
            return Poll::Pending;
        }
        match core::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Running(running) => Poll::Ready(running.into_outcome()),
            _ => unreachable!("just polled"),
        }
    }
}

impl<B, U, R, T, E: 'static, F> fmt::Debug for TaskGroupScope<B, U, R, T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("TaskGroupScope");
        if let Stage::Running(running) = &self.stage {
            text.field("in_progress", &running.count());
        }
        text.finish_non_exhaustive()
    }
}
