//! What the handles of a cache, its callers and its hot loads share.

use super::after::After;
use super::entry::{Answer, Span};
use super::flight::Load;
use super::options::CacheOptions;
use super::policy::{ErrorPolicy, Handover};
use super::state::{State, Wanted};
use crate::cancel::CancellationToken;
use crate::shim::lock::Lock;
use crate::spawn::Spawner;
use crate::time::{TimeProvider, Timestamp};
use alloc::boxed::Box;
use core::hash::{BuildHasher, Hash};
use core::mem;
use core::time::Duration;
use hashbrown::DefaultHashBuilder;

/// The loader of a cache.
pub(super) type OwnLoader<K, V, E> = Box<dyn Fn(K, CancellationToken) -> Load<V, E> + Send + Sync>;

pub(super) struct Shared<K, V, E> {
    state: Lock<State<K, V, E>>,
    hasher: DefaultHashBuilder,
    pub(super) loader: Option<OwnLoader<K, V, E>>,
    pub(super) handover: Handover,
    pub(super) errors: ErrorPolicy,
    time_to_live: Option<Duration>,
    /// There if anything is kept for a time.
    clock: Option<Box<dyn TimeProvider>>,
    pub(super) spawner: Option<Box<dyn Spawner + Send + Sync>>,
    /// Somebody may cancel a load.
    pub(super) cancels: bool,
}

impl<K, V, E> Shared<K, V, E> {
    pub(super) fn new(options: CacheOptions, loader: Option<OwnLoader<K, V, E>>) -> Self {
        let CacheOptions { handover, errors, time_to_live, limits, clock, spawner } = options;
        let timed = time_to_live.is_some() || matches!(errors, ErrorPolicy::CacheFor(_));
        let clock = if timed { Some(clock.expect("a cache that keeps for a time needs a clock")) } else { None };
        Self {
            state: Lock::new(State::new(limits)),
            hasher: DefaultHashBuilder::default(),
            loader,
            handover,
            errors,
            time_to_live,
            clock,
            spawner,
            cancels: limits.cancel_when_abandoned || limits.cancel_when_removed,
        }
    }

    /// Under the lock: nothing foreign but the `Eq` of keys.
    #[inline]
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut State<K, V, E>) -> R) -> R {
        self.state.with(f)
    }

    /// Under the lock, and then what is to be done outside, even if an `Eq` panics.
    pub(super) fn with_after<R>(&self, f: impl FnOnce(&mut State<K, V, E>, &mut After<K, V, E>) -> R) -> R {
        let mut after = Outside(After::new());
        let result = self.state.with(|state| f(state, &mut after.0));
        if after.0.is_empty() {
            // Nothing leaks: there is nothing in it, and dropping that is not for free.
            mem::forget(after);
        }
        result
    }

    /// The same; what is to be done outside is done when the second part goes. A caller first puts into safety what it has
    /// found: the rest may panic.
    pub(super) fn with_later<R>(
        &self,
        f: impl FnOnce(&mut State<K, V, E>, &mut After<K, V, E>) -> R,
    ) -> (R, Outside<K, V, E>) {
        let mut after = Outside(After::new());
        let result = self.state.with(|state| f(state, &mut after.0));
        (result, after)
    }

    #[inline]
    pub(super) fn now(&self) -> Timestamp {
        self.clock.as_ref().map_or(Timestamp::ZERO, |clock| clock.now())
    }

    #[inline]
    pub(super) fn wanted<'a, Q: Hash + ?Sized>(&self, key: &'a Q) -> Wanted<'a, Q> {
        Wanted { hash: self.hasher.hash_one(key), key }
    }

    /// How long a value is kept that is there now; `None` if it is not.
    pub(super) fn value_span(&self) -> Option<Span> {
        self.span(self.time_to_live.unwrap_or(Duration::MAX))
    }

    /// How long such an answer is kept.
    pub(super) fn answer_span(&self, answer: &Answer<V, E>) -> Option<Span> {
        match (answer, self.errors) {
            (Answer::Value(_), _) => self.value_span(),
            (Answer::Fault(_), ErrorPolicy::CacheFor(duration)) => self.span(duration),
            (Answer::Fault(_), _) => None,
        }
    }

    fn span(&self, duration: Duration) -> Option<Span> {
        if duration.is_zero() {
            return None;
        }
        let now = self.now();
        let until = if duration == Duration::MAX { Timestamp::MAX } else { now.saturating_add(duration) };
        Some(Span { now, until })
    }
}

/// It is done when this goes, outside of the lock.
pub(super) struct Outside<K, V, E>(After<K, V, E>);

impl<K, V, E> Drop for Outside<K, V, E> {
    fn drop(&mut self) {
        self.0.run();
    }
}
