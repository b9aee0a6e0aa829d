//! What is left of `ConfigureAwait` where nothing is captured.

use crate::task::{Settled, Task, WaitForTask};
use core::fmt;
use core::future::{Future, IntoFuture};
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

/// How [`configure_await`](ConfigureAwait::configure_await) awaits a task.
///
/// There is no `ContinueOnCapturedContext`: nothing is captured, and `.await` always goes on where its executor polls. See
/// the [module](crate::schedule).
///
/// # Examples
///
/// ```
/// use taskcell::{ConfigureAwait, ConfigureAwaitOptions, Task, TaskStatus};
///
/// let task = Task::<u32>::from_result(7);
/// # smol::block_on(async {
/// assert_eq!(task.configure_await(ConfigureAwaitOptions::NONE).await.unwrap(), &7);
/// let politely = ConfigureAwaitOptions::SUPPRESS_THROWING.and_force_yielding();
/// assert_eq!(task.configure_await(politely).await, TaskStatus::RanToCompletion);
/// # });
/// ```
pub struct ConfigureAwaitOptions<M = Throwing> {
    yields: bool,
    mode: PhantomData<M>,
}

impl ConfigureAwaitOptions {
    /// As without options: the outcome, at once if it is there.
    #[doc(alias = "None")]
    pub const NONE: Self = Self { yields: false, mode: PhantomData };

    /// Pending once, even if the task has ended: others of the executor have their turn.
    #[doc(alias = "ForceYielding")]
    pub const FORCE_YIELDING: Self = Self { yields: true, mode: PhantomData };
}

impl ConfigureAwaitOptions<Suppressing> {
    /// The [status](crate::TaskStatus) instead of the outcome: no error is given, and a fault counts as seen. The same as
    /// [`Task::settled`].
    #[doc(alias = "SuppressThrowing")]
    pub const SUPPRESS_THROWING: Self = Self { yields: false, mode: PhantomData };
}

impl<M> ConfigureAwaitOptions<M> {
    /// These options, and [`FORCE_YIELDING`](ConfigureAwaitOptions::FORCE_YIELDING).
    #[must_use]
    pub const fn and_force_yielding(self) -> Self {
        Self { yields: true, mode: PhantomData }
    }
}

impl<M> Clone for ConfigureAwaitOptions<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for ConfigureAwaitOptions<M> {}

impl<M> fmt::Debug for ConfigureAwaitOptions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigureAwaitOptions").field("force_yielding", &self.yields).finish_non_exhaustive()
    }
}

/// The outcome, an error as an error.
///
/// # Examples
///
/// ```
/// use taskcell::{ConfigureAwaitOptions, Throwing};
///
/// let options: ConfigureAwaitOptions<Throwing> = ConfigureAwaitOptions::FORCE_YIELDING;
/// # _ = options;
/// ```
#[derive(Debug)]
pub enum Throwing {}

/// The status alone.
///
/// # Examples
///
/// ```
/// use taskcell::{ConfigureAwaitOptions, Suppressing};
///
/// let options: ConfigureAwaitOptions<Suppressing> = ConfigureAwaitOptions::SUPPRESS_THROWING;
/// # _ = options;
/// ```
#[derive(Debug)]
pub enum Suppressing {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Throwing {}
    impl Sealed for super::Suppressing {}
    impl<T, E> Sealed for crate::task::Task<T, E> {}
}

/// What is awaited: [`Throwing`] or [`Suppressing`].
///
/// # Examples
///
/// ```
/// use taskcell::{AwaitMode, ConfigureAwait, ConfigureAwaitOptions, Task};
///
/// /// Awaits with whatever options its caller has.
/// async fn all<M: AwaitMode>(tasks: &[Task<u32>], options: ConfigureAwaitOptions<M>) {
///     for task in tasks {
///         task.configure_await(options).await;
///     }
/// }
/// # smol::block_on(all(&[Task::from_result(7)], ConfigureAwaitOptions::NONE));
/// ```
pub trait AwaitMode: sealed::Sealed {
    #[doc(hidden)]
    type Wait<'a, T: 'a, E: 'a>: Future + Unpin;
    #[doc(hidden)]
    fn wait<T, E>(task: &Task<T, E>) -> Self::Wait<'_, T, E>;
}

impl AwaitMode for Throwing {
    type Wait<'a, T: 'a, E: 'a> = WaitForTask<'a, T, E>;

    fn wait<T, E>(task: &Task<T, E>) -> Self::Wait<'_, T, E> {
        task.into_future()
    }
}

impl AwaitMode for Suppressing {
    type Wait<'a, T: 'a, E: 'a> = Settled<'a, T, E>;

    fn wait<T, E>(task: &Task<T, E>) -> Self::Wait<'_, T, E> {
        task.settled()
    }
}

/// Awaits a task with options.
///
/// # Examples
///
/// ```
/// use taskcell::{ConfigureAwait, ConfigureAwaitOptions, Task};
///
/// # smol::block_on(async {
/// let task = Task::<u32>::from_result(7);
/// assert!(task.configure_await(ConfigureAwaitOptions::NONE).await.is_ok());
/// # });
/// ```
pub trait ConfigureAwait<T, E>: sealed::Sealed {
    /// Waits for the task as `options` say.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{ConfigureAwait, ConfigureAwaitOptions, Task, TaskStatus};
    ///
    /// let task = Task::<u32>::from_error("no paper".into());
    /// # smol::block_on(async {
    /// assert!(task.configure_await(ConfigureAwaitOptions::FORCE_YIELDING).await.is_err());
    /// let status = task.configure_await(ConfigureAwaitOptions::SUPPRESS_THROWING).await;
    /// assert_eq!(status, TaskStatus::Faulted);
    /// # });
    /// ```
    fn configure_await<M: AwaitMode>(&self, options: ConfigureAwaitOptions<M>) -> ConfiguredAwait<'_, M, T, E>;
}

impl<T, E> ConfigureAwait<T, E> for Task<T, E> {
    fn configure_await<M: AwaitMode>(&self, options: ConfigureAwaitOptions<M>) -> ConfiguredAwait<'_, M, T, E> {
        ConfiguredAwait { yields: options.yields, wait: M::wait(self) }
    }
}

/// The future of [`ConfigureAwait::configure_await`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct ConfiguredAwait<'a, M: AwaitMode, T: 'a, E: 'a> {
    /// True until it has been pending.
    yields: bool,
    wait: M::Wait<'a, T, E>,
}

impl<'a, M: AwaitMode, T: 'a, E: 'a> Future for ConfiguredAwait<'a, M, T, E> {
    type Output = <M::Wait<'a, T, E> as Future>::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if core::mem::take(&mut self.yields) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.wait).poll(cx)
    }
}

impl<'a, M: AwaitMode, T: 'a, E: 'a> fmt::Debug for ConfiguredAwait<'a, M, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfiguredAwait").field("yields", &self.yields).finish_non_exhaustive()
    }
}
