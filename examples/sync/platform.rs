//! What only Unix has: links, and who may read and write what.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    path::Path,
};

/// Makes a symbolic link to whatever `to` says.
#[cfg(unix)]
pub(crate) fn make_link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
pub(crate) fn make_link(_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "links are made on Unix only"))
}

/// Opens a file to read and write it; a new one is nobody else's business until it is whole.
#[cfg(unix)]
pub(crate) fn open_part(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(not(unix))]
pub(crate) fn open_part(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Lets its owner write into a folder, as long as files come into it.
#[cfg(unix)]
pub(crate) fn open_folder(path: &Path, now: &Permissions) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match now.mode() {
        mode if mode & 0o700 == 0o700 => Ok(()),
        mode => fs::set_permissions(path, Permissions::from_mode(mode | 0o700)),
    }
}

#[cfg(not(unix))]
pub(crate) fn open_folder(_path: &Path, _now: &Permissions) -> io::Result<()> {
    Ok(())
}
