//! A group as its body has it, and as anybody else has it.

use super::bell::Listener;
use super::child::{Child, Inbox};
use super::hot;
use super::shared::Shared;
use super::values::{NextOfGroup, WaitForGroup};
use crate::cancel::CancellationToken;
use crate::raw::fault::contain;
use crate::shim::heap::Shared as Arc;
use crate::spawn::{BoxFuture, Spawner};
use crate::task::{BoxError, Task};
use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

/// A group of children, as the body of [`task_group`](crate::task_group) has it: starts children, and takes their values.
///
/// `T` is what children give, `E` how they fail, `F` what a lazy child is: in [`task_group`](crate::task_group) any
/// future, boxed; in [`task_group_of`](crate::task_group_of) one type of future, not boxed.
///
/// | call | the child | is polled by | its value |
/// |---|---|---|---|
/// | [`run`](Self::run), [`push`](Self::push) | lazy; may borrow what outlives the group | the group's own future: **only while that is polled** | through [`next`](Self::next) |
/// | [`run_on`](Self::run_on) | hot | an executor | through [`next`](Self::next) |
/// | [`spawn`](Self::spawn) | hot | an executor | through the task |
///
/// Who else wants to start children (a child that has work for siblings, another thread) takes a
/// [handle](Self::handle). When this is dropped, values that nobody took are dropped, and later ones as they come. Until
/// then they are kept: a body that lives for long and does not want them takes a handle, and drops this.
///
/// # Examples
///
/// All kinds of children in one group:
///
/// ```
/// use taskcell::{BoxError, BoxFuture, TaskGroup, task_group};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # smol::block_on(async {
/// let sum = task_group(|mut group: TaskGroup<u32>| async move {
///     group.run(async { Ok(1) }); // lazy: the group's own future polls it
///     group.push(Box::pin(async { Ok(2) })); // the same, boxed by the caller
///     group.run_on(&smol, async { Ok(3) }); // hot
///     let task = group.spawn(&smol, async { Ok(4) }); // hot, with a task of its own
///     assert!(group.in_progress() >= 2 && !group.token().is_cancelled());
///
///     let first = group.next().await.unwrap_or(0); // whichever comes first
///     let others: u32 = group.wait_all().await.into_iter().sum();
///     Ok::<_, BoxError>(first + others + task.await?)
/// });
/// assert_eq!(sum.await?, 10);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
pub struct TaskGroup<T, E: 'static = BoxError, F = BoxFuture<'static, Result<T, E>>> {
    pub(super) handle: TaskGroupHandle<T, E, F>,
    pub(super) listener: Listener,
}

impl<'env, T, E: 'static> TaskGroup<T, E, BoxFuture<'env, Result<T, E>>> {
    /// Adds a lazy child: the group's future polls it. Boxes it: one allocation.
    ///
    /// With a [limit](crate::TaskGroupScope::limit) it waits until there is room. If the group's token is cancelled by
    /// then it is dropped, and never polled. Where there is room when the body ends, it begins.
    ///
    /// If the group is over, which a body never sees, the future is dropped; [`TaskGroupHandle::run`] gives it back.
    #[doc(alias = "AttachedToParent")]
    #[doc(alias = "launch")]
    #[doc(alias = "add_task")]
    pub fn run(&self, future: impl Future<Output = Result<T, E>> + Send + 'env) {
        drop(self.handle.run(future));
    }
}

