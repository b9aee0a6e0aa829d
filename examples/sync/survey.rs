//! Looks at both folders, one pair of folders after the other, and says what there is to do.

use crate::{fault::Fault, part, platform, stamp::Stamp};
use futures_util::Stream;
use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
};
use taskcell::{CancellationToken, stream};

/// What the survey comes upon.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A folder, which is in both places now.
    Folder(Pair, Stamp),
    /// A file of which the target has no copy, or an old one.
    File(Pair, Stamp),
    /// The same of a link.
    Link(Pair),
    /// The copy is there, and only its permissions are others.
    Mode(Pair, Stamp),
    /// There is nothing to do.
    Same(Pair, Stamp),
    /// The target has it, and the source has not.
    Extra(PathBuf),
    /// Neither file nor folder nor link, or no business of anybody's.
    Skipped(PathBuf, &'static str),
}

/// Where something is, and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
}

impl Pair {
    fn inner(&self, name: &OsStr) -> Pair {
        Pair { from: self.from.join(name), to: self.to.join(name) }
    }
}

/// Everything below two folders; folders come before what is in them. Unless it only looks, it makes those that the
/// target lacks. It ends early when the token is cancelled.
pub(crate) fn survey(top: Pair, only_look: bool, token: CancellationToken) -> impl Stream<Item = Result<Found, Fault>> {
    stream::create(async move |yielder, _| {
        yielder.yield_item(itself(&top)).await;
        let mut folders = vec![top];
        while let Some(folder) = folders.pop() {
            if token.is_cancelled() {
                return;
            }
            let found = smol::unblock(move || look(&folder, only_look)).await;
            let inner = found.iter().filter_map(|found| match found {
                Ok(Found::Folder(pair, _)) => Some(pair.clone()),
                _ => None,
            });
            let first = folders.len();
            folders.extend(inner);
            folders[first..].reverse();
            for found in found {
                yielder.yield_item(found).await;
            }
        }
    })
}

/// The folder that all others are in.
fn itself(top: &Pair) -> Result<Found, Fault> {
    let stamp = fs::metadata(&top.from).and_then(|metadata| Stamp::of(&metadata));
    Ok(Found::Folder(top.clone(), stamp.map_err(Fault::io(&top.from, "read"))?))
}

/// What is in a folder. The target has that folder, unless it is only looked.
fn look(folder: &Pair, only_look: bool) -> Vec<Result<Found, Fault>> {
    let prepared = if only_look { Ok(()) } else { prepare(&folder.to) };
    if let Err(fault) = prepared {
        return vec![Err(fault)];
    }
    let mut names = match names(&folder.from) {
        Ok(names) => names,
        Err(error) => return vec![Err(Fault::io(&folder.from, "listed")(error))],
    };
    names.sort();
    let there = match self::names(&folder.to) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return vec![Err(Fault::io(&folder.to, "listed")(error))],
    };
    let mut found: Vec<_> = names.iter().map(|name| compare(&folder.inner(name))).collect();
    let parts: HashSet<PathBuf> = found.iter().filter_map(unfinished).collect();
    let extra = there.into_iter().filter(|name| names.binary_search(name).is_err());
    let extra = extra.map(|name| folder.to.join(name)).filter(|path| !parts.contains(path));
    found.extend(extra.map(|path| Ok(Found::Extra(path))).collect::<Vec<_>>());
    found
}

/// What the copy of a file that is to be copied is called until it is whole.
fn unfinished(found: &Result<Found, Fault>) -> Option<PathBuf> {
    match found {
        Ok(Found::File(pair, _) | Found::Link(pair)) => Some(part::path(pair)),
        _ => None,
    }
}

/// Makes a folder of the target, or makes sure that files can come into it.
fn prepare(folder: &Path) -> Result<(), Fault> {
    match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => {
            platform::open_folder(folder, &there.permissions()).map_err(Fault::io(folder, "written to"))
        }
        Ok(_) => Err(Fault::is(folder, "a folder has to be here; move this out of the way")),
        Err(_) => fs::create_dir_all(folder).map_err(Fault::io(folder, "made")),
    }
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// What is to be done about one entry of a folder of the source.
fn compare(pair: &Pair) -> Result<Found, Fault> {
    let from = fs::symlink_metadata(&pair.from).map_err(Fault::io(&pair.from, "read"))?;
    let kind = from.file_type();
    if !(kind.is_dir() || kind.is_file() || kind.is_symlink()) {
        return Ok(Found::Skipped(pair.from.clone(), "neither a file nor a folder nor a link"));
    }
    if pair.from.file_name().is_some_and(part::is_one) {
        return Ok(Found::Skipped(pair.from.clone(), "an unfinished copy"));
    }
    let stamp = Stamp::of(&from).map_err(Fault::io(&pair.from, "read"))?;
    let to = match fs::symlink_metadata(&pair.to) {
        Ok(to) => Some(to),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Fault::io(&pair.to, "read")(error)),
    };
    let is_dir = to.as_ref().is_some_and(fs::Metadata::is_dir);
    match &to {
        Some(_) if kind.is_dir() && !is_dir => {
            Err(Fault::is(&pair.to, "a folder has to be here; move this out of the way"))
        }
        _ if kind.is_dir() => Ok(Found::Folder(pair.clone(), stamp)),
        Some(_) if is_dir => Err(Fault::is(&pair.to, "something else has to be here; move this folder out of the way")),
        Some(to) if kind.is_symlink() && to.is_symlink() => {
            let says = |path: &Path| fs::read_link(path).map_err(Fault::io(path, "read"));
            let same = says(&pair.from)? == says(&pair.to)?;
            Ok(if same { Found::Same(pair.clone(), stamp) } else { Found::Link(pair.clone()) })
        }
        _ if kind.is_symlink() => Ok(Found::Link(pair.clone())),
        Some(to) if to.is_file() => {
            let there = Stamp::of(to).map_err(Fault::io(&pair.to, "read"))?;
            Ok(match stamp.same_contents(&there) {
                false => Found::File(pair.clone(), stamp),
                true if stamp.permissions != there.permissions => Found::Mode(pair.clone(), stamp),
                true => Found::Same(pair.clone(), stamp),
            })
        }
        _ => Ok(Found::File(pair.clone(), stamp)),
    }
}
