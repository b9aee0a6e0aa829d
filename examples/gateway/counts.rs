//! What is counted while the gateway runs.

use crate::{
    call::{Content, Missing},
    page::Page,
};
use std::sync::{Arc, Mutex, PoisonError};
use taskcell::{Task, TaskError};

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
    /// Calls that more than one page waited for.
    pub(crate) calls_shared: usize,
    /// Calls with an answer of 200.
    pub(crate) calls_answered: usize,
    /// Calls without one, whose pages got what the service had said before.
    pub(crate) calls_remembered: usize,
    /// Calls with another answer or none.
    pub(crate) calls_failed: usize,
    /// Calls that took too long.
    pub(crate) calls_timed_out: usize,
    /// Calls that were cancelled because the clients of all their pages left.
    pub(crate) calls_left: usize,
    /// Calls that were cancelled by the shutdown.
    pub(crate) calls_shut_down: usize,
    /// Calls that their executor dropped.
    pub(crate) calls_abandoned: usize,
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

    /// Counts how a call has ended.
    pub(crate) fn call(&mut self, call: &Task<Content>) {
        let Some(outcome) = call.try_result() else { return };
        *match outcome {
            Ok(content) if content.is_stale => &mut self.calls_remembered,
            Ok(_) => &mut self.calls_answered,
            Err(TaskError::Cancelled(cancelled)) => match cancelled.reason() {
                Some(reason) if reason.is_inherited() => &mut self.calls_shut_down,
                _ => &mut self.calls_left,
            },
            Err(TaskError::Abandoned) => &mut self.calls_abandoned,
            Err(error) => match error.fault().and_then(|fault| fault.downcast_ref()) {
                Some(Missing::TimedOut) => &mut self.calls_timed_out,
                _ => &mut self.calls_failed,
            },
        } += 1;
    }

    /// Calls whose tasks have not ended.
    pub(crate) fn calls_pending(&self) -> usize {
        let [cancelled, failed] = [self.calls_left + self.calls_shut_down, self.calls_failed + self.calls_timed_out];
        let answered = self.calls_answered + self.calls_remembered;
        self.calls_begun - (answered + failed + cancelled + self.calls_abandoned)
    }

    /// How the calls have ended, for the shutdown.
    pub(crate) fn calls(&self) -> String {
        let cancelled = self.calls_left + self.calls_shut_down;
        let Counts { calls_answered, calls_remembered, calls_failed, calls_timed_out, calls_abandoned, .. } = self;
        format!(
            "{calls_answered} answered, {calls_failed} failed, {calls_timed_out} timed out, {cancelled} cancelled, \
             {calls_abandoned} abandoned, {calls_remembered} answered from memory"
        )
    }

    /// One number a line, for `/stats`.
    pub(crate) fn text(&self, listeners: usize, armed: usize) -> String {
        let lines = [
            ("pages with all parts", self.pages_whole),
            ("pages with a part missing", self.pages_partial),
            ("pages cancelled, client left", self.pages_left),
            ("requests refused", self.refused),
            ("calls begun", self.calls_begun),
            ("calls shared by two pages or more", self.calls_shared),
            ("calls answered", self.calls_answered),
            ("calls answered from memory", self.calls_remembered),
            ("calls failed", self.calls_failed),
            ("calls timed out", self.calls_timed_out),
            ("calls cancelled, client left", self.calls_left),
            ("calls seen closed by the services", self.closed_early),
            ("requests repeated after a 503", self.retries),
            ("requests hedged", self.hedges),
            ("faults logged", self.faults_logged),
            ("tasks pending now", self.calls_pending()),
            ("listeners now", listeners),
            ("armed timers now", armed),
        ];
        lines.map(|(name, number)| format!("{number:6} {name}")).join("\n")
    }
}

/// The counts, where everybody can reach them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Counts>>);

impl Tally {
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
