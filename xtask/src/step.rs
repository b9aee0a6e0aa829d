//! Every operation interrupted by every other at every step, and whether that notices what is broken on purpose.

use crate::loom::build;
use crate::source::sources;
use crate::tools::{Outcome, failed, in_parallel, root};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mistake: its name, how it is made, and what a test must say then.
type Mistake = (&'static str, (&'static str, &'static str), &'static str);

const MISTAKES: [Mistake; 5] = [
    ("every read-modify-write can be interrupted", ("TASKCELL_STEP_FAULT", "torn"), "interrupted at"),
    ("a waiter in line does not look again", ("TASKCELL_SKIP", "line"), "out of order"),
    ("who resets does not look at the parent again", ("TASKCELL_SKIP", "parent of a reset"), "a round was begun"),
    (
        "who waits at a channel does not look again",
        ("TASKCELL_SKIP", "second look at a static channel"),
        "was not told",
    ),
    ("an interrupt waits for whom it interrupted", ("TASKCELL_STEP_FAULT", "spin"), "an operation does not end"),
];

pub(crate) fn job(args: &[String]) -> Outcome {
    let filter = args.first().map_or("", String::as_str);
    let tests = build("step")?;
    let written = sources(&root(), "step-tests/tests").iter().map(|s| s.code.matches("#[test]").count()).sum();
    if tests.len() < written {
        return failed(format!("{} tests were built, the sources hold {written}", tests.len()));
    }
    let wanted: Vec<(&String, &PathBuf)> = tests.iter().filter(|(name, _)| name.contains(filter)).collect();
    if wanted.is_empty() {
        return failed(format!("no test's name contains {filter:?}"));
    }
    let passed = in_parallel(&wanted, |(name, binary)| match run(name, binary, None) {
        Ok(line) => {
            println!("{line}");
            true
        }
        Err(why) => {
            println!("{name}: FAILED\n{why}");
            false
        }
    });
    let lost = passed.iter().filter(|passed| !**passed).count();
    println!("{} of {} tests passed", wanted.len() - lost, wanted.len());
    if lost > 0 {
        return failed(format!("{lost} tests failed"));
    }
    if filter.is_empty() { mistakes(&wanted) } else { Ok(()) }
}

/// Makes one mistake after the other: a test must fail, and say why.
fn mistakes(tests: &[(&String, &PathBuf)]) -> Outcome {
    let mut unnoticed = Vec::new();
    for (what, switch, message) in MISTAKES {
        let fails = |(name, binary): &&(&String, &PathBuf)| {
            run(name, binary, Some(switch)).is_err_and(|why| why.contains(message))
        };
        match tests.iter().find(fails) {
            Some((name, _)) => println!("{what}: noticed by {name}"),
            None => {
                println!("{what}: NOT NOTICED");
                unnoticed.push(what);
            }
        }
    }
    if unnoticed.is_empty() { Ok(()) } else { failed(format!("mistakes that no test notices: {unnoticed:?}")) }
}

/// One test in a process of its own; the line that it prints.
fn run(name: &str, binary: &Path, switch: Option<(&str, &str)>) -> Result<String, String> {
    let mut command = Command::new(binary);
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env("RUST_BACKTRACE", "0");
    command.env_remove("TASKCELL_SKIP").env_remove("TASKCELL_STEP_FAULT").envs(switch);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.find("step ").map(|at| &line[at..]));
    match line {
        Some(line) if output.status.success() && said.contains(" 1 passed; 0 failed; 0 ignored") => Ok(line.to_owned()),
        _ => {
            let errors = String::from_utf8_lossy(&output.stderr);
            let text: Vec<&str> =
                said.lines().chain(errors.lines()).filter(|l| !l.trim().is_empty()).take(40).collect();
            Err(format!("{}\n{}", output.status, text.join("\n")))
        }
    }
}
