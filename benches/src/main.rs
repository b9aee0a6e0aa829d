//! The driver: runs every row in a fresh process under callgrind, beside the peers, and compares with `bars.toml`.
//!
//! `cargo run --profile measure -p taskcell-bench -- [--only PREFIX] [--time] [--json FILE] [--all] [--peers]`
//!
//! Exit status: 0 when at least nine in ten of the ids that are built hold their bar, 1 when fewer do or a run failed,
//! 2 when a tool is missing or the arguments are wrong.

mod drive;

use drive::plan::Wish;
use drive::{bars, plan, report, time, tools};
use std::process::ExitCode;

const USAGE: &str = "usage: taskcell-bench [--only PREFIX] [--time] [--json FILE] [--all] [--peers]
  --only PREFIX  only ids that begin so (A5, C1, E1.0)
  --time         medians in nanoseconds too, and the throughput of two threads (A12)
  --json FILE    one object for each id of bars.toml
  --all          the machine's own steps (P) as well
  --peers        the peers alone, to compare their figures";

#[derive(Default)]
struct Options {
    wish: Wish,
    time: bool,
    json: Option<String>,
}

fn options() -> Option<Options> {
    let mut options = Options::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--only" => options.wish.only = words.next()?,
            "--json" => options.json = Some(words.next()?),
            "--peers" => options.wish.peers = true,
            "--time" => options.time = true,
            "--all" => options.wish.all = true,
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(missing) => {
            eprintln!("bench: {missing}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool, String> {
    let bars = bars::read(include_str!("../bars.toml"))?;
    tools::check()?;
    let workers = tools::build()?;
    let results = plan::measure(&workers, &bars, &options.wish)?;
    let lines = report::lines(&bars, &results, &options.wish.only);
    report::print(&lines, &results, options.wish.all);
    if options.time {
        time::print(&workers, &results, &options.wish.only);
    }
    if let Some(file) = &options.json {
        std::fs::write(file, report::json(&lines)).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(report::held(&lines, &results))
}
