//! What is counted while the gateway runs.

use crate::{
    call::{Missing, Target},
    page::Page,
};
use std::sync::{Arc, Mutex, PoisonError};
use taskcell::CancellationToken;

/// Sums over the pages and calls of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Pages with all parts.
    pub(crate) pages_whole: usize,
    /// Pages with a part missing.
    pub(crate) pages_partial: usize,
    /// Pages whose client left before they were finished.
    pub(crate) pages_left: usize,
    /// Pages that the shutdown cancelled.
    pub(crate) pages_shut_down: usize,
    /// Requests that were malformed, too large or too slow.
    pub(crate) refused: usize,
    /// Calls that were begun: each is either counted once below, by the way in which it ended, or pending.
    pub(crate) calls_begun: usize,
    /// Calls with an answer of 200.
    pub(crate) calls_answered: usize,
    /// Calls with another answer or none.
    pub(crate) calls_failed: usize,
    /// Calls that took too long.
    pub(crate) calls_timed_out: usize,
    /// Calls that a breaker or a bulkhead did not let through.
    pub(crate) calls_rejected: usize,
    /// Calls that were cancelled because the clients of all their pages left.
    pub(crate) calls_left: usize,
    /// Calls that were cancelled by the shutdown.
    pub(crate) calls_shut_down: usize,
    /// Calls that their executor dropped.
    pub(crate) calls_abandoned: usize,
    /// Parts that needed no call of their own: an answer was fresh, or another page was waiting for the same.
    pub(crate) parts_shared: usize,
    /// Parts that a page took from what a service had said before.
    pub(crate) parts_remembered: usize,
    /// Requests that were made once more because the service had answered 503.
    pub(crate) retries: usize,
    /// Requests that were made once more because the first was late.
    pub(crate) hedges: usize,
    /// Faults of calls that were logged.
    pub(crate) faults_logged: usize,
    /// Calls whose connection the services saw closing before they had answered.
    pub(crate) closed_early: usize,
}

impl Counts {
    /// Counts a page: one that was served (`None`), or cancelled by the shutdown, or by its client's leaving.
    pub(crate) fn page(&mut self, page: &Page, shut_down: Option<bool>) {
        let whole = page.parts.iter().all(|(_, part)| part.is_ok());
        *match shut_down {
            None if whole => &mut self.pages_whole,
            None => &mut self.pages_partial,
            Some(false) => &mut self.pages_left,
            Some(true) => &mut self.pages_shut_down,
        } += 1;
    }

    /// Calls that have not ended.
    pub(crate) fn calls_pending(&self) -> usize {
        let cancelled = self.calls_left + self.calls_shut_down;
        let failed = self.calls_failed + self.calls_timed_out + self.calls_rejected;
        self.calls_begun - (self.calls_answered + failed + cancelled + self.calls_abandoned)
    }

    /// How the calls have ended, for the shutdown.
    pub(crate) fn calls(&self) -> String {
        let cancelled = self.calls_left + self.calls_shut_down;
        let Counts { calls_answered, calls_failed, calls_timed_out, calls_rejected, calls_abandoned, .. } = self;
        format!(
            "{calls_answered} answered, {calls_failed} failed, {calls_timed_out} timed out, {calls_rejected} rejected, \
             {cancelled} cancelled, {calls_abandoned} abandoned"
        )
    }

    /// Each number with its name.
    pub(crate) fn rows(&self) -> [(&'static str, usize); 19] {
        [
            ("pages with all parts", self.pages_whole),
            ("pages with a part missing", self.pages_partial),
            ("pages cancelled, client left", self.pages_left),
            ("pages cancelled by the shutdown", self.pages_shut_down),
            ("requests refused", self.refused),
            ("calls begun", self.calls_begun),
            ("calls answered", self.calls_answered),
            ("calls failed", self.calls_failed),
            ("calls timed out", self.calls_timed_out),
            ("calls rejected", self.calls_rejected),
            ("calls cancelled, client left", self.calls_left),
            ("calls cancelled by the shutdown", self.calls_shut_down),
            ("calls seen closed by the services", self.closed_early),
            ("parts fresh or shared", self.parts_shared),
            ("parts from memory", self.parts_remembered),
            ("requests repeated after a 503", self.retries),
            ("requests hedged", self.hedges),
            ("faults logged", self.faults_logged),
            ("calls pending now", self.calls_pending()),
        ]
    }
}

/// A call that has begun: counted once, and its fault logged, whatever becomes of it.
pub(crate) struct Call {
    name: String,
    tally: Tally,
    shutdown: CancellationToken,
    log: fn(&str),
    ended: bool,
}

impl Call {
    /// It has ended: with an answer, or with this.
    pub(crate) fn ended(mut self, missing: Option<&Missing>) {
        self.ended = true;
        let fault = missing.filter(|missing| **missing != Missing::Cancelled);
        let shut_down = self.shutdown.is_cancelled();
        self.tally.count(|counts| {
            counts.faults_logged += usize::from(fault.is_some());
            *match missing {
                None => &mut counts.calls_answered,
                Some(Missing::Cancelled) if shut_down => &mut counts.calls_shut_down,
                Some(Missing::Cancelled) => &mut counts.calls_left,
                Some(Missing::TimedOut) => &mut counts.calls_timed_out,
                Some(Missing::Rejected(_)) => &mut counts.calls_rejected,
                Some(Missing::Status(_) | Missing::Broken) => &mut counts.calls_failed,
            } += 1;
        });
        if let Some(fault) = fault {
            (self.log)(&format!("call: {}: {fault}", self.name));
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.tally.count(|counts| {
                counts.calls_abandoned += 1;
                counts.faults_logged += 1;
            });
            (self.log)(&format!("call: {}: it was given up", self.name));
        }
    }
}

/// The counts, where everybody can reach them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Counts>>);

impl Tally {
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts a call that begins.
    pub(crate) fn call(&self, target: &Target, shutdown: &CancellationToken, log: fn(&str)) -> Call {
        self.count(|counts| counts.calls_begun += 1);
        Call { name: target.to_string(), tally: self.clone(), shutdown: shutdown.clone(), log, ended: false }
    }

    pub(crate) fn read(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
