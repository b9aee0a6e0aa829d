//! How a continuation is run: where, after what, and until which cancellation.

use super::TaskStatus;
use crate::cancel::CancellationToken;
use crate::spawn::{BoxFuture, Spawner};
use core::fmt;

/// On the thread that ends the task, inside the call that does.
///
/// # Examples
///
/// ```
/// use taskcell::{ContinuationOptions, Inline};
///
/// let options: ContinuationOptions<Inline> = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
/// # drop(options);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inline(());

mod sealed {
    pub trait Sealed {}
}

/// Where a continuation runs: on a [`Spawner`], or [inline](Inline). Nobody else implements it.
///
/// # Examples
///
/// ```
/// use taskcell::{ContinuationOptions, ContinueOn, Task};
///
/// /// Whoever calls says where it is printed: on an executor, or inline.
/// fn print_when_done(task: &Task<u32>, place: ContinuationOptions<impl ContinueOn>) -> Task<()> {
///     task.continue_with(place, |task| Ok(println!("{:?}", task.status())))
/// }
/// let printed = print_when_done(&Task::from_result(7), ContinuationOptions::EXECUTE_SYNCHRONOUSLY);
/// assert!(printed.is_completed());
/// ```
pub trait ContinueOn: sealed::Sealed + Send + 'static {
    #[doc(hidden)]
    const INLINE: bool;
    #[doc(hidden)]
    fn start(&self, future: BoxFuture<'static, ()>);
}

impl<S: Spawner + Send + 'static> sealed::Sealed for S {}

impl<S: Spawner + Send + 'static> ContinueOn for S {
    const INLINE: bool = false;

    fn start(&self, future: BoxFuture<'static, ()>) {
        self.spawn(future);
    }
}

impl sealed::Sealed for Inline {}

impl ContinueOn for Inline {
    const INLINE: bool = true;

    fn start(&self, _: BoxFuture<'static, ()>) {
        unreachable!("what is inline is never spawned")
    }
}

/// The statuses after which a continuation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter(u8);

impl Filter {
    const ALL: Self = Self(7);
    const OK: u8 = 1;
    const FAULTED: u8 = 2;
    const CANCELLED: u8 = 4;

    pub(super) fn admits(self, status: TaskStatus) -> bool {
        let bit = match status {
            TaskStatus::Pending => 0,
            TaskStatus::RanToCompletion => Self::OK,
            TaskStatus::Faulted => Self::FAULTED,
            TaskStatus::Cancelled => Self::CANCELLED,
        };
        self.0 & bit != 0
    }
}

/// How [`Task::continue_with`](super::Task::continue_with) runs a continuation.
///
/// Begin with [`on`](Self::on) or [`EXECUTE_SYNCHRONOUSLY`](ContinuationOptions::EXECUTE_SYNCHRONOUSLY). The
/// continuation then runs however the task ends; `only_on_*` and `not_on_*` exclude endings, each some more. A
/// continuation that is excluded ends as cancelled, by no token; one from which everything is excluded always does.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, ContinuationOptions, Task, TaskCompletionSource};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let (source, task) = TaskCompletionSource::<u32>::pair();
/// let logged: Task<()> = task.continue_with(ContinuationOptions::on(smol).only_on_faulted(), |task| {
///     println!("{task:?}");
///     Ok(())
/// });
/// source.set_result(1);
/// # smol::block_on(async {
/// assert!(logged.await.unwrap_err().is_cancelled()); // the filter was not met
/// # });
/// ```
///
/// Which endings a continuation is for, and who may call it off:
///
/// ```
/// use taskcell::{CancellationToken, ContinuationOptions, Task, TaskCompletionSource};
///
/// const INLINE: ContinuationOptions = ContinuationOptions::EXECUTE_SYNCHRONOUSLY;
///
/// fn runs(task: &Task<u32>, options: ContinuationOptions) -> bool {
///     task.continue_with::<_, _, &str, _>(options, |_| Ok(())).is_completed_successfully()
/// }
/// let (done, failed) = (Task::from_result(7), Task::from_error("no paper".into()));
/// let cancelled = Task::from_cancelled(&CancellationToken::NONE);
/// assert!(runs(&done, INLINE.only_on_ran_to_completion()) && !runs(&done, INLINE.not_on_ran_to_completion()));
/// assert!(runs(&failed, INLINE.only_on_faulted()) && !runs(&failed, INLINE.not_on_faulted()));
/// assert!(runs(&cancelled, INLINE.only_on_cancelled()) && !runs(&cancelled, INLINE.not_on_cancelled()));
///
/// // A token ends the continuation, not the task; at once, or not before the task has ended.
/// let (source, pending) = TaskCompletionSource::<u32>::pair();
/// let stop = CancellationToken::new(true);
/// let now = pending.continue_with::<_, (), &str, _>(INLINE.with_token(stop.clone()), |_| Ok(()));
/// let later = pending.continue_with::<_, (), &str, _>(INLINE.with_token(stop).lazy_cancellation(), |_| Ok(()));
/// assert!(now.is_cancelled() && !later.is_completed());
/// source.set_result(7);
/// assert!(later.is_cancelled());
/// ```
#[doc(alias = "TaskContinuationOptions")]
#[must_use]
pub struct ContinuationOptions<S = Inline> {
    pub(super) place: S,
    pub(super) filter: Filter,
    pub(super) lazy: bool,
    pub(super) token: CancellationToken,
}

