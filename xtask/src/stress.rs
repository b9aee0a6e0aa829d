//! The long scenarios of `tests/stress`, optimised, for as long as one likes.

use crate::tools::{Outcome, cargo_line, failed, tee};

/// How long, over all scenarios.
const SECONDS: &str = "120";

const USAGE: &str = "cargo xtask stress [--seconds N] [--seed S] [FILTER]";

pub(crate) fn job(args: &[String]) -> Outcome {
    let mut line = "test --quiet --release --package taskcell --test stress --".to_owned();
    let mut timed = false;
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
            ("--seconds" | "--seed", _) => return failed(format!("{flag} wants a number\n\n{USAGE}")),
            (filter, None) if !filter.starts_with('-') && !filter.contains(char::is_whitespace) => {
                line += &format!(" {filter}");
            }
            _ => return failed(format!("unknown: {arg}\n\n{USAGE}")),
        }
    }
    if !timed {
        line += &format!(" --seconds {SECONDS}");
    }
    let said = tee(&mut cargo_line(&line))?;
    match said.lines().last() {
        Some("lost: 0") if said.lines().count() > 3 => Ok(()),
        _ => failed("no scenario was run"),
    }
}
