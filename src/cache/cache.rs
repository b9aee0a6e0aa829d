//! The cache.

use super::entry::Answer;
use super::get::{Get, OwnLoader, given};
use super::options::CacheOptions;
use super::shared::Shared;
use super::state::Wanted;
use super::statistics::CacheStatistics;
use crate::cancel::CancellationToken;
use crate::shim::heap::Arc;
use crate::task::BoxError;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use core::borrow::Borrow;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Values by key, each loaded once whoever asks.
///
/// Clones are handles of one cache. A value is cloned for each who asks, so it is cheap to clone or it is an `Arc`. Whoever
/// asks for a key that is not there leads its load or waits for the one who does; the load is the caller's own future
/// unless it is [`spawned`](CacheOptions::spawned). What a dropped leader, an error, a panic mean to the others is said in
/// [the module's page](super), and chosen by [`CacheOptions`].
///
/// A loader may ask the same cache for another key. One that asks for its own key waits for itself for ever. The cache's
/// own loader lives as long as the cache, so if it holds a handle of that, neither ever goes; what [`get_with`] is given
/// holds one until its load has ended.
///
/// [`get_with`]: Self::get_with
///
/// Values, keys, errors and futures are cloned and dropped outside of the cache's lock, and wakers are woken there; of the
/// user's code only the `Eq` of keys runs under it, and must not use the cache. Keys are hashed by hashbrown's default
/// hasher, which is quick and not made to withstand keys that an attacker chooses to collide.
///
/// A future that is parked in the cache ([`Handover::Baton`](super::Handover::Baton)) lives as long as the cache; if it
/// holds a handle of that, neither ever goes, unless the key is removed.
///
/// # Examples
///
/// ```
/// use taskcell::AsyncCache;
///
/// # smol::block_on(async {
/// let lengths: AsyncCache<String, usize> = AsyncCache::new(|word: String, _token| async move {
///     // Fetches something.
///     Ok(word.len())
/// });
/// assert_eq!(lengths.get("paper").await.unwrap(), 5);
/// assert_eq!(lengths.get("paper").await.unwrap(), 5);
/// assert_eq!(lengths.statistics().loads, 1);
/// # });
/// ```
///
/// What is kept, and letting go of it:
///
/// ```
/// use core::time::Duration;
/// use taskcell::{AsyncCache, CacheOptions, ManualClock};
///
/// let clock = ManualClock::new();
/// let options = CacheOptions::new().clock(clock.clone()).time_to_live(Duration::from_secs(60));
/// let pages: AsyncCache<&str, u32> = AsyncCache::with_options(options, |_, _| async { Ok(7) });
/// # smol::block_on(async {
/// assert!(pages.is_empty() && pages.loading() == 0);
/// pages.get(&"home").await?;
/// assert_eq!(pages.refresh_with(&"home", |_| async { Ok(8) }).await?, 8);
/// assert_eq!(pages.remove(&"home"), Some(8));
/// pages.set("about", 9);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(pages.remove_expired(), 1);
/// pages.invalidate_all(); // all of them, whatever their age
/// # Ok::<(), taskcell::CacheError>(())
/// # }).unwrap();
/// ```
#[doc(alias = "single flight")]
#[doc(alias = "IMemoryCache")]
#[doc(alias = "HybridCache")]
#[doc(alias = "GetOrCreateAsync")]
pub struct AsyncCache<K, V, E = BoxError>(Arc<Shared<K, V, E>>);

impl<K, V, E> UnwindSafe for AsyncCache<K, V, E> {}
impl<K, V, E> RefUnwindSafe for AsyncCache<K, V, E> {}

impl<K, V, E> AsyncCache<K, V, E> {
    /// A cache with this loader, without limits.
    #[must_use]
    pub fn new<L, F>(loader: L) -> Self
    where
        L: Fn(K, CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        Self::with_options(CacheOptions::new(), loader)
    }

    /// A cache with this loader.
    ///
    /// # Panics
    ///
    /// If something is to be kept for a time and there is no clock, which without the feature `std` has to be given.
    #[must_use]
    pub fn with_options<L, F>(options: CacheOptions, loader: L) -> Self
    where
        L: Fn(K, CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        Self(Arc::new(Shared::new(options, Some(Box::new(move |key, token| Box::pin(loader(key, token)))))))
    }

    /// A cache whose callers bring their loaders: [`get_with`](Self::get_with) and [`refresh_with`](Self::refresh_with).
    ///
    /// # Panics
    ///
    /// As for [`with_options`](Self::with_options).
    #[must_use]
    pub fn without_loader(options: CacheOptions) -> Self {
        Self(Arc::new(Shared::new(options, None)))
    }

    /// How many values and errors are kept, those included that are too old and have not been dropped yet.
    #[must_use]
    #[doc(alias = "Count")]
    pub fn len(&self) -> usize {
        self.0.with(|state| state.len())
    }

    /// True if nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many loads a new caller could join: under way, or parked.
    #[must_use]
    pub fn loading(&self) -> usize {
        self.0.with(|state| state.flights.len())
    }

    /// What was counted so far.
    #[must_use]
    pub fn statistics(&self) -> CacheStatistics {
        self.0.with(|state| state.statistics)
    }

    /// Drops what is kept. Loads under way go on for those who wait, and are not kept; parked ones are dropped.
    #[doc(alias = "Clear")]
    pub fn invalidate_all(&self) {
        drop(self.0.with_after(|state, after| state.clear(after)));
    }

