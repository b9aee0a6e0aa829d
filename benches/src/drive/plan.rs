//! Which runs are needed, and the runs themselves, as many at a time as there are cores.

use super::bars::Bar;
use super::callgrind::{self, field};
use super::disassembly::Atomics;
use super::tools::Workers;
use serde::{Deserialize, Serialize};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use taskcell_bench::rows::{ALIASES, Row, rows};

/// What one operation of a row cost somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) row: String,
    pub(crate) who: String,
    pub(crate) costs: Result<Costs, String>,
}

/// One operation; `None` is what was not asked for.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Costs {
    pub(crate) instructions: Option<f64>,
    pub(crate) rmws: Option<f64>,
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
}

impl Costs {
    /// The number that a bar of this unit speaks of.
    pub(crate) fn in_unit(&self, unit: &str) -> Option<f64> {
        match unit {
            "instructions" => self.instructions,
            "rmw" => self.rmws,
            "allocations" => self.allocations,
            // A row that works its number out itself says it where others say bytes.
            "bytes" | "polls" => self.bytes,
            _ => None,
        }
    }
}

/// The row that an id looks at.
pub(crate) fn row_of(id: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == id).map_or(id, |(_, row)| row)
}

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Ids that begin so.
    pub(crate) only: String,
    /// The machine's own steps as well.
    pub(crate) all: bool,
    /// The peers without ours.
    pub(crate) peers: bool,
}

/// What has to be asked of a row.
struct Job {
    row: &'static Row,
    who: &'static str,
    count: bool,
    heap: bool,
}

/// Rows that an id of the bars needs, with their variants (`A8.drop/...`), and with `all` the rest.
fn jobs(bars: &[Bar], wish: &Wish) -> Vec<Job> {
    let mut jobs = Vec::new();
    for row in rows() {
        let whole = row.id.split('/').next().unwrap_or(row.id);
        let wanted = |bar: &&Bar| bar.id.starts_with(&wish.only) && row_of(&bar.id) == whole;
        let units: Vec<&str> = bars.iter().filter(wanted).map(|bar| bar.unit.as_str()).collect();
        if units.is_empty() && !row.id.starts_with(&wish.only) {
            continue;
        }
        let heap = units.iter().any(|unit| ["allocations", "bytes", "polls"].contains(unit));
        let count = units.is_empty() || units.iter().any(|unit| ["instructions", "rmw"].contains(unit));
        let ours = row.ours.filter(|_| !wish.peers).map(|_| "ours");
        let everybody = ours.into_iter().chain(row.peers.iter().map(|(name, _)| *name));
        jobs.extend(everybody.map(|who| Job { row, who, count, heap }));
    }
    jobs
}

/// Runs them all.
pub(crate) fn measure(workers: &Workers, bars: &[Bar], wish: &Wish) -> Result<Vec<Measured>, String> {
    let jobs = jobs(bars, wish);
    let atomics = Atomics::default();
    let measured = |job: &Job| Measured {
        row: job.row.id.to_owned(),
        who: job.who.to_owned(),
        costs: run(workers, &atomics, job),
    };
    in_parallel(&jobs, measured)
}

/// As many at a time as there are cores; results in the list's order.
pub(crate) fn in_parallel<T: Sync, R: Send>(jobs: &[T], work: impl Fn(&T) -> R + Sync) -> Result<Vec<R>, String> {
    let next = Mutex::new(jobs.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let job = next.lock().ok().and_then(|mut jobs| jobs.next());
            let Some((place, job)) = job else { return };
            let result = work(job);
            if let Ok(mut results) = results.lock() {
                results.push((place, result));
                eprint!("\r{} of {} ", results.len(), jobs.len());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    eprintln!();
    let mut results = results.into_inner().map_err(|error| error.to_string())?;
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// (count at N - count at 0) / N, and one run of the counting allocator.
fn run(workers: &Workers, atomics: &Atomics, job: &Job) -> Result<Costs, String> {
    let mut costs = Costs::default();
    if job.count {
        let count =
            |n: usize| callgrind::run(&workers.row, atomics, &[job.row.id, job.who, &n.to_string(), "callgrind"]);
        let (many, none) = (count(job.row.n)?, count(0)?);
        costs.instructions = Some(each(many.instructions as f64 - none.instructions as f64, many.operations));
        costs.rmws = Some(each(many.rmws as f64 - none.rmws as f64, many.operations));
    }
    if job.heap {
        let output = Command::new(&workers.heap)
            .args([job.row.id, job.who, &job.row.n.to_string(), "heap"])
            .output()
            .map_err(|error| format!("{}: {error}", workers.heap.display()))?;
        let line = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("{} {} failed:\n{}", job.row.id, job.who, String::from_utf8_lossy(&output.stderr)));
        }
        costs.allocations = Some(field(&line, "allocations")?);
        costs.bytes = Some(field(&line, "bytes")?);
    }
    Ok(costs)
}

/// What one of so many operations costs, to a hundredth: the first turn of a loop is not quite as the others.
pub(crate) fn each(all: f64, operations: f64) -> f64 {
    (all / operations * 100.0).round() / 100.0
}
