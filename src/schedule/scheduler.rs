//! What a scheduler is: a spawner that says more of itself, and may refuse.

use crate::shim::heap::Arc;
use crate::spawn::{BoxFuture, Spawner};
use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::num::NonZeroUsize;

/// A [`Spawner`] that has a name, may have a limit, and can say that it takes nothing any more.
///
/// Since it is a spawner, [`Task::run`](crate::Task::run), [`start_on`](crate::StartOn::start_on), continuations
/// ([`ContinuationOptions::on`](crate::ContinuationOptions::on)) and everything else that runs somewhere take it. Every
/// closure that is a spawner is a scheduler without a name and a limit; so is `Arc<S>` of a scheduler. For a spawner of
/// another type there is [`SpawnerScheduler`].
///
/// There is no default scheduler and no current one: this crate is not an executor, and what runs somewhere says where.
/// A task that waits for others by blocking needs a scheduler with threads to spare: none here makes more of them.
///
/// A scheduler that refuses a future MUST drop it in [`spawn`](Spawner::spawn): its task ends as
/// [abandoned](crate::TaskError::Abandoned), and everybody who waits is told. It MUST NOT be polled then.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use taskcell::{BoxFuture, SpawnerScheduler, Task, TaskScheduler};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let scheduler = SpawnerScheduler::new("smol", smol).with_max_concurrency(NonZeroUsize::MIN);
/// assert_eq!((scheduler.name(), scheduler.max_concurrency()), ("smol", NonZeroUsize::new(1)));
/// let task: Task<u32> = Task::run(&scheduler, async { Ok(7) });
/// # smol::block_on(async {
/// assert_eq!(task.await.unwrap(), 7);
/// # });
/// ```
///
/// ```
/// use std::sync::mpsc;
/// use taskcell::{MessageLoop, TaskScheduler};
///
/// let threads = |future: taskcell::BoxFuture<'static, ()>| drop(std::thread::spawn(|| smol::block_on(future)));
/// let (sender, receiver) = mpsc::channel();
/// threads.queue(Box::new(move || sender.send(7).unwrap())); // a job that is no future
/// assert_eq!(receiver.recv(), Ok(7));
///
/// let gone = MessageLoop::new("ui").handle();
/// assert!(gone.try_spawn(Box::pin(async {})).is_err()); // and gives the future back
/// ```
#[doc(alias = "SpawnHandle")]
pub trait TaskScheduler: Spawner {
    /// For people. Empty if it has none.
    #[doc(alias = "Id")]
    fn name(&self) -> &str {
        ""
    }

    /// How many polls may go on at once; `None`: it does not say.
    #[doc(alias = "MaximumConcurrencyLevel")]
    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        None
    }

    /// Starts the future, or gives it back.
    ///
    /// # Errors
    ///
    /// If the scheduler takes nothing any more.
    fn try_spawn(&self, future: BoxFuture<'static, ()>) -> Result<(), SchedulerClosed> {
        self.spawn(future);
        Ok(())
    }

    /// Has `job` called once. It is dropped if the scheduler takes nothing any more.
    #[doc(alias = "QueueTask")]
    fn queue(&self, job: Box<dyn FnOnce() + Send>) {
        self.spawn(Box::pin(async move { job() }));
    }
}

impl<F: Fn(BoxFuture<'static, ()>)> TaskScheduler for F {}

impl<S: TaskScheduler + ?Sized> TaskScheduler for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        (**self).max_concurrency()
    }
    fn try_spawn(&self, future: BoxFuture<'static, ()>) -> Result<(), SchedulerClosed> {
        (**self).try_spawn(future)
    }
    fn queue(&self, job: Box<dyn FnOnce() + Send>) {
        (**self).queue(job);
    }
}

/// The scheduler takes nothing any more. Gives the future back.
///
/// # Examples
///
/// ```
/// use taskcell::{MessageLoop, SchedulerClosed, TaskScheduler};
///
/// let gone = MessageLoop::new("ui").handle();
/// let refused: SchedulerClosed = gone.try_spawn(Box::pin(async { println!("done here") })).unwrap_err();
/// # smol::block_on(async {
/// refused.into_inner().await;
/// # });
/// ```
#[doc(alias = "TaskSchedulerException")]
pub struct SchedulerClosed {
    future: BoxFuture<'static, ()>,
}

impl SchedulerClosed {
    /// For schedulers of one's own.
    #[must_use]
    pub fn new(future: BoxFuture<'static, ()>) -> Self {
        Self { future }
    }

    /// The future that was not started.
    #[must_use]
    pub fn into_inner(self) -> BoxFuture<'static, ()> {
        self.future
    }
}

impl fmt::Debug for SchedulerClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchedulerClosed").finish_non_exhaustive()
    }
}

impl fmt::Display for SchedulerClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the scheduler takes nothing any more")
    }
}

impl Error for SchedulerClosed {}

/// Any [`Spawner`] as a [`TaskScheduler`].
#[derive(Clone)]
pub struct SpawnerScheduler<S> {
    spawner: S,
    name: Arc<str>,
    max_concurrency: Option<NonZeroUsize>,
}

impl<S: Spawner> SpawnerScheduler<S> {
    /// It runs what it is given on `spawner`. Allocates the name.
    pub fn new(name: &str, spawner: S) -> Self {
        Self { spawner, name: name.into(), max_concurrency: None }
    }

    /// Says how many polls the spawner runs at once. Nobody counts them here: to have a limit kept, there is
    /// [`limited_scheduler`](crate::limited_scheduler).
    #[must_use]
    pub fn with_max_concurrency(mut self, limit: NonZeroUsize) -> Self {
        self.max_concurrency = Some(limit);
        self
    }
}

impl<S: Spawner> Spawner for SpawnerScheduler<S> {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.spawner.spawn(future);
    }
}

impl<S: Spawner> TaskScheduler for SpawnerScheduler<S> {
    fn name(&self) -> &str {
        &self.name
    }
    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        self.max_concurrency
    }
}

impl<S> fmt::Debug for SpawnerScheduler<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SpawnerScheduler");
        debug.field("name", &self.name).field("max_concurrency", &self.max_concurrency).finish_non_exhaustive()
    }
}
