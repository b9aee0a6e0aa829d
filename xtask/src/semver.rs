//! `cargo xtask semver [REV]`: whether the version number says what has changed since the last release.
//!
//! The baseline is REV, or the newest tag `v*` below the current commit; before the first release it is the commit that
//! Cargo.toml records (`[package.metadata.semver] baseline`).

use crate::publish::{ask, tool};
use crate::tools::{Outcome, cargo_line, failed, quiet, root};
use std::process::Command;

/// Each is an interface of its own, as it is used.
const TIERS: [(&str, &str); 3] = [("std", "std"), ("with a heap", "alloc"), ("without a heap", "")];

pub(crate) fn job(args: &[String]) -> Outcome {
    let (baseline, whose) = match args {
        [] => baseline()?,
        [rev] if !rev.starts_with('-') => (rev.clone(), "as asked for"),
        _ => return failed("semver takes a revision, or nothing"),
    };
    tool("semver-checks", 9)?;
    println!("baseline: {baseline}, {whose}");
    let mut lines = Vec::new();
    let mut bad = 0;
    for (name, features) in TIERS {
        let mut command = cargo_line("semver-checks check-release --package taskcell");
        command.args(["--only-explicit-features", "--baseline-rev", &baseline]);
        if !features.is_empty() {
            command.args(["--features", features]);
        }
        let (fine, said) = ask(&mut command)?;
        // The last line of that kind says how many checks there were.
        let checked = said.lines().rfind(|line| line.trim_start().starts_with("Checked ")).map(str::trim);
        match (fine, checked) {
            (true, Some(checked)) => lines.push(format!("ok      {name:16}{checked}")),
            (_, checked) => {
                bad += 1;
                println!("{said}");
                let why = said.lines().rfind(|line| line.trim_start().starts_with("Summary ")).map(str::trim);
                lines.push(format!("FAILED  {name:16}{}", why.or(checked).unwrap_or("nothing was checked")));
            }
        }
    }
    for line in &lines {
        println!("{line}");
    }
    println!("{} of {} interfaces are as the version says, compared with {baseline}", TIERS.len() - bad, TIERS.len());
    if bad == 0 { Ok(()) } else { failed(format!("{bad} interfaces have changed more than the version says")) }
}

/// What to compare with, and why that.
fn baseline() -> Outcome<(String, &'static str)> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    if let Some(tag) = quiet(&mut git) {
        return Ok((tag.trim().to_owned(), "the last release"));
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    let table = manifest.split("[package.metadata.semver]").nth(1).unwrap_or_default();
    match table.split("baseline = \"").nth(1).and_then(|after| after.split('"').next()) {
        Some(commit) => Ok((commit.to_owned(), "which Cargo.toml records, as there is no release yet")),
        None => failed("there is no tag v*, and Cargo.toml records no baseline"),
    }
}
