//! Names in the guides: .NET's are found by the docs' search, those of tests and models are there.

use super::source::{quoted, sources, table};
use super::{none, root};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn names_of_dotnet_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("src/names.md")).expect("the table of names is there");
    let mut found = BTreeSet::new();
    for source in sources(root, "src") {
        for part in source.text.split("#[doc(alias = \"").skip(1) {
            found.insert(last(part.split('"').next().unwrap_or_default()).to_owned());
        }
        for keyword in ["struct ", "trait ", "enum ", "const "] {
            for part in source.text.split(&format!("pub {keyword}")).skip(1) {
                found.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    let mut names = 0;
    let mut missing = Vec::new();
    for row in table(&text, "From .NET's names to these") {
        for name in row[0].split('`').skip(1).step_by(2) {
            names += 1;
            if !found.contains(last(name)) {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(names > 80, "the table has lost its names: {names}");
    assert!(missing.is_empty(), "no item has the alias: {missing:?}");
}

#[test]
fn proofs_of_the_promises_exist() {
    let text = std::fs::read_to_string(root().join("src/guide/for_runtime_authors.md")).expect("the guide is there");
    let mut proofs = Vec::new();
    for folder in ["tests", "loom-tests/tests", "step-tests/tests"] {
        proofs.extend(sources(root(), folder));
    }
    let (mut names, mut missing) = (0, Vec::new());
    for row in table(&text, "What you may rely on") {
        for name in quoted(&row[1]) {
            names += 1;
            if !proofs.iter().any(|source| source.code.contains(&format!("fn {name}("))) {
                missing.push(name);
            }
        }
    }
    assert!(names > 40, "the table has lost its names: {names}");
    none(&missing);
}

/// `Task.WhenAll` is looked for as `WhenAll`, and `Task<TResult>` as `Task`.
fn last(name: &str) -> &str {
    let name = name.split(['<', '(']).next().unwrap_or(name);
    name.rsplit('.').next().unwrap_or(name)
}
