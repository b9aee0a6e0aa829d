//! What a cache has counted.

/// What a cache has counted since it was made; a snapshot.
///
/// Each call that was polled is a hit or a miss, unless its token was cancelled before that; a refresh is neither.
///
/// # Examples
///
/// ```
/// let cache: taskcell::AsyncCache<u32, u32> = taskcell::AsyncCache::new(|key, _| async move { Ok(key) });
/// # smol::block_on(async {
/// for key in [1, 2, 1, 1] {
///     cache.get(&key).await.unwrap();
/// }
/// let seen = cache.statistics();
/// assert_eq!((seen.hits, seen.misses, seen.loads, seen.failures, seen.evictions), (2, 2, 2, 0, 0));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Callers that were answered at once, by a value or an error that was kept.
    pub hits: u64,
    /// Callers that had to load or to wait for a load.
    pub misses: u64,
    /// Loads that were started.
    pub loads: u64,
    /// Loads that ended with an error or a panic.
    pub failures: u64,
    /// Entries that had to make room for others.
    pub evictions: u64,
}
