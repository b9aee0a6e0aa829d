//! From any ordering the models that watch it are one step away, and back: the
//! table of transitions, the sources and the models name the same things.

use super::source::{Source, quoted, sources, table};
use super::{contributing, library, none, root};
use std::collections::{BTreeMap, BTreeSet};

/// `file: function` to what stands there: orderings, re-checks.
type Sites = BTreeMap<String, BTreeSet<String>>;

#[test]
fn atomic_operations_can_be_found() {
    let mut faults = Vec::new();
    for source in &library_but_the_switch() {
        let (operations, strays) = source.operations();
        faults.extend(
            strays.into_iter().map(|l| format!("{}:{l}: an ordering outside an atomic operation", source.path)),
        );
        for operation in operations {
            if operation.orderings.iter().any(|o| o == "SeqCst") {
                let at = format!("{}:{}:{}", source.path, operation.line, operation.column);
                faults.push(format!("{at}: SeqCst, which loom does not know"));
            }
        }
        for import in ["Ordering::{", "Ordering::*"] {
            let found = source.code.match_indices(import);
            faults
                .extend(found.map(|(at, _)| format!("{}:{}: say Ordering:: in full", source.path, source.line_of(at))));
        }
    }
    none(&faults);
}

#[test]
fn the_table_names_every_transition() {
    let (written, tabled) = (in_sources(), in_table());
    let mut faults = Vec::new();
    for (site, found) in &written {
        match tabled.get(site) {
            None => faults.push(format!("not in the table: `{site}` ({})", list(found))),
            Some(named) if named != found => {
                faults.push(format!("`{site}`: the table says {}, the source {}", list(named), list(found)));
            }
            Some(_) => {}
        }
    }
    faults.extend(
        tabled.keys().filter(|site| !written.contains_key(*site)).map(|site| format!("no such place: `{site}`")),
    );
    none(&faults);
}

#[test]
fn the_table_names_every_model() {
    let mut faults = Vec::new();
    let mut named = BTreeSet::new();
    for row in rows() {
        let models = quoted(&row[3]);
        if models.is_empty() {
            faults.push(format!("no model watches: {}", row[0]));
        }
        named.extend(models);
    }
    let mut exist = BTreeSet::new();
    for source in sources(root(), "loom-tests/tests") {
        if !source.text.contains("#![cfg(loom)]") {
            faults.push(format!("{}: no #![cfg(loom)]", source.path));
        }
        for model in models(&source) {
            if !exist.insert(model.clone()) {
                faults.push(format!("{}: a second model called {model}", source.path));
            }
        }
    }
    faults.extend(named.difference(&exist).map(|m| format!("no such model: {m}")));
    faults.extend(exist.difference(&named).map(|m| format!("the table does not name the model {m}")));
    none(&faults);
}

#[test]
fn rechecks_have_names_of_their_own() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for source in &library_but_the_switch() {
        for recheck in source.rechecks().into_iter().filter(|r| !seen.insert(r.name.clone())) {
            faults.push(format!("{}:{}: a second re-check called {}", source.path, recheck.line, recheck.name));
        }
    }
    none(&faults);
}

#[test]
fn survivors_are_argued() {
    let mut faults = Vec::new();
    let library = library();
    let survivors = std::fs::read_to_string(root().join("loom-tests/SURVIVORS.md")).unwrap_or_default();
    for row in table(&contributing(), "Survivors").into_iter().chain(table(&survivors, "Survivors")) {
        let counts: Vec<usize> = row.iter().map(|cell| quoted(cell).len()).collect();
        let whole = matches!(counts[..], [1, some, any, _] if some.min(any) > 0) && row[3].len() > 20;
        let stands = || {
            let (file, function) =
                quoted(&row[0])[0].split_once(": ").map(|(f, n)| (format!("src/{f}"), n.to_owned()))?;
            let source = library.iter().find(|s| s.path == file)?;
            let text = source.function_text(&function);
            let code = text.lines().map(|l| l.split("//").next().unwrap_or_default());
            let squeezed = code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
            let operations = source.operations().0.into_iter().filter(|o| o.function == function);
            let texts: Vec<String> = operations.map(|o| o.text).chain([squeezed]).collect();
            quoted(&row[1]).iter().all(|fragment| texts.iter().any(|t| t.contains(fragment))).then_some(())
        };
        if !whole || stands().is_none() {
            faults.push(row.join(" | "));
        }
    }
    none(&faults);
}

fn library_but_the_switch() -> Vec<Source> {
    let switch = ["src/shim/atomic.rs", "src/shim/modelled.rs", "src/shim/switch.rs"];
    library().into_iter().filter(|s| !switch.contains(&s.path.as_str())).collect()
}

fn in_sources() -> Sites {
    let mut sites = Sites::new();
    for source in library_but_the_switch() {
        let file = source.path.trim_start_matches("src/");
        for operation in source.operations().0 {
            for ordering in operation.orderings.into_iter().filter(|o| o != "Relaxed") {
                sites.entry(format!("{file}: {}", operation.function)).or_default().insert(ordering);
            }
        }
        for recheck in source.rechecks() {
            let site = format!("{file}: {}", recheck.function);
            sites.entry(site).or_default().insert(format!("recheck {}", recheck.name));
        }
    }
    sites
}

fn in_table() -> Sites {
    let mut sites = Sites::new();
    for row in rows() {
        for site in quoted(&row[1]) {
            let orderings = row[2].split(',').map(|o| o.trim().to_owned());
            sites.entry(site).or_default().extend(orderings);
        }
    }
    sites
}

fn rows() -> Vec<Vec<String>> {
    let rows = table(&contributing(), "Transitions");
    for row in &rows {
        assert_eq!(row.len(), 4, "a row of the transition table has four cells: {row:?}");
    }
    rows
}

/// Names of `#[test]` functions.
fn models(source: &Source) -> Vec<String> {
    let after = source.code.match_indices("#[test]").filter_map(|(at, _)| source.code[at..].split_once("fn "));
    after.map(|(_, rest)| super::source::word_at(rest).to_owned()).collect()
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

#[test]
fn the_reader_sees_operations() {
    let text = r#"
impl Word {
    fn claim(&self) {
        // Ordering::SeqCst in a comment
        self.bits
            .compare_exchange(
                old(a, 'x'),
                "Ordering::Release",
                Ordering::AcqRel,
                Ordering::Acquire,
            );
        while recheck("sealed", self.bits.load(Ordering::Acquire) & 1 != 0) {}
        let order = Ordering::Release;
    }
}
"#;
    let source = Source::new("src/raw/word.rs".to_owned(), text.to_owned());
    let (operations, strays) = source.operations();
    let seen: Vec<_> =
        operations.iter().map(|o| ((o.line, o.column), o.function.as_str(), o.orderings.join("+"))).collect();
    assert_eq!(seen, [((6, 14), "claim", "AcqRel+Acquire".to_owned()), ((12, 43), "claim", "Acquire".to_owned())]);
    assert_eq!(strays, [13]);
    assert_eq!(source.rechecks()[0].name, "sealed");
}
