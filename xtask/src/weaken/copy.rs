//! A copy of the library below `target/weaken/` that asks at each place what to do, built together with the models.

use super::edit::Edits;
use super::hash::hash;
use super::rewrite::{Kind, Rewriter, Site};
use super::scope::scope;
use crate::source::Source;
use crate::tools::{Outcome, failed, root, target};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How often what does not compile is left out.
const ROUNDS: usize = 20;

/// What the copy is made of.
pub(crate) struct Copy {
    pub(crate) models: BTreeMap<String, PathBuf>,
    /// By file, as `src/raw/word.rs`.
    pub(crate) sites: BTreeMap<String, Vec<Site>>,
    texts: BTreeMap<String, (String, Edits)>,
    /// Sites that do not compile.
    pub(crate) left_out: BTreeSet<usize>,
    /// Of all that the copy's library is built from.
    pub(crate) hash: u64,
}

pub(crate) fn folder() -> PathBuf {
    target().join("weaken")
}

impl Copy {
    /// Writes and builds the copy; leaves out what does not compile.
    pub(crate) fn build(sources: &[Source]) -> Outcome<Self> {
        let files = scope(sources).or_else(failed)?;
        let whole: Vec<&str> = sources
            .iter()
            .map(|s| s.text.as_str())
            .chain([include_str!("rewrite.rs"), include_str!("rewrite/walk.rs")])
            .collect();
        let known = folder().join(format!("left-out-{:016x}", hash(&whole)));
        let (mut left_out, mut constants) = read(&known);
        write_rest()?;
        for round in 1..=ROUNDS {
            let mut copy =
                Self { models: BTreeMap::new(), sites: BTreeMap::new(), texts: BTreeMap::new(), left_out, hash: 0 };
            let mut next = 0;
            for (source, file) in &files {
                let mut rewriter = Rewriter::new(source, next, &copy.left_out, &constants);
                syn::visit::visit_file(&mut rewriter, file);
                next += rewriter.sites.len();
                let text = rewriter.edits.apply(&source.text);
                copy.texts.insert(source.path.clone(), (text, rewriter.edits));
                copy.sites.insert(source.path.clone(), rewriter.sites);
            }
            copy.write(sources)?;
            println!("building the models on a library with {next} switches (round {round})");
            let errors = match crate::loom::build_in(&folder().join("copy"), "loom") {
                Ok(Ok(models)) => {
                    copy.models = models;
                    return Ok(copy);
                }
                Ok(Err(errors)) => errors,
                Err(fault) => return Err(fault),
            };
            let before = (copy.left_out.len(), constants.len());
            for error in &errors {
                copy.blame(error, &mut constants);
            }
            if before == (copy.left_out.len(), constants.len()) {
                return failed(format!("the mutated library does not build:\n{}", errors.join("\n")));
            }
            println!("{} of {next} switches do not compile, and are left out", copy.left_out.len());
            save(&known, &copy.left_out, &constants);
            left_out = copy.left_out;
        }
        failed(format!("the mutated library does not build in {ROUNDS} rounds"))
    }

    /// Leaves out what an error of the compiler is about.
    fn blame(&mut self, error: &str, constants: &mut BTreeSet<String>) {
        // "cannot call non-const associated function `word::empty` in constants"
        if let Some(name) = error.split("cannot call non-const").nth(1).and_then(|rest| rest.split('`').nth(1)) {
            // `Rowed::<V, X>::row`, `is_small::<C>`
            let parts = name.split("::").filter(|part| !part.contains(['<', '>', ',']));
            constants.extend(parts.last().map(str::to_owned));
            return;
        }
        let mut parts = error.splitn(4, ':');
        let (Some(file), Some(line), Some(column)) = (parts.next(), parts.next(), parts.next()) else { return };
        let (Ok(line), Ok(column)) = (line.parse::<usize>(), column.parse::<usize>()) else { return };
        let Some((text, edits)) = self.texts.get(file) else { return };
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let position = start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>();
        let around = edits.around(position);
        let sites = &self.sites[file];
        let first = sites.first().map_or(0, |s| s.number);
        let is_order = |n: &&usize| sites[**n - first].kind == Kind::Order;
        let moves =
            ["E0382", "E0381", "E0499", "E0502", "E0505", "E0506", "E0716", "E0597"].iter().any(|c| error.contains(c));
        let ordered = around.iter().find(is_order).filter(|_| moves);
        let guilty = ordered.or(around.first()).copied().or_else(|| edits.nearest(position));
        self.left_out.extend(guilty);
    }

