//! One change to one place, and the list of all of them.

use super::atomic;
use super::copy::Copy;
use super::hash::hash;
use super::rewrite::{Kind, Site};
use crate::source::{Source, is_word};
use std::collections::{BTreeMap, BTreeSet};

/// What sort of change it is: how far one goes to notice it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sort {
    /// An ordering weakened, a re-check skipped.
    Ordering,
    /// An atomic operation that does something else, a condition, a step.
    Logical,
}

/// One change to one place.
pub(crate) struct Mutant {
    /// `src/raw/word.rs`
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) function: String,
    /// The place as written, blanks squeezed.
    pub(crate) text: String,
    /// `AcqRel->Release`, `failure Acquire->Relaxed`, `skip name`, `true`, `skipped`, ...
    pub(crate) change: String,
    pub(crate) variable: (&'static str, String),
    pub(crate) sort: Sort,
    /// What a model has to have seen, so that the change can make a difference to it.
    pub(crate) reached: String,
    /// Of all that says what this is, but not where it stands in the file.
    pub(crate) key: u64,
}

impl Mutant {
    pub(crate) fn label(&self) -> String {
        let Self { file, line, function, change, .. } = self;
        match self.sort {
            Sort::Ordering => format!("{file}:{line} {function} {change}"),
            Sort::Logical => format!("{file}:{line} {function} `{}` {change}", short(&self.text)),
        }
    }

    /// The key of CONTRIBUTING's tables.
    pub(crate) fn operation(&self) -> String {
        format!("{}: {}", self.file.trim_start_matches("src/"), self.function)
    }
}

/// What fits in a line.
pub(crate) fn short(text: &str) -> String {
    if text.chars().count() <= 90 { text.to_owned() } else { text.chars().take(87).chain("...".chars()).collect() }
}

/// Whether a place has to do with a state word: it stands in a function with an atomic operation, or names a constant.
fn on_state(operating: &BTreeSet<String>, function: &str, text: &str) -> bool {
    let constant = |word: &str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    operating.contains(function) || text.split(|c| !is_word(c)).any(constant)
}

/// All mutants, and the labels of those that do not compile. `wide`: wherever the places stand.
pub(crate) fn mutants(sources: &[Source], copy: &Copy, wide: bool) -> (Vec<Mutant>, Vec<String>) {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for source in sources {
        let from = found.len();
        found.extend(atomic::mutants(source, copy));
        let operations = source.operations().0;
        // Relaxed operations alone count something; no state hangs on them.
        let counts = operations.iter().all(|op| op.orderings.iter().all(|o| o == "Relaxed"));
        let operating: BTreeSet<String> = operations.into_iter().map(|op| op.function).collect();
        let wanted = |site: &&Site| {
            let above = !source.path.starts_with("src/raw/");
            wide || on_state(&operating, &site.function, &site.text) && !(above && counts)
        };
        for site in copy.sites.get(&source.path).into_iter().flatten().filter(wanted) {
            for change in site.changes {
                // A condition that is made true makes a difference where it was false.
                let seen = match *change {
                    "true" => "false",
                    "false" => "true",
                    _ => "reached",
                };
                let mutant = Mutant {
                    file: source.path.clone(),
                    line: site.line,
                    function: site.function.clone(),
                    text: site.text.clone(),
                    change: match (*change, site.kind) {
                        ("skipped", Kind::Operand) => "left out".to_owned(),
                        ("skipped", Kind::Condition) => "never".to_owned(),
                        ("skipped", Kind::Edge) => "off by one".to_owned(),
                        _ => (*change).to_owned(),
                    },
                    variable: ("TASKCELL_MUTANT", format!("{}:{change}", site.number)),
                    sort: Sort::Logical,
                    reached: format!("mutant:{}:0:{seen}", site.number),
                    key: 0,
                };
                if site.constant || copy.left_out.contains(&site.number) {
                    left_out.push(mutant.label());
                } else {
                    found.push(mutant);
                }
            }
        }
        // A store that is skipped as an operation need not be skipped as a step.
        let steps: BTreeSet<(usize, String)> = found[from..]
            .iter()
            .filter(|m| m.variable.0 == "TASKCELL_WEAKEN")
            .map(|m| (m.line, m.text.clone()))
            .collect();
        let mut at = 0;
        found.retain(|m| {
            at += 1;
            let twin = || steps.contains(&(m.line, m.text.trim_end_matches(';').to_owned()));
            at <= from || m.variable.0 != "TASKCELL_MUTANT" || m.change != "skipped" || !twin()
        });
        let mut texts: BTreeMap<String, u64> = BTreeMap::new();
        let mut twins: BTreeMap<u64, u64> = BTreeMap::new();
        for mutant in &mut found[from..] {
            let text =
                texts.entry(mutant.function.clone()).or_insert_with_key(|name| hash(&source.function_text(name)));
            let key = hash(&(*text, &mutant.file, &mutant.text, &mutant.change));
            let twin = twins.entry(key).or_default();
            *twin += 1;
            mutant.key = hash(&(key, *twin));
        }
    }
    (found, left_out)
}
