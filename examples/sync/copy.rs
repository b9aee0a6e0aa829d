//! Copies one file: again if that may help, block by block, up to a token's cancellation.

use crate::{
    fault::Fault,
    pace::Pace,
    part::{self, Part},
    platform,
    stamp::Stamp,
    survey::Pair,
    tally::{Share, Tally},
};
use std::{fs, num::NonZeroU32, time::Duration};
use taskcell::{Backoff, CancellationToken, UsingError, retry, using};

const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// What all copies of a run share.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) token: &'a CancellationToken,
    pub(crate) tally: &'a Tally,
    pub(crate) pace: &'a Pace,
}

/// Copies a file's contents, time and permissions.
pub(crate) async fn file(pair: &Pair, run: Run<'_>) -> Result<(), Fault> {
    let share = Share::new(run.tally);
    let copied = retry(async |attempt| {
        let part = Part::open(pair.clone(), run.token.clone()).await?;
        share.is_at(part.at());
        if attempt.is_first() {
            run.tally.change(|numbers| numbers.resumed += part.at());
        }
        using(part, async |part| write(part, &share, pair, run).await).await.map_err(UsingError::into_error)
    })
    .max_attempts(ATTEMPTS)
    .backoff(Backoff::exponential(Duration::from_millis(100)))
    .when(Fault::is_transient)
    .token(run.token)
    .await;
    // Who was cancelled before the first attempt has no error of its own.
    copied.map_err(|error| error.into_inner().unwrap_or_else(|| Fault::stopped(&pair.from)))
}

/// Writes what is missing of a part. What is left when this stops is the part's own affair.
async fn write(part: &mut Part, share: &Share<'_>, pair: &Pair, run: Run<'_>) -> Result<(), Fault> {
    while part.next() > 0 {
        run.pace.wait(part.next(), run.token).await;
        if run.token.is_cancelled() {
            return Err(Fault::stopped(&pair.from));
        }
        part.copy_block().await?;
        share.is_at(part.at());
    }
    part.finish().await
}

/// Makes the same link, in the place of whatever file or link is there.
pub(crate) async fn link(pair: Pair) -> Result<(), Fault> {
    smol::unblock(move || {
        let part = part::path(&pair);
        // What another run has left.
        _ = fs::remove_file(&part);
        let to = fs::read_link(&pair.from).map_err(Fault::io(&pair.from, "read"))?;
        platform::make_link(&to, &part).map_err(Fault::io(&part, "made"))?;
        fs::rename(&part, &pair.to).map_err(Fault::io(&pair.to, "put in its place"))
    })
    .await
}

/// Gives a file the permissions of its source.
pub(crate) async fn mode(pair: Pair, stamp: Stamp) -> Result<(), Fault> {
    smol::unblock(move || {
        fs::set_permissions(&pair.to, stamp.permissions).map_err(Fault::io(&pair.to, "given its permissions"))
    })
    .await
}
