//! The house rules of CONTRIBUTING.md, checked from the source text.
//!
//! | file | knows |
//! |---|---|
//! | `source.rs` | how to read source: functions, atomic operations, words |
//! | `floors.rs` | who may import what |
//! | `dotnet.rs` | the lists of .NET's names, and what the docs have for each |
//! | `foreign.rs` | the table of foreign code against the tests and the sources |
//! | `names.rs` | that none of these names is missing; the guide's promises against the tests |
//! | `sentences.rs` | what every file, ordering and unsafe block must say |
//! | `transitions.rs` | the table of transitions against the sources and the models |

mod dotnet;
mod floors;
mod foreign;
mod names;
mod sentences;
mod source;
mod transitions;

use source::Source;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> Vec<Source> {
    let found = source::sources(root(), "src");
    assert!(!found.is_empty(), "no source below src/");
    found
}

fn contributing() -> String {
    std::fs::read_to_string(root().join("CONTRIBUTING.md")).expect("CONTRIBUTING.md")
}

/// Every fault at once: a tidy-up is done in one go.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
