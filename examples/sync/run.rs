//! A whole run: the survey goes ahead, files are copied as they are found, and the rest is done when all are.

use crate::{
    copy::{self, Run},
    fault::Fault,
    options::Options,
    pace::Pace,
    report::Summary,
    stamp::Stamp,
    survey::{Found, Pair, survey},
    tally::Tally,
};
use futures_util::StreamExt as _;
use std::{
    fs,
    path::{Path, PathBuf},
    pin::pin,
};
use taskcell::{CancellationToken, channel, few, stream, throttled_map, throttled_map_stream};

/// So far the survey goes ahead of the copies.
const AHEAD: usize = 10_000;

/// What became of something that the survey came upon.
enum Done {
    Found(Found),
    Copied(Found),
}

/// Makes the target have what the source has, as far as it goes before the token is cancelled.
pub(crate) async fn run(options: &Options, token: &CancellationToken, tally: &Tally) -> Summary {
    let mut summary = Summary::default();
    let pace = Pace::new(options.rate);
    let run = Run { token, tally, pace: &pace };
    let (writer, reader) = channel::bounded::<Result<Found, Fault>>(AHEAD);

    // Two futures of this task: one looks for work and waits when it is too far ahead, the other has `limit` files under
    // way. Both end early, and in order, when the token is cancelled.
    let top = Pair { from: options.from.clone(), to: options.to.clone() };
    let found = survey(top, options.dry_run, token.clone()).inspect(|found| expect(found, tally));
    let looking = stream::into_channel(found, writer);
    let copying = async {
        let found = reader.read_all().filter_map(async |read| read.ok());
        let mut done = pin!(throttled_map_stream(found, options.limit, |found| handle(found, options.dry_run, run)));
        while let Some(done) = done.next().await {
            note(done, options.dry_run, &mut summary);
        }
    };
    // The reader stays to the end, so that nothing that is found can be left over.
    _ = few::when_all((looking, copying)).await;

    summary.stopped |= token.is_cancelled();
    if options.delete && !options.dry_run && summary.is_fine() {
        remove_extras(options, token, &mut summary).await;
    }
    summary.stopped |= token.is_cancelled();
    if !options.dry_run && !summary.stopped {
        finish_folders(&mut summary).await;
    }
    summary
}

/// There is more to do.
fn expect(found: &Result<Found, Fault>, tally: &Tally) {
    if let Ok(Found::File(_, stamp)) = found {
        tally.change(|numbers| {
            numbers.files += 1;
            numbers.bytes += stamp.len;
        });
    }
}

async fn handle(found: Result<Found, Fault>, only_look: bool, run: Run<'_>) -> Result<Done, Fault> {
    let found = found?;
    if only_look {
        return Ok(Done::Found(found));
    }
    match &found {
        Found::File(pair, _) | Found::Link(pair) | Found::Mode(pair, _) if run.token.is_cancelled() => {
            return Err(Fault::stopped(&pair.from));
        }
        Found::File(pair, _) => {
            copy::file(pair, run).await?;
            run.tally.change(|numbers| numbers.copied += 1);
        }
        Found::Link(pair) => copy::link(pair.clone()).await?,
        Found::Mode(pair, stamp) => copy::mode(pair.clone(), stamp.clone()).await?,
        _ => return Ok(Done::Found(found)),
    }
    Ok(Done::Copied(found))
}

fn note(done: Result<Done, Fault>, dry_run: bool, summary: &mut Summary) {
    let found = match done {
        Ok(Done::Copied(found)) => {
            match found {
                Found::File(..) => summary.copied += 1,
                Found::Link(_) => summary.links += 1,
                _ => summary.modes += 1,
            }
            return;
        }
        Ok(Done::Found(found)) => found,
        Err(fault) if fault.is_stopped() => return summary.stopped = true,
        Err(fault) => return summary.faults.push(fault),
    };
    if dry_run {
        plan(&found, summary);
    }
    match found {
        Found::Folder(pair, stamp) => summary.folders.push((pair, stamp)),
        Found::Same(..) => summary.same += 1,
        Found::Extra(path) => summary.extras.push(path),
        Found::Skipped(path, why) => summary.skipped.push((path, why)),
        Found::File(..) | Found::Link(_) | Found::Mode(..) => {}
    }
}

/// What would be done.
fn plan(found: &Found, summary: &mut Summary) {
    match found {
        Found::File(pair, stamp) => {
            summary.copied += 1;
            println!("copy    {} ({} bytes)", pair.to.display(), stamp.len);
        }
        Found::Link(pair) => {
            summary.links += 1;
            println!("link    {}", pair.to.display());
        }
        Found::Mode(pair, _) => {
            summary.modes += 1;
            println!("mode    {}", pair.to.display());
        }
        Found::Extra(path) => println!("extra   {}", path.display()),
        Found::Folder(..) | Found::Same(..) | Found::Skipped(..) => {}
    }
}

/// Removes what the source has not. Nothing is followed.
async fn remove_extras(options: &Options, token: &CancellationToken, summary: &mut Summary) {
    let extras = std::mem::take(&mut summary.extras);
    let mut removed = pin!(throttled_map(extras, options.limit, |path| remove(path, token)));
    while let Some(removed) = removed.next().await {
        match removed {
            Ok(()) => summary.removed += 1,
            Err(fault) if fault.is_stopped() => {}
            Err(fault) => summary.faults.push(fault),
        }
    }
}

async fn remove(path: PathBuf, token: &CancellationToken) -> Result<(), Fault> {
    if token.is_cancelled() {
        return Err(Fault::stopped(&path));
    }
    smol::unblock(move || {
        let is_dir = fs::symlink_metadata(&path).is_ok_and(|there| there.is_dir());
        let removed = if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(Fault::io(&path, "removed"))
    })
    .await
}

/// Gives folders the permissions and times of their sources, which they cannot keep while files come into them. Those
/// that lie deepest go first: it changes the time of a folder when one in it is changed.
async fn finish_folders(summary: &mut Summary) {
    let folders = std::mem::take(&mut summary.folders);
    let faults = smol::unblock(move || {
        let finish = |(pair, stamp): &(Pair, Stamp)| finish_folder(&pair.to, stamp).err();
        folders.iter().rev().filter_map(finish).collect::<Vec<_>>()
    });
    summary.faults.extend(faults.await);
}

fn finish_folder(folder: &Path, stamp: &Stamp) -> Result<(), Fault> {
    let there = fs::symlink_metadata(folder).and_then(|there| Stamp::of(&there)).map_err(Fault::io(folder, "read"))?;
    if there.modified != stamp.modified {
        let set = |folder: fs::File| folder.set_modified(stamp.modified);
        fs::File::open(folder).and_then(set).map_err(Fault::io(folder, "given its time"))?;
    }
    if there.permissions != stamp.permissions {
        let set = fs::set_permissions(folder, stamp.permissions.clone());
        set.map_err(Fault::io(folder, "given its permissions"))?;
    }
    Ok(())
}
