//! What is known from a run before, or from this one before it was interrupted: one line for each mutant.
//!
//! A fate is valid for a function's text and the text of the models that decided it: of the file with the model that
//! killed, of all files for a survivor. It knows nothing of changes elsewhere in the library: `--again` forgets it all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

pub(crate) struct State {
    /// By a mutant's key: the hash of the models that decided, the mode or nothing, the model or nothing.
    known: BTreeMap<u64, (u64, String, String)>,
    file: Mutex<Option<File>>,
}

impl State {
    pub(crate) fn open(path: &Path, again: bool) -> Self {
        if again {
            let _ = fs::remove_file(path);
        }
        let text = fs::read_to_string(path).unwrap_or_default();
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        let known = text.lines().filter_map(|line| {
            let mut parts = line.split('\t');
            let (key, models) = (number(parts.next()?)?, number(parts.next()?)?);
            Some((key, (models, parts.next()?.to_owned(), parts.next()?.to_owned())))
        });
        let known = known.collect();
        Self { known, file: Mutex::new(File::options().create(true).append(true).open(path).ok()) }
    }

    /// The hash of the models that decided, the mode, and the model that killed; both are empty for a survivor.
    pub(crate) fn get(&self, key: u64) -> Option<(u64, &str, &str)> {
        self.known.get(&key).map(|(models, mode, model)| (*models, mode.as_str(), model.as_str()))
    }

    pub(crate) fn put(&self, key: u64, models: u64, mode: &str, model: &str) {
        let line = format!("{key:016x}\t{models:016x}\t{mode}\t{model}\n");
        if let Ok(Some(file)) = self.file.lock().as_deref_mut() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}
