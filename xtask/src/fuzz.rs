//! A fuzzer makes up the programs of `tests/programs`: a time for each target, which is a file of `fuzz/targets`.
//!
//! It begins with the corpus that is kept in `fuzz/corpus`, one folder for each target, and puts what it finds below
//! cargo's target folder. With `--keep` that goes into the corpus, as few and as small files as reach the same code. What
//! fails is kept by the fuzzer in `fuzz/artifacts`.

use crate::tools::{Fault, Outcome, cargo, failed, in_parallel, missing, quiet, root, run, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const USAGE: &str = "cargo xtask fuzz [TARGET] [--seconds N] [--jobs] [--keep]";

/// How long, for each target.
const SECONDS: u64 = 60;

/// Programs are no longer than this.
const LENGTH: usize = 600;

/// cargo-fuzz always builds for a target that it names.
const HOST: &str = "x86_64-unknown-linux-gnu";

/// So many files of a target are kept at most, small ones and large ones, of those that reach anything.
const KEPT: usize = 100;

struct Options {
    filter: Option<String>,
    seconds: u64,
    /// Two targets at a time.
    jobs: bool,
    keep: bool,
}

/// What became of a target.
struct Row {
    name: String,
    executions: u64,
    /// Programs that reached code which none before had reached, beside those of the corpus.
    new: u64,
    coverage: u64,
    result: Result<(), String>,
    seconds: f64,
}

pub(crate) fn job(args: &[String]) -> Outcome {
    let options = parse(args)?;
    let names = targets()?;
    let wanted = |name: &&String| options.filter.as_ref().is_none_or(|filter| *name == filter);
    let chosen: Vec<String> = names.iter().filter(wanted).cloned().collect();
    if chosen.is_empty() {
        return failed(format!("no target is called so; there are {}\n\n{USAGE}", names.join(", ")));
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return missing(format!("a machine of the kind {HOST}"));
    }
    install()?;
    // One build: what is shared is built once, and the times are the fuzzer's own.
    run(&mut fuzz(&["build"]))?;
    let rows: Vec<Row> = if options.jobs {
        in_parallel(&chosen, |name| one(name, &options))
    } else {
        chosen.iter().map(|name| one(name, &options)).collect()
    };
    if options.keep {
        for name in &chosen {
            keep(name)?;
        }
    }
    table(&rows)
}

fn parse(args: &[String]) -> Outcome<Options> {
    let mut options = Options { filter: None, seconds: SECONDS, jobs: false, keep: false };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (flag, value) = match (arg.split_once('='), arg.as_str()) {
            (Some((flag, value)), _) => (flag, Some(value)),
            (None, "--seconds") => ("--seconds", args.next().map(String::as_str)),
            (None, flag) => (flag, None),
        };
        match (flag, value.map(str::parse)) {
            ("--seconds", Some(Ok(seconds))) if seconds > 0 => options.seconds = seconds,
            ("--seconds", _) => return failed(format!("--seconds wants a number\n\n{USAGE}")),
            ("--jobs", None) => options.jobs = true,
            ("--keep", None) => options.keep = true,
            (name, None) if !name.starts_with('-') && options.filter.is_none() => {
                options.filter = Some(name.to_owned())
            }
            _ => return failed(format!("unknown: {arg}\n\n{USAGE}")),
        }
    }
    Ok(options)
}

