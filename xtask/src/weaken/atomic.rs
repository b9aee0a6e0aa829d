//! What can be changed at atomic operations and re-checks.

use super::copy::Copy;
use super::mutant::{Mutant, Sort};
use crate::source::{Operation, Source};

/// The shim's own wrappers are the switch, not its users.
const SWITCH: [&str; 3] = ["src/shim/atomic.rs", "src/shim/modelled.rs", "src/shim/switch.rs"];

/// All mutants of the atomic operations and re-checks of one file.
pub(crate) fn mutants(source: &Source, copy: &Copy) -> Vec<Mutant> {
    let mut found = Vec::new();
    if SWITCH.contains(&source.path.as_str()) {
        return found;
    }
    for op in source.operations().0 {
        let (line, column) = copy.place(source, op.line, op.column);
        let place = format!("{}:{line}:{column}", source.path);
        let new = |change: String, to: &str, sort: Sort, seen: &str| Mutant {
            file: source.path.clone(),
            line: op.line,
            function: op.function.clone(),
            text: op.text.clone(),
            change,
            variable: ("TASKCELL_WEAKEN", format!("{place}:{to}")),
            sort,
            reached: format!("{place}:{seen}"),
            key: 0,
        };
        for (change, to) in orderings(&op) {
            let seen = if to == "failure" { "lost" } else { "reached" };
            found.push(new(change, to, Sort::Ordering, seen));
        }
        // What stands in the shim stands for somebody else's code.
        if !source.path.starts_with("src/shim/") {
            for (change, seen) in logical(source, &op) {
                found.push(new((*change).to_owned(), change, Sort::Logical, seen));
            }
        }
    }
    for check in source.rechecks() {
        found.push(Mutant {
            file: source.path.clone(),
            line: check.line,
            function: check.function,
            text: format!("recheck(\"{}\"", check.name),
            change: format!("skip {}", check.name),
            reached: format!("{}:0:0:true", check.name),
            variable: ("TASKCELL_SKIP", check.name),
            sort: Sort::Ordering,
            key: 0,
        });
    }
    found
}

/// What each ordering of an operation can be weakened to: as written in the tables, as the shim is told.
fn orderings(op: &Operation) -> Vec<(String, &'static str)> {
    let weaker: &[&str] = match op.orderings[0].as_str() {
        "Relaxed" => &[],
        "AcqRel" => &["Acquire", "Release"],
        _ => &["Relaxed"],
    };
    let mut changes: Vec<_> = weaker.iter().map(|to| (format!("{}->{to}", op.orderings[0]), *to)).collect();
    if let Some(failure) = op.orderings.get(1).filter(|o| *o != "Relaxed") {
        changes.push((format!("failure {failure}->Relaxed"), "failure"));
    }
    changes
}

/// What else an operation can be, and what must have been seen of it for that to make a difference.
fn logical(source: &Source, op: &Operation) -> &'static [(&'static str, &'static str)] {
    let line = source.text.lines().nth(op.line - 1).unwrap_or_default();
    let rest: String = line.chars().skip(op.column - 1).collect();
    match crate::source::word_at(&rest) {
        "store" => &[("skipped", "reached")],
        "compare_exchange" => &[("torn", "won"), ("skipped", "won"), ("blind", "lost")],
        "load" => &[],
        _ => &[("torn", "reached"), ("skipped", "reached")],
    }
}
