//! The worker: `row ID WHO N` runs a row once, in this process; `row ID WHO N time ROUNDS` times ours and WHO by turns.

use crate::meter::{Meter, Mode};
use crate::rows::{self, Body};
use std::process::ExitCode;

/// Reads the arguments, runs, prints.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [id, who, n, mode @ ("callgrind" | "heap")] => {
            let (Some(body), Ok(n)) = (rows::body(id, who), n.parse()) else { return unknown(&words) };
            let mut meter = Meter::new(if mode == "heap" { Mode::Heap } else { Mode::Callgrind });
            body(&mut meter, n);
            println!("{}", meter.report());
        }
        [id, who, n, "time", turns] => {
            let (Some(ours), Some(peer), Ok(n), Ok(turns)) =
                (rows::body(id, "ours"), rows::body(id, who), n.parse(), turns.parse())
            else {
                return unknown(&words);
            };
            let (ours, peer) = by_turns(ours, peer, n, turns);
            println!("ours {ours} peer {peer}");
        }
        ["throughput", who, millis] => {
            let Ok(millis) = millis.parse() else { return unknown(&words) };
            let Some((one, two)) = rows::throughput(who, millis) else { return unknown(&words) };
            println!("one {one} two {two}");
        }
        _ => return unknown(&words),
    }
    ExitCode::SUCCESS
}

fn unknown(words: &[&str]) -> ExitCode {
    eprintln!("no such row, or no such way to run it: {}", words.join(" "));
    ExitCode::from(2)
}

/// Medians in nanoseconds. The two run by turns, so that both see the same machine.
fn by_turns(ours: Body, peer: Body, n: usize, turns: usize) -> (f64, f64) {
    let once = |body: Body| {
        let mut meter = Meter::new(Mode::Time);
        body(&mut meter, n);
        meter.nanos()
    };
    // The first turn warms the caches and the allocator.
    let (_, _) = (once(ours), once(peer));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        left.push(once(ours));
        right.push(once(peer));
    }
    (median(left), median(right))
}

/// The middle one.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}
