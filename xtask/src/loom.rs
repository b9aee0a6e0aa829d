//! Every loom model, in each of the shim's load modes.

use crate::source::{quoted, table};
use crate::tools::{Outcome, cargo, failed, in_parallel, quiet, root, target};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The load modes: a name and the value of TASKCELL_LOADS.
pub(crate) const MODES: [(&str, &str); 3] = [("as is", ""), ("rmw", "rmw"), ("shadowed", "shadowed")];

/// How many preemptions are tried where every operation is two.
const SHADOWED_BOUND: &str = "2";

/// What a model may take if it explores everything.
const EXHAUSTIVE_SECONDS: f64 = 60.0;

/// When a model is stopped: one that takes so long holds up everybody.
const LIMIT_SECONDS: &str = "300";

/// What one run of a model reported.
struct Report {
    iterations: usize,
    bound: String,
    seconds: f64,
}

pub(crate) fn job(args: &[String]) -> Outcome {
    let filter = args.first().map_or("", String::as_str);
    let models = build("loom")?;
    let mut wrong = if filter.is_empty() { differences(&models) } else { Vec::new() };
    let wanted = models.iter().filter(|(name, _)| name.contains(filter));
    let runs: Vec<(&String, &PathBuf, (&str, &str))> =
        wanted.flat_map(|(name, binary)| MODES.map(|mode| (name, binary, mode))).collect();
    if runs.is_empty() {
        return failed(format!("no model's name contains {filter:?}"));
    }
    println!("{:44} {:8}{:>10} {:>12} {:>10}", "model", "loads", "iterations", "bound", "time");
    let reports = in_parallel(&runs, |(name, binary, (mode, loads))| {
        let report = run(name, binary, loads);
        match &report {
            Ok(r) => println!("{name:44} {mode:8}{:>10} {:>12} {:>8.2} s", r.iterations, r.bound, r.seconds),
            Err(why) => println!("{name:44} {mode:8} FAILED\n{why}"),
        }
        report
    });
    for ((name, _, (mode, _)), report) in runs.iter().zip(&reports) {
        match report {
            Ok(r) if r.bound == "exhaustive" && r.seconds > EXHAUSTIVE_SECONDS => {
                println!("note: {name} explored everything and took over {EXHAUSTIVE_SECONDS} s: give it a bound");
            }
            Ok(_) => {}
            Err(_) => wrong.push(format!("{name} ({mode}) failed")),
        }
    }
    let passed = reports.iter().filter(|r| r.is_ok()).count();
    println!(
        "{} models, each in {} load modes: {passed} of {} runs passed",
        runs.len() / MODES.len(),
        MODES.len(),
        runs.len()
    );
    if wrong.is_empty() { Ok(()) } else { failed(wrong.join("\n")) }
}

/// One model in one mode, in a process of its own: a failed model may abort.
fn run(name: &str, binary: &Path, loads: &str) -> Result<Report, String> {
    let limit = std::env::var("TASKCELL_MODEL_SECONDS").unwrap_or(LIMIT_SECONDS.to_owned());
    let mut command = model_command(binary, name, loads);
    if loads == "shadowed" {
        command.env("LOOM_MAX_PREEMPTIONS", SHADOWED_BOUND);
    }
    let output = command.env("TASKCELL_MODEL_SECONDS", limit).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let report = said.lines().find_map(|line| parse(name, line));
    match report {
        Some(report) if output.status.success() && said.contains(" 1 passed; 0 failed; 0 ignored") => Ok(report),
        _ => {
            let errors = String::from_utf8_lossy(&output.stderr);
            let text: Vec<&str> =
                said.lines().chain(errors.lines()).filter(|l| !l.trim().is_empty()).take(40).collect();
            Err(format!("{}\n{}", output.status, text.join("\n")))
        }
    }
}

/// A model in one load mode, free of what the caller's environment says about loom.
pub(crate) fn model_command(binary: &Path, name: &str, loads: &str) -> Command {
    let mut command = Command::new(binary);
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    command.current_dir(root().join("loom-tests")).env("RUST_BACKTRACE", "0");
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
fn parse(name: &str, line: &str) -> Option<Report> {
    let rest = line.split_once(&format!("model {name}: "))?.1;
    let mut parts = rest.split(", ");
    let iterations = parts.next()?.strip_suffix(" iterations")?.parse().ok()?;
    let bound = parts.next()?.strip_prefix("bound ")?.to_owned();
    let seconds = parts.next()?.strip_suffix(" s")?.parse().ok()?;
    Some(Report { iterations, bound, seconds })
}

/// Builds the models for `loom`, `shuttle` or `step`; each one's name and the binary that holds it.
pub(crate) fn build(checker: &str) -> Outcome<BTreeMap<String, PathBuf>> {
    println!("building the models");
    let command = build_command(&root(), checker, "json-render-diagnostics");
    match build_output(command)? {
        (true, said) => listed(&said),
        _ => failed("the models do not build"),
    }
}

/// Builds the models of another folder; in place of them the compiler's errors, a line each.
pub(crate) fn build_in(folder: &Path, checker: &str) -> Outcome<Result<BTreeMap<String, PathBuf>, Vec<String>>> {
    let command = build_command(folder, checker, "json-diagnostic-short");
    match build_output(command)? {
        (true, said) => listed(&said).map(Ok),
        (false, said) => {
            let rendered = said.lines().filter_map(|l| l.split(r#""rendered":""#).nth(1)?.split(r"\n").next());
            let errors: Vec<String> = rendered.filter(|l| l.contains(": error")).map(str::to_owned).collect();
            if errors.is_empty() { failed("the models do not build") } else { Ok(Err(errors)) }
        }
    }
}

fn build_command(folder: &Path, checker: &str, format: &str) -> Command {
    let package = format!("taskcell-{checker}-tests");
    let args = ["test", "--no-run", "--package", &package, "--profile", "loom", "--tests", "--message-format", format];
    let mut command = cargo(args);
    command.env("RUSTFLAGS", format!("--cfg {checker}")).env("CARGO_TARGET_DIR", target().join(checker));
    command.current_dir(folder);
    command
}

fn build_output(mut command: Command) -> Outcome<(bool, String)> {
    match command.stderr(Stdio::inherit()).output() {
        Ok(output) => Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())),
        Err(error) => failed(format!("cargo: {error}")),
    }
}

/// The models of the test binaries that cargo names.
fn listed(output: &str) -> Outcome<BTreeMap<String, PathBuf>> {
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
fn differences(models: &BTreeMap<String, PathBuf>) -> Vec<String> {
    let rows = table(&contributing(), "Transitions");
    let named: BTreeSet<String> = rows.iter().filter_map(|r| r.last()).flat_map(|cell| quoted(cell)).collect();
    let exist: BTreeSet<String> = models.keys().cloned().collect();
    let mut wrong: Vec<String> = named.difference(&exist).map(|m| format!("no such model: {m}")).collect();
    wrong.extend(exist.difference(&named).map(|m| format!("not in the table of CONTRIBUTING.md: {m}")));
    wrong
}

pub(crate) fn contributing() -> String {
    std::fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap_or_default()
}
