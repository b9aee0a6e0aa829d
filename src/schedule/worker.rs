//! What a pair spawns on the underlying scheduler: polls one job after the other.

use super::half::InPair;
use super::job::{Job, Place};
use super::pair::Pair;
use super::permits::Kind;
use crate::shim::atomic::recheck;
use crate::shim::heap::Shared;
use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// After so many polls an executor's other futures have their turn.
const BUDGET: usize = if cfg!(loom) { 2 } else { 32 };

/// So many exclusive jobs are polled while concurrent ones wait.
const SHARE: usize = if cfg!(loom) { 1 } else { 16 };

/// It may poll as long as it is of some kind.
pub(super) struct Worker {
    pair: Shared<Pair>,
    kind: Option<Kind>,
    /// How many it has polled as one of this kind.
    polled: usize,
}

impl Worker {
    /// Starts one that may poll.
    pub(super) fn start(pair: Shared<Pair>, kind: Kind) {
        let keeps = pair.clone();
        keeps.scheduler.spawn(Box::pin(Self { pair, kind: Some(kind), polled: 0 }));
    }

    /// The next job; `None` if it has left.
    fn next(&mut self) -> Option<Shared<Job<InPair>>> {
        loop {
            let kind = self.kind?;
            let may = match kind {
                Kind::Concurrent => self.pair.permits.may_go_on(self.polled == 0),
                Kind::Exclusive => self.polled < SHARE,
            };
            if may {
                if let Some(job) = self.pair.queues.pop(kind) {
                    self.polled += 1;
                    return Some(job);
                }
            }
            self.polled = 0;
            self.kind = self.leave(kind, may);
        }
    }

    /// Leaves, because the queue is `empty` or others wait. What it has to be instead, if anything.
    fn leave(&self, kind: Kind, empty: bool) -> Option<Kind> {
        let permits = &self.pair.permits;
        let next = match kind {
            Kind::Concurrent => permits.leave_concurrent(empty),
            Kind::Exclusive => permits.leave_exclusive(empty),
        };
        // Whoever queued a job before the word said that the queue is empty was told that somebody looks.
        let more = empty && recheck("run queue", !self.pair.queues.is_empty(kind));
        if more && permits.ask(kind) {
            match next {
                None => return Some(kind),
                Some(_) => Self::start(self.pair.clone(), kind),
            }
        }
        if (kind, next) == (Kind::Exclusive, Some(Kind::Concurrent)) {
            self.start_others();
        }
        next
    }

    /// Concurrent jobs may be polled again: one worker for each, beside this one.
    fn start_others(&self) {
        let wanted = self.pair.queues.len(Kind::Concurrent).min(self.pair.permits.limit());
        for _ in 1..wanted {
            if self.pair.permits.ask(Kind::Concurrent) {
                Self::start(self.pair.clone(), Kind::Concurrent);
            }
        }
    }
}

impl Future for Worker {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..BUDGET {
            let Some(job) = self.next() else { return Poll::Ready(()) };
            Job::run(job);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.kind.is_none() || !self.pair.permits.give_up() {
            return;
        }
        for kind in [Kind::Exclusive, Kind::Concurrent] {
            while let Some(job) = self.pair.queues.pop(kind) {
                InPair::poll(|| job.end());
            }
        }
    }
}
