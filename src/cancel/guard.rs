//! Cancelling on drop.

use super::CancellationTokenSource;
use core::mem::ManuallyDrop;

/// Owns a source and cancels it when dropped; made by [`CancellationTokenSource::drop_guard`].
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
///
/// fn connect(fails: bool) -> Result<CancellationTokenSource, &'static str> {
///     let guard = CancellationTokenSource::new().drop_guard();
///     // whatever is started here with a token of it ends if this function fails
///     if fails {
///         return Err("no route");
///     }
///     Ok(guard.disarm())
/// }
/// assert!(!connect(false).unwrap().is_cancelled());
/// assert!(connect(true).is_err());
/// ```
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
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
///
/// let requests = CancellationTokenSource::new();
/// {
///     let _guard = requests.drop_guard_ref();
///     assert!(!requests.is_cancelled());
/// }
/// assert!(requests.is_cancelled());
///
/// let kept = CancellationTokenSource::new();
/// let source = kept.drop_guard_ref().disarm();
/// assert!(!source.is_cancelled());
/// ```
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
