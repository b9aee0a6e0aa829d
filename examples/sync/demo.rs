//! The demonstration: copies a folder of its own, is interrupted, goes on, and follows changes; and checks all of that.

use crate::{options::Options, part, report::Summary, run, survey::Pair, tally::Numbers, tally::Tally, tree, verify};
use indicatif::HumanBytes;
use std::{fs, io, path::Path, time::Instant};
use taskcell::{BoxError, CancellationToken, CancellationTokenSource, Report, SystemClock};

/// So many bytes are copied when the first run is interrupted: large files come first, and are in the middle then.
const ENOUGH: u64 = 40 << 20;
const SMALL: u64 = tree::FOLDERS * tree::SMALL;
const ALL: u64 = SMALL + tree::LARGE;

/// Runs it, and removes what it has made; whether all was as it should be.
pub(crate) async fn run(token: &CancellationToken) -> Result<bool, BoxError> {
    let folder = std::env::temp_dir().join(format!("taskcell-sync-{}", std::process::id()));
    let shown = show(&folder, token).await;
    let removed = fs::remove_dir_all(&folder);
    let (listeners, armed) = (token.listeners(), SystemClock::armed());
    println!("at the end: {listeners} listeners, {armed} armed timers");
    Ok(shown? && removed.map(|()| (listeners, armed) == (0, 0))?)
}

async fn show(folder: &Path, token: &CancellationToken) -> Result<bool, BoxError> {
    let mut options = Options::new(folder.join("from"), folder.join("to"));
    let from = options.from.clone();
    smol::unblock(move || tree::grow(&from)).await?;
    println!("{} files in {} folders: {SMALL} small ones, {} large ones", ALL, tree::FOLDERS * 2 + 1, tree::LARGE);
    println!(
        "\n{:16}{:>8}{:>12}{:>12}{:>11}{:>9}{:>9}",
        "run", "copied", "written", "continued", "unchanged", "removed", "time"
    );

    // A source that Ctrl-C cancels, too.
    let early = token.child();
    let (stopped, _) = step("interrupted", &options, &early.token(), stop_at(ENOUGH, early.clone())).await;
    if token.is_cancelled() {
        return Ok(false);
    }
    let parts = whole_or_part(&options.from, &options.to)?;
    let (resumed, numbers) = step("resumed", &options, token, ()).await;
    let first_equal = equal(&options, token).await;

    let from = options.from.clone();
    smol::unblock(move || tree::change(&from)).await?;
    options.delete = true;
    let (changed, _) = step("changed", &options, token, ()).await;
    let (again, _) = step("again", &options, token, ()).await;
    let equal = equal(&options, token).await;
    if token.is_cancelled() {
        return Ok(false);
    }
    println!();
    let checks = [
        (
            "the first run was stopped in the middle of large files",
            stopped.stopped && parts.is_some_and(|parts| parts > 0),
        ),
        ("nothing was half-written under its own name", parts.is_some()),
        ("the second went on inside of these files", resumed.is_fine() && numbers.resumed > 0),
        ("both together copied every file once", stopped.copied + resumed.copied == ALL),
        ("then both folders were equal, byte by byte", first_equal),
        ("20 files that changed were copied, 10 removed", (changed.copied, changed.removed) == (20, 10)),
        ("the last run had nothing to do", (again.copied, again.same) == (0, ALL + links())),
        ("both folders are equal, byte by byte", equal),
    ];
    for (what, holds) in &checks {
        println!("{}  {what}", if *holds { "yes" } else { "NO " });
    }
    Ok(checks.iter().all(|(_, holds)| *holds))
}

/// How many links there are.
fn links() -> u64 {
    u64::from(cfg!(unix))
}

/// Something to report to that stops the run when so many bytes are copied.
fn stop_at(enough: u64, source: CancellationTokenSource) -> impl Report<Numbers> + Send + Sync + 'static {
    move |numbers: Numbers| {
        if numbers.done >= enough {
            source.cancel();
        }
    }
}

/// One run, and its line of the table.
async fn step(
    name: &str,
    options: &Options,
    token: &CancellationToken,
    report: impl Report<Numbers> + Send + Sync + 'static,
) -> (Summary, Numbers) {
    let begun = Instant::now();
    let tally = Tally::new(report);
    let summary = run::run(options, token, &tally).await;
    let numbers = tally.now();
    let [written, continued] =
        [numbers.done - numbers.resumed, numbers.resumed].map(|bytes| HumanBytes(bytes).to_string());
    let took = format!("{:.1?}", begun.elapsed());
    println!(
        "{name:16}{:>8}{written:>12}{continued:>12}{:>11}{:>9}{took:>9}",
        summary.copied, summary.same, summary.removed
    );
    for fault in &summary.faults {
        eprintln!("{fault}");
    }
    (summary, numbers)
}

async fn equal(options: &Options, token: &CancellationToken) -> bool {
    let top = Pair { from: options.from.clone(), to: options.to.clone() };
    let Some(verified) = verify::verify(top, options.limit, token).await else { return false };
    for fault in &verified.faults {
        eprintln!("{fault}");
    }
    verified.faults.is_empty() && verified.extras == 0 && verified.files == ALL + links()
}

/// How many parts there are; `None` if anything that has its own name is not whole.
fn whole_or_part(from: &Path, to: &Path) -> io::Result<Option<u64>> {
    let mut parts = 0;
    for entry in fs::read_dir(to)? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if part::is_one(&name) {
            parts += 1;
        } else if entry.is_dir() {
            match whole_or_part(&from.join(name), &entry)? {
                Some(inner) => parts += inner,
                None => return Ok(None),
            }
        } else if !entry.is_symlink() && fs::read(&entry)? != fs::read(from.join(name))? {
            return Ok(None);
        }
    }
    Ok(Some(parts))
}
