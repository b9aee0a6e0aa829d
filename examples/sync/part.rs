//! A copy that is not whole yet: how it is begun, goes on where another run has stopped, and gets its name.
//!
//! A part that was left in good order is on the disk, and has its source's time: then its ends are looked at. What a crash
//! has left is compared with its source from the beginning, and kept as far as it is the same.

use crate::{
    blocks::{self, BLOCK, fill},
    fault::Fault,
    platform,
    stamp::Stamp,
    survey::Pair,
};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};
use taskcell::{AsyncDispose, CancellationToken};

/// Less is not worth keeping.
const KEPT: u64 = BLOCK as u64;
const SUFFIX: &str = ".taskcell-part";

/// What the copy of a file is called until it is whole. A long name is cut, as file systems have limits.
pub(crate) fn name(file: &OsStr) -> OsString {
    let mut name = OsString::from(".");
    if file.len() <= 200 {
        name.push(file);
    } else {
        let text = file.to_string_lossy();
        let sum = text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte));
        let start: String = text.chars().take(40).collect();
        name.push(format!("{start}-{sum:016x}"));
    }
    name.push(SUFFIX);
    name
}

/// Whether a name is that of an unfinished copy.
pub(crate) fn is_one(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(SUFFIX))
}

/// Where the copy of a file is until it is whole.
pub(crate) fn path(pair: &Pair) -> PathBuf {
    pair.to.with_file_name(name(pair.to.file_name().unwrap_or_default()))
}

/// An unfinished copy, which is being written.
pub(crate) struct Part {
    pair: Pair,
    path: PathBuf,
    stamp: Stamp,
    /// How much of it is there.
    at: u64,
    /// `None`: a thread has them that works on them, or all is done.
    files: Option<Files>,
    /// It has its own name.
    whole: bool,
}

struct Files {
    from: File,
    to: File,
    block: Vec<u8>,
}

impl Part {
    /// Begins a copy, or goes on with one.
    pub(crate) async fn open(pair: Pair, token: CancellationToken) -> Result<Part, Fault> {
        smol::unblock(move || {
            let mut from = File::open(&pair.from).map_err(Fault::io(&pair.from, "opened"))?;
            let stamp = from.metadata().and_then(|metadata| Stamp::of(&metadata));
            let stamp = stamp.map_err(Fault::io(&pair.from, "read"))?;
            let path = path(&pair);
            if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
                return Err(Fault::is(&path, "this has to be a file; move it out of the way"));
            }
            let mut to = platform::open_part(&path).map_err(Fault::io(&path, "written"))?;
            let at = kept(&mut from, &mut to, &stamp, &token);
            let at = at.map_err(Fault::io(&path, "compared"))?.ok_or_else(|| Fault::stopped(&pair.from))?;
            let placed = to.set_len(at).and_then(|()| to.seek(SeekFrom::Start(at)));
            placed.and_then(|_| from.seek(SeekFrom::Start(at))).map_err(Fault::io(&path, "written"))?;
            let files = Some(Files { from, to, block: Vec::new() });
            Ok(Part { pair, path, stamp, at, files, whole: false })
        })
        .await
    }

    /// How much of it is there.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// How much of it the next block will be; none when all is there.
    pub(crate) fn next(&self) -> u64 {
        (self.stamp.len - self.at).min(BLOCK as u64)
    }

    /// Copies one block.
    pub(crate) async fn copy_block(&mut self) -> Result<(), Fault> {
        let size = self.next();
        let mut files = self.files.take().ok_or_else(|| Fault::is(&self.path, "its file was lost"))?;
        let (files, moved) = smol::unblock(move || {
            let moved = files.copy(size as usize);
            (files, moved)
        })
        .await;
        self.files = Some(files);
        match moved {
            Ok(0) => Err(Fault::changed(&self.pair.from)), // it has become shorter
            Ok(moved) => {
                self.at += moved as u64;
                Ok(())
            }
            Err((doing, error)) => Err(Fault::io(&self.pair.from, doing)(error)),
        }
    }

    /// All is there: it gets its time, its permissions, and last its name, when it is on the disk.
    pub(crate) async fn finish(&mut self) -> Result<(), Fault> {
        let files = self.files.take().ok_or_else(|| Fault::is(&self.path, "its file was lost"))?;
        let (pair, path, stamp) = (self.pair.clone(), self.path.clone(), self.stamp.clone());
        smol::unblock(move || {
            let now = files.from.metadata().and_then(|metadata| Stamp::of(&metadata));
            if !now.map_err(Fault::io(&pair.from, "read"))?.same_contents(&stamp) {
                return Err(Fault::changed(&pair.from));
            }
            files.to.set_permissions(stamp.permissions).map_err(Fault::io(&path, "given its permissions"))?;
            files.to.set_modified(stamp.modified).map_err(Fault::io(&path, "given its time"))?;
            files.to.sync_all().map_err(Fault::io(&path, "written"))?;
            drop(files);
            fs::rename(&path, &pair.to).map_err(Fault::io(&pair.to, "put in its place"))
        })
        .await?;
        self.whole = true;
        Ok(())
    }
}

/// What is not whole is left in good order. If nobody waits for that it is left as it is.
impl AsyncDispose for Part {
    type Error = Fault;

    async fn dispose(mut self) -> Result<(), Fault> {
        let files = self.files.take().filter(|_| !self.whole);
        let Some(Files { to, .. }) = files else { return Ok(()) };
        smol::unblock(move || {
            if self.at < KEPT {
                return fs::remove_file(&self.path).map_err(Fault::io(&self.path, "removed"));
            }
            let kept = to.sync_all().and_then(|()| to.set_modified(self.stamp.modified));
            kept.map_err(Fault::io(&self.path, "written"))
        })
        .await
    }
}

impl Files {
    /// Copies at most so much; how much, or what failed.
    fn copy(&mut self, size: usize) -> Result<usize, (&'static str, io::Error)> {
        self.block.resize(size, 0);
        let read = fill(&mut self.from, &mut self.block).map_err(|error| ("read", error))?;
        self.to.write_all(&self.block[..read]).map_err(|error| ("written", error))?;
        Ok(read)
    }
}

/// How much of a part can be kept; `None` if the token was cancelled meanwhile.
fn kept(from: &mut File, to: &mut File, stamp: &Stamp, token: &CancellationToken) -> io::Result<Option<u64>> {
    let part = Stamp::of(&to.metadata()?)?;
    if part.modified == stamp.modified && part.len <= stamp.len {
        let block = part.len.min(BLOCK as u64);
        if blocks::alike(from, to, 0)? >= block && blocks::alike(from, to, part.len - block)? >= block {
            return Ok(Some(part.len));
        }
    }
    blocks::common(from, to, token)
}
