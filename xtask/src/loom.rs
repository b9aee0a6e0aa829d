//! Every loom model, as is and with loads turned into read-modify-writes.

use crate::ci::count;
use crate::source::{quoted, table};
use crate::tools::{Outcome, cargo, failed, quiet, root, target, tee};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The two load modes: a name and the value of TASKCELL_LOADS.
pub(crate) const MODES: [(&str, &str); 2] = [("as is", ""), ("rmw", "rmw")];

/// What a model may take if it explores everything.
const EXHAUSTIVE_SECONDS: f64 = 60.0;

/// What one run of a model reported.
struct Report {
    iterations: usize,
    bound: String,
    seconds: f64,
}

pub(crate) fn job(args: &[String]) -> Outcome {
    let filter = args.first().map_or("", String::as_str);
    let models = build()?;
    compare(&models)?;
    let wanted: Vec<&String> = models.keys().filter(|m| m.contains(filter)).collect();
    if wanted.is_empty() {
        return failed(format!("no model's name contains {filter:?}"));
    }
    let binaries: BTreeSet<&PathBuf> = wanted.iter().map(|m| &models[*m]).collect();
    let mut wrong = Vec::new();
    let mut lines = Vec::new();
    for (mode, loads) in MODES {
        let mut reports = BTreeMap::new();
        for binary in &binaries {
            if let Err(why) = run(binary, filter, loads, &mut reports) {
                wrong.push(format!("{mode}: {why}"));
            }
        }
        for name in &wanted {
            match reports.get(*name) {
                Some(r) => {
                    lines.push((*name, format!("{mode:6}{:>10} {:>12} {:>8.2} s", r.iterations, r.bound, r.seconds)))
                }
                None => wrong.push(format!("{mode}: {name} did not report")),
            }
            if reports.get(*name).is_some_and(|r| r.bound == "exhaustive" && r.seconds > EXHAUSTIVE_SECONDS) {
                println!("note: {name} is exhaustive and took over {EXHAUSTIVE_SECONDS} s: give it a bound");
            }
        }
    }
    lines.sort();
    println!("\n{:44} {:6}{:>10} {:>12} {:>10}", "model", "loads", "iterations", "bound", "time");
    for (name, line) in lines {
        println!("{name:44} {line}");
    }
    println!("{} models in {} load modes, {} faults", wanted.len(), MODES.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { failed(wrong.join("\n")) }
}

/// One binary's models in one mode.
fn run(binary: &Path, filter: &str, loads: &str, reports: &mut BTreeMap<String, Report>) -> Result<(), String> {
    let mut command = model_command(binary, loads);
    command.args(["--test-threads=2"]);
    if !filter.is_empty() {
        command.arg(filter);
    }
    let said = tee(&mut command).map_err(|fault| format!("{fault:?}"))?;
    for line in said.lines() {
        if let Some((name, report)) = parse(line) {
            reports.insert(name, report);
        }
        if line.starts_with("test result: ") && count(line, " ignored") > 0 {
            return Err(format!("{}: a model was ignored", binary.display()));
        }
    }
    Ok(())
}

/// A model binary in one load mode, free of what the caller's environment says about loom.
pub(crate) fn model_command(binary: &Path, loads: &str) -> Command {
    let mut command = Command::new(binary);
    command.arg("--nocapture").current_dir(root().join("loom-tests")).env("RUST_BACKTRACE", "0");
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("LOOM_") || name.starts_with("TASKCELL_") {
            command.env_remove(&key);
        }
    }
    command.env("TASKCELL_LOADS", loads);
    command
}

/// `model NAME: N iterations, bound B, S s`, wherever it stands in the line.
fn parse(line: &str) -> Option<(String, Report)> {
    let (name, rest) = line.split_once("model ")?.1.split_once(": ")?;
    let mut parts = rest.split(", ");
    let iterations = parts.next()?.strip_suffix(" iterations")?.parse().ok()?;
    let bound = parts.next()?.strip_prefix("bound ")?.to_owned();
    let seconds = parts.next()?.strip_suffix(" s")?.parse().ok()?;
    Some((name.to_owned(), Report { iterations, bound, seconds }))
}

/// Builds the models; each one's name and the binary that holds it.
pub(crate) fn build() -> Outcome<BTreeMap<String, PathBuf>> {
    let args = ["test", "--no-run", "--package", "taskcell-loom-tests", "--profile", "loom", "--tests"];
    let mut command = cargo(args.into_iter().chain(["--message-format", "json-render-diagnostics"]));
    command.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", target().join("loom"));
    println!("building the models");
    let output = match command.stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => return failed(format!("the models do not build: {}", output.status)),
        Err(error) => return failed(format!("cargo: {error}")),
    };
    let mut models = BTreeMap::new();
    for line in output.lines().filter(|l| l.contains(r#""kind":["test"]"#)) {
        let Some(binary) = line.split(r#""executable":""#).nth(1).and_then(|l| l.split('"').next()) else { continue };
        let listed = quiet(Command::new(binary).args(["--list", "--format", "terse"])).unwrap_or_default();
        for name in listed.lines().filter_map(|l| l.strip_suffix(": test")) {
            if models.insert(name.to_owned(), PathBuf::from(binary)).is_some() {
                return failed(format!("two models are called {name}"));
            }
        }
    }
    if models.is_empty() { failed("there is no model") } else { Ok(models) }
}

/// The names that exist against those that CONTRIBUTING's table gives.
fn compare(models: &BTreeMap<String, PathBuf>) -> Outcome {
    let rows = table(&contributing(), "Transitions");
    let named: BTreeSet<String> = rows.iter().filter_map(|r| r.last()).flat_map(|cell| quoted(cell)).collect();
    let exist: BTreeSet<String> = models.keys().cloned().collect();
    let mut wrong: Vec<String> = named.difference(&exist).map(|m| format!("no such model: {m}")).collect();
    wrong.extend(exist.difference(&named).map(|m| format!("not in the table of CONTRIBUTING.md: {m}")));
    if wrong.is_empty() { Ok(()) } else { failed(wrong.join("\n")) }
}

pub(crate) fn contributing() -> String {
    std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap_or_default()
}
