//! The command line: a few flags, parsed by hand.

use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A gateway on smol whose product page calls four services at once through taskcell.

Usage: cargo run --release --example gateway [-- FLAGS]

Without flags it drives itself: the same pages one call after another, then all calls
at once, and a table of what happened; then calls of one service without hedging and
with it, and what that did to the tail. Ctrl-C stops it in order; a second one at once.

  --serve        keep running and print the address, for curl or a browser
  --requests N   pages to ask for in each of the two runs (default 300)
  --calls N      calls in each of the two runs that show hedging (default 10000)
  --plot FILE    draw the latencies of those calls, as SVG
  --seed N       seed of the latencies and failures (default 1)
  --help         this text
";

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) serve: bool,
    pub(crate) requests: usize,
    pub(crate) calls: usize,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) seed: u64,
}

/// Either options to run with, or `--help`.
pub(crate) enum Parsed {
    Run(Options),
    Help,
}

/// Reads the arguments (without the program's name); the error is a sentence for the user.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let mut options = Options { serve: false, requests: 300, calls: 10_000, plot: None, seed: 1 };
    while let Some(arg) = args.next() {
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut text =
            |value: Option<String>, what| value.or_else(|| args.next()).ok_or(format!("{flag} needs {what}"));
        let mut number = |value: Option<String>, least: u64, most: u64| {
            let text = text(value, "a number")?;
            let number = text.parse().map_err(|_| format!("{flag} needs a whole number, not '{text}'"))?;
            match (least..=most).contains(&number) {
                true => Ok(number),
                false => Err(format!("{flag} takes {least} to {most}, not {number}")),
            }
        };
        match (flag.as_str(), &value) {
            ("--help" | "-h", None) => return Ok(Parsed::Help),
            ("--serve", None) => options.serve = true,
            ("--seed", _) => options.seed = number(value, 0, u64::MAX)?,
            ("--requests", _) => options.requests = number(value, 1, 1_000_000)? as usize,
            ("--calls", _) => options.calls = number(value, 1, 1_000_000)? as usize,
            ("--plot", _) => options.plot = Some(text(value, "a file")?.into()),
            ("--help" | "-h" | "--serve", Some(_)) => return Err(format!("{flag} takes no value")),
            _ => return Err(format!("unknown argument '{flag}'")),
        }
    }
    Ok(Parsed::Run(options))
}
