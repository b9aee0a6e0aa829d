//! What there is to copy, and how much of it is done: the numbers of the bar.

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use std::{cell::Cell, sync::Mutex};
use taskcell::{BoxError, BoxFuture, LatestProgress, Report};

/// The numbers at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    /// Files to be copied, as far as is known, and those that are.
    pub(crate) files: u64,
    pub(crate) copied: u64,
    /// Their bytes, and those that are where they belong.
    pub(crate) bytes: u64,
    pub(crate) done: u64,
    /// Of those, what an earlier run had left.
    pub(crate) resumed: u64,
}

/// Counts, and reports what it counts.
pub(crate) struct Tally {
    numbers: Mutex<Numbers>,
    report: Box<dyn Report<Numbers> + Send + Sync>,
}

impl Tally {
    pub(crate) fn new(report: impl Report<Numbers> + Send + Sync + 'static) -> Tally {
        Tally { numbers: Mutex::default(), report: Box::new(report) }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Numbers)) {
        let now = {
            let mut numbers = self.numbers.lock().expect("no change panics");
            change(&mut numbers);
            *numbers
        };
        self.report.report(now);
    }

    pub(crate) fn now(&self) -> Numbers {
        *self.numbers.lock().expect("no change panics")
    }
}

/// How much of one file is done. It takes back what it has reported when the file has to be begun again.
pub(crate) struct Share<'a> {
    tally: &'a Tally,
    done: Cell<u64>,
}

impl<'a> Share<'a> {
    pub(crate) fn new(tally: &'a Tally) -> Self {
        Share { tally, done: Cell::new(0) }
    }

    pub(crate) fn is_at(&self, done: u64) {
        let before = self.done.replace(done);
        self.tally.change(|numbers| numbers.done = numbers.done + done - before);
    }
}

/// A bar on the terminal, if there is one. It is drawn beside the copies, and shows the latest numbers, not all.
pub(crate) fn bar() -> Result<LatestProgress<Numbers>, BoxError> {
    let style = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {msg}";
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(style)?).with_finish(ProgressFinish::Abandon);
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    Ok(LatestProgress::on(smol, move |numbers: Numbers| {
        bar.set_length(numbers.bytes);
        bar.set_position(numbers.done);
        bar.set_message(format!("{}/{} files", numbers.copied, numbers.files));
    }))
}
