//! Snapshots of all locals.

use super::current::{self, Installed};
use super::map::{self, Slot};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// A snapshot of the values of all [locals](super::AsyncLocal); it never changes.
///
/// One word; [`Clone`] is one relaxed addition, or nothing for the empty one. The values live as long as a snapshot has
/// them.
///
/// # Examples
///
/// ```
/// use taskcell::{AsyncLocal, ExecutionContext};
///
/// static USER: AsyncLocal<&str> = AsyncLocal::new();
///
/// let context = USER.scope("Ada", || ExecutionContext::capture().unwrap());
/// context.run(|| {
///     assert_eq!(USER.get(), Some("Ada"));
///     USER.set("Grace");
/// });
/// context.run(|| assert_eq!(USER.get(), Some("Ada")));
/// assert_eq!(USER.get(), None);
/// ```
#[derive(Clone, Default)]
pub struct ExecutionContext(pub(super) Slot);

impl UnwindSafe for ExecutionContext {}
impl RefUnwindSafe for ExecutionContext {}

impl ExecutionContext {
    /// The context in which no local has a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{AsyncLocal, ExecutionContext};
    ///
    /// static USER: AsyncLocal<&str> = AsyncLocal::new();
    ///
    /// USER.scope("Ada", || ExecutionContext::EMPTY.run(|| assert_eq!(USER.get(), None)));
    /// ```
    #[doc(alias = "Default")]
    pub const EMPTY: Self = Self(None);

    /// What flows from here: the values of all locals but those that are
    /// [not inherited](super::AsyncLocal::not_inherited). `None` while the flow is
    /// [suppressed](Self::suppress_flow).
    ///
    /// Allocates only if there is a value that is not inherited.
    #[doc(alias = "Capture")]
    #[doc(alias = "CreateCopy")]
    pub fn capture() -> Option<Self> {
        let now = current::current();
        let is_suppressed = now.as_ref().is_some_and(|map| map.is_suppressed());
        (!is_suppressed).then(|| Self(map::flowing(now)))
    }

    /// Calls `f` in this context; then, also if `f` panics, the thread has again what it had before. What `f` sets goes
    /// nowhere else. The flow is not suppressed in it.
    ///
    /// # Panics
    ///
    /// If `f` does.
    #[doc(alias = "Run")]
    #[doc(alias = "Restore")]
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _installed = Installed::new(self.0.clone());
        f()
    }

    /// Calls `f`; until it returns, nothing flows from this thread: [`capture`](Self::capture) answers `None`, and tasks
    /// and continuations start in the empty context. Reading and setting go on as ever, and what `f` sets stays set.
    ///
    /// Nested it changes nothing more; in a context that `f` [runs](Self::run) or polls things flow. One allocation, and
    /// one to come back if `f` has left snapshots.
    ///
    /// # Panics
    ///
    /// If `f` does; the flow goes on then.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::ExecutionContext;
    ///
    /// ExecutionContext::suppress_flow(|| {
    ///     assert!(ExecutionContext::is_flow_suppressed());
    ///     assert!(ExecutionContext::capture().is_none());
    /// });
    /// assert!(ExecutionContext::capture().is_some());
    /// ```
    #[doc(alias = "SuppressFlow")]
    #[doc(alias = "RestoreFlow")]
    #[doc(alias = "AsyncFlowControl")]
    pub fn suppress_flow<R>(f: impl FnOnce() -> R) -> R {
        struct Restore(bool);
        impl Drop for Restore {
            fn drop(&mut self) {
                current::suppress(self.0);
            }
        }
        let _restore = Restore(current::suppress(true));
        f()
    }

    /// True inside of [`suppress_flow`](Self::suppress_flow).
    #[doc(alias = "IsFlowSuppressed")]
    #[must_use]
    pub fn is_flow_suppressed() -> bool {
        current::current().is_some_and(|map| map.is_suppressed())
    }
}

impl fmt::Debug for ExecutionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locals = self.0.as_ref().map_or(0, |map| map.entries().len());
        f.debug_struct("ExecutionContext").field("locals", &locals).finish()
    }
}
