//! Which folders may be copied to which.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// Both folders by their full names, or why that makes no sense. The second need not be there.
pub(crate) fn resolve(from: &Path, to: &Path) -> Result<(PathBuf, PathBuf), String> {
    let problem = |path: &Path, error: io::Error| format!("'{}': {error}", path.display());
    let from = fs::canonicalize(from).map_err(|error| problem(from, error))?;
    if !from.is_dir() {
        return Err(format!("'{}' is not a folder", from.display()));
    }
    let to = full_name(to).map_err(|error| problem(to, error))?;
    match fs::metadata(&to) {
        Ok(there) if !there.is_dir() => return Err(format!("'{}' is not a folder", to.display())),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(problem(&to, error)),
        _ => {}
    }
    if from == to {
        return Err(format!("both are '{}'", from.display()));
    }
    for (inner, outer) in [(&from, &to), (&to, &from)] {
        if inner.starts_with(outer) {
            return Err(format!("'{}' lies inside '{}'", inner.display(), outer.display()));
        }
    }
    Ok((from, to))
}

/// What a name stands for: that of the nearest folder that is there, without links, and what follows.
fn full_name(path: &Path) -> io::Result<PathBuf> {
    let mut there = std::path::absolute(path)?;
    let mut rest: Vec<OsString> = Vec::new();
    loop {
        match fs::canonicalize(&there) {
            Ok(mut full) => {
                full.extend(rest.iter().rev());
                return Ok(full);
            }
            // A link that leads nowhere is not a folder that can be made.
            Err(error) if error.kind() != io::ErrorKind::NotFound || fs::symlink_metadata(&there).is_ok() => {
                return Err(error);
            }
            Err(error) => {
                rest.push(there.file_name().ok_or(error)?.to_owned());
                there.pop();
            }
        }
    }
}
