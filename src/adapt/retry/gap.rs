//! What a retry waits for between attempts, beside time.

use core::future::{Future, IntoFuture, Ready};

use super::RetryAttempt;

/// What the future of [`retry_when`](super::Retry::retry_when) may answer: nothing, or whether to go on.
pub trait Verdict {
    /// Whether another attempt is made.
    fn goes_on(self) -> bool;
}

impl Verdict for () {
    #[inline]
    fn goes_on(self) -> bool {
        true
    }
}

impl Verdict for bool {
    #[inline]
    fn goes_on(self) -> bool {
        self
    }
}

/// What opens a gap after a failed attempt.
pub trait Gap {
    /// Ready when the gap is over.
    type Future: Future<Output: Verdict>;

    /// `None`: there is no gap.
    fn open(&mut self, failed: RetryAttempt) -> Option<Self::Future>;
}

/// No gap.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtOnce;

impl Gap for AtOnce {
    type Future = Ready<()>;

    #[inline]
    fn open(&mut self, _: RetryAttempt) -> Option<Ready<()>> {
        None
    }
}

/// A gap as long as the futures of a closure take.
#[derive(Clone, Copy, Debug)]
pub struct Until<G>(pub(super) G);

impl<G, W> Gap for Until<G>
where
    G: FnMut(RetryAttempt) -> W,
    W: IntoFuture<Output: Verdict>,
{
    type Future = W::IntoFuture;

    #[inline]
    fn open(&mut self, failed: RetryAttempt) -> Option<W::IntoFuture> {
        Some((self.0)(failed).into_future())
    }
}
