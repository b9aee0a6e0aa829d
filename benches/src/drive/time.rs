//! Nanoseconds of this machine: ours and the best peer by turns in one process.

use super::callgrind::field;
use super::plan::Measured;
use super::report::best;
use super::tools::Workers;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use taskcell_bench::rows::rows;

/// Turns of each; the median counts.
const TURNS: &str = "11";

/// One row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timed {
    pub(crate) row: String,
    pub(crate) peer: String,
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

/// Every row that has a peer.
pub(crate) fn measure(workers: &Workers, results: &[Measured], only: &str) -> Result<Vec<Timed>, String> {
    let mut all = Vec::new();
    for row in rows().filter(|row| row.ours.is_some() && row.id.starts_with(only)) {
        let Some((_, peer)) = best(results, row.id, |costs| costs.instructions) else { continue };
        let words = [row.id, peer, &row.n.to_string(), "time", TURNS];
        let [ours, theirs] =
            ask(&workers.row, &words, ["ours", "peer"]).map_err(|error| format!("{}: {error}", row.id))?;
        all.push(Timed { row: row.id.to_owned(), peer: peer.to_owned(), ours, theirs });
        eprint!("\r{} rows ", all.len());
    }
    eprintln!();
    Ok(all)
}

/// The table.
pub(crate) fn print(all: &[Timed]) {
    println!("\n{:<24} {:>12} {:>12} {:>7}  peer (medians of {TURNS} turns, ns)", "row", "ours", "peer", "ratio");
    for Timed { row, peer, ours, theirs } in all {
        println!("{row:<24} {ours:>12.1} {theirs:>12.1} {:>7.2}  {peer}", ours / theirs);
    }
}

/// Two numbers of the worker.
pub(crate) fn ask(worker: &Path, words: &[&str], names: [&str; 2]) -> Result<[f64; 2], String> {
    let output = Command::new(worker).args(words).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let line = String::from_utf8_lossy(&output.stdout);
    Ok([field(&line, names[0])?, field(&line, names[1])?])
}
