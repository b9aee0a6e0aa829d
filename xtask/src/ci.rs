//! Everything that a change must pass, in one run with one summary.

use crate::tools::{Fault, Outcome, cargo_line, failed, root, run, tee};
use crate::{loom, nostd, source};
use std::time::{Duration, Instant};

type Step = (&'static str, fn() -> Outcome);

const STEPS: [Step; 8] = [
    ("tests", tests),
    ("format", || run(&mut cargo_line("fmt --all --check"))),
    ("clippy", clippy),
    ("docs", docs),
    ("features", features),
    ("no std linked", nostd::job),
    ("gateway", gateway),
    ("loom", || loom::job(&[])),
];

pub(crate) fn job() -> Outcome {
    let start = Instant::now();
    let mut lines = Vec::new();
    let mut bad = 0;
    for (name, step) in STEPS {
        println!("\n== {name}");
        let begun = Instant::now();
        let outcome = step();
        let (verdict, why) = match outcome {
            Ok(()) => ("ok", String::new()),
            Err(Fault::Failed(why)) => ("FAILED", why),
            Err(Fault::Missing(what)) => ("MISSING", what),
        };
        bad += usize::from(verdict != "ok");
        if !why.is_empty() {
            println!("{why}");
        }
        let first = why.lines().next().unwrap_or_default().to_owned();
        lines.push(format!("{verdict:8}{:>8}  {name:26}{first}", seconds(begun.elapsed())));
    }
    println!("\n== summary");
    for line in &lines {
        println!("{}", line.trim_end());
    }
    println!("in all {}", seconds(start.elapsed()));
    println!("{} passed, {bad} failed", STEPS.len() - bad);
    if bad == 0 { Ok(()) } else { failed(format!("{bad} steps did not pass")) }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The README's command. It must have run every test that the sources hold.
fn tests() -> Outcome {
    let said = tee(&mut cargo_line("test"))?;
    enough(&said, written_tests("tests"))
}

fn enough(said: &str, floor: usize) -> Outcome {
    let results = said.lines().filter_map(|l| l.strip_prefix("test result: "));
    let counts: Vec<(usize, usize)> = results.map(|r| (count(r, " passed"), count(r, " ignored"))).collect();
    let (passed, ignored) = counts.iter().fold((0, 0), |(p, i), (a, b)| (p + a, i + b));
    println!("{passed} tests passed, {ignored} ignored; the sources hold {floor}");
    if ignored > 0 {
        return failed(format!("{ignored} tests were ignored"));
    }
    if passed < floor || floor == 0 {
        return failed(format!("{passed} tests ran, but the sources hold {floor}"));
    }
    Ok(())
}

/// `1 passed; 2 failed` gives the number before ` passed`.
fn count(line: &str, what: &str) -> usize {
    let before = line.split(what).next().unwrap_or_default();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// `#[test]` attributes below a folder: fewer may never run.
fn written_tests(folder: &str) -> usize {
    source::sources(&root(), folder).iter().map(|s| s.code.matches("#[test]").count()).sum()
}

fn clippy() -> Outcome {
    run(&mut cargo_line("clippy --workspace --all-targets -- -D warnings"))
}

fn docs() -> Outcome {
    run(cargo_line("doc --no-deps --package taskcell").env("RUSTDOCFLAGS", "-D warnings"))
}

/// Every tier of the library, with and without foreign atomics.
fn features() -> Outcome {
    for atomics in ["", "portable-atomic", "critical-section"] {
        for tier in ["", "alloc", "std"] {
            run(&mut cargo_line(&format!("build --no-default-features --features {tier},{atomics}")))?;
        }
    }
    Ok(())
}

/// The main job, as the README runs it.
fn gateway() -> Outcome {
    let said = tee(&mut cargo_line("run --release --example gateway"))?;
    if said.trim().is_empty() { failed("the gateway printed nothing") } else { Ok(()) }
}
