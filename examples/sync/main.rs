//! A file synchroniser: makes one folder have what another has; so many files at a time, and as often as one likes.
//!
//! Ctrl-C stops it between two blocks, and the same command goes on there. A file has another name until it is whole. What
//! fails is told at the end, and the rest is copied.
//!
//! `cargo run --release --example sync` shows that in a folder of its own; `-- FROM TO` copies; `-- --help` lists the flags
//!
//! | file | knows |
//! |---|---|
//! | `options.rs` | the command line |
//! | `places.rs` | which folders may be copied to which |
//! | `survey.rs` | what there is to do |
//! | `run.rs` | a whole run |
//! | `copy.rs` | how a file is copied |
//! | `part.rs` | a copy that is not whole yet |
//! | `blocks.rs` | reading and comparing |
//! | `stamp.rs` | what tells whether a file has changed |
//! | `pace.rs` | so many bytes in a second |
//! | `tally.rs` | how much is done, and the bar |
//! | `verify.rs` | whether both have the same |
//! | `report.rs` | what was done |
//! | `fault.rs` | what can go wrong with a file |
//! | `platform.rs` | what only Unix has |
//! | `demo.rs`, `tree.rs` | the demonstration, and the folder that it copies |

mod blocks;
mod copy;
mod demo;
mod fault;
mod options;
mod pace;
mod part;
mod places;
mod platform;
mod report;
mod run;
mod stamp;
mod survey;
mod tally;
mod tree;
mod verify;

use async_signal::{Signal, Signals};
use futures_util::StreamExt as _;
use indicatif::HumanBytes;
use options::{Options, Parsed};
use std::{
    io::{self, IsTerminal as _},
    process::{ExitCode, exit},
    time::Instant,
};
use survey::Pair;
use tally::Tally;
use taskcell::{BoxError, CancellationToken, CancellationTokenSource};

/// What a shell says of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let parsed = options::parse(std::env::args_os().skip(1)).and_then(|parsed| match parsed {
        Parsed::Run(mut options) => {
            (options.from, options.to) = places::resolve(&options.from, &options.to)?;
            Ok(Parsed::Run(options))
        }
        other => Ok(other),
    });
    let asked = match parsed {
        Ok(Parsed::Help) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Parsed::Demonstrate) => None,
        Ok(Parsed::Run(options)) => Some(options),
        Err(message) => {
            eprintln!("sync: {message} (--help lists the flags)");
            return ExitCode::from(2);
        }
    };
    let root = CancellationTokenSource::new();
    let token = root.token();
    let ended = smol::block_on(async {
        let _watch = stop_at_ctrl_c(root)?;
        match asked {
            Some(options) => synchronise(&options, &token).await,
            None => demo::run(&token).await,
        }
    });
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) if token.is_cancelled() => ExitCode::from(INTERRUPTED),
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sync: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Cancels the source at the first Ctrl-C, and leaves at the second, as long as the task is kept.
fn stop_at_ctrl_c(source: CancellationTokenSource) -> io::Result<smol::Task<()>> {
    let mut signals = Signals::new([Signal::Int])?;
    Ok(smol::spawn(async move {
        signals.next().await;
        eprintln!("\nCtrl-C: what is being copied stops where it is; once more, and this ends at once");
        source.cancel();
        signals.next().await;
        exit(i32::from(INTERRUPTED));
    }))
}

/// What the command line asks for; whether all of it was done.
async fn synchronise(options: &Options, token: &CancellationToken) -> Result<bool, BoxError> {
    let begun = Instant::now();
    let bar = tally::bar()?;
    let tally = Tally::new(bar.clone());
    let mut summary = run::run(options, token, &tally).await;
    bar.flush().await?;
    let numbers = tally.now();
    drop((tally, bar));
    if io::stderr().is_terminal() {
        eprintln!(); // the bar stays on the screen
    }
    summary.print(numbers, begun.elapsed(), options.dry_run);
    let fine = summary.is_fine();
    if let Some(error) = summary.error() {
        report::show(&error);
        let kept = if options.delete { "; nothing was removed" } else { "" };
        println!("{} things failed, the rest is done{kept}", error.len());
    }
    if summary.stopped {
        println!("stopped: the same command goes on from here");
    }
    match fine {
        true if options.verify && !options.dry_run => verify(options, token).await,
        fine => Ok(fine),
    }
}

/// Compares both folders, and says how they differ.
async fn verify(options: &Options, token: &CancellationToken) -> Result<bool, BoxError> {
    let top = Pair { from: options.from.clone(), to: options.to.clone() };
    let Some(verified) = verify::verify(top, options.limit, token).await else {
        println!("stopped while comparing");
        return Ok(false);
    };
    println!("verified    {} files, {}, byte by byte", verified.files, HumanBytes(verified.bytes));
    for fault in &verified.faults {
        eprintln!("{fault}");
    }
    if !verified.faults.is_empty() {
        println!("{} things differ", verified.faults.len());
    }
    Ok(verified.faults.is_empty())
}
