//! What is counted while the gateway runs.

use crate::page::{Missing, Page};

/// Sums over the pages of one run.
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
    /// Calls with an answer of 200.
    pub(crate) calls_answered: usize,
    /// Calls with another answer or none.
    pub(crate) calls_failed: usize,
    /// Calls that took too long.
    pub(crate) calls_timed_out: usize,
    /// Calls that were cancelled because the page's client left.
    pub(crate) calls_left: usize,
    /// Calls that were cancelled by the shutdown.
    pub(crate) calls_shut_down: usize,
    /// Calls whose connection the services saw closing before they had answered.
    pub(crate) closed_early: usize,
}

impl Counts {
    /// Counts a page: not cancelled (`None`), cancelled by the shutdown, or by its client's leaving.
    pub(crate) fn page(&mut self, page: &Page, shut_down: Option<bool>) {
        let whole = page.parts.iter().all(|(_, part)| part.is_ok());
        *match shut_down {
            None if whole => &mut self.pages_whole,
            None => &mut self.pages_partial,
            Some(false) => &mut self.pages_left,
            Some(true) => &mut self.pages_shut_down,
        } += 1;
        for (_, part) in &page.parts {
            *match part {
                Ok(_) => &mut self.calls_answered,
                Err(Missing::Status(_) | Missing::Broken) => &mut self.calls_failed,
                Err(Missing::TimedOut) => &mut self.calls_timed_out,
                Err(Missing::Cancelled) if shut_down == Some(true) => &mut self.calls_shut_down,
                Err(Missing::Cancelled) => &mut self.calls_left,
            } += 1;
        }
    }

    /// One number a line, for `/stats`.
    pub(crate) fn text(&self, listeners: usize, armed: usize) -> String {
        let lines = [
            ("pages with all parts", self.pages_whole),
            ("pages with a part missing", self.pages_partial),
            ("pages cancelled, client left", self.pages_left),
            ("requests refused", self.refused),
            ("calls answered", self.calls_answered),
            ("calls failed", self.calls_failed),
            ("calls timed out", self.calls_timed_out),
            ("calls cancelled, client left", self.calls_left),
            ("calls seen closed by the services", self.closed_early),
            ("listeners now", listeners),
            ("armed timers now", armed),
        ];
        lines.map(|(name, number)| format!("{number:6} {name}")).join("\n")
    }
}
