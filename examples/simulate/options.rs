//! The command line: three flags, parsed by hand.

use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A million simulated requests with retry, timeout and hedging, in the time of a manual clock.

Usage: cargo run --release --example simulate [-- FLAGS]

  --seed N       seed of everything (default 1): the same seed gives the same table
  --requests N   requests in each row of the table (default 1000000)
  --plot FILE    draw the latencies, as SVG
  --help         this text
";

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    pub(crate) requests: usize,
    pub(crate) plot: Option<PathBuf>,
}

/// Either options to run with, or `--help`.
pub(crate) enum Parsed {
    Run(Options),
    Help,
}

/// Reads the arguments (without the program's name); the error is a sentence for the user.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let mut options = Options { seed: 1, requests: 1_000_000, plot: None };
    while let Some(arg) = args.next() {
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        if flag == "--help" || flag == "-h" {
            return Ok(Parsed::Help);
        }
        if !["--seed", "--requests", "--plot"].contains(&flag.as_str()) {
            return Err(format!("unknown argument '{flag}'"));
        }
        let text = value.or_else(|| args.next()).ok_or(format!("{flag} needs a value"))?;
        let number = || text.parse::<u64>().map_err(|_| format!("{flag} needs a whole number, not '{text}'"));
        match flag.as_str() {
            "--seed" => options.seed = number()?,
            "--plot" => options.plot = Some(text.into()),
            _ => match number()? {
                requests @ 1..=100_000_000 => options.requests = requests as usize,
                requests => return Err(format!("--requests takes 1 to 100000000, not {requests}")),
            },
        }
    }
    Ok(Parsed::Run(options))
}
