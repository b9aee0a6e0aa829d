//! .NET's names, and where a reader who looks for one is led.
//!
//! Two readers share this file: the tidy tests, and `cargo xtask docs`, which includes it by path. The names are those of
//! the table of names (`src/names.md`) and those of `tests/dotnet_names.txt`, which lists what the guides teach. A name
//! is found if an item has it as an alias or is called so, or if the section `Not here` says what to use instead.

use super::source::{quoted, sources, table, word_at};
use std::collections::BTreeSet;
use std::path::Path;

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every name once, with the guide it comes from.
pub(crate) fn names(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for row in table(&read(root, "src/names.md"), "From .NET's names to these") {
        found.extend(quoted(&row[0]).into_iter().map(|name| (name, "src/names.md".to_owned())));
    }
    let mut guide = String::new();
    for line in read(root, "tests/dotnet_names.txt").lines().map(str::trim) {
        if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut guide);
        } else {
            found.extend(line.split_whitespace().map(|name| (name.to_owned(), guide.clone())));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|(name, _)| seen.insert(name.clone()));
    found
}

/// The names that lead nowhere. The docs' search takes no notice of case and underscores, and finds aliases, types,
/// functions and variants.
pub(crate) fn unknown(root: &Path, names: &[(String, String)]) -> Vec<String> {
    let mut known = BTreeSet::new();
    for source in sources(root, "src") {
        for part in source.text.split("#[doc(alias = \"").skip(1) {
            known.insert(plain(part.split('"').next().unwrap_or_default()));
        }
        for keyword in ["struct ", "trait ", "enum ", "const ", "fn ", "const fn ", "async fn "] {
            let public = format!("pub {keyword}");
            known.extend(source.code.split(&public).skip(1).map(|item| plain(word_at(item))));
        }
        for body in source.code.split("pub enum ").skip(1) {
            let lines = body.lines().skip(1).take_while(|line| !line.starts_with('}'));
            known.extend(lines.map(|line| plain(word_at(line.trim_start()))));
        }
    }
    for row in table(&read(root, "src/names.md"), "Not here") {
        known.extend(quoted(&row[0]).iter().map(|name| plain(name)));
    }
    let lost = names.iter().filter(|(name, _)| !known.contains(&plain(name)));
    lost.map(|(name, guide)| format!("{name} ({guide})")).collect()
}

/// `Task.WhenAll` is looked for as `whenall`, and `Task<TResult>` as `task`.
fn plain(name: &str) -> String {
    let name = name.split(['<', '(']).next().unwrap_or(name);
    name.rsplit('.').next().unwrap_or(name).replace('_', "").to_lowercase()
}
