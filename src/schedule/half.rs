//! One half of a pair, as a scheduler.

use super::job::{Job, Place};
use super::pair::{ConcurrentExclusiveSchedulerPair, Pair};
use super::permits::Kind;
use super::worker::Worker;
use super::{SchedulerClosed, TaskScheduler};
use crate::raw::fault::{Then, attempt};
use crate::shim::heap::Shared;
use crate::spawn::{BoxFuture, Spawner};
use core::fmt;
use core::num::NonZeroUsize;

/// One half of a [`ConcurrentExclusiveSchedulerPair`]: a scheduler. Clones are the same one.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair, PairScheduler, StartOn, Task};
///
/// struct Table {
///     reads: PairScheduler,
///     writes: PairScheduler,
/// }
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let pair = ConcurrentExclusiveSchedulerPair::new(smol, NonZeroUsize::MAX);
/// let table = Table { reads: pair.concurrent(), writes: pair.exclusive() };
/// let (read, write): (Task<u32>, Task<()>) = (async { Ok(7) }.start_on(&table.reads), async { Ok(()) }.start_on(&table.writes));
/// # smol::block_on(async {
/// write.await.unwrap();
/// assert_eq!(read.await.unwrap(), 7);
/// # });
/// ```
#[derive(Clone)]
pub struct PairScheduler {
    pair: Shared<Pair>,
    kind: Kind,
}

impl PairScheduler {
    pub(super) fn new(pair: Shared<Pair>, kind: Kind) -> Self {
        Self { pair, kind }
    }
}

impl Spawner for PairScheduler {
    /// The future is dropped if the pair [is completed](ConcurrentExclusiveSchedulerPair::complete);
    /// [`try_spawn`](TaskScheduler::try_spawn) gives it back.
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        drop(self.try_spawn(future));
    }
}

impl TaskScheduler for PairScheduler {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Concurrent => "concurrent",
            Kind::Exclusive => "exclusive",
        }
    }

    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        match self.kind {
            Kind::Concurrent => NonZeroUsize::new(self.pair.permits.limit()),
            Kind::Exclusive => Some(NonZeroUsize::MIN),
        }
    }

    fn try_spawn(&self, future: BoxFuture<'static, ()>) -> Result<(), SchedulerClosed> {
        if !self.pair.life.enter() {
            return Err(SchedulerClosed::new(future));
        }
        let place = InPair { pair: self.pair.clone(), kind: self.kind };
        Job::start(place, future, Member(self.pair.clone()));
        Ok(())
    }
}

impl fmt::Debug for PairScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let max = self.max_concurrency();
        f.debug_struct("PairScheduler").field("name", &self.name()).field("max_concurrency", &max).finish()
    }
}

/// At most `limit` polls at once, on `scheduler`: the concurrent half of a
/// [`ConcurrentExclusiveSchedulerPair`], whose docs say what is limited.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use taskcell::{BoxFuture, StartOn, Task, limited_scheduler};
///
/// let threads = |future: BoxFuture<'static, ()>| drop(std::thread::spawn(|| smol::block_on(future)));
/// let two_at_once = limited_scheduler(threads, NonZeroUsize::new(2).unwrap());
/// let tasks: Vec<Task<u32>> = (0..5).map(|n| async move { Ok(n) }.start_on(&two_at_once)).collect();
/// # smol::block_on(async {
/// assert_eq!(Task::when_all(tasks).await.unwrap().len(), 5);
/// # });
/// ```
#[doc(alias = "LimitedConcurrencyLevelTaskScheduler")]
#[doc(alias = "limitedParallelism")]
#[must_use]
pub fn limited_scheduler(scheduler: impl TaskScheduler + Send + Sync + 'static, limit: NonZeroUsize) -> PairScheduler {
    ConcurrentExclusiveSchedulerPair::new(scheduler, limit).concurrent()
}

/// One poll after the other, on `scheduler`: the exclusive half of a [`ConcurrentExclusiveSchedulerPair`], whose docs say
/// what that means at an `.await`.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, Task, serial_scheduler};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let serial = serial_scheduler(smol);
/// let first: Task<()> = Task::run_fn(&serial, || Ok(println!("first")));
/// let second: Task<()> = Task::run_fn(&serial, || Ok(println!("second")));
/// # smol::block_on(async {
/// second.await.unwrap();
/// # });
/// assert!(first.is_completed());
/// ```
#[doc(alias = "SerialTaskQueue")]
#[doc(alias = "OrderedTaskScheduler")]
#[must_use]
pub fn serial_scheduler(scheduler: impl TaskScheduler + Send + Sync + 'static) -> PairScheduler {
    ConcurrentExclusiveSchedulerPair::new(scheduler, NonZeroUsize::MIN).exclusive()
}

/// Where a pair's jobs are queued.
pub(super) struct InPair {
    pair: Shared<Pair>,
    kind: Kind,
}

impl Place for InPair {
    type Member = Member;

    fn queue(job: Shared<Job<Self>>) {
        let (pair, kind) = (job.place.pair.clone(), job.place.kind);
        pair.queues.push(kind, job);
        if pair.permits.ask(kind) {
            Worker::start(pair, kind);
        }
    }

    /// The worker goes on with the others.
    fn poll(poll: impl FnOnce()) {
        attempt(poll, |mut panics| panics.settle(Then::Report));
    }
}

/// A future of a pair that has not ended.
pub(super) struct Member(Shared<Pair>);

impl Drop for Member {
    fn drop(&mut self) {
        if self.0.life.leave() {
            self.0.has_ended();
        }
    }
}
