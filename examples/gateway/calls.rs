//! The calls under way, and the answers that are still fresh: one load for all pages that want the same, on an executor,
//! cancelled with the last page that waits.

use crate::{
    call::{Caller, Missing, Target},
    counts::Tally,
    executor::Executor,
    guards::Health,
};
use std::{sync::Arc, time::Duration};
use taskcell::{AsyncCache, CacheError, CacheOptions, CacheStatistics, CancellationToken};

/// An answer is used again for this long.
const FRESH: Duration = Duration::from_secs(10);
/// Answers that are kept.
const KEPT: usize = 2_000;
/// At the shutdown a call has this long to end after it was cancelled.
const GRACE: Duration = Duration::from_millis(250);

/// A part of a page.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) text: String,
    /// Not what the service says now, but what it said last.
    pub(crate) is_stale: bool,
}

/// The calls, by target.
pub(crate) struct Calls {
    cache: AsyncCache<Target, String, Missing>,
    caller: Arc<Caller>,
    executor: Arc<Executor>,
    tally: Tally,
}

impl Calls {
    /// None yet. A call's fault is told to `log`, in a line; with `shutdown` all pages end, and with them the calls.
    pub(crate) fn new(shutdown: CancellationToken, tally: Tally, log: fn(&str)) -> Calls {
        let caller = Arc::new(Caller::new(tally.clone(), log));
        let executor = Arc::<Executor>::default();
        let options =
            CacheOptions::new().time_to_live(FRESH).capacity(KEPT).spawned(executor.clone()).cancel_when_abandoned();
        let (asked, counted) = (caller.clone(), tally.clone());
        let cache = AsyncCache::with_options(options, move |target: Target, token| {
            let (caller, call) = (asked.clone(), counted.call(&target, &shutdown, log));
            async move {
                let answer = caller.ask(&target, &token).await;
                call.ended(answer.as_ref().err());
                answer
            }
        });
        Calls { cache, caller, executor, tally }
    }

    /// The part that a page wants: a fresh answer, or what comes of a call that other pages may be waiting for, too. The
    /// call goes on without this page if others wait for it. Without an answer it is what the service said last.
    pub(crate) async fn get(&self, target: Target, page: &CancellationToken) -> Result<Content, String> {
        let error = match self.cache.get(&target).with_cancellation(page).await {
            Ok(text) => return Ok(Content { text, is_stale: false }),
            Err(CacheError::Cancelled(_)) => return Err("no answer in the time for the whole page".into()),
            Err(error) => error,
        };
        let Some(text) = self.caller.remembered(&target) else { return Err(error.to_string()) };
        self.tally.count(|counts| counts.parts_remembered += 1);
        Ok(Content { text, is_stale: true })
    }

    /// Waits, after the shutdown, for the end of all calls. One that does not hear of it is given up.
    pub(crate) async fn ended(&self) {
        self.executor.end(GRACE).await;
    }

    pub(crate) fn statistics(&self) -> CacheStatistics {
        self.cache.statistics()
    }

    pub(crate) fn health(&self) -> impl Iterator<Item = Health> {
        self.caller.health()
    }
}
