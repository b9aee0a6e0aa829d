//! Caches and lazy values: one load for all who ask.
mod edges;
mod errors;
mod faults;
mod handover;
mod hostile;
mod kept;
mod lazy;
mod memory;
mod spawned;
mod tokens;

use crate::support::Latch;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskcell::{AsyncCache, BoxFuture, CacheOptions, CancellationToken};

pub(crate) type Cache = AsyncCache<u32, u32, &'static str>;

pub(crate) fn cache(options: CacheOptions) -> Cache {
    AsyncCache::without_loader(options)
}

/// Loads that wait for a gate, counted.
#[derive(Clone, Default)]
pub(crate) struct Loads {
    pub(crate) begun: Arc<AtomicUsize>,
    pub(crate) ended: Arc<AtomicUsize>,
    pub(crate) dropped: Arc<AtomicUsize>,
    pub(crate) gate: Latch,
}

struct Loading(Loads);

impl Drop for Loading {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Loads {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    /// A loader whose load ends so once the gate has been opened `at` times.
    pub(crate) fn at(
        &self,
        at: usize,
        result: Result<u32, &'static str>,
    ) -> impl FnOnce(CancellationToken) -> BoxFuture<'static, Result<u32, &'static str>> + use<> {
        let loads = self.clone();
        move |_| {
            loads.begun.fetch_add(1, Ordering::SeqCst);
            let loading = Loading(loads);
            Box::pin(async move {
                loading.0.gate.reached(at).await;
                loading.0.ended.fetch_add(1, Ordering::SeqCst);
                result
            })
        }
    }
    pub(crate) fn ok(
        &self,
        value: u32,
    ) -> impl FnOnce(CancellationToken) -> BoxFuture<'static, Result<u32, &'static str>> + use<> {
        self.at(1, Ok(value))
    }
    /// Begun, ended, dropped.
    pub(crate) fn counts(&self) -> [usize; 3] {
        [&self.begun, &self.ended, &self.dropped].map(|count| count.load(Ordering::SeqCst))
    }
}
