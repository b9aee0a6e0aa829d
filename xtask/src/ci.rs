//! Everything that a change must pass, in one run with one summary.

use crate::tools::{Fault, Outcome, cargo_line, failed, missing, root, run, target, tee, test_counts};
use crate::{docs, embedded, loom, msrv, nostd, publish, shuttle, source, step, wasm, weaken};
use std::time::{Duration, Instant};

type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("tests", tests),
    ("format", || run(&mut cargo_line("fmt --all --check"))),
    ("clippy", clippy),
    ("docs", || docs::pages().map(drop)),
    ("features", features),
    ("tests on portable-atomic", foreign_atomics),
    ("tests without std", without_std),
    ("tests without a heap", without_heap),
    ("no std linked", nostd::job),
    ("msrv", msrv::job),
    ("package", || publish::job(&["--fast".to_owned()])),
    ("embedded", || embedded::job(&[])),
    ("wasm", wasm::job),
    ("gateway", gateway),
    ("bench smoke", bench),
    ("loom", || loom::job(&[])),
    ("shuttle", || shuttle::job(&[])),
    ("step", || step::job(&[])),
    ("weaken", || weaken::job(&["--fast".to_owned()])),
];

/// What the library can be built from: the tiers, and the atomics under them.
const TIERS: [&str; 3] = ["", "alloc", "std"];
const ATOMICS: [&str; 3] = ["", "portable-atomic", "critical-section"];

pub(crate) fn job() -> Outcome {
    let start = Instant::now();
    let mut lines = Vec::new();
    let (mut bad, mut lacking) = (0, Vec::new());
    for &(name, step) in STEPS {
        println!("\n== {name}");
        let begun = Instant::now();
        let (verdict, why) = match step() {
            Ok(()) => ("ok", String::new()),
            Err(Fault::Failed(why)) => {
                bad += 1;
                ("FAILED", why)
            }
            Err(Fault::Missing(what)) => {
                lacking.push(what.clone());
                ("MISSING", what)
            }
        };
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
    println!("{} passed, {} failed", STEPS.len() - bad - lacking.len(), bad + lacking.len());
    match (bad, &lacking[..]) {
        (0, []) => Ok(()),
        (0, _) => missing(lacking.join("; ")),
        _ => failed(format!("{} steps did not pass", bad + lacking.len())),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The README's command. It must have run every test that the sources hold.
fn tests() -> Outcome {
    let said = tee(&mut cargo_line("test"))?;
    enough(&said, "tests")
}

/// The same tests on the atomics of targets that have none of their own.
fn foreign_atomics() -> Outcome {
    let said = tee(&mut cargo_line("test --tests --features portable-atomic"))?;
    enough(&said, "tests")
}

/// What the suite holds for a heap without std, where a panic passes through.
fn without_std() -> Outcome {
    let said = tee(&mut cargo_line("test --test it --no-default-features --features alloc"))?;
    if ["panics", "smoke", "structures"].iter().all(|area| said.contains(&format!("test {area}::"))) {
        return Ok(());
    }
    failed("the suite was left out")
}

/// What is there without a heap, built without one.
fn without_heap() -> Outcome {
    let said = tee(&mut cargo_line("test --test core_tier --no-default-features"))?;
    enough(&said, "tests/core_tier")
}

/// The suite on tokio, which measurements alone know.
fn bench() -> Outcome {
    let said = tee(&mut cargo_line("test --package taskcell-bench"))?;
    enough(&said, "benches")
}

/// Fails if less was run than the sources below `folder` hold, or something was left out.
fn enough(said: &str, folder: &str) -> Outcome {
    let floor = written_tests(folder);
    let (passed, ignored) = test_counts(said);
    println!("{passed} tests passed, {ignored} ignored; the sources hold {floor}");
    if ignored > 0 {
        return failed(format!("{ignored} tests were ignored"));
    }
    if passed < floor || floor == 0 {
        return failed(format!("{passed} tests ran, but the sources hold {floor}"));
    }
    Ok(())
}

/// `#[test]` attributes below a folder: fewer may never run.
pub(crate) fn written_tests(folder: &str) -> usize {
    source::sources(&root(), folder).iter().map(|s| s.code.matches("#[test]").count()).sum()
}

/// The workspace, the smaller tiers, foreign atomics, the models, and the library with delays.
fn clippy() -> Outcome {
    run(&mut cargo_line("clippy --workspace --all-targets -- -D warnings"))?;
    for features in ["", "alloc", "std,critical-section"] {
        let line = format!("clippy --package taskcell --no-default-features --features {features}, -- -D warnings");
        run(&mut cargo_line(&line))?;
    }
    for checker in ["loom", "shuttle", "step"] {
        let line = format!("clippy --package taskcell-{checker}-tests --profile loom --all-targets -- -D warnings");
        let mut clippy = cargo_line(&line);
        run(clippy.env("RUSTFLAGS", format!("--cfg {checker}")).env("CARGO_TARGET_DIR", target().join(checker)))?;
    }
    let mut clippy = cargo_line("clippy --package taskcell --lib -- -D warnings");
    run(clippy.env("RUSTFLAGS", "--cfg delays").env("CARGO_TARGET_DIR", target().join("delays")))
}

/// Every tier of the library, with and without foreign atomics, without a warning.
fn features() -> Outcome {
    for atomics in ATOMICS {
        for tier in TIERS {
            let mut build = cargo_line(&format!("build --no-default-features --features {tier},{atomics}"));
            run(build.env("RUSTFLAGS", "-D warnings").env("CARGO_TARGET_DIR", target().join("strict")))?;
        }
    }
    Ok(())
}

/// The main job, as the README runs it.
fn gateway() -> Outcome {
    let said = tee(&mut cargo_line("run --release --example gateway"))?;
    if said.trim().is_empty() { failed("the gateway printed nothing") } else { Ok(()) }
}
