//! The table of foreign code in `tests/it/foreign/mod.rs`: its tests exist, and nothing that calls foreign code is left out.

use super::source::{Source, quoted, sources};
use super::{library, none, root};

/// What a file says that takes foreign code: closures, futures, streams and the traits that others implement.
const SIGNS: [&str; 12] = [
    "Fn(",
    "FnMut(",
    "FnOnce(",
    "AsyncFn",
    ": Future",
    ": IntoFuture",
    ": Stream",
    ": IntoIterator",
    "impl IntoIterator",
    ": TimeProvider",
    "impl TimeProvider",
    "impl Spawner",
];

/// Place, where, the test that panics there, the test that drops everything there.
fn rows() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("tests/it/foreign/mod.rs")).expect("the table is there");
    let lines = text.lines().filter_map(|line| line.strip_prefix("//! |")).skip(2);
    let rows: Vec<Vec<String>> =
        lines.map(|line| line.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect();
    assert!(rows.len() > 40, "the table has lost its rows: {}", rows.len());
    rows
}

#[test]
fn every_place_has_tests() {
    let tests = sources(root(), "tests/it");
    let mut faults = Vec::new();
    for row in rows() {
        if row.len() != 4 {
            faults.push(format!("not four cells: {row:?}"));
            continue;
        }
        for name in row[2..].iter().map(|cell| quoted(cell).concat()) {
            if !tests.iter().any(|file| holds(file, &name)) {
                faults.push(format!("{}: no such test: {name}", row[0]));
            }
        }
    }
    none(&faults);
}

/// Whether the test `area::file::name` stands in this file.
fn holds(file: &Source, name: &str) -> bool {
    let Some((path, test)) = name.rsplit_once("::") else { return false };
    let path = format!("tests/it/{}", path.replace("::", "/"));
    let here = file.path == format!("{path}.rs") || file.path == format!("{path}/mod.rs");
    let Some(at) = file.code.find(&format!("fn {test}(")) else { return false };
    here && file.code[..at].trim_end().ends_with("#[test]")
}

#[test]
fn every_caller_of_foreign_code_is_listed() {
    let covered: Vec<String> = rows().iter().flat_map(|row| quoted(&row[1])).collect();
    let mut faults = Vec::new();
    let library = library();
    for place in &covered {
        if !library.iter().any(|source| source.path.starts_with(&format!("src/{place}"))) {
            faults.push(format!("no such place: {place}"));
        }
    }
    let heart = ["src/shim/", "src/raw/", "src/compat/", "src/lib.rs"];
    for source in library.iter().filter(|s| !heart.iter().any(|heart| s.path.starts_with(heart))) {
        let sign = SIGNS.iter().find(|sign| source.code.contains(**sign));
        let listed = covered.iter().any(|place| source.path.starts_with(&format!("src/{place}")));
        if let (Some(sign), false) = (sign, listed) {
            faults.push(format!("{}: takes foreign code (`{sign}`), and has no row", source.path));
        }
    }
    none(&faults);
}
