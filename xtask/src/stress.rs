//! The long scenarios of `tests/stress`, optimised, for as long as one likes; with delays at the atomic operations.

use crate::source::sources;
use crate::tools::{Outcome, cargo_line, failed, root, target, tee};

/// How long, over all scenarios.
const SECONDS: &str = "120";

const USAGE: &str = "cargo xtask stress [--plain] [--seconds N] [--seed S] [FILTER]";

pub(crate) fn job(args: &[String]) -> Outcome {
    let mut line = "test --quiet --release --package taskcell --test stress --".to_owned();
    let (mut timed, mut delays, mut all) = (false, true, true);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (flag, value) = match (arg.split_once('='), arg.as_str()) {
            (Some((flag, value)), _) => (flag, Some(value)),
            (None, flag @ ("--seconds" | "--seed")) => (flag, args.next().map(String::as_str)),
            (None, flag) => (flag, None),
        };
        match (flag, value) {
            ("--seconds" | "--seed", Some(value)) if value.parse::<u64>().is_ok() => {
                timed |= flag == "--seconds";
                line += &format!(" {flag} {value}");
            }
            ("--plain", None) => delays = false,
            ("--seconds" | "--seed", _) => return failed(format!("{flag} wants a number\n\n{USAGE}")),
            (filter, None) if !filter.starts_with('-') && !filter.contains(char::is_whitespace) => {
                all = false;
                line += &format!(" {filter}");
            }
            _ => return failed(format!("unknown: {arg}\n\n{USAGE}")),
        }
    }
    if !timed {
        line += &format!(" --seconds {SECONDS}");
    }
    let mut command = cargo_line(&line);
    if delays {
        command.env("RUSTFLAGS", "--cfg delays").env("CARGO_TARGET_DIR", target().join("delays"));
    }
    let said = tee(&mut command)?;
    let written = written();
    // Each has a row, which ends with its time.
    let ran = said.lines().filter(|line| line.ends_with(" s")).count();
    let wanted = if all { written } else { 1 };
    match said.lines().last() {
        Some("lost: 0") if ran >= wanted && written > 0 => Ok(()),
        _ => failed(format!("{ran} scenarios were run, the sources hold {written}")),
    }
}

/// How many scenarios there are.
fn written() -> usize {
    let main = sources(&root(), "tests/stress").into_iter().find(|source| source.path == "tests/stress/main.rs");
    main.map_or(0, |main| main.code.matches("Scenario { name:").count())
}
