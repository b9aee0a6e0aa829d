//! Whether two folders have the same: every file is read, and compared byte by byte.

use crate::{
    blocks,
    fault::Fault,
    stamp::Stamp,
    survey::{Found, Pair, survey},
};
use futures_util::StreamExt as _;
use std::{
    fs::{self, File},
    num::NonZeroUsize,
    pin::pin,
};
use taskcell::{CancellationToken, throttled_map_stream};

/// What a comparison has seen.
#[derive(Default)]
pub(crate) struct Verified {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) faults: Vec<Fault>,
    /// How much only the target has.
    pub(crate) extras: u64,
}

/// Compares all that the source has; `None` if the token was cancelled before the end.
pub(crate) async fn verify(top: Pair, limit: NonZeroUsize, token: &CancellationToken) -> Option<Verified> {
    let mut verified = Verified::default();
    let found = survey(top, true, token.clone());
    let mut compared = pin!(throttled_map_stream(found, limit, |found| async {
        let found = found?;
        match found {
            Found::Same(pair, stamp) => {
                let token = token.clone();
                smol::unblock(move || compare(&pair, stamp.len, &token)).await.map(|()| (stamp.len, 1, 0))
            }
            Found::File(pair, _) => Err(Fault::is(&pair.to, "it is not there, or its length or time are others")),
            Found::Link(pair) => Err(Fault::is(&pair.to, "it is not the same link")),
            Found::Mode(pair, _) => Err(Fault::is(&pair.to, "its permissions are others")),
            Found::Extra(_) => Ok((0, 0, 1)),
            Found::Folder(pair, stamp) => compare_folder(&pair, &stamp).map(|()| (0, 0, 0)),
            Found::Skipped(..) => Ok((0, 0, 0)),
        }
    }));
    while let Some(compared) = compared.next().await {
        match compared {
            Ok((bytes, files, extras)) => {
                verified.bytes += bytes;
                verified.files += files;
                verified.extras += extras;
            }
            Err(fault) if fault.is_stopped() => {}
            Err(fault) => verified.faults.push(fault),
        }
    }
    (!token.is_cancelled()).then_some(verified)
}

/// Compares two files. Of links it is known already that they are the same.
fn compare(pair: &Pair, len: u64, token: &CancellationToken) -> Result<(), Fault> {
    if pair.from.is_symlink() {
        return Ok(());
    }
    let open = |path| File::open(path).map_err(Fault::io(path, "opened"));
    let common = blocks::common(&mut open(&pair.from)?, &mut open(&pair.to)?, token);
    match common.map_err(Fault::io(&pair.to, "compared"))? {
        Some(common) if common == len => Ok(()),
        Some(_) => Err(Fault::is(&pair.to, "its contents are others")),
        None => Err(Fault::stopped(&pair.from)),
    }
}

/// Compares what is to be kept of a folder.
fn compare_folder(pair: &Pair, stamp: &Stamp) -> Result<(), Fault> {
    let there = fs::symlink_metadata(&pair.to).map_err(Fault::io(&pair.to, "read"))?;
    let there = Stamp::of(&there).map_err(Fault::io(&pair.to, "read"))?;
    match (there.modified, there.permissions) == (stamp.modified, stamp.permissions.clone()) {
        true => Ok(()),
        false => Err(Fault::is(&pair.to, "its time or permissions are others")),
    }
}
