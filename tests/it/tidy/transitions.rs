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
    let written: Vec<(String, String)> = library_but_the_switch().iter().flat_map(texts).collect();
    for row in table(&contributing(), "Survivors") {
        let whole = row.len() == 4 && row[..3].iter().all(|cell| quoted(cell).len() == 1) && row[3].len() > 20;
        let stands =
            |(site, text): &(String, String)| *site == quoted(&row[0])[0] && text.contains(&quoted(&row[1])[0]);
        if !whole || !written.iter().any(stands) {
            faults.push(row.join(" | "));
        }
    }
    none(&faults);
}

/// Every site of a file with the text of what stands there.
fn texts(source: &Source) -> Vec<(String, String)> {
    let file = source.path.trim_start_matches("src/");
    let operations = source.operations().0.into_iter().map(|o| (format!("{file}: {}", o.function), o.text));
    let rechecks = source.rechecks().into_iter();
    operations.chain(rechecks.map(|r| (format!("{file}: {}", r.function), format!("recheck(\"{}\"", r.name)))).collect()
}

fn library_but_the_switch() -> Vec<Source> {
    library().into_iter().filter(|s| s.path != "src/shim/atomic.rs").collect()
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
