//! Every shuttle model, and whether they notice a re-check that is skipped.

use crate::loom::build;
use crate::source::sources;
use crate::tools::{Outcome, failed, in_parallel, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a model must have been run under.
const SCHEDULES: usize = 10_000;

/// Where the re-checks stand that the models watch: what a lock guards.
const FOLDERS: [&str; 4] = ["src/channel", "src/stream", "src/cache", "src/resilience"];

/// Re-checks that shuttle cannot tell, and why; loom's models watch them.
const SURVIVORS: [(&str, &str); 0] = [];

pub(crate) fn job(args: &[String]) -> Outcome {
    let filter = args.first().map_or("", String::as_str);
    let models = build("shuttle")?;
    let written = sources(&root(), "shuttle-tests/tests").iter().map(|s| s.code.matches("#[test]").count()).sum();
    if models.len() < written {
        return failed(format!("{} models were built, the sources hold {written}", models.len()));
    }
    let wanted: Vec<(&String, &PathBuf)> = models.iter().filter(|(name, _)| name.contains(filter)).collect();
    if wanted.is_empty() {
        return failed(format!("no model's name contains {filter:?}"));
    }
    let reports = in_parallel(&wanted, |(name, binary)| {
        let report = run(name, binary, None);
        match &report {
            Ok(line) => println!("{line}"),
            Err(why) => println!("model {name}: FAILED\n{why}"),
        }
        report.is_ok()
    });
    let passed = reports.iter().filter(|passed| **passed).count();
    println!("{passed} of {} models passed", wanted.len());
    if passed < wanted.len() {
        return failed(format!("{} models failed", wanted.len() - passed));
    }
    if filter.is_empty() { mutants(&models) } else { Ok(()) }
}

/// Skips one re-check after the other: a model must fail.
fn mutants(models: &BTreeMap<String, PathBuf>) -> Outcome {
    let mut found = BTreeMap::new();
    for folder in FOLDERS {
        let area = folder.rsplit('/').next().unwrap_or(folder);
        let names = sources(&root(), folder).into_iter().flat_map(|source| source.rechecks());
        found.extend(names.map(|recheck| (recheck.name, area)));
    }
    let names: Vec<(String, &str)> = found.into_iter().collect();
    let unnoticed: Vec<&String> = in_parallel(&names, |(name, area)| {
        // Those of the same area are the likeliest to notice.
        let (near, far): (Vec<_>, Vec<_>) = models.iter().partition(|(_, binary)| is_of(binary, area));
        let noticed = near.into_iter().chain(far).find(|(model, binary)| run(model, binary, Some(name)).is_err());
        let argued = SURVIVORS.iter().find(|(survivor, _)| survivor == name);
        match (noticed, argued) {
            (Some((model, _)), None) => println!("skipped {name}: noticed by {model}"),
            (None, Some((_, why))) => println!("skipped {name}: not noticed: {why}"),
            (None, None) => println!("skipped {name}: NOT NOTICED"),
            (Some((model, _)), Some(_)) => println!("skipped {name}: noticed by {model}, though it is argued for"),
        }
        noticed.is_some() != argued.is_some()
    })
    .into_iter()
    .zip(&names)
    .filter_map(|(well, (name, _))| (!well).then_some(name))
    .collect();
    if unnoticed.is_empty() { Ok(()) } else { failed(format!("re-checks that no model notices: {unnoticed:?}")) }
}

/// True for the models in `tests/<area>.rs`.
fn is_of(binary: &Path, area: &str) -> bool {
    binary.file_name().and_then(|file| file.to_str()).is_some_and(|file| file.starts_with(area))
}

/// One model in a process of its own; the line that it prints.
fn run(name: &str, binary: &Path, skip: Option<&str>) -> Result<String, String> {
    let mut command = Command::new(binary);
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env("RUST_BACKTRACE", "0");
    command.env_remove("TASKCELL_SKIP");
    if let Some(skip) = skip {
        command.env("TASKCELL_SKIP", skip);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.find(&format!("model {name}: ")).map(|at| &line[at..]));
    let schedules = line.and_then(|line| line.split(": ").nth(1)?.split(' ').next()?.parse().ok()).unwrap_or(0);
    if output.status.success() && said.contains(" 1 passed; 0 failed; 0 ignored") && schedules >= SCHEDULES {
        return Ok(line.unwrap_or_default().to_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let text: Vec<&str> = said.lines().chain(errors.lines()).filter(|l| !l.trim().is_empty()).take(40).collect();
    Err(format!("{}\n{}", output.status, text.join("\n")))
}