/// The files of `fuzz/targets`, by name.
fn targets() -> Outcome<Vec<String>> {
    let files = fs::read_dir(root().join("fuzz/targets")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        files.filter_map(|file| file.path().file_stem().map(|name| name.to_string_lossy().into_owned())).collect();
    names.sort();
    if names.is_empty() { missing("fuzz/targets") } else { Ok(names) }
}

fn install() -> Outcome {
    if quiet(&mut cargo(["fuzz", "--version"])).is_some() {
        return Ok(());
    }
    match run(&mut cargo(["install", "--locked", "--quiet", "cargo-fuzz"])) {
        Ok(()) => Ok(()),
        Err(_) => missing("cargo-fuzz (cargo install --locked cargo-fuzz)"),
    }
}

/// `cargo fuzz` on the stable compiler, which has the sanitizer, too.
fn fuzz(args: &[&str]) -> Command {
    let mut command = cargo(["fuzz"].into_iter().chain(args.iter().copied()));
    command.arg("--target-dir").arg(target().join("fuzz")).env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Where what is found is put.
fn found(name: &str) -> PathBuf {
    target().join("fuzz").join("found").join(name)
}

fn kept(name: &str) -> PathBuf {
    root().join("fuzz/corpus").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).filter(|path| path.is_file()).collect()
}

/// One target, for its time.
fn one(name: &str, options: &Options) -> Row {
    let start = Instant::now();
    let fuzzed = fuzzed(name, options);
    let seconds = start.elapsed().as_secs_f64();
    let said = fuzzed.as_ref().map_or_else(Clone::clone, Clone::clone);
    let number = |key: &str| said.lines().rev().find_map(|line| after(line, key));
    let row = Row {
        name: name.to_owned(),
        executions: number("stat::number_of_executed_units:").unwrap_or(0),
        new: number("stat::new_units_added:").unwrap_or(0),
        coverage: number("cov:").unwrap_or(0),
        result: fuzzed.map(drop),
        seconds,
    };
    println!("{name}: {} programs in {:.0} s", row.executions, row.seconds);
    row
}

/// The fuzzer of a target, which is built; `cargo fuzz run` would ask cargo again for each.
fn built(name: &str) -> Command {
    let mut command = Command::new(target().join("fuzz").join(HOST).join("release").join(name));
    let artifacts = root().join("fuzz/artifacts").join(name);
    command.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(format!("-max_len={LENGTH}"));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// What the fuzzer said; what it said last if it failed.
fn fuzzed(name: &str, options: &Options) -> Result<String, String> {
    let (found, kept) = (found(name), kept(name));
    for folder in [&found, &kept, &root().join("fuzz/artifacts").join(name)] {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let mut command = built(name);
    command.arg(format!("-max_total_time={}", options.seconds)).args(["-print_final_stats=1", "-timeout=20"]);
    let output = command.arg(&found).arg(&kept).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let panicked = said.lines().skip_while(|line| !line.contains("panicked at") && !line.contains("ERROR:"));
    let unit = said.lines().filter(|line| line.contains("Test unit written"));
    let why: Vec<&str> = panicked.take(3).chain(unit).collect();
    Err(if why.is_empty() { said } else { why.join("\n") })
}

/// The number that follows `key` in a line.
fn after(line: &str, key: &str) -> Option<u64> {
    let rest = line.split_once(key)?.1.trim_start();
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Puts into the corpus what reaches all that was reached: the fuzzer chooses, as `cargo fuzz cmin` does.
fn keep(name: &str) -> Outcome {
    let (found, kept, chosen) = (found(name), kept(name), target().join("fuzz").join("chosen").join(name));
    let failed = |error: std::io::Error| Fault::Failed(format!("the corpus of {name}: {error}"));
    if chosen.exists() {
        fs::remove_dir_all(&chosen).map_err(failed)?;
    }
    fs::create_dir_all(&chosen).map_err(failed)?;
    run(built(name).arg("-merge=1").args([&chosen, &kept, &found]).stderr(Stdio::null()))?;
    let mut smallest = files(&chosen);
    smallest.sort_by_key(|file| (fs::metadata(file).map_or(0, |data| data.len()), file.clone()));
    for file in files(&kept) {
        fs::remove_file(file).map_err(failed)?;
    }
    for file in smallest.iter().step_by(smallest.len().div_ceil(KEPT).max(1)) {
        fs::copy(file, kept.join(file.file_name().expect("a file has a name"))).map_err(failed)?;
    }
    println!("{name}: {} of {} kept", files(&kept).len(), smallest.len());
    Ok(())
}

fn table(rows: &[Row]) -> Outcome {
    println!("\n{:16}{:>12}{:>8}{:>10}{:>10}  result", "target", "programs", "new", "coverage", "seconds");
    for row in rows {
        let Row { name, executions, new, coverage, seconds, result } = row;
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        println!("{name:16}{executions:>12}{new:>8}{coverage:>10}{seconds:>10.0}  {verdict}");
    }
    let faults: Vec<String> =
        rows.iter().filter_map(|row| row.result.as_ref().err().map(|why| format!("{}: {why}", row.name))).collect();
    let idle: Vec<&str> = rows.iter().filter(|row| row.executions == 0).map(|row| row.name.as_str()).collect();
    println!("failed: {}", faults.len());
    match (faults.is_empty(), idle.is_empty()) {
        (false, _) => failed(faults.join("\n")),
        (true, false) => failed(format!("nothing was run of {}", idle.join(", "))),
        (true, true) => Ok(()),
    }
}
