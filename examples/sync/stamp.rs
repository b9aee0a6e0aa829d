//! What tells whether a file has changed: its length and its time; and what is kept beside its contents.

use std::{
    fs::{Metadata, Permissions},
    io,
    time::SystemTime,
};

/// A file's length, time and permissions.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) len: u64,
    pub(crate) modified: SystemTime,
    pub(crate) permissions: Permissions,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> io::Result<Stamp> {
        Ok(Stamp { len: metadata.len(), modified: metadata.modified()?, permissions: metadata.permissions() })
    }

    /// Whether the contents may be taken for the same.
    pub(crate) fn same_contents(&self, other: &Stamp) -> bool {
        (self.len, self.modified) == (other.len, other.modified)
    }
}
