//! Two schedulers that share an underlying one: one runs several at once, the other one alone.

use super::TaskScheduler;
use super::half::PairScheduler;
use super::life::Life;
use super::permits::{Kind, Permits};
use super::queues::Queues;
use crate::shim::heap::Shared;
use crate::task::{Task, TaskCompletionSource};
use alloc::boxed::Box;
use core::convert::Infallible;
use core::fmt;
use core::num::NonZeroUsize;

/// Two schedulers on top of another one: what the [concurrent](Self::concurrent) one runs may run at once, up to a limit;
/// what the [exclusive](Self::exclusive) one runs runs alone. As a reader-writer lock, but nobody blocks.
///
/// A scheduler with limited concurrency is its concurrent half ([`limited_scheduler`](crate::limited_scheduler)), a serial
/// queue its exclusive half ([`serial_scheduler`](crate::serial_scheduler)).
///
/// # It limits polls
///
/// What is counted are **polls that go on**, not futures that have begun: a future that is pending at an `.await` holds
/// nothing, and others run meanwhile. So on the exclusive half the code between two awaits is never interrupted, but what
/// was true before an `.await` may not be true after it; and a limit of 4 lets any number of requests be in flight. To
/// limit operations in flight, awaits included, take a throttle
/// ([`for_each_throttled`](crate::combine), or an asynchronous semaphore in each future).
///
/// # Order and fairness
///
/// Each half starts what it is given in order, first in first out; a future that is woken is queued again behind the
/// others. At most `limit` futures of this crate ("workers") are spawned on the underlying scheduler at a time, with the
/// first job that needs one; a worker polls one job after the other, ends when none is left, and lets others of its
/// executor run after every 32 polls.
///
/// When an exclusive job comes, no other concurrent poll begins; when those that go on have ended, exclusive ones are
/// polled: up to 16 if concurrent ones wait, which then have their turn, up to `limit` of them. So neither half starves.
///
/// # When the underlying scheduler drops a worker
///
/// A worker that is dropped leaves its permit. If it was the last one, what is queued at that moment is dropped, and its
/// tasks are abandoned: the scheduler has refused them. What comes later is tried again. A panic of a future (a
/// [`Task`] catches its own) ends that future alone and goes to the [fault hook](crate::fault).
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair, Task};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let pair = ConcurrentExclusiveSchedulerPair::new(smol, NonZeroUsize::new(4).unwrap());
/// let read: Task<u32> = Task::run(&pair.concurrent(), async { Ok(1) });
/// let write: Task<u32> = Task::run(&pair.exclusive(), async { Ok(2) });
/// # smol::block_on(async {
/// assert_eq!(read.await.unwrap() + write.await.unwrap(), 3);
/// pair.complete();
/// pair.completion().await.unwrap();
/// # });
/// ```
#[derive(Clone)]
pub struct ConcurrentExclusiveSchedulerPair {
    shared: Shared<Pair>,
}

/// What the halves, the workers and the jobs share.
pub(super) struct Pair {
    pub(super) scheduler: Box<dyn TaskScheduler + Send + Sync>,
    pub(super) permits: Permits,
    pub(super) queues: Queues,
    pub(super) life: Life,
    completion: TaskCompletionSource<(), Infallible>,
}

impl Pair {
    /// Nothing is left, and nothing will come.
    pub(super) fn has_ended(&self) {
        let _ = self.completion.try_set_result(());
    }
}

impl ConcurrentExclusiveSchedulerPair {
    /// Over `scheduler`, with at most `limit` concurrent polls: fewer if the scheduler
    /// [says](TaskScheduler::max_concurrency) that it runs fewer. [`NonZeroUsize::MAX`] is as many as it likes.
    ///
    /// Two allocations; one more for each future that is spawned, and none when it is woken.
    pub fn new(scheduler: impl TaskScheduler + Send + Sync + 'static, limit: NonZeroUsize) -> Self {
        let limit = scheduler.max_concurrency().map_or(limit, |most| most.min(limit)).get().min(Permits::MOST);
        let pair = Pair {
            scheduler: Box::new(scheduler),
            permits: Permits::new(limit),
            queues: Queues::new(),
            life: Life::new(),
            completion: TaskCompletionSource::new(),
        };
        Self { shared: Shared::new(pair) }
    }

    /// The half whose futures run beside each other.
    #[doc(alias = "ConcurrentScheduler")]
    #[must_use]
    pub fn concurrent(&self) -> PairScheduler {
        PairScheduler::new(self.shared.clone(), Kind::Concurrent)
    }

    /// The half whose futures run alone.
    #[doc(alias = "ExclusiveScheduler")]
    #[must_use]
    pub fn exclusive(&self) -> PairScheduler {
        PairScheduler::new(self.shared.clone(), Kind::Exclusive)
    }

    /// Takes no new futures; those that were spawned before go on to their ends, awaits included. Calling it again does
    /// nothing.
    #[doc(alias = "Complete")]
    pub fn complete(&self) {
        if self.shared.life.close() {
            self.shared.has_ended();
        }
    }

    /// True once [`complete`](Self::complete) has been called.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair, Task};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let pair = ConcurrentExclusiveSchedulerPair::new(smol, NonZeroUsize::MAX);
    /// pair.complete();
    /// assert!(pair.is_completed());
    /// let late: Task<u32> = Task::run(&pair.concurrent(), async { Ok(7) });
    /// assert!(late.try_result().unwrap().unwrap_err().is_abandoned());
    /// ```
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.shared.life.is_closed()
    }

    /// Ends when [`complete`](Self::complete) has been called and every future that was spawned has ended or been
    /// dropped. Abandoned if all handles and futures go without it.
    #[doc(alias = "Completion")]
    pub fn completion(&self) -> Task<(), Infallible> {
        self.shared.completion.task()
    }
}

impl fmt::Debug for ConcurrentExclusiveSchedulerPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ConcurrentExclusiveSchedulerPair");
        debug.field("limit", &self.shared.permits.limit()).finish_non_exhaustive()
    }
}
