//! What it costs to build: a crate that does nothing but depend on us, or on a peer.

use super::store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Cold builds of each, by turns; the least counts.
pub(crate) const TURNS: usize = 3;

/// One dependency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) seconds: f64,
    /// It and what it brings along.
    pub(crate) crates: Vec<String>,
}

/// Its name, and its line in `[dependencies]`; `PATH` is the repository.
const SUBJECTS: &[(&str, &str)] = &[
    ("taskcell", "taskcell = { path = \"PATH\" }"),
    ("taskcell, `alloc` alone", "taskcell = { path = \"PATH\", default-features = false, features = [\"alloc\"] }"),
    ("taskcell, no features", "taskcell = { path = \"PATH\", default-features = false }"),
    ("tokio-util", "tokio-util = \"0.7\""),
    ("tokio-util with `rt`", "tokio-util = { version = \"0.7\", features = [\"rt\"] }"),
    ("event-listener", "event-listener = \"5\""),
    ("futures-util", "futures-util = \"0.3\""),
    ("futures", "futures = \"0.3\""),
];

/// Builds them all, by turns.
pub(crate) fn measure() -> Result<Vec<Built>, String> {
    let folder = store::target().join("bench").join("scratch");
    let mut all = Vec::new();
    for (number, (name, line)) in SUBJECTS.iter().enumerate() {
        let scratch = folder.join(number.to_string());
        prepare(&scratch, line).map_err(|error| format!("{}: {error}", scratch.display()))?;
        all.push(Built { name: (*name).to_owned(), seconds: f64::INFINITY, crates: crates(&scratch)? });
    }
    for turn in 0..TURNS {
        for (number, built) in all.iter_mut().enumerate() {
            eprint!("\r{} {} of {TURNS}                    ", built.name, turn + 1);
            built.seconds = built.seconds.min(build(&folder.join(number.to_string()))?);
        }
    }
    eprintln!();
    let _ = fs::remove_dir_all(&folder);
    Ok(all)
}

/// A library that is empty, with the versions of this workspace.
fn prepare(scratch: &Path, line: &str) -> std::io::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    fs::create_dir_all(scratch.join("src"))?;
    let line = line.replace("PATH", &repository.display().to_string());
    let manifest =
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n";
    fs::write(scratch.join("Cargo.toml"), format!("{manifest}{line}\n"))?;
    fs::write(scratch.join("src/lib.rs"), "")?;
    fs::copy(repository.join("Cargo.lock"), scratch.join("Cargo.lock")).map(drop)
}

fn cargo(scratch: &Path, words: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(words).arg("--offline").current_dir(scratch).output();
    let output = output.map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What `cargo tree` names below the scratch crate.
fn crates(scratch: &Path) -> Result<Vec<String>, String> {
    let tree = cargo(scratch, &["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"])?;
    let words = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?.trim_start_matches('v')))
    });
    Ok(words.filter(|name| !name.starts_with("scratch ")).collect::<BTreeSet<_>>().into_iter().collect())
}

/// Seconds of a build that finds nothing.
fn build(scratch: &Path) -> Result<f64, String> {
    let _ = fs::remove_dir_all(scratch.join("target"));
    let begin = Instant::now();
    cargo(scratch, &["build", "--release", "--quiet", "--target-dir", "target"])?;
    Ok(begin.elapsed().as_secs_f64())
}

/// The table.
pub(crate) fn print(all: &[Built]) {
    println!(
        "\n{:<28} {:>9} {:>7}  (cold release build, the least of {TURNS}; it and its dependencies)",
        "crate", "seconds", "crates"
    );
    for Built { name, seconds, crates } in all {
        println!("{name:<28} {seconds:>9.1} {:>7}", crates.len());
    }
}
