//! The command line: four flags, parsed by hand.

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A gateway on smol whose product page calls four services at once through taskcell.

Usage: cargo run --release --example gateway [-- FLAGS]

Without flags it drives itself: the same pages one call after another, then all calls
at once, and a table of what happened. Ctrl-C stops it in order; a second one at once.

  --serve        keep running and print the address, for curl or a browser
  --requests N   pages to ask for in each of the two runs (default 300)
  --seed N       seed of the latencies and failures (default 1)
  --help         this text
";

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) serve: bool,
    pub(crate) requests: usize,
    pub(crate) seed: u64,
}

/// Either options to run with, or `--help`.
pub(crate) enum Parsed {
    Run(Options),
    Help,
}

/// Reads the arguments (without the program's name); the error is a sentence for the user.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let mut options = Options { serve: false, requests: 300, seed: 1 };
    while let Some(arg) = args.next() {
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        let mut number = |value: Option<String>| {
            let text = value.or_else(|| args.next()).ok_or(format!("{flag} needs a number"))?;
            text.parse::<u64>().map_err(|_| format!("{flag} needs a whole number, not '{text}'"))
        };
        match (flag.as_str(), &value) {
            ("--help" | "-h", None) => return Ok(Parsed::Help),
            ("--serve", None) => options.serve = true,
            ("--seed", _) => options.seed = number(value)?,
            ("--requests", _) => {
                options.requests = match number(value)? {
                    n @ 1..=1_000_000 => n as usize,
                    n => return Err(format!("--requests takes 1 to 1000000, not {n}")),
                }
            }
            ("--help" | "-h" | "--serve", Some(_)) => return Err(format!("{flag} takes no value")),
            _ => return Err(format!("unknown argument '{flag}'")),
        }
    }
    Ok(Parsed::Run(options))
}
