//! The flags of the stress program: its own, and those that `cargo test` hands to every test binary.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const HELP: &str = "cargo xtask stress [--seconds N] [--seed S] [FILTER]

  --seconds N  how long, over all scenarios (cargo xtask: 120, cargo test: 2)
  --seed S     a number that was printed before; without it, one of the clock's
  FILTER       only scenarios whose names contain it";

/// How long `cargo test` takes for it.
const BRIEFLY: Duration = Duration::from_secs(2);

/// Flags of the usual harness that bring a value along.
const FOREIGN: [&str; 7] = ["--test-threads", "--skip", "--logfile", "--color", "--format", "-Z", "--shuffle-seed"];

pub(crate) struct Options {
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    filters: Vec<String>,
}

impl Options {
    /// `None`: there is nothing to run, and what was asked for is printed.
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut options = Self { time: BRIEFLY, seed: clock.as_micros() as u64 % 1_000_000_000, filters: Vec::new() };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seconds" => options.time = seconds(&value(&arg, &mut args)?)?,
                "--seed" => options.seed = number(&arg, &value(&arg, &mut args)?)?,
                "--help" | "-h" => {
                    println!("{HELP}");
                    return Ok(None);
                }
                // No test of the usual harness is in here.
                "--list" => return Ok(None),
                flag if FOREIGN.contains(&flag) => drop(args.next()),
                flag if flag.starts_with('-') => {}
                filter => options.filters.push(filter.to_owned()),
            }
        }
        Ok(Some(options))
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter.as_str()))
    }
}

fn value(flag: &str, args: &mut impl Iterator<Item = String>) -> Result<String, String> {
    args.next().ok_or_else(|| format!("{flag} wants a value"))
}

fn number(flag: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{flag} wants a number, not {text:?}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    match number("--seconds", text)? {
        0 => Err("--seconds wants at least 1".to_owned()),
        seconds if seconds > 1_000_000 => Err("--seconds wants at most 1000000".to_owned()),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}
