//! The driver: runs every row in a fresh process under callgrind, beside the peers, compares with `bars.toml`, and
//! measures what else `REPORT.md` has.
//!
//! `cargo run --profile measure -p taskcell-bench -- [PART..] [--only PREFIX] [--report] ...`
//!
//! Exit status: 0 when every bar is held or argued and nothing failed, 1 otherwise, 2 when a tool or a stored part is
//! missing or the arguments are wrong.

mod drive;

use drive::bars::Written;
use drive::plan::{Measured, Wish};
use drive::{compile, contention, curves, markdown, plan, proof, report, store, time, tools};
use std::process::ExitCode;

const USAGE: &str =
    "usage: taskcell-bench [PART..] [--only PREFIX] [--report] [--stored] [--json FILE] [--all] [--peers]
  PART           what is measured; everything, if none is named:
                   rows        instructions, read-modify-writes, allocations, bytes, against the bars
                   curves      the points of the pictures
                   time        nanoseconds, ours and the best peer by turns
                   contention  two threads
                   build       cold builds, and their crates
                   proof       the tests behind correctness.toml
  --only PREFIX  of rows and time only ids that begin so (A5, C1, E1.0)
  --report       writes benches/REPORT.md and benches/plots from what is stored in target/bench
  --stored       measures nothing
  --json FILE    one object for each id of bars.toml
  --all          the variants and the machine's own steps (P) are printed as well
  --peers        of rows the peers alone, to compare their figures";

const PARTS: [&str; 6] = ["rows", "curves", "time", "contention", "build", "proof"];

#[derive(Default)]
struct Options {
    wish: Wish,
    parts: Vec<&'static str>,
    json: Option<String>,
    report: bool,
}

impl Options {
    fn read() -> Option<Self> {
        let mut options = Self::default();
        let mut stored = false;
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--only" => options.wish.only = words.next()?,
                "--json" => options.json = Some(words.next()?),
                "--peers" => options.wish.peers = true,
                "--all" => options.wish.all = true,
                "--report" => options.report = true,
                "--stored" => stored = true,
                "--time" => options.parts.extend(["rows", "time"]),
                part => options.parts.push(PARTS.into_iter().find(|known| *known == part)?),
            }
        }
        if options.parts.is_empty() && !stored {
            let some = !options.wish.only.is_empty() || options.wish.peers;
            options.parts = if some { vec!["rows"] } else { PARTS.to_vec() };
        }
        Some(options)
    }

    fn asks(&self, part: &str) -> bool {
        self.parts.contains(&part)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::read() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            eprintln!("bench: {}", faults.join("\nbench: "));
            ExitCode::from(1)
        }
        Err(missing) => {
            eprintln!("bench: {missing}");
            ExitCode::from(2)
        }
    }
}

/// What is wrong with what was measured.
fn run(options: &Options) -> Result<Vec<String>, String> {
    let written = Written::read()?;
    let mut faults = Vec::new();
    if options.parts.iter().any(|part| !["build", "proof"].contains(part)) {
        faults = with_workers(options, &written)?;
    }
    if options.asks("build") {
        let all = compile::measure()?;
        compile::print(&all);
        store::save("build", &all)?;
    }
    if options.asks("proof") {
        match proof::run(&written.claims) {
            Ok(passed) => store::save("proof", &passed)?,
            Err(fault) => faults.push(fault),
        }
    }
    if options.report {
        let stored = markdown::Stored::load()?;
        let lines = report::lines(&written.bars, &stored.rows, "");
        markdown::write(&written, &stored)?;
        faults.extend(report::faults(&lines, &stored.rows, &written.arguments));
        faults.sort();
        faults.dedup();
    }
    if faults.is_empty() {
        println!("\nevery bar that was looked at is held, or argued");
    }
    Ok(faults)
}

fn with_workers(options: &Options, written: &Written) -> Result<Vec<String>, String> {
    let Options { wish, .. } = options;
    tools::check()?;
    let workers = tools::build()?;
    let mut faults = Vec::new();
    if options.asks("rows") {
        let results = plan::measure(&workers, &written.bars, wish)?;
        let lines = report::lines(&written.bars, &results, &wish.only);
        report::print(&lines, &results, wish.all);
        if !wish.peers {
            faults = report::faults(&lines, &results, &written.arguments);
        }
        if let Some(file) = &options.json {
            std::fs::write(file, report::json(&lines)).map_err(|error| format!("{file}: {error}"))?;
        }
        let one = |measured: &Measured| (measured.row.clone(), measured.who.clone());
        if wish.only.is_empty() && !wish.peers {
            store::save("rows", &results)?
        } else {
            store::merge("rows", &results, one)?
        }
    }
    if options.asks("curves") {
        let points = curves::measure(&workers)?;
        curves::print(&points);
        store::save("curves", &points)?;
    }
    if options.asks("time") {
        let all = time::measure(&workers, &store::load::<Measured>("rows")?, &wish.only)?;
        time::print(&all);
        if wish.only.is_empty() {
            store::save("time", &all)?
        } else {
            store::merge("time", &all, |timed| timed.row.clone())?
        }
    }
    if options.asks("contention") {
        let all = contention::measure(&workers)?;
        contention::print(&all);
        store::save("contention", &all)?;
    }
    Ok(faults)
}
