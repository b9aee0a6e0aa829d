//! The documentation as its readers have it: it builds without a warning, every item has an example and a place in its
//! module's table, .NET's names are found, and the examples run.

mod examples;
mod index;
mod tables;

use crate::tools::{Outcome, cargo_line, failed, root, run, target, tee};
use crate::{dotnet, tools};
use index::Index;
use std::collections::BTreeMap;

/// `cargo xtask docs [--pages]`.
pub(crate) fn job(args: &[String]) -> Outcome {
    match args {
        [] => {
            let blocks = pages()?;
            doctests(blocks)?;
            println!("docs: nothing is missing");
            Ok(())
        }
        [only] if only == "--pages" => pages().map(drop),
        _ => failed("cargo xtask docs [--pages]"),
    }
}

/// All but the doctests; gives how many there are at least.
pub(crate) fn pages() -> Outcome<usize> {
    links()?;
    let index = index()?;
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for item in index.items.values() {
        *by_kind.entry(&item.kind).or_default() += 1;
    }
    for (kind, count) in by_kind {
        println!("{count:6} {kind}");
    }
    let bare = examples::without(&index);
    for item in &bare {
        println!("no example: {} ({}, {})", item.path, item.kind, item.place);
    }
    let lost = tables::missing(&index);
    for item in &lost {
        println!("in no module's table: {} ({}, {})", item.path, item.kind, item.place);
    }
    let names = dotnet::names(&root());
    let unknown = dotnet::unknown(&root(), &names);
    for name in &unknown {
        println!("no item has the alias, and `Not here` does not say why: {name}");
    }
    let blocks = index.items.values().map(|item| item.blocks.len()).sum();
    let verdict = format!(
        "{} items, {blocks} examples, {} names of .NET; without an example {}, without a place in a table {}, unknown names {}",
        index.items.len(),
        names.len(),
        bare.len(),
        lost.len(),
        unknown.len(),
    );
    if !(bare.is_empty() && lost.is_empty() && unknown.is_empty()) {
        return failed(verdict);
    }
    println!("{verdict}");
    Ok(blocks)
}

/// Every tier builds without a warning; in the full one, which stays in the folder, every link leads somewhere.
fn links() -> Outcome {
    for features in ["", "alloc", "std"] {
        let line = format!("doc --no-deps --package taskcell --no-default-features --features {features},");
        run(cargo_line(&line).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(())
}

/// rustdoc's JSON is not stable; a stable compiler gives it when it is told to.
fn index() -> Outcome<Index> {
    let folder = target().join("pages");
    let mut doc = cargo_line("rustdoc --package taskcell --lib -- -Z unstable-options --output-format json");
    run(doc.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", &folder))?;
    match std::fs::read_to_string(folder.join("doc/taskcell.json")) {
        Ok(text) => Index::read(&text),
        Err(error) => failed(format!("rustdoc wrote no JSON: {error}")),
    }
}

/// Every example runs, and none is left out.
fn doctests(blocks: usize) -> Outcome {
    let said = tee(&mut cargo_line("test --package taskcell --doc"))?;
    let (passed, ignored) = tools::test_counts(&said);
    println!("{passed} doctests passed, {ignored} ignored; the pages hold {blocks}");
    if ignored > 0 || passed < blocks { failed("some examples did not run") } else { Ok(()) }
}
