//! What was measured last, a JSON file for each part below `target/bench`, so that a part can be measured again alone.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}

fn file(part: &str) -> PathBuf {
    target().join("bench").join(format!("{part}.json"))
}

/// Keeps a part.
pub(crate) fn save<T: Serialize>(part: &str, list: &[T]) -> Result<(), String> {
    let file = file(part);
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| wrong(&error))?;
    }
    let text = serde_json::to_string_pretty(list).map_err(|error| wrong(&error))?;
    std::fs::write(&file, text + "\n").map_err(|error| wrong(&error))
}

/// Keeps what is new of a part, in the place of what was measured of the same before.
pub(crate) fn merge<T, K>(part: &str, new: &[T], key: impl Fn(&T) -> K) -> Result<(), String>
where
    T: Serialize + DeserializeOwned + Clone,
    K: PartialEq,
{
    let mut all: Vec<T> = load(part).unwrap_or_default();
    for item in new {
        match all.iter_mut().find(|old| key(old) == key(item)) {
            Some(old) => *old = item.clone(),
            None => all.push(item.clone()),
        }
    }
    save(part, &all)
}

/// A part as it was kept.
pub(crate) fn load<T: DeserializeOwned>(part: &str) -> Result<Vec<T>, String> {
    let file = file(part);
    let text = std::fs::read_to_string(&file)
        .map_err(|_| format!("nothing is stored of `{part}`: `cargo xtask bench {part}` measures it"))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}
