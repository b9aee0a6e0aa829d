//! Callbacks that run later.

use crate::raw::deferred::Deferred;
use core::fmt;

/// The callbacks of a source that has been cancelled by
/// [`cancel_deferred`](super::CancellationTokenSource::cancel_deferred): they run when this is told to, or dropped, on
/// that thread. Until then they can still be unregistered.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
///
/// let source = CancellationTokenSource::new();
/// let token = source.token();
/// let seen = token.clone();
/// token.register(move || assert!(seen.is_cancelled())).detach(); // say it takes long
/// # smol::block_on(async {
/// let callbacks = source.cancel_deferred(); // every token is cancelled, and every waiting future woken
/// assert!(callbacks.is_first() && token.is_cancelled());
/// if callbacks.has_callbacks() {
///     smol::unblock(move || callbacks.run()).await; // on a thread that may take its time
/// }
/// # });
/// ```
#[must_use = "dropping it runs the callbacks at once"]
pub struct DeferredCallbacks {
    first: bool,
    deferred: Option<Deferred>,
}

impl DeferredCallbacks {
    pub(super) fn new(first: bool, deferred: Option<Deferred>) -> Self {
        Self { first, deferred }
    }

    /// True if this cancellation was the first.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// True if callbacks were registered when it was cancelled, so that there is something to run.
    #[must_use]
    pub fn has_callbacks(&self) -> bool {
        self.deferred.as_ref().is_some_and(Deferred::has_callbacks)
    }

    /// Runs the callbacks.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker or callback, after all have run.
    pub fn run(mut self) {
        if let Some(mut deferred) = self.deferred.take() {
            deferred.run(false);
        }
    }
}

impl fmt::Debug for DeferredCallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeferredCallbacks").field("is_first", &self.first).finish_non_exhaustive()
    }
}
