//! What becomes of a load whose leader goes, and of one that fails.

use core::time::Duration;

/// What becomes of a load when the caller that polls it is dropped.
///
/// Whoever waits takes over, one of them alone; the others go on waiting.
///
/// # Examples
///
/// ```
/// use smol::future::{poll_once, yield_now};
/// use taskcell::{AsyncCache, CacheOptions, Handover};
///
/// let options = CacheOptions::new().handover(Handover::Baton);
/// let cache: AsyncCache<u32, u32> = AsyncCache::with_options(options, |key, _| async move {
///     yield_now().await;
///     Ok(key)
/// });
/// # smol::block_on(async {
/// assert!(poll_once(cache.get(&7)).await.is_none()); // it leads, and is dropped
/// assert_eq!(cache.get(&7).await.unwrap(), 7); // another goes on where it was
/// assert_eq!(cache.statistics().loads, 1);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Handover {
    /// The load is dropped, and one waiter runs its own loader anew. If nobody waits the next caller does.
    #[default]
    Restart,
    /// One waiter goes on with the same future. If nobody waits it stays where it is, unpolled, for the next caller, unless
    /// [`cancel_when_abandoned`](super::CacheOptions::cancel_when_abandoned) was asked for.
    #[doc(alias = "baton passing")]
    Baton,
}

/// What becomes of a loader's error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorPolicy {
    /// All who wait at that time are given the error, and it is forgotten: the next caller loads anew.
    #[default]
    ShareOnce,
    /// The one whose loader failed is given the error; of the others one runs its own loader, and the rest wait for that.
    #[doc(alias = "RetryOnFailure")]
    RetryNext,
    /// All who wait are given the error, and whoever asks within this time, too; zero is [`ShareOnce`](Self::ShareOnce). A
    /// value that is still good, being refreshed, is not replaced by an error.
    #[doc(alias = "negative caching")]
    CacheFor(Duration),
}
