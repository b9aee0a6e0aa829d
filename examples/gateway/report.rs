//! The tables of a run that drives itself.

use crate::{
    call::CALL_LIMIT,
    counts::Counts,
    hedging::Tail,
    latency::{millis, percentile},
    load::Visits,
};

/// One column of the table.
pub(crate) struct Run {
    pub(crate) visits: Visits,
    pub(crate) counts: Counts,
    /// Listeners of the root token when everything had ended.
    pub(crate) listeners: usize,
    /// Timers that were still armed then.
    pub(crate) armed: usize,
}

/// Prints the table.
pub(crate) fn print(sequential: &Run, concurrent: &Run) {
    let row = |name: &str, value: &dyn Fn(&Run) -> String| {
        println!("{name:<44}{:>12}{:>12}", value(sequential), value(concurrent));
    };
    let number = |name: &str, value: fn(&Run) -> usize| row(name, &|run| value(run).to_string());
    println!("{:<44}{:>12}{:>12}", "", "sequential", "concurrent");
    row("page latency, p50", &|run| millis(percentile(&run.visits.latencies, 50.0)));
    row("page latency, p99", &|run| millis(percentile(&run.visits.latencies, 99.0)));
    number("pages with all parts", |run| run.counts.pages_whole);
    number("pages with a part missing, and named", |run| run.counts.pages_partial);
    number("clients that left early", |run| run.visits.left);
    number("clients that got no page", |run| run.visits.failed);
    number("pages cancelled, client left early", |run| run.counts.pages_left);
    number("calls begun", |run| run.counts.calls_begun);
    number("calls answered", |run| run.counts.calls_answered);
    number("calls failed (503)", |run| run.counts.calls_failed);
    let limit = format!("calls timed out (after {} ms)", CALL_LIMIT.as_millis());
    number(&limit, |run| run.counts.calls_timed_out);
    number("calls rejected (breaker, bulkhead)", |run| run.counts.calls_rejected);
    number("calls cancelled, client left early", |run| run.counts.calls_left);
    number("calls cancelled by the shutdown", |run| run.counts.calls_shut_down);
    number("calls abandoned", |run| run.counts.calls_abandoned);
    number("calls that the services saw closing early", |run| run.counts.closed_early);
    number("parts fresh, or of another page's call", |run| run.counts.parts_shared);
    number("parts from memory", |run| run.counts.parts_remembered);
    number("requests repeated after a 503", |run| run.counts.retries);
    number("requests hedged, as the first was late", |run| run.counts.hedges);
    number("faults logged", |run| run.counts.faults_logged);
    number("listeners, at most", |run| run.visits.peak_listeners);
    number("armed timers, at most", |run| run.visits.peak_armed);
    number("calls pending at the end", |run| run.counts.calls_pending());
    number("listeners at the end", |run| run.listeners);
    number("armed timers at the end", |run| run.armed);
}

/// Prints what hedging has done to the tail; the last line says it all.
pub(crate) fn print_tail(plain: &Tail, hedged: &Tail) {
    let row = |name: &str, value: &dyn Fn(&Tail) -> String| {
        println!("{name:<44}{:>12}{:>12}", value(plain), value(hedged));
    };
    println!("{:<44}{:>12}{:>12}", "", "plain", "hedged");
    for percent in [50.0, 99.0, 99.9] {
        row(&format!("call latency, p{percent}"), &|tail| millis(percentile(&tail.latencies, percent)));
    }
    row("second request after", &|tail| millis(tail.hedged_after));
    row("calls", &|tail| tail.latencies.len().to_string());
    row("calls failed (503)", &|tail| tail.failed.to_string());
    row("requests that the service saw", &|tail| tail.requests.to_string());
    let [before, after] = [plain, hedged].map(|tail| percentile(&tail.latencies, 99.0));
    let times = before.zip(after).map_or(0.0, |(before, after)| before.as_secs_f64() / after.as_secs_f64());
    let extra = 100.0 * (hedged.requests as f64 / hedged.latencies.len().max(1) as f64 - 1.0);
    println!("hedging: p99 {} -> {} ({times:.1} x), extra calls {extra:.1} %", millis(before), millis(after));
}
