//! Waiting for what was reported.

use crate::raw::fault::{Panics, Then, drain};
use crate::task::{Task, TaskCompletionSource, WaitForOutcome};
use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::IntoFuture;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The executor has dropped what was to handle the reports; they are lost.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, Progress, Report, Unhandled};
///
/// let broken = |future: BoxFuture<'static, ()>| drop(future); // an executor that drops everything
/// let progress = Progress::on(broken, |percent: u8| println!("{percent} %"));
/// progress.report(7);
/// # smol::block_on(async {
/// assert_eq!(progress.flush().await, Err(Unhandled));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unhandled;

impl fmt::Display for Unhandled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the executor has dropped the reports")
    }
}

impl Error for Unhandled {}

/// The future of [`Progress::flush`](super::Progress::flush) and [`LatestProgress::flush`](super::LatestProgress::flush).
///
/// # Examples
///
/// ```
/// use taskcell::{Flush, Progress, Report};
///
/// let progress = Progress::inline(|percent: u8| println!("{percent} %"));
/// progress.report(7);
/// let flushed: Flush = progress.flush();
/// # smol::block_on(async {
/// flushed.await.unwrap();
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Flush(WaitForOutcome<bool, Infallible>);

impl Flush {
    /// A future, and what ends it.
    pub(super) fn pair() -> (Marker, Self) {
        let (source, task): (_, Task<bool, Infallible>) = TaskCompletionSource::pair();
        (Marker(source), Self(task.into_future()))
    }
}

impl Future for Flush {
    type Output = Result<(), Unhandled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let handled = Pin::new(&mut self.0).poll(cx);
        handled.map(|handled| if handled.unwrap_or(false) { Ok(()) } else { Err(Unhandled) })
    }
}

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush").finish_non_exhaustive()
    }
}

/// Stands behind the reports that it waits for.
pub(super) struct Marker(TaskCompletionSource<bool, Infallible>);

impl Marker {
    /// They were handled, or lost. A waker that panics is reported to the fault hook.
    pub(super) fn passed(self, handled: bool) {
        let mut panics = Panics::new();
        let mut source = Some(self.0);
        drain(&mut panics, || {
            if let Some(source) = source.take() {
                let _ = source.try_set_result(handled);
            }
        });
        panics.settle(Then::Report);
    }
}