impl<T, E: 'static, F> TaskGroup<T, E, F> {
    /// [`run`](Self::run) for a future that is of the group's own type, and not boxed: nothing is allocated while there
    /// is room where others have ended.
    pub fn push(&self, future: F) {
        drop(self.handle.push(future));
    }

    /// Starts a hot child on an executor; its value comes through [`next`](Self::next).
    ///
    /// With a [limit](crate::TaskGroupScope::limit) it waits until there is room; the group's future starts it then. It
    /// is not started if the token is cancelled by then. What did not have to wait begins even if the body has ended before
    /// the executor polls it, but not after an error. The token does not interrupt what has started: that looks at it
    /// itself.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    pub fn run_on<S, C>(&self, spawner: &S, future: C)
    where
        S: Spawner + Clone + Send + 'static,
        C: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Send + Sync,
    {
        drop(self.handle.run_on(spawner, future));
    }

    /// Starts a hot child on an executor; answers its task, which has its value. Its error is the group's, too. Otherwise
    /// as [`run_on`](Self::run_on).
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    #[doc(alias = "StartNew")]
    #[doc(alias = "fork")]
    pub fn spawn<S, C>(&self, spawner: &S, future: C) -> Task<T, E>
    where
        S: Spawner + Clone + Send + 'static,
        C: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync,
    {
        self.handle.spawn(spawner, future).unwrap_or_else(|_| Task::from_cancelled(&self.token()))
    }

    /// The group's token: cancelled at the first error, when the body has ended, and when the group is dropped; and by
    /// the [parent](crate::TaskGroupScope::token).
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.handle.token()
    }

    /// What starts children from elsewhere.
    #[must_use]
    pub fn handle(&self) -> TaskGroupHandle<T, E, F> {
        self.handle.clone()
    }

    /// How many children have not ended. Racy where other threads have handles.
    #[must_use]
    pub fn in_progress(&self) -> usize {
        self.handle.shared.count()
    }

    /// The value of the next child that ends with one; `None` if none is left. In the order in which they end.
    ///
    /// Errors do not come here: the first one cancels the group's token and becomes the error of the group. The others
    /// go on until they have ended, so `None` comes all the same. A child that may fail without taking the others along
    /// gives a `Result` as its value.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a value is taken only by the poll that returns it.
    #[expect(
        clippy::should_implement_trait,
        reason = "it gives a future, and has the name that such calls have everywhere"
    )]
    #[doc(alias = "WhenEach")]
    #[doc(alias = "join_next")]
    pub fn next(&mut self) -> NextOfGroup<'_, T, E, F> {
        NextOfGroup::new(self)
    }

    /// Waits until no child is left; gives the values that [`next`](Self::next) has not taken, in the order in which they
    /// came. **Without this the end of the body cancels the children that are left.**
    ///
    /// # Cancel safety
    ///
    /// Values are taken only by the poll that returns them.
    #[doc(alias = "WhenAll")]
    #[doc(alias = "WaitAll")]
    #[doc(alias = "join_all")]
    pub fn wait_all(&mut self) -> WaitForGroup<'_, T, E, F> {
        WaitForGroup::new(self)
    }
}

impl<T, E: 'static, F> Drop for TaskGroup<T, E, F> {
    fn drop(&mut self) {
        // Nobody takes them any more.
        let values = &self.handle.shared.values;
        values.close();
        while let Ok(value) = values.pop() {
            contain(|| drop(value));
        }
    }
}

impl<T, E: 'static, F> fmt::Debug for TaskGroup<T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup").field("in_progress", &self.in_progress()).finish_non_exhaustive()
    }
}

/// Starts children in a group, from anywhere; made by [`TaskGroup::handle`].
///
/// It does not keep the group open. When that is over, or its future dropped, the calls give the future back.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, BoxFuture, GroupEnded, TaskGroup, TaskGroupHandle, task_group};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # smol::block_on(async {
/// let mut kept: Option<TaskGroupHandle<u32>> = None;
/// let sum = task_group(|mut group: TaskGroup<u32>| {
///     let handle = group.handle();
///     kept = Some(handle.clone());
///     async move {
///         assert!(!handle.token().is_cancelled());
///         handle.run(async { Ok(1) }).ok();
///         handle.push(Box::pin(async { Ok(2) })).ok();
///         handle.run_on(&smol, async { Ok(3) }).ok();
///         let task = handle.spawn(&smol, async { Ok(4) }).ok();
///         let sum = group.wait_all().await.into_iter().sum::<u32>();
///         Ok::<_, BoxError>(sum + task.unwrap().await?)
///     }
/// });
/// assert_eq!(sum.await?, 10);
///
/// // It is over: the future comes back.
/// let refused: GroupEnded<_> = kept.unwrap().run(async { Ok(5) }).unwrap_err();
/// assert_eq!(refused.into_inner().await?, 5);
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
pub struct TaskGroupHandle<T, E: 'static = BoxError, F = BoxFuture<'static, Result<T, E>>> {
    pub(super) shared: Arc<Shared<T, E>>,
    pub(super) inbox: Inbox<F>,
}

