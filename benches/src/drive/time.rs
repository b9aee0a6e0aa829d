//! Nanoseconds: ours and the best peer by turns in one process, and A12, two threads on one token.

use super::callgrind::field;
use super::plan::Measured;
use super::report::best;
use super::tools::Workers;
use std::process::Command;
use taskcell_bench::rows::ROWS;

/// Turns of each; the median counts.
const TURNS: &str = "11";

/// Two tables.
pub(crate) fn print(workers: &Workers, results: &[Measured], only: &str) {
    println!("\n{:<24} {:>12} {:>12} {:>7}  peer (medians of {TURNS} turns, ns)", "row", "ours", "peer", "ratio");
    for row in ROWS {
        let Some((_, peer)) = best(results, row.id, |costs| costs.instructions) else { continue };
        if row.ours.is_none() {
            continue;
        }
        match ask(workers, &[row.id, peer, &row.n.to_string(), "time", TURNS], ["ours", "peer"]) {
            Ok([ours, theirs]) => {
                println!("{:<24} {ours:>12.1} {theirs:>12.1} {:>7.2}  {peer}", row.id, ours / theirs);
            }
            Err(error) => println!("{:<24} {error}", row.id),
        }
    }
    if "A12".starts_with(only) || only.starts_with("A12") {
        throughput(workers);
    }
}

/// Register and drop a waiter: millions a second with one thread, with two.
fn throughput(workers: &Workers) {
    println!(
        "\nA12 {:<20} {:>10} {:>10} {:>7}  (millions a second)",
        "register and drop", "1 thread", "2 threads", "ratio"
    );
    for who in ["ours", "tokio-util", "futures-intrusive", "event-listener"] {
        match ask(workers, &["throughput", who, "300"], ["one", "two"]) {
            Ok([one, two]) => println!("A12 {who:<20} {:>10.2} {:>10.2} {:>7.2}", one / 1e6, two / 1e6, two / one),
            Err(error) => println!("A12 {who:<20} {error}"),
        }
    }
}

fn ask(workers: &Workers, words: &[&str], names: [&str; 2]) -> Result<[f64; 2], String> {
    let output = Command::new(&workers.row).args(words).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let line = String::from_utf8_lossy(&output.stdout);
    Ok([field(&line, names[0])?, field(&line, names[1])?])
}
