//! What is in the package: all that its docs and sources refer to, and nothing else.

use super::{alone, heard};
use crate::tools::{Outcome, cargo_line, failed, root, target};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Folders and files that may be in it, besides what cargo adds.
const FOLDERS: [&str; 3] = ["src", "examples", "tests"];
const FILES: [&str; 6] =
    ["README.md", "README.svg", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE-APACHE", "LICENSE-MIT"];
const CARGOS: [&str; 4] = ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
const KINDS: [&str; 4] = ["rs", "md", "txt", "svg"];
/// What crates.io shows, or users look for.
const FIELDS: [&str; 8] =
    ["description", "documentation", "license", "readme", "keywords", "categories", "rust-version", "edition"];
/// Crates.io takes ten.
const MOST_BYTES: u64 = 5 << 20;

/// Packs the library, builds what was packed, and looks at what that is.
pub(super) fn check() -> Outcome<String> {
    let said = heard(&mut cargo_line("package --allow-dirty --package taskcell"))?;
    println!("{said}");
    if let Some(warning) = said.lines().find(|line| line.starts_with("warning")) {
        return failed(format!("cargo warns: {warning}"));
    }
    let listed = heard(&mut cargo_line("package --list --allow-dirty --package taskcell"))?;
    let files: BTreeSet<PathBuf> = listed.lines().map(PathBuf::from).collect();
    let mut faults: Vec<String> = files.iter().filter(|file| is_junk(file)).map(|f| format!("{f:?} is junk")).collect();
    faults.extend(FILES.iter().filter(|file| !files.contains(Path::new(file))).map(|f| format!("{f} is missing")));
    faults.extend(references(&files));
    let manifest = fs::read_to_string(alone::unpack()?.join("Cargo.toml")).unwrap_or_default();
    let lacks = |field: &&&str| !manifest.lines().any(|line| line.starts_with(&format!("{field} = ")));
    faults.extend(FIELDS.iter().filter(lacks).map(|field| format!("no {field} in Cargo.toml")));
    let size = fs::metadata(archive()?).map_or(0, |archive| archive.len());
    if size == 0 || size > MOST_BYTES {
        faults.push(format!("the package has {size} bytes"));
    }
    for fault in &faults {
        println!("{fault}");
    }
    match &faults[..] {
        [] => Ok(format!("{} files, {} KiB, built by themselves without a warning", files.len(), size / 1024)),
        [first, ..] => failed(format!("{} faults: {first}", faults.len())),
    }
}

/// The package, which cargo names after its version.
pub(super) fn archive() -> Outcome<PathBuf> {
    let id = heard(&mut cargo_line("pkgid --package taskcell"))?;
    let version = id.trim().rsplit(['#', '@']).next().unwrap_or_default();
    Ok(target().join(format!("package/taskcell-{version}.crate")))
}

fn is_junk(file: &Path) -> bool {
    let first = file.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    if file.components().count() == 1 {
        return !FILES.contains(&first.as_str()) && !CARGOS.contains(&first.as_str());
    }
    let kind = file.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known));
    !FOLDERS.contains(&first.as_str()) || !kind
}

/// What the sources include and the README links to has to be there, too.
fn references(files: &BTreeSet<PathBuf>) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let starts: &[&str] = match file.extension() {
            Some(kind) if kind == "rs" => &["include_str!(\"", "include_bytes!(\""],
            _ if file == Path::new("README.md") => &["](", "src=\""],
            _ => continue,
        };
        for start in starts {
            for after in text.split(start).skip(1) {
                let name = after.split(['"', ')', '#', ' ']).next().unwrap_or_default();
                if !name.is_empty() && !name.contains("://") && !files.contains(&resolve(file, name)) {
                    faults.push(format!("{} refers to {name}, which is not in the package", file.display()));
                }
            }
        }
    }
    faults
}

/// A name in a file, from the top of the package.
fn resolve(file: &Path, name: &str) -> PathBuf {
    let mut path = file.parent().map(Path::to_path_buf).unwrap_or_default();
    for component in Path::new(name).components() {
        match component {
            Component::ParentDir => _ = path.pop(),
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}
