//! What stands before each service: a breaker, so that one that is out of order is left alone for a while, and a bulkhead,
//! so that one that is slow does not take up everything.

use crate::services::NAMES;
use std::{
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};
use taskcell::{Bulkhead, BulkheadStats, CircuitBreaker, CircuitStats};

/// The circuit opens when half of the calls of the last ten seconds failed, if these were enough to tell.
const FAILURES: f64 = 0.5;
const WINDOW: Duration = Duration::from_secs(10);
const ENOUGH: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// It stays open for this long; then so many calls may try whether the service is back.
const BREAK: Duration = Duration::from_secs(2);
const PROBES: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// Requests to one service at a time, and how many more may wait.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(48).unwrap();
const WAITING: usize = 64;

/// The breaker and the bulkhead of one service.
pub(crate) struct Guard {
    name: &'static str,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) bulkhead: Bulkhead,
}

/// Of all services, by name.
pub(crate) struct Guards([Guard; NAMES.len()]);

/// How one service does.
pub(crate) struct Health {
    pub(crate) name: &'static str,
    pub(crate) circuit: CircuitStats,
    pub(crate) bulkhead: BulkheadStats,
}

impl Guards {
    /// A circuit that changes is told to `log`, in a line.
    pub(crate) fn new(log: fn(&str)) -> Guards {
        Guards(NAMES.map(|name| {
            let say = move |what| log(&format!("circuit: {name} {what}"));
            let breaker = CircuitBreaker::builder()
                .failure_ratio(FAILURES, WINDOW, ENOUGH)
                .break_for(BREAK)
                .probes(PROBES)
                .on_opened(move |_| say("is open"))
                .on_half_open(move |_| say("is tried"))
                .on_closed(move |_| say("is closed"))
                .build();
            Guard { name, breaker, bulkhead: Bulkhead::new(AT_ONCE, WAITING) }
        }))
    }

    pub(crate) fn of(&self, name: &str) -> &Guard {
        self.0.iter().find(|guard| guard.name == name).expect("each service has one")
    }

    pub(crate) fn health(&self) -> [Health; NAMES.len()] {
        self.0.each_ref().map(|guard| Health {
            name: guard.name,
            circuit: guard.breaker.stats(),
            bulkhead: guard.bulkhead.stats(),
        })
    }
}