    fn write(&mut self, sources: &[Source]) -> Outcome {
        let copy = folder().join("copy");
        let mut all = Vec::new();
        for source in sources {
            let mut text = self.texts.get(&source.path).map_or(source.text.clone(), |(text, _)| text.clone());
            if source.path == "src/shim/mod.rs" {
                text += "\npub(crate) mod mutant;\n";
            }
            if source.path == "src/lib.rs" {
                text = text.replacen("#![no_std]", "#![no_std] #![allow(warnings)]", 1);
            }
            put(&copy.join(&source.path), &text)?;
            all.push(text);
        }
        let hook = include_str!("hook.rs");
        put(&copy.join("src/shim/mutant.rs"), hook)?;
        all.push(hook.to_owned());
        self.hash = hash(&all);
        Ok(())
    }

    /// Line and column in the copy of a byte of the original.
    pub(crate) fn place(&self, source: &Source, line: usize, column: usize) -> (usize, usize) {
        let Some((text, edits)) = self.texts.get(&source.path) else { return (line, column) };
        let start: usize = source.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let byte = start + source.text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>();
        let moved = edits.moved(byte);
        let begin = text[..moved].rfind('\n').map_or(0, |n| n + 1);
        (line, 1 + text[begin..moved].chars().count())
    }
}

/// All of the copy but the library's Rust files.
fn write_rest() -> Outcome {
    let copy = folder().join("copy");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).or_else(|e| failed(e.to_string()))?;
    let mut kept = String::new();
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let target = section.starts_with("[[") || section.contains("dev-dependencies") || section.contains("lints");
        if line.starts_with("members") {
            kept += "members = [\".\", \"loom-tests\"]\n";
        } else if !target {
            kept += line;
            kept.push('\n');
        }
    }
    put(&copy.join("Cargo.toml"), &kept)?;
    let models = fs::read_to_string(root().join("loom-tests/Cargo.toml")).or_else(|e| failed(e.to_string()))?;
    put(&copy.join("loom-tests/Cargo.toml"), models.split("[lints]").next().unwrap_or_default())?;
    if !copy.join("Cargo.lock").exists() {
        let lock = fs::read_to_string(root().join("Cargo.lock")).or_else(|e| failed(e.to_string()))?;
        put(&copy.join("Cargo.lock"), &lock)?;
    }
    for folder in ["src", "loom-tests/src", "loom-tests/tests"] {
        mirror(&root().join(folder), &copy.join(folder))?;
    }
    Ok(())
}

/// Copies what is not the library's Rust, and removes what is no more.
fn mirror(from: &Path, to: &Path) -> Outcome {
    let names = |dir: &Path| -> BTreeSet<std::ffi::OsString> {
        fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.file_name()).collect()
    };
    let wanted = names(from);
    for gone in names(to).difference(&wanted).filter(|name| *name != "mutant.rs") {
        let path = to.join(gone);
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
    for name in wanted {
        let (from, to) = (from.join(&name), to.join(&name));
        let rust = from.extension().is_some_and(|e| e == "rs");
        if from.is_dir() {
            mirror(&from, &to)?;
        } else if !rust || !from.starts_with(root().join("src")) {
            put(&to, &fs::read_to_string(&from).or_else(|e| failed(e.to_string()))?)?;
        }
    }
    Ok(())
}

/// Writes a file, unless it is what is there: cargo looks at times.
fn put(path: &Path, text: &str) -> Outcome {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .or_else(|e| failed(format!("{}: {e}", path.display())))
}

fn read(known: &Path) -> (BTreeSet<usize>, BTreeSet<String>) {
    let text = fs::read_to_string(known).unwrap_or_default();
    let numbers = text.lines().filter_map(|l| l.parse().ok()).collect();
    (numbers, text.lines().filter_map(|l| l.strip_prefix("const ")).map(str::to_owned).collect())
}

fn save(known: &Path, left_out: &BTreeSet<usize>, constants: &BTreeSet<String>) {
    let numbers = left_out.iter().map(|n| format!("{n}\n"));
    let text: String = numbers.chain(constants.iter().map(|c| format!("const {c}\n"))).collect();
    // Without it the next run asks the compiler again.
    let _ = fs::write(known, text);
}