impl ContinuationOptions<Inline> {
    /// On the thread that ends the task, inside the call that does; at once if the task has ended already. For what is
    /// short and cannot block.
    #[doc(alias = "ExecuteSynchronously")]
    pub const EXECUTE_SYNCHRONOUSLY: Self = Self::new(Inline(()));
}

impl<S: Spawner + Send + 'static> ContinuationOptions<S> {
    /// On this executor, never inside the call that ends the task.
    ///
    /// It is handed over in its turn, behind those who came before it, [inline](Inline) ones included. (.NET hands over all
    /// that run elsewhere before it runs the first inline one.)
    #[doc(alias = "TaskScheduler")]
    pub const fn on(spawner: S) -> Self {
        Self::new(spawner)
    }
}

impl<S> ContinuationOptions<S> {
    const fn new(place: S) -> Self {
        Self { place, filter: Filter::ALL, lazy: false, token: CancellationToken::NONE }
    }

    fn only(mut self, statuses: u8) -> Self {
        self.filter.0 &= statuses;
        self
    }

    /// Only after a value.
    #[doc(alias = "OnlyOnRanToCompletion")]
    pub fn only_on_ran_to_completion(self) -> Self {
        self.only(Filter::OK)
    }

    /// Only after a fault: an error, a panic, or an abandoned task.
    #[doc(alias = "OnlyOnFaulted")]
    pub fn only_on_faulted(self) -> Self {
        self.only(Filter::FAULTED)
    }

    /// Only after a cancellation.
    #[doc(alias = "OnlyOnCanceled")]
    pub fn only_on_cancelled(self) -> Self {
        self.only(Filter::CANCELLED)
    }

    /// Not after a value.
    #[doc(alias = "NotOnRanToCompletion")]
    pub fn not_on_ran_to_completion(self) -> Self {
        self.only(!Filter::OK)
    }

    /// Not after a fault: an error, a panic, or an abandoned task.
    #[doc(alias = "NotOnFaulted")]
    pub fn not_on_faulted(self) -> Self {
        self.only(!Filter::FAULTED)
    }

    /// Not after a cancellation.
    #[doc(alias = "NotOnCanceled")]
    pub fn not_on_cancelled(self) -> Self {
        self.only(!Filter::CANCELLED)
    }

    /// A cancellation of the token ends the continuation only once the task has ended; nothing is registered with the
    /// token then.
    #[doc(alias = "LazyCancellation")]
    pub fn lazy_cancellation(mut self) -> Self {
        self.lazy = true;
        self
    }

    /// `token` cancels the continuation unless that has started: at once, or with
    /// [`lazy_cancellation`](Self::lazy_cancellation) when the task has ended.
    pub fn with_token(mut self, token: CancellationToken) -> Self {
        self.token = token;
        self
    }
}

impl<S: Clone> Clone for ContinuationOptions<S> {
    fn clone(&self) -> Self {
        Self { place: self.place.clone(), filter: self.filter, lazy: self.lazy, token: self.token.clone() }
    }
}

impl<S> fmt::Debug for ContinuationOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filter = self.filter;
        f.debug_struct("ContinuationOptions")
            .field("on_ran_to_completion", &filter.admits(TaskStatus::RanToCompletion))
            .field("on_faulted", &filter.admits(TaskStatus::Faulted))
            .field("on_cancelled", &filter.admits(TaskStatus::Cancelled))
            .field("lazy_cancellation", &self.lazy)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
