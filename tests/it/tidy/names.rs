//! Names in the guides: .NET's are found by the docs' search or their absence is explained, those of tests and models are
//! there.

use super::source::{quoted, sources, table};
use super::{dotnet, none, root};

#[test]
fn names_of_dotnet_are_found() {
    let names = dotnet::names(root());
    assert!(names.len() > 300, "the lists have lost their names: {}", names.len());
    none(&dotnet::unknown(root(), &names));
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
