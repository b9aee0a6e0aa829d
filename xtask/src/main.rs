//! `cargo xtask JOB`: what the repository does to itself. One file for each job.
//!
//! A job that lacks what it needs says what is missing and exits with 2; a job
//! that ran and failed exits with 1.

mod ci;
mod docs;
#[path = "../../tests/it/tidy/dotnet.rs"]
mod dotnet;
mod embedded;
mod fuzz;
mod loom;
mod miri;
mod msrv;
mod nostd;
mod publish;
mod sanitize;
mod semver;
mod shuttle;
#[path = "../../tests/it/tidy/source.rs"]
mod source;
mod step;
mod stress;
mod tools;
mod unsafe_code;
mod wasm;
mod weaken;

use std::process::ExitCode;
use tools::{Fault, Outcome, cargo, failed, run};

const HELP: &str = "cargo xtask JOB

  ci                      everything below that CI runs, with a summary
  docs [--pages]          no warnings, an example for each item, tables, .NET's names; and the doctests
  loom [FILTER]           every loom model, in each load mode
  shuttle [FILTER]        every shuttle model, and each re-check skipped
  step [FILTER]           every operation interrupted by every other at every step, and mistakes to be noticed
  weaken [--fast] [--again] [--list] [FILTER]  orderings, operations, conditions and steps changed: each must be noticed
  bench [PART..] [--report]  measurements beside the peers, and benches/REPORT.md from them (--help lists the parts)
  stress [--plain] [--seconds N] [--seed S] [FILTER]  the races on real threads, with delays; nothing may be lost
  fuzz [TARGET] [--seconds N] [--jobs] [--keep]  programs that a fuzzer makes up, against models
  embedded [--build]      bare-metal builds, and firmware under QEMU
  wasm                    the application of wasm/ in node's event loop, without std
  nostd                   proof on the host that no std is linked
  msrv                    cargo check with Rust 1.85
  publish [--fast]        whether the package is ready: what is in it, least versions, licences, semver; uploads nothing
  semver [REV]            whether the version says what has changed since the last release
  sanitize [thread|address|leak]  all tests under ThreadSanitizer, AddressSanitizer, LeakSanitizer
  miri                    the tests under Miri
  unsafe                  how much unsafe code there is, and where";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (job, rest) = args.split_first().map_or(("", &[][..]), |(job, rest)| (job.as_str(), rest));
    let outcome = match job {
        "ci" => ci::job(),
        "docs" => docs::job(rest),
        "loom" => loom::job(rest),
        "shuttle" => shuttle::job(rest),
        "step" => step::job(rest),
        "weaken" => weaken::job(rest),
        "bench" => bench(rest),
        "stress" => stress::job(rest),
        "fuzz" => fuzz::job(rest),
        "embedded" => embedded::job(rest),
        "wasm" => wasm::job(),
        "nostd" => nostd::job(),
        "msrv" => msrv::job(),
        "publish" => publish::job(rest),
        "semver" => semver::job(rest),
        "sanitize" => sanitize::job(rest),
        "miri" => miri::job(),
        "unsafe" => unsafe_code::job(),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => failed(format!("no job is called {other}\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault::Failed(why)) => {
            eprintln!("xtask {job}: {why}");
            ExitCode::from(1)
        }
        Err(Fault::Missing(what)) => {
            eprintln!("xtask {job}: missing here: {what}");
            ExitCode::from(2)
        }
    }
}

/// Hands its arguments to the bench program.
fn bench(args: &[String]) -> Outcome {
    let fixed = ["run", "--quiet", "--profile", "measure", "-p", "taskcell-bench", "--"];
    run(&mut cargo(fixed.into_iter().chain(args.iter().map(String::as_str))))
}
