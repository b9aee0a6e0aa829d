//! The workers, for one run in this process. What is measured against the bars is a binary of its own, because what else
//! is in a binary changes what is inlined.
//!
//! - `row ID WHO N callgrind|heap`: a row
//! - `row ID WHO N time TURNS`: ours and WHO by turns
//! - `scene curve ID WHO SIZE N`: a point of a picture
//! - `scene contend ID WHO MILLIS`: two threads, against one

use crate::meter::{Meter, Mode};
use crate::rows::{self, Body, contend, curve};
use std::process::ExitCode;
use std::time::Duration;

/// Reads the arguments of `row`, runs, prints.
#[must_use]
pub fn row() -> ExitCode {
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
        _ => return unknown(&words),
    }
    ExitCode::SUCCESS
}

/// The same for `scene`.
#[must_use]
pub fn scene() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["curve", id, who, size, n] => {
            let (Some(at), Ok(size), Ok(n)) = (curve::line(id, who), size.parse(), n.parse()) else {
                return unknown(&words);
            };
            let mut meter = Meter::new(Mode::Callgrind);
            at(&mut meter, size, n);
            println!("{}", meter.report());
        }
        ["contend", id, who, millis] => {
            let (Some(race), Ok(millis)) = (contend::race(id, who), millis.parse()) else { return unknown(&words) };
            let time = Duration::from_millis(millis);
            println!("one {} two {}", race(1, time), race(2, time));
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