impl<'env, T, E: 'static> TaskGroupHandle<T, E, BoxFuture<'env, Result<T, E>>> {
    /// [`TaskGroup::run`].
    ///
    /// # Errors
    ///
    /// If the group is over, with the future.
    pub fn run<C>(&self, future: C) -> Result<(), GroupEnded<C>>
    where
        C: Future<Output = Result<T, E>> + Send + 'env,
    {
        let Some(number) = self.shared.accept() else { return Err(GroupEnded(future)) };
        // Too late to give it back unboxed; the group has just been dropped, and its children with it.
        drop(self.put(number, Box::pin(future)));
        Ok(())
    }
}

impl<T, E: 'static, F> TaskGroupHandle<T, E, F> {
    /// [`TaskGroup::push`].
    ///
    /// # Errors
    ///
    /// If the group is over, with the future.
    pub fn push(&self, future: F) -> Result<(), GroupEnded<F>> {
        match self.shared.accept() {
            Some(number) => self.put(number, future).map_err(GroupEnded),
            None => Err(GroupEnded(future)),
        }
    }

    /// Hands an accepted child to the group, unless that has been dropped since.
    fn put(&self, number: usize, future: F) -> Result<(), F> {
        let put = self.inbox.push(Child { number, future });
        if put.is_err() {
            self.shared.leave();
        }
        self.shared.ring();
        put.map_err(|closed| closed.into_inner().future)
    }

    /// [`TaskGroup::run_on`].
    ///
    /// # Errors
    ///
    /// If the group is over, with the future.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    pub fn run_on<S, C>(&self, spawner: &S, future: C) -> Result<(), GroupEnded<C>>
    where
        S: Spawner + Clone + Send + 'static,
        C: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Send + Sync,
    {
        let Some(number) = self.shared.accept() else { return Err(GroupEnded(future)) };
        hot::run_on(&self.shared, number, spawner, future);
        Ok(())
    }

    /// [`TaskGroup::spawn`].
    ///
    /// # Errors
    ///
    /// If the group is over, with the future.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    pub fn spawn<S, C>(&self, spawner: &S, future: C) -> Result<Task<T, E>, GroupEnded<C>>
    where
        S: Spawner + Clone + Send + 'static,
        C: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync,
    {
        let Some(number) = self.shared.accept() else { return Err(GroupEnded(future)) };
        Ok(hot::spawn(&self.shared, number, spawner, future))
    }

    /// The group's token; see [`TaskGroup::token`].
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.shared.token.clone()
    }
}

impl<T, E: 'static, F> Clone for TaskGroupHandle<T, E, F> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), inbox: self.inbox.clone() }
    }
}

impl<T, E: 'static, F> fmt::Debug for TaskGroupHandle<T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroupHandle").field("in_progress", &self.shared.count()).finish_non_exhaustive()
    }
}

/// The group is over; here is the future that was to be its child.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, GroupEnded, TaskGroup, task_group};
///
/// # smol::block_on(async {
/// let handle = task_group(|group: TaskGroup<()>| async move { Ok::<_, BoxError>(group.handle()) }).await?;
/// let refused: GroupEnded<_> = handle.run(async { Ok(()) }).unwrap_err();
/// println!("{refused}");
/// refused.into_inner().await?; // without a group
/// # Ok::<_, BoxError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GroupEnded<F>(F);

impl<F> GroupEnded<F> {
    /// The future.
    pub fn into_inner(self) -> F {
        self.0
    }
}

impl<F> fmt::Display for GroupEnded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task group is over")
    }
}

impl<F> fmt::Debug for GroupEnded<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupEnded(..)")
    }
}

impl<F> Error for GroupEnded<F> {}
