//! The long scenarios, on real threads: nothing is lost, nobody is left without an answer, no limit is passed.
//!
//! `cargo test` runs them for two seconds, `cargo xtask stress` for two minutes. What chance decides follows from the
//! seed, which is printed; how the threads meet does not. `cargo xtask stress` builds with `cfg(delays)`: then threads are held
//! up at their atomic operations.
//!
//! | file | knows |
//! |---|---|
//! | `options.rs` | the flags |
//! | `job.rs` | what a scenario is given and counts |
//! | `watch.rs` | when nothing goes on any more |
//! | `give_up.rs` | how one waits for a while only |
//! | `delay.rs` | delays at the atomic operations, where they are built in |
//! | `duel.rs` | a few threads over the same objects |
//! | `heart/` | the races of the heart, one family each |
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
mod delay;
mod duel;
mod fates;
mod give_up;
mod handover;
mod heart;
mod herd;
mod job;
mod kinds;
mod options;
mod reads;
mod watch;
mod writes;

use heart::{cancel, cell, fixed, many, timed, work};
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

const SCENARIOS: [Scenario; 35] = [
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
    Scenario { name: "heart/register", weight: 1, run: cancel::register },
    Scenario { name: "heart/wait", weight: 1, run: cancel::wait_for },
    Scenario { name: "heart/tree", weight: 1, run: cancel::tree },
    Scenario { name: "heart/reset", weight: 1, run: cancel::reset },
    Scenario { name: "heart/timer", weight: 1, run: timed::sources },
    Scenario { name: "heart/delay", weight: 1, run: timed::delays },
    Scenario { name: "heart/queue", weight: 1, run: timed::queue },
    Scenario { name: "heart/end", weight: 1, run: cell::end },
    Scenario { name: "heart/dropped", weight: 1, run: cell::dropped },
    Scenario { name: "heart/continued", weight: 1, run: cell::continued },
    Scenario { name: "heart/lazy", weight: 1, run: many::lazy },
    Scenario { name: "heart/hot", weight: 1, run: many::hot },
    Scenario { name: "heart/group", weight: 1, run: many::groups },
    Scenario { name: "heart/fixed-source", weight: 1, run: fixed::sources },
    Scenario { name: "heart/fixed-cell", weight: 1, run: fixed::cells },
    Scenario { name: "heart/fixed-timer", weight: 1, run: fixed::timers },
    Scenario { name: "heart/fixed-channel", weight: 1, run: fixed::channels },
    Scenario { name: "heart/pair", weight: 1, run: work::pair },
    Scenario { name: "heart/loop", weight: 1, run: work::message_loop },
    Scenario { name: "heart/progress", weight: 1, run: work::progress },
    Scenario { name: "heart/generator", weight: 1, run: work::generator },
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
    let (seed, time) = (options.seed, options.time.as_secs_f64());
    println!("seed {seed}, {time} s, {} scenarios, {}", chosen.len(), delay::KIND);
    delay::from(options.seed);
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
