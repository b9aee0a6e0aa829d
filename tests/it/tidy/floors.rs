//! Imports go down only; what belongs to the shim is named there only.

use super::source::{Source, is_word, quoted, table, word_at};
use super::{contributing, library, none};
use std::collections::BTreeMap;

/// Words that only the shim may say, with where else they may stand.
const SHIM_ONLY: [(&str, &[&str]); 4] =
    [("loom", &["src/lib.rs"]), ("shuttle", &[]), ("portable_atomic", &[]), ("portable_atomic_util", &[])];

const SHIM_PATHS: [&str; 4] =
    ["core::sync::atomic", "std::sync::atomic", "core::cell::UnsafeCell", "std::cell::UnsafeCell"];

#[test]
fn modules_import_only_from_lower_floors() {
    let floors = floors();
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| s.path != "src/lib.rs") {
        let own = module(source);
        let Some(floor) = floors.get(own) else {
            faults.push(format!("{}: the table of floors does not name `{own}`", source.path));
            continue;
        };
        for (line, name) in crate_paths(source).into_iter().filter(|(_, name)| name != own) {
            match floors.get(name.as_str()) {
                Some(below) if below < floor => {}
                Some(_) => {
                    faults.push(format!("{}:{line}: `{own}` imports `{name}`, which is no lower floor", source.path))
                }
                None => faults.push(format!("{}:{line}: crate::{name}: name the module", source.path)),
            }
        }
        let depth = depth(source);
        for (line, ups) in super_chains(source) {
            if ups >= depth {
                faults.push(format!("{}:{line}: leaves its folder by super: say crate::", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn only_the_shim_names_loom_and_foreign_atomics() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| module(s) != "shim") {
        for (word, except) in SHIM_ONLY {
            if except.contains(&source.path.as_str()) {
                continue;
            }
            faults.extend(
                source
                    .words(word)
                    .into_iter()
                    // `cfg(loom)` on whole items: loom's atomics have no `const fn new`, and small capacities show more.
                    .filter(|at| !["cfg(", "cfg(not(", "cfg!("].iter().any(|c| source.code[..*at].ends_with(c)))
                    .map(|at| format!("{}:{}: {word}", source.path, source.line_of(at))),
            );
        }
        for path in SHIM_PATHS {
            let found = source.code.match_indices(path);
            faults.extend(found.map(|(at, _)| format!("{}:{}: {path}", source.path, source.line_of(at))));
        }
        for (at, group) in grouped_sync(source) {
            faults.push(format!("{}:{}: {group}", source.path, source.line_of(at)));
        }
    }
    none(&faults);
}

#[test]
fn unsafe_stands_only_in_shim_and_raw() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| !["shim", "raw"].contains(&module(s))) {
        faults.extend(source.words("unsafe").into_iter().map(|at| format!("{}:{}", source.path, source.line_of(at))));
    }
    none(&faults);
}

#[test]
fn unsafe_is_forbidden_above_raw() {
    let top =
        |path: &str| path.matches('/').count() == 1 || path.ends_with("/mod.rs") && path.matches('/').count() == 2;
    let tops: Vec<Source> = library().into_iter().filter(|s| top(&s.path) && s.path != "src/lib.rs").collect();
    let allowed = |s: &&Source| !["shim", "raw"].contains(&module(s));
    assert!(tops.iter().filter(allowed).count() > 10, "the modules are not found");
    let open = tops.iter().filter(allowed).filter(|s| !s.code.contains("#![forbid(unsafe_code)]"));
    none(&open.map(|s| format!("{}: no #![forbid(unsafe_code)]", s.path)).collect::<Vec<_>>());
}

#[test]
fn cfg_never_stands_inside_a_function() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| !["shim", "raw"].contains(&module(s))) {
        for at in source.words("cfg") {
            if source.function_at(at).is_some() {
                faults.push(format!("{}:{}", source.path, source.line_of(at)));
            }
        }
    }
    none(&faults);
}

/// Module to floor, from CONTRIBUTING.md.
fn floors() -> BTreeMap<String, usize> {
    let mut floors = BTreeMap::new();
    for row in table(&contributing(), "Floors") {
        let Ok(floor) = row[0].parse() else { continue };
        floors.extend(quoted(&row[1]).into_iter().map(|module| (module, floor)));
    }
    assert!(floors.len() > 10, "CONTRIBUTING.md has lost its table of floors");
    floors
}

/// `src/cancel/token.rs` gives `cancel`, `src/spawn.rs` gives `spawn`.
fn module(source: &Source) -> &str {
    let inside = source.path.strip_prefix("src/").expect("below src");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// How many `super::` reach the crate's root from the file's top.
fn depth(source: &Source) -> usize {
    let parts = source.path.split('/').count() - 1;
    if source.path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// Where `super::` stands and how many of them follow one another.
fn super_chains(source: &Source) -> Vec<(usize, usize)> {
    let mut chains: Vec<(usize, usize)> = Vec::new();
    for at in source.words("super") {
        if source.code[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &source.code[at..];
        let mut ups = 0;
        while let Some(more) = rest.strip_prefix("super::") {
            ups += 1;
            rest = more;
        }
        chains.push((source.line_of(at), ups));
    }
    chains
}

/// `core::sync::{atomic, ...}` and the like.
fn grouped_sync(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for path in ["core::sync::{", "std::sync::{"] {
        for (at, _) in source.code.match_indices(path) {
            if group_heads(&source.code[at + path.len()..]).iter().any(|head| head == "atomic") {
                found.push((at, format!("{path}atomic}}")));
            }
        }
    }
    found
}

/// The names that follow `crate::`, groups in braces included.
fn crate_paths(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for position in source.words("crate") {
        let Some(rest) = source.code[position + "crate".len()..].strip_prefix("::") else { continue };
        let line = source.line_of(position);
        match rest.trim_start().strip_prefix('{') {
            None => found.push((line, word_at(rest).to_owned())),
            Some(group) => found.extend(group_heads(group).into_iter().map(|head| (line, head))),
        }
    }
    found
}

/// The heads of a brace group's entries: `{a::b, c}` gives `a`, `c`.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut fresh) = (0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && is_word(c) => {
                heads.push(word_at(&group[at..]).to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn the_reader_sees_imports() {
    let text =
        "use crate::{raw::word::{A, B}, shim::atomic};\nuse crate::time::Clock; // crate::ext\nuse super::super::x;";
    let source = Source::new("src/cancel/token.rs".to_owned(), text.to_owned());
    let names: Vec<String> = crate_paths(&source).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["raw", "shim", "time"]);
    assert_eq!(super_chains(&source), [(3, 2)]);
    assert_eq!((module(&source), depth(&source)), ("cancel", 2));
}
