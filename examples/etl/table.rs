//! A file that is there when it is whole: it is written under another name, and removed unless it is finished.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A table that is being written.
pub(crate) struct Table {
    file: File,
    /// Where it is, as long as it is not finished.
    unfinished: Option<PathBuf>,
    finished: PathBuf,
}

impl Table {
    pub(crate) fn create(directory: &Path, name: &str) -> io::Result<Table> {
        let unfinished = directory.join(format!("{name}.unfinished"));
        let file = File::create(&unfinished)?;
        Ok(Table { file, unfinished: Some(unfinished), finished: directory.join(format!("{name}.csv")) })
    }

    /// Adds lines. They are few, so no thread of their own is asked to.
    pub(crate) fn write(&mut self, lines: &str) -> io::Result<()> {
        self.file.write_all(lines.as_bytes())
    }

    /// Now it is whole: it takes its name, at once and in the place of one that was there.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        if let Some(unfinished) = &self.unfinished {
            fs::rename(unfinished, &self.finished)?;
        }
        self.unfinished = None;
        Ok(())
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if let Some(unfinished) = self.unfinished.take() {
            // Nobody is left to be told if it cannot be removed.
            _ = fs::remove_file(unfinished);
        }
    }
}
