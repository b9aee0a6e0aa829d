//! Latencies, as the tables of the examples give them.

use std::time::Duration;

/// The nearest rank in a sorted list.
pub(crate) fn percentile(sorted: &[Duration], percent: f64) -> Option<Duration> {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// In milliseconds, or a dash.
pub(crate) fn millis(latency: Option<Duration>) -> String {
    latency.map_or("-".into(), |latency| format!("{:.1} ms", latency.as_secs_f64() * 1000.0))
}
