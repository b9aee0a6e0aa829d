//! The command line: two folders and a few flags, parsed by hand.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Makes the folder TO have what the folder FROM has.

Usage: cargo run --release --example sync [-- FROM TO [FLAGS]]

Without arguments it shows what it does, in a folder of its own among the temporary
ones. A file is copied if its length or its time differ, under the name
.NAME.taskcell-part; it gets its own when it is whole and on the disk. Permissions and
times are kept; links are copied as links; owners and attributes are not copied.

  --delete     remove from TO what FROM has not, after all else went well
  --dry-run    only say what would be done
  --limit N    so many files at a time (1 to 256, default 8)
  --rate N     at most so many MiB per second (1 to 10000)
  --verify     afterwards compare every file, byte by byte
  --help       this text

Ctrl-C: no file is begun any more, those that are being copied stop where they are,
and the same command goes on there. A second Ctrl-C leaves at once. Nothing is ever
half-written under its own name. Let one run at a time write to the same folder.

Exit status: 0, all is done; 1, something failed, and the rest is done; 2, the
arguments make no sense; 130, ended by Ctrl-C.
";

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
    pub(crate) delete: bool,
    pub(crate) dry_run: bool,
    pub(crate) limit: NonZeroUsize,
    pub(crate) rate: Option<u64>,
    pub(crate) verify: bool,
}

impl Options {
    pub(crate) fn new(from: PathBuf, to: PathBuf) -> Options {
        let limit = const { NonZeroUsize::new(8).unwrap() };
        Options { from, to, delete: false, dry_run: false, limit, rate: None, verify: false }
    }
}

/// What the command line asked for.
pub(crate) enum Parsed {
    Run(Options),
    Demonstrate,
    Help,
}

/// Reads the arguments (without the program's name); the error is a sentence for the user.
pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Parsed, String> {
    let mut options = Options::new(PathBuf::new(), PathBuf::new());
    let (mut folders, mut flags, mut only_folders) = (Vec::new(), 0, false);
    while let Some(arg) = args.next() {
        let flag = arg.to_str().filter(|text| text.starts_with('-') && !only_folders).map(str::to_owned);
        let Some(flag) = flag else {
            folders.push(PathBuf::from(arg));
            continue;
        };
        let (flag, value) = match flag.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (flag, None),
        };
        let takes_value = ["--limit", "--rate"].contains(&flag.as_str());
        if value.is_some() && !takes_value {
            return Err(format!("{flag} takes no value"));
        }
        let mut number = |most: u64| {
            let text = value.clone().or_else(|| args.next().and_then(|text| text.into_string().ok()));
            let text = text.ok_or_else(|| format!("{flag} needs a number"))?;
            let number = text.parse().ok().filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| format!("{flag} takes 1 to {most}, not '{text}'"))
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(Parsed::Help),
            "--" => only_folders = true,
            "--delete" => options.delete = true,
            "--dry-run" => options.dry_run = true,
            "--verify" => options.verify = true,
            "--limit" => options.limit = NonZeroUsize::new(number(256)? as usize).unwrap_or(options.limit),
            "--rate" => options.rate = Some(number(10_000)?),
            _ => return Err(format!("unknown argument '{flag}'")),
        }
        flags += 1;
    }
    let [from, to] = match <[PathBuf; 2]>::try_from(folders) {
        Ok(folders) => folders,
        Err(none) if none.is_empty() && flags == 0 => return Ok(Parsed::Demonstrate),
        Err(others) if others.len() < 2 => return Err("it takes two folders, FROM and TO".to_owned()),
        Err(others) => return Err(format!("it takes two folders, not {}", others.len())),
    };
    Ok(Parsed::Run(Options { from, to, ..options }))
}
