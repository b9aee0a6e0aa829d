//! A value that is loaded when it is asked for.

use super::cache::AsyncCache;
use super::get::{Get, OwnLoader};
use super::options::CacheOptions;
use super::statistics::CacheStatistics;
use crate::cancel::CancellationToken;
use crate::task::BoxError;
use core::fmt;
use core::future::{Future, IntoFuture};

/// A value that is loaded when somebody asks for it, once for all who ask.
///
/// It is an [`AsyncCache`] of one value, and all that is said there holds here: who polls the load, what becomes of it when
/// that one is dropped, of an error, of a panic. An error is not kept unless
/// [`ErrorPolicy::CacheFor`](super::ErrorPolicy::CacheFor) asks for that, so a load that failed is tried again by whoever
/// asks next. Clones are handles of one value. The loader lives as long as they do.
///
/// # Examples
///
/// ```
/// use taskcell::AsyncLazy;
///
/// # smol::block_on(async {
/// let settings: AsyncLazy<String> = AsyncLazy::new(|_token| async { Ok("blue".to_owned()) });
/// assert_eq!(settings.peek(), None);
/// let (one, two) = taskcell::few::when_all((settings.get(), &settings)).await;
/// assert_eq!((one.unwrap(), two.unwrap()), ("blue".to_owned(), "blue".to_owned()));
/// assert_eq!(settings.statistics().loads, 1);
/// # });
/// ```
///
/// One for the whole process:
///
/// ```
/// use std::sync::LazyLock;
/// use taskcell::AsyncLazy;
///
/// static SETTINGS: LazyLock<AsyncLazy<String>> = LazyLock::new(|| AsyncLazy::new(|_token| async { Ok("blue".to_owned()) }));
///
/// # smol::block_on(async {
/// assert_eq!(SETTINGS.get().await.unwrap(), "blue");
/// # });
/// ```
///
/// Set by hand, and loaded anew:
///
/// ```
/// use taskcell::{AsyncLazy, GetLazy};
///
/// let rate: AsyncLazy<u32> = AsyncLazy::new(|_token| async { Ok(7) });
/// # smol::block_on(async {
/// rate.set(5);
/// let caller: GetLazy<'_, u32, _> = rate.get();
/// assert_eq!(caller.await?, 5);
/// assert_eq!(rate.refresh().await?, 7);
/// rate.reset();
/// assert!(rate.peek().is_none() && !rate.is_loading());
/// # Ok::<(), taskcell::CacheError>(())
/// # }).unwrap();
/// ```
#[doc(alias = "Lazy")]
#[doc(alias = "OnceCell")]
pub struct AsyncLazy<T, E = BoxError>(AsyncCache<(), T, E>);

/// A caller of [`AsyncLazy`].
pub type GetLazy<'a, T, E> = Get<'a, (), T, E, (), OwnLoader>;

impl<T, E> AsyncLazy<T, E> {
    /// A value of this loader.
    #[must_use]
    pub fn new<L, F>(loader: L) -> Self
    where
        L: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        Self::with_options(CacheOptions::new(), loader)
    }

    /// A value of this loader; `options` as for a cache.
    ///
    /// # Panics
    ///
    /// As [`AsyncCache::with_options`].
    #[must_use]
    pub fn with_options<L, F>(options: CacheOptions, loader: L) -> Self
    where
        L: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        Self(AsyncCache::with_options(options, move |(), token| loader(token)))
    }

    /// True if a load is under way, or parked.
    #[must_use]
    #[doc(alias = "IsStarted")]
    pub fn is_loading(&self) -> bool {
        self.0.loading() > 0
    }

    /// Forgets the value; as [`AsyncCache::remove`], without handing it out.
    #[doc(alias = "invalidate")]
    pub fn reset(&self) {
        self.0.invalidate_all();
    }

    /// What was counted so far.
    #[must_use]
    pub fn statistics(&self) -> CacheStatistics {
        self.0.statistics()
    }
}

impl<T: Clone, E> AsyncLazy<T, E> {
    /// The value; as [`AsyncCache::get`]. To await a reference of the lazy value does the same.
    #[inline]
    #[doc(alias = "GetAwaiter")]
    pub fn get(&self) -> GetLazy<'_, T, E> {
        self.0.get(&())
    }

    /// Loads anew while the value that is there is served to all others; as [`AsyncCache::refresh`].
    pub fn refresh(&self) -> GetLazy<'_, T, E> {
        self.0.refresh(&())
    }

    /// The value if it is there; nothing is loaded.
    #[must_use]
    #[doc(alias = "IsValueCreated")]
    pub fn peek(&self) -> Option<T> {
        self.0.peek(&())
    }

    /// This is the value; as [`AsyncCache::set`].
    pub fn set(&self, value: T) {
        self.0.set((), value);
    }
}

impl<'a, T, E> IntoFuture for &'a AsyncLazy<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    type Output = Result<T, super::CacheError<E>>;
    type IntoFuture = GetLazy<'a, T, E>;

    fn into_future(self) -> Self::IntoFuture {
        self.get()
    }
}

impl<T, E> Clone for AsyncLazy<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> fmt::Debug for AsyncLazy<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (loaded, loading) = (!self.0.is_empty(), self.is_loading());
        f.debug_struct("AsyncLazy").field("is_loaded", &loaded).field("is_loading", &loading).finish_non_exhaustive()
    }
}
