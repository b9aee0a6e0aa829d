//! What a run has done, in a few lines.

use crate::{fault::Fault, stamp::Stamp, survey::Pair, tally::Numbers};
use indicatif::HumanBytes;
use std::{path::PathBuf, time::Duration};
use taskcell::AggregateError;

/// So many errors are shown one by one.
const SHOWN: usize = 20;

/// What became of everything that was found.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) copied: u64,
    pub(crate) links: u64,
    pub(crate) modes: u64,
    pub(crate) same: u64,
    pub(crate) removed: u64,
    /// What the target has alone, and still has.
    pub(crate) extras: Vec<PathBuf>,
    pub(crate) skipped: Vec<(PathBuf, &'static str)>,
    pub(crate) faults: Vec<Fault>,
    /// Folders whose permissions and times are not set yet.
    pub(crate) folders: Vec<(Pair, Stamp)>,
    /// The token was cancelled before all was done.
    pub(crate) stopped: bool,
}

impl Summary {
    /// Whether all was done, so far.
    pub(crate) fn is_fine(&self) -> bool {
        self.faults.is_empty() && !self.stopped
    }

    /// All that failed, in the order in which it did.
    pub(crate) fn error(&mut self) -> Option<AggregateError<Fault>> {
        let faults = std::mem::take(&mut self.faults);
        (!faults.is_empty()).then(|| AggregateError::new(faults.into_iter().enumerate()))
    }

    pub(crate) fn print(&self, numbers: Numbers, took: Duration, dry_run: bool) {
        let written = numbers.done - numbers.resumed;
        let rate = (written as f64 / took.as_secs_f64().max(0.001)) as u64;
        let (bytes, rate) = (HumanBytes(written), HumanBytes(rate));
        match dry_run {
            true => println!("to copy     {} files, {}", self.copied, HumanBytes(numbers.bytes)),
            false => println!("copied      {} files, {bytes} in {took:.1?} ({rate}/s)", self.copied),
        }
        let line = |name, count, what: &str| {
            if count > 0 {
                println!("{}", format!("{name:12}{count} {what}").trim_end());
            }
        };
        if numbers.resumed > 0 {
            println!("continued   {} were there from before", HumanBytes(numbers.resumed));
        }
        line("links", self.links, "made");
        line("permissions", self.modes, "set");
        line("unchanged", self.same, "");
        line("removed", self.removed, "");
        line("extra", self.extras.len() as u64, "that only the target has (--delete removes them)");
        for (path, why) in &self.skipped {
            println!("skipped     {}: {why}", path.display());
        }
    }
}

/// Shows the errors of single files.
pub(crate) fn show(error: &AggregateError<Fault>) {
    for (_, fault) in error.iter().take(SHOWN) {
        eprintln!("{fault}");
    }
    if error.len() > SHOWN {
        eprintln!("and {} more", error.len() - SHOWN);
    }
}
