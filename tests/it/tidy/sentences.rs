//! What every file, ordering and unsafe block must say, and what nobody may.

use super::source::{Source, sources};
use super::{library, none, root};

/// How far above its sentence may stand.
const ABOVE: usize = 8;

/// The longest file.
const LINES: usize = 400;

#[test]
fn files_begin_with_what_they_know() {
    let silent = library().into_iter().filter(|s| !s.text.starts_with("//!"));
    none(&silent.map(|s| s.path).collect::<Vec<_>>());
}

#[test]
fn files_are_short() {
    let long = library().into_iter().map(|s| (s.text.lines().count(), s.path)).filter(|(lines, _)| *lines > LINES);
    none(&long.map(|(lines, path)| format!("{path}: {lines} lines")).collect::<Vec<_>>());
}

#[test]
fn orderings_are_explained() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| !s.path.starts_with("src/shim/")) {
        for at in source.words("Ordering") {
            let tail = &source.code[at..];
            let named = super::source::ORDERINGS.iter().any(|o| tail.starts_with(&format!("Ordering::{o}")));
            if named && !said_above(source, at, "ORDERING:") {
                faults.push(format!("{}:{}", source.path, source.line_of(at)));
            }
        }
    }
    none(&faults);
}

#[test]
fn unsafe_code_is_justified() {
    let mut faults = Vec::new();
    for source in &library() {
        for at in source.words("unsafe") {
            let next = source.code[at + "unsafe".len()..].trim_start();
            let acts = next.starts_with('{') || next.starts_with("impl");
            if acts && !said_above(source, at, "SAFETY:") {
                faults.push(format!("{}:{}", source.path, source.line_of(at)));
            }
        }
    }
    none(&faults);
}

#[test]
fn nothing_is_ignored_or_left_undone() {
    let mut faults = Vec::new();
    for folder in [
        "src",
        "tests",
        "loom-tests",
        "shuttle-tests",
        "step-tests",
        "benches",
        "examples",
        "embedded/src",
        "wasm/src",
        "xtask/src",
    ] {
        for source in sources(root(), folder).iter().filter(|s| !s.path.contains("/target/")) {
            for what in ["#[ignore", "todo!", "unimplemented!"] {
                let found = source.code.match_indices(what);
                faults.extend(found.map(|(at, _)| format!("{}:{}: {what}", source.path, source.line_of(at))));
            }
        }
    }
    none(&faults);
}

fn said_above(source: &Source, at: usize, what: &str) -> bool {
    let line = source.line_of(at);
    let lines = source.text.lines().take(line).skip(line.saturating_sub(ABOVE + 1));
    lines.into_iter().any(|l| l.contains(what))
}
