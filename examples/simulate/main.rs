//! What hedging, retry and a timeout do to a tail: a million requests to ten thousand servers, on one thread, in the
//! time of a `ManualClock`, so that an hour of it takes seconds and the same seed gives the same table.
//!
//! `cargo run --release --example simulate -- --seed N`
//!
//! - `model.rs`: the servers, and what one request does: this is what the example is about
//! - `report.rs`: the table
//! - `options.rs`: the flags; shared with the gateway: `plot.rs`, `latency.rs`, `tail.rs`

#[path = "../shared/latency.rs"]
mod latency;
mod model;
mod options;
#[path = "../shared/plot.rs"]
mod plot;
mod report;
#[path = "../gateway/tail.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod tail;

use model::{Model, Run};
use options::Parsed;
use std::{fs, process::ExitCode, time::Instant};

/// The shares of the observed latencies after which a second attempt starts, in percent.
const PERCENTILES: [f64; 5] = [99.0, 95.0, 90.0, 75.0, 50.0];

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Parsed::Run(options)) => options,
        Ok(Parsed::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("simulate: {message} (--help lists the flags)");
            return ExitCode::from(2);
        }
    };
    let start = Instant::now();
    let model = Model { seed: options.seed, requests: options.requests };
    println!("{model}\n");
    report::head();
    let without = model.run(None);
    report::row("none", &without, &without);
    let mut runs = vec![("no hedging".to_owned(), without)];
    for percent in PERCENTILES {
        let delay = latency::percentile(&runs[0].1.latencies, percent);
        let run: Run = model.run(delay);
        let name = format!("p{percent}");
        report::row(&name, &run, &runs[0].1);
        runs.push((format!("hedged at {name}"), run));
    }
    // To stderr: the time that it took is all that differs from run to run.
    eprintln!("\n{:.1} s", start.elapsed().as_secs_f64());
    let Some(file) = options.plot else { return ExitCode::SUCCESS };
    let curves: Vec<_> =
        runs.iter().map(|(name, run)| plot::Curve { name: name.clone(), latencies: &run.latencies }).collect();
    let title = format!("{} requests, by when a second attempt starts (seed {})", options.requests, options.seed);
    match fs::write(&file, plot::svg(&title, &curves)) {
        Ok(()) => {
            println!("\ndrawn: {}", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("simulate: {}: {error}", file.display());
            ExitCode::FAILURE
        }
    }
}
