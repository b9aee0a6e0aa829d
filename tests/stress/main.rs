//! The long scenarios, on real threads: nothing is lost, nobody is left without an answer, no limit is passed.
//!
//! `cargo test` runs them for two seconds, `cargo xtask stress` for two minutes. What chance decides follows from the
//! seed, which is printed; how the threads meet does not.
//!
//! | file | knows |
//! |---|---|
//! | `options.rs` | the flags |
//! | `job.rs` | what a scenario is given and counts |
//! | `watch.rs` | when nothing goes on any more |
//! | `give_up.rs` | how one waits for a while only |
//! | `fates.rs` | what becomes of an item |
//! | `kinds.rs` | the channels |
//! | `reads.rs` | items that are read by who often gives up |
//! | `writes.rs` | items that are written by who often gives up |
//! | `herd.rs` | callers of a cache whose leaders are dropped, fail and panic |
//! | `handover.rs` | a load that is handed over while it wakes itself |
//! | `breaker.rs` | a hundred callers at a half-open breaker |
//! | `bulkhead.rs` | callers of a bulkhead who often give up |

mod breaker;
mod bulkhead;
#[path = "../it/support/chance.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod chance;
mod fates;
mod give_up;
mod handover;
mod herd;
mod job;
mod kinds;
mod options;
mod reads;
mod watch;
mod writes;

use job::Job;
use options::Options;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A scenario, and how much of the time it gets beside the others.
struct Scenario {
    name: &'static str,
    weight: u32,
    run: fn(&Job),
}

const SCENARIOS: [Scenario; 14] = [
    Scenario { name: "reads/bounded-1024", weight: 4, run: reads::bounded },
    Scenario { name: "reads/unbounded", weight: 4, run: reads::unbounded },
    Scenario { name: "reads/bounded-1", weight: 2, run: reads::one },
    Scenario { name: "reads/rendezvous", weight: 2, run: reads::rendezvous },
    Scenario { name: "writes/bounded-1024", weight: 1, run: writes::bounded },
    Scenario { name: "writes/unbounded", weight: 1, run: writes::unbounded },
    Scenario { name: "writes/bounded-1", weight: 2, run: writes::one },
    Scenario { name: "writes/rendezvous", weight: 2, run: writes::rendezvous },
    Scenario { name: "herd/restart", weight: 2, run: herd::restart },
    Scenario { name: "herd/baton", weight: 2, run: herd::baton },
    Scenario { name: "handover/restart", weight: 1, run: handover::restart },
    Scenario { name: "handover/baton", weight: 1, run: handover::baton },
    Scenario { name: "breaker", weight: 2, run: breaker::run },
    Scenario { name: "bulkhead", weight: 1, run: bulkhead::run },
];

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("stress: {why}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    let chosen: Vec<&Scenario> = SCENARIOS.iter().filter(|s| options.wants(s.name)).collect();
    println!("seed {}, {} s, {} scenarios", options.seed, options.time.as_secs_f64(), chosen.len());
    println!("{}", job::HEAD);
    let end = Instant::now() + options.time;
    let (mut lost, mut violations, mut weights) = (0, 0, chosen.iter().map(|s| s.weight).sum::<u32>());
    for scenario in chosen {
        // Who is done early leaves its time to the others.
        let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(50));
        let job = Job::new(scenario.name, options.seed, left * scenario.weight / weights, lost);
        weights -= scenario.weight;
        watch::over(&job, scenario.run);
        println!("{}", job.row());
        lost += job.lost();
        violations += job.violations();
    }
    if violations > 0 {
        println!("{violations} violations; to repeat: cargo xtask stress --seed {}", options.seed);
    }
    println!("lost: {lost}");
    if lost == 0 && violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
