//! The command line: two flags, parsed by hand.

use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Measurements of weather stations, from a web server on loopback into a file for each.

Usage: cargo run --release --example etl [-- FLAGS]

  --stations N           how many stations the server has, 1 to 10000 (default 100)
  --directory DIRECTORY  where the files go (default: a new one among the temporary ones)
  --help                 this text
";

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) stations: usize,
    pub(crate) directory: PathBuf,
}

/// Either options to run with, or `--help`.
pub(crate) enum Parsed {
    Run(Options),
    Help,
}

/// Reads the arguments (without the program's name); the error is a sentence for the user.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let directory = std::env::temp_dir().join(format!("stations-{}", std::process::id()));
    let mut options = Options { stations: 100, directory };
    while let Some(arg) = args.next() {
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (arg, None),
        };
        if flag == "--help" || flag == "-h" {
            return Ok(Parsed::Help);
        }
        if !["--stations", "--directory"].contains(&flag.as_str()) {
            return Err(format!("unknown argument '{flag}'"));
        }
        let text = value.or_else(|| args.next()).ok_or(format!("{flag} needs a value"))?;
        match (flag.as_str(), text.parse()) {
            ("--directory", _) if text.is_empty() => return Err("--directory needs a name".to_owned()),
            ("--directory", _) => options.directory = text.into(),
            (_, Ok(stations @ 1..=10_000)) => options.stations = stations,
            _ => return Err(format!("--stations takes 1 to 10000, not '{text}'")),
        }
    }
    Ok(Parsed::Run(options))
}
