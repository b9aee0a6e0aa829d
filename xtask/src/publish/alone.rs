//! The package by itself, without what tests and models need: with the oldest versions of what it depends on, and whose
//! types it shows.

use super::{heard, packed};
use crate::tools::{Outcome, cargo_line, failed, target};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whose types and traits are in the library's interface: a new major version of these is one of ours. CONTRIBUTING.md
/// says which they are.
const PUBLIC: [&str; 2] = ["futures_core", "futures_task"];

const TIERS: [&str; 6] = ["", "alloc", "std", "portable-atomic", "alloc,portable-atomic", "std,critical-section"];

/// Unpacks the package, and gives the folder.
pub(super) fn unpack() -> Outcome<PathBuf> {
    let archive = packed::archive()?;
    let folder = target().join("publish");
    let written = fs::create_dir_all(&folder);
    written.or_else(|error| failed(format!("{}: {error}", folder.display())))?;
    heard(Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&folder))?;
    Ok(folder.join(archive.file_stem().unwrap_or_default()))
}

/// Unpacks it, and leaves of its manifest what concerns a user.
fn alone() -> Outcome<PathBuf> {
    let folder = unpack()?;
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).or_else(|error| failed(format!("{}: {error}", manifest.display())))?;
    let mut kept = String::new();
    let mut keep = true;
    for line in text.lines() {
        if line.starts_with('[') {
            let others = ["dev-dependencies", "cfg(loom)", "cfg(shuttle)", "[[example]]", "[[test]]"];
            keep = !others.iter().any(|other| line.contains(other));
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept += "\n[workspace]\n";
    write(&manifest, &kept)?;
    let lock = folder.join("Cargo.lock");
    if lock.exists() {
        fs::remove_file(&lock).or_else(|error| failed(format!("{}: {error}", lock.display())))?;
    }
    Ok(folder)
}

fn write(file: &Path, text: &str) -> Outcome {
    fs::write(file, text).or_else(|error| failed(format!("{}: {error}", file.display())))
}

/// Takes the oldest versions that the manifest allows: of what the library depends on itself, or of everything.
fn lock(folder: &Path, all: bool) -> Outcome<String> {
    let manifest = folder.join("Cargo.toml");
    let which = if all { "minimal-versions" } else { "direct-minimal-versions" };
    let mut update = cargo_line(&format!("update -Z{which} --manifest-path"));
    heard(update.arg(&manifest).env("RUSTC_BOOTSTRAP", "1"))?;
    let text = fs::read_to_string(folder.join("Cargo.lock")).unwrap_or_default();
    let fields = |field: &str| {
        let start = format!("{field} = \"");
        text.lines().filter_map(|line| Some(line.strip_prefix(&start)?.trim_end_matches('"').to_owned())).collect()
    };
    let (names, versions): (Vec<String>, Vec<String>) = (fields("name"), fields("version"));
    // The file's own version has no quotes.
    let listed: Vec<String> = names.iter().zip(&versions).map(|(name, version)| format!("{name} {version}")).collect();
    println!("{which}: {}", listed.join(", "));
    Ok(text)
}

fn check(folder: &Path, features: &str) -> Command {
    let mut check = cargo_line("check --lib --no-default-features --features");
    check.arg(features).arg("--manifest-path").arg(folder.join("Cargo.toml"));
    check.env("CARGO_TARGET_DIR", target().join("publish/target"));
    check
}

/// Every tier with the oldest versions of its dependencies, and again with the oldest of theirs.
pub(super) fn least_versions() -> Outcome<String> {
    let folder = alone()?;
    for (all, tiers) in [(true, &TIERS[5..]), (false, &TIERS[..])] {
        lock(&folder, all)?;
        for tier in tiers {
            heard(&mut check(&folder, tier))?;
        }
    }
    Ok(format!("{} tiers build with the oldest versions that Cargo.toml allows", TIERS.len()))
}

/// The compiler's own lint says whose types are shown, if no dependency is declared as public.
pub(super) fn public_dependencies() -> Outcome<String> {
    let folder = alone()?;
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    write(&manifest, &format!("cargo-features = [\"public-dependency\"]\n{text}"))?;
    let said = heard(
        check(&folder, "std,critical-section")
            .arg("-Zpublic-dependency")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", target().join("publish/public")),
    )?;
    let named = |line: &str| Some(line.split("from private dependency '").nth(1)?.split('\'').next()?.to_owned());
    let shown: BTreeSet<String> = said.lines().filter_map(named).collect();
    match shown.iter().eq(PUBLIC.iter()) {
        true => Ok(format!("types and traits of {} and of no others", PUBLIC.join(" and "))),
        false => failed(format!("the interface shows types of {shown:?}, and may those of {PUBLIC:?}")),
    }
}