    /// Drops what is too old, and says how many that were.
    pub fn remove_expired(&self) -> usize {
        let now = self.0.now();
        self.0.with(|state| state.take_expired(now)).len()
    }
}

impl<K, V, E> AsyncCache<K, V, E>
where
    K: Hash + Eq,
    V: Clone,
{
    /// The value of a key: kept, or loaded by the cache's own loader. See [`Get`].
    ///
    /// The key is borrowed, and made an own one if there is something to load.
    ///
    /// # Panics
    ///
    /// If the cache has no loader of its own.
    #[inline]
    #[doc(alias = "GetOrAddAsync")]
    #[doc(alias = "AsyncCache.Item")]
    pub fn get<'a, Q>(&'a self, key: &'a Q) -> Get<'a, K, V, E, Q, OwnLoader>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        self.own(key, false)
    }

    /// The value of a key: kept, or loaded by `loader`, which is not called if another caller's load is under way. See
    /// [`Get`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{AsyncCache, CacheOptions};
    ///
    /// # smol::block_on(async {
    /// let cache: AsyncCache<u32, String> = AsyncCache::without_loader(CacheOptions::new());
    /// let page = cache.get_with(&7, |_token| async { Ok("page 7".to_owned()) }).await;
    /// assert_eq!(page.unwrap(), "page 7");
    /// assert_eq!(cache.peek(&7).unwrap(), "page 7");
    /// # });
    /// ```
    #[inline]
    #[doc(alias = "GetOrCreateAsync")]
    #[doc(alias = "try_get_with")]
    #[doc(alias = "get_or_insert_with")]
    pub fn get_with<'a, Q, L, F>(&'a self, key: &'a Q, loader: L) -> Get<'a, K, V, E, Q, L>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        L: FnOnce(CancellationToken) -> F,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        Get::new(&self.0, key, loader, false)
    }

    /// Loads anew while the value that is there is served to all others. One at a time: whoever refreshes meanwhile waits
    /// for the same load, and so does this one for a load that is under way.
    ///
    /// If it fails the value stays, for as long as it is good.
    ///
    /// # Panics
    ///
    /// If the cache has no loader of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::AsyncCache;
    ///
    /// # smol::block_on(async {
    /// let cache: AsyncCache<u32, u32> = AsyncCache::new(|_, _| async { Ok(2) });
    /// cache.set(7, 1);
    /// assert_eq!(cache.get(&7).await.unwrap(), 1);
    /// assert_eq!(cache.refresh(&7).await.unwrap(), 2);
    /// assert_eq!(cache.get(&7).await.unwrap(), 2);
    /// # });
    /// ```
    #[doc(alias = "stale while revalidate")]
    pub fn refresh<'a, Q>(&'a self, key: &'a Q) -> Get<'a, K, V, E, Q, OwnLoader>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        self.own(key, true)
    }

    /// [`refresh`](Self::refresh) by `loader`.
    pub fn refresh_with<'a, Q, L, F>(&'a self, key: &'a Q, loader: L) -> Get<'a, K, V, E, Q, L>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        L: FnOnce(CancellationToken) -> F,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        Get::new(&self.0, key, loader, true)
    }

    #[inline]
    fn own<'a, Q: ?Sized>(&'a self, key: &'a Q, fresh: bool) -> Get<'a, K, V, E, Q, OwnLoader> {
        assert!(self.0.loader.is_some(), "the cache has no loader of its own");
        Get::new(&self.0, key, OwnLoader(()), fresh)
    }

    /// The value of a key if it is kept. Nothing is loaded, counted or renewed.
    #[must_use]
    #[doc(alias = "TryGetValue")]
    pub fn peek<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (wanted, now) = (self.0.wanted(key), self.0.now());
        let answer = self.0.with(|state| state.peek(&wanted, now))?;
        given(answer).ok()
    }

    /// Keeps a value instead of what is there. A load of the key that is under way goes on for those who wait for it, and
    /// does not replace this value.
    #[doc(alias = "SetValue")]
    #[doc(alias = "insert")]
    pub fn set(&self, key: K, value: V) {
        let hash = self.0.wanted(&key).hash;
        match self.0.value_span() {
            Some(span) => {
                let value = Answer::Value(Arc::new(value));
                let (mut key, own) = (Some(key), value.clone());
                self.0.with_after(|state, after| state.set(hash, &mut key, own, span, after));
            }
            // It is too old already.
            None => {
                let wanted = Wanted { hash, key: &key };
                drop(self.0.with_after(|state, after| state.remove(&wanted, false, after)));
            }
        }
    }

    /// Removes a key's value, which is returned if it is still good. A load of the key that is under way goes on for those
    /// who wait for it, and is not kept; the next caller loads anew.
    #[doc(alias = "invalidate")]
    pub fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (wanted, now) = (self.0.wanted(key), self.0.now());
        let (_key, kept) = self.0.with_after(|state, after| state.remove(&wanted, true, after))?;
        if !kept.is_good(now) {
            return None;
        }
        match kept.answer {
            Answer::Value(value) => Some(Arc::try_unwrap(value).unwrap_or_else(|value| V::clone(&value))),
            Answer::Fault(_) => None,
        }
    }
}

impl<K, V, E> Clone for AsyncCache<K, V, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V, E> fmt::Debug for AsyncCache<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncCache").field("len", &self.len()).field("loading", &self.loading()).finish_non_exhaustive()
    }
}
