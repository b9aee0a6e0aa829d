//! Cancelling on drop.

use super::CancellationTokenSource;
use core::mem::ManuallyDrop;

/// Owns a source and cancels it when dropped; made by [`CancellationTokenSource::drop_guard`].
#[derive(Debug)]
#[must_use = "dropping it cancels at once"]
pub struct DropGuard {
    source: Option<CancellationTokenSource>,
}

impl DropGuard {
    pub(super) fn new(source: CancellationTokenSource) -> Self {
        Self { source: Some(source) }
    }

    /// Gives the source back, uncancelled.
    #[must_use]
    pub fn disarm(mut self) -> CancellationTokenSource {
        self.source.take().expect("only `disarm` takes it")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(source) = &self.source {
            source.cancel();
        }
    }
}

/// Cancels a source when dropped; made by [`CancellationTokenSource::drop_guard_ref`].
#[derive(Debug)]
#[must_use = "dropping it cancels at once"]
pub struct DropGuardRef<'a> {
    source: &'a CancellationTokenSource,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(source: &'a CancellationTokenSource) -> Self {
        Self { source }
    }

    /// Gives the source back, uncancelled.
    #[must_use]
    pub fn disarm(self) -> &'a CancellationTokenSource {
        ManuallyDrop::new(self).source
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        self.source.cancel();
    }
}
