//! `Bulkhead`: the handle.

use super::shared::Shared;
use super::{BulkheadAcquire, BulkheadCall, BulkheadPermit};
use crate::resilience::Rejected;
use crate::shim::heap::Shared as Arc;
use core::fmt;
use core::future::IntoFuture;
use core::num::NonZeroUsize;

/// Lets so many calls through at a time; a few more may wait, in order, and all others are rejected.
///
/// It is a handle: clones are the same bulkhead. One stands before each service, so that a slow one fills its own
/// bulkhead and not the whole program, as the bulkheads of a ship do with water.
///
/// Three things here limit how much happens at once, and each limits something else:
///
/// | what | limits | over it |
/// |---|---|---|
/// | `Bulkhead` | calls under way, those that wait for an answer included, by whoever they are made | they stand in a short queue, or are rejected |
/// | [`throttled_map`](crate::throttled_map), [`for_each_throttled`](crate::for_each_throttled) | the items of one job | they are not begun yet |
/// | [`limited_scheduler`](crate::limited_scheduler) | tasks that are being *polled*: one that waits counts for nothing | they stand in the run queue |
///
/// A place that comes free is handed to the first in line, so nobody overtakes: not even
/// [`try_acquire`](Self::try_acquire), which finds no place while somebody waits for one.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use smol::future::poll_once;
/// use taskcell::{Bulkhead, Rejected};
///
/// # smol::block_on(async {
/// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 1);
/// let running = bulkhead.try_acquire().unwrap();
///
/// let mut waiting = Box::pin(bulkhead.call(async { "at last" }));
/// assert!(poll_once(&mut waiting).await.is_none());
/// assert_eq!(bulkhead.call(async { "never" }).await, Err(Rejected::BulkheadFull));
///
/// drop(running);
/// assert_eq!(waiting.await, Ok("at last"));
/// assert_eq!((bulkhead.stats().running, bulkhead.stats().rejected), (0, 1));
/// # })
/// ```
#[doc(alias = "ConcurrencyLimiter")]
#[doc(alias = "AddConcurrencyLimiter")]
#[doc(alias = "BulkheadPolicy")]
#[doc(alias = "SemaphoreBulkhead")]
#[doc(alias = "ConcurrencyLimit")]
#[derive(Clone)]
pub struct Bulkhead {
    shared: Arc<Shared>,
}

impl Bulkhead {
    /// So many places, and so many who may wait for one. With a `queue` of zero who finds no place is rejected; with
    /// [`usize::MAX`] nobody is.
    #[must_use]
    #[doc(alias = "PermitLimit")]
    #[doc(alias = "QueueLimit")]
    #[doc(alias = "maxConcurrentCalls")]
    pub fn new(limit: NonZeroUsize, queue: usize) -> Self {
        Self { shared: Arc::new(Shared::new(limit, queue)) }
    }

    /// A place, if one is free.
    ///
    /// # Errors
    ///
    /// [`Rejected::BulkheadFull`], whatever room there is in the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use taskcell::{Bulkhead, Rejected};
    ///
    /// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 9);
    /// let place = bulkhead.try_acquire()?;
    /// assert_eq!(bulkhead.try_acquire().unwrap_err(), Rejected::BulkheadFull);
    /// drop(place);
    /// assert!(bulkhead.try_acquire().is_ok());
    /// # Ok::<(), Rejected>(())
    /// ```
    #[doc(alias = "AttemptAcquire")]
    pub fn try_acquire(&self) -> Result<BulkheadPermit, Rejected> {
        self.shared.try_take()?;
        Ok(BulkheadPermit::new(self.shared.clone()))
    }

    /// A place, waited for in the queue if there is room.
    ///
    /// It is asked for, and the place in the queue taken, at the first poll. While it waits it allocates nothing, once the
    /// queue has been as long as it gets.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the queue; a place that it was handed and has not come for goes to the next.
    /// [`with_cancellation`](BulkheadAcquire::with_cancellation) does so when a token is cancelled.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Errors
    ///
    /// [`Rejected::BulkheadFull`]: the queue is full, too. That is decided at the first poll.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use taskcell::{AcquireError, Bulkhead, CancellationToken};
    ///
    /// # smol::block_on(async {
    /// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 9);
    /// let place = bulkhead.acquire().await.unwrap();
    /// let token = CancellationToken::new(true);
    /// let other = bulkhead.acquire().with_cancellation(&token).await;
    /// assert!(matches!(other, Err(AcquireError::Cancelled(_))));
    /// # })
    /// ```
    #[doc(alias = "AcquireAsync")]
    pub fn acquire(&self) -> BulkheadAcquire {
        BulkheadAcquire::new(self.shared.clone())
    }

    /// Makes a call once there is a place for it.
    ///
    /// The place is asked for at the first poll, as [`acquire`](Self::acquire) does, and is taken until the future has been
    /// dropped. One that is rejected is dropped without having been polled. What begins its work when it is made, pass as
    /// `async { make().await }`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the queue, or drops the future and then gives its place back.
    ///
    /// # Panics
    ///
    /// A panic of the future goes to the caller; the place goes with the drop. Polled after its end it panics.
    ///
    /// # Errors
    ///
    /// [`Rejected::BulkheadFull`]: it was not made.
    #[doc(alias = "ExecuteAsync")]
    pub fn call<F: IntoFuture>(&self, future: F) -> BulkheadCall<F::IntoFuture> {
        BulkheadCall::new(self.acquire(), future.into_future())
    }

    /// The figures of this moment.
    #[must_use]
    #[doc(alias = "GetStatistics")]
    #[doc(alias = "BulkheadAvailableCount")]
    #[doc(alias = "QueueAvailableCount")]
    pub fn stats(&self) -> BulkheadStats {
        self.shared.stats()
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BulkheadStats { limit, queue, running, queued, rejected: _ } = self.stats();
        let mut debug = f.debug_struct("Bulkhead");
        debug.field("limit", &limit).field("queue", &queue).field("running", &running).field("queued", &queued).finish()
    }
}

/// How full a bulkhead is; made by [`Bulkhead::stats`].
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{Bulkhead, BulkheadStats};
///
/// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 1);
/// let place = bulkhead.try_acquire().unwrap();
/// let seen: BulkheadStats = bulkhead.stats();
/// assert_eq!((seen.running, seen.rejected), (1, 0));
/// # drop(place);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkheadStats {
    /// So many places there are.
    pub limit: NonZeroUsize,
    /// So many may wait.
    pub queue: usize,
    /// How many places are taken, those counted that were handed to one who has not come for it yet.
    pub running: usize,
    /// How many wait.
    pub queued: usize,
    /// How many were rejected so far.
    pub rejected: u64,
}
