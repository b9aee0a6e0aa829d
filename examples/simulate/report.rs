//! The table: one row for each delay after which a second attempt starts.

use crate::{
    latency::{millis, percentile},
    model::Run,
};
use std::time::Duration;

pub(crate) fn head() {
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>10} {:>11} {:>9}",
        "hedge at", "after", "mean", "p50", "p99", "p99.9", "extra load", "failed"
    );
}

/// One run, beside the one without hedging.
pub(crate) fn row(name: &str, run: &Run, without: &Run) {
    let latencies = &run.latencies;
    let mean = latencies.iter().sum::<Duration>().checked_div(latencies.len() as u32);
    let [p50, p99, p999] = [50.0, 99.0, 99.9].map(|percent| millis(percentile(latencies, percent)));
    let extra = 100.0 * (run.attempts as f64 / without.attempts.max(1) as f64 - 1.0);
    println!(
        "{name:>8} {:>10} {:>10} {p50:>10} {p99:>10} {p999:>10} {extra:>9.2} % {:>9}",
        millis(run.hedged_after),
        millis(mean),
        run.failed
    );
}
