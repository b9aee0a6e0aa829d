//! What a cache is to be like.

use super::policy::{ErrorPolicy, Handover};
use super::state::Limits;
use crate::spawn::Spawner;
use crate::time::TimeProvider;
use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

/// What an [`AsyncCache`](super::AsyncCache) or [`AsyncLazy`](super::AsyncLazy) is to be like.
///
/// Without further words: no limit in number or time; a load is polled by a caller, begun anew by another if that one is
/// dropped, and goes on without those who wait for it; an error is shared with those who wait, and forgotten.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{AsyncCache, CacheOptions, ErrorPolicy, Handover};
///
/// let options = CacheOptions::new()
///     .capacity(1000)
///     .time_to_live(Duration::from_secs(60))
///     .handover(Handover::Baton)
///     .error_policy(ErrorPolicy::CacheFor(Duration::from_secs(5)));
/// let cache: AsyncCache<String, usize> =
///     AsyncCache::with_options(options, |name: String, _| async move { Ok(name.len()) });
/// # smol::block_on(async {
/// assert_eq!(cache.get("pen").await.unwrap(), 3);
/// # });
/// ```
///
/// Loads that an executor polls, and that know when they are not wanted any more:
///
/// ```
/// use taskcell::{AsyncCache, BoxFuture, CacheOptions};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let options = CacheOptions::new().spawned(smol).cancel_when_abandoned().cancel_when_removed();
/// let cache: AsyncCache<u32, u32> = AsyncCache::with_options(options, |key, token| async move {
///     token.check()?; // between two steps, say
///     Ok(key)
/// });
/// # smol::block_on(async {
/// assert_eq!(cache.get(&7).await.unwrap(), 7);
/// # });
/// ```
#[must_use = "it is to be given to a cache"]
pub struct CacheOptions {
    pub(super) handover: Handover,
    pub(super) errors: ErrorPolicy,
    pub(super) time_to_live: Option<Duration>,
    pub(super) limits: Limits,
    pub(super) clock: Option<Box<dyn TimeProvider>>,
    pub(super) spawner: Option<Box<dyn Spawner + Send + Sync>>,
}

impl CacheOptions {
    /// No limits; a load is its callers'.
    pub fn new() -> Self {
        Self {
            handover: Handover::Restart,
            errors: ErrorPolicy::ShareOnce,
            time_to_live: None,
            limits: Limits { capacity: usize::MAX, cancel_when_abandoned: false, cancel_when_removed: false },
            clock: own_clock(),
            spawner: None,
        }
    }

    /// What becomes of a load whose caller is dropped.
    pub fn handover(mut self, handover: Handover) -> Self {
        self.handover = handover;
        self
    }

    /// What becomes of a loader's error.
    pub fn error_policy(mut self, policy: ErrorPolicy) -> Self {
        self.errors = policy;
        self
    }

    /// At most so many entries are kept: a further one takes the place of the one that was not asked for for the longest
    /// time. Zero keeps none, and loads are shared all the same. Loads under way do not count, and make no room.
    ///
    /// At first there is no limit.
    #[doc(alias = "LRU")]
    #[doc(alias = "SizeLimit")]
    pub fn capacity(mut self, entries: usize) -> Self {
        self.limits.capacity = entries;
        self
    }

    /// So long a value is kept, counted from the end of its load; then the next caller loads anew. Zero keeps none,
    /// [`Duration::MAX`] for ever.
    ///
    /// What is too old is dropped when its key is asked for, when it has to make room, or by
    /// [`remove_expired`](super::AsyncCache::remove_expired); no timer runs. Time is the clock's at the end of the load.
    ///
    /// At first there is no limit.
    #[doc(alias = "TTL")]
    #[doc(alias = "AbsoluteExpirationRelativeToNow")]
    pub fn time_to_live(mut self, duration: Duration) -> Self {
        self.time_to_live = Some(duration);
        self
    }

    /// The clock that times are measured by. With the feature `std` it is the system's at first.
    pub fn clock(mut self, clock: impl TimeProvider + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Loads run on this executor from the start, and no caller's going touches them. At first each is polled by one of
    /// its callers.
    ///
    /// A future that the executor drops is an [`Abandoned`](super::CacheError::Abandoned) load for the caller that gave it
    /// away, and a panic is [`Panicked`](super::CacheError::Panicked) for it; in both cases one of those who wait takes
    /// over.
    pub fn spawned(mut self, spawner: impl Spawner + Send + Sync + 'static) -> Self {
        self.spawner = Some(Box::new(spawner));
        self
    }

    /// A load that nobody waits for any longer is not wanted: its token is cancelled, and if nobody polls it it is dropped.
    /// The token of a load that is dropped so that another one begins it anew is cancelled, too. Whoever comes later starts a new one. At first a hot load runs on, and a baton waits for the next caller.
    pub fn cancel_when_abandoned(mut self) -> Self {
        self.limits.cancel_when_abandoned = true;
        self
    }

    /// The token of a load is cancelled when its key is removed. At first it runs on for those who wait.
    pub fn cancel_when_removed(mut self) -> Self {
        self.limits.cancel_when_removed = true;
        self
    }
}

#[cfg(feature = "std")]
fn own_clock() -> Option<Box<dyn TimeProvider>> {
    Some(Box::new(crate::time::SystemClock))
}

#[cfg(not(feature = "std"))]
fn own_clock() -> Option<Box<dyn TimeProvider>> {
    None
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CacheOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheOptions")
            .field("handover", &self.handover)
            .field("error_policy", &self.errors)
            .field("time_to_live", &self.time_to_live)
            .field("capacity", &self.limits.capacity)
            .finish_non_exhaustive()
    }
}
