//! Threads that must not block, and what a wait on them is told.

use crate::shim::heap::Arc;
use crate::shim::local::local;
use core::cell::Cell;
use core::error::Error;
use core::fmt;

local! {
    static FORBIDDEN: Cell<Option<Arc<str>>> = Cell::new(None);
}

/// A blocking wait that could not end: the thread is one that others wait for. Nothing was waited for.
///
/// It names what forbids it, such as a [`MessageLoop`](crate::MessageLoop). Await instead, or wait on another thread.
///
/// # Examples
///
/// ```
/// use taskcell::{TaskCompletionSource, no_blocking};
///
/// let (_source, task) = TaskCompletionSource::<u32>::pair();
/// let refused = no_blocking("ui", || task.wait().unwrap_err());
/// assert_eq!(refused.name(), "ui");
/// assert_eq!(refused.to_string(), "to wait here would be a deadlock: \"ui\" runs on this thread and must not block");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WouldDeadlock {
    name: Arc<str>,
}

impl WouldDeadlock {
    /// What the thread runs that must not block.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for WouldDeadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to wait here would be a deadlock: {:?} runs on this thread and must not block", &*self.name)
    }
}

impl Error for WouldDeadlock {}

/// Runs `f`, in which this thread must not block: every blocking wait of this crate that would have to wait is refused
/// with [`WouldDeadlock`], which has this name. What has ended already can be looked at in there as everywhere.
///
/// It is for event loops of one's own; a [`MessageLoop`](crate::MessageLoop) does it by itself. Calls may be nested: the
/// innermost name counts. It ends when `f` does, also by a panic. Allocates the name.
///
/// # Examples
///
/// ```
/// use taskcell::{may_block, no_blocking};
///
/// no_blocking("ui", || assert!(may_block().is_err()));
/// assert!(may_block().is_ok());
/// ```
pub fn no_blocking<R>(name: &str, f: impl FnOnce() -> R) -> R {
    let _scope = NoBlocking::new(Arc::from(name));
    f()
}

/// Whether this thread may block here. For blocking waits of one's own.
///
/// # Errors
///
/// [`WouldDeadlock`] inside of [`no_blocking`] and on the thread of a message loop that runs.
///
/// # Examples
///
/// ```
/// use taskcell::{WouldDeadlock, may_block, no_blocking};
///
/// /// A wait of one's own.
/// fn wait_for_printer() -> Result<(), WouldDeadlock> {
///     may_block()?;
///     Ok(std::thread::sleep(std::time::Duration::from_millis(1)))
/// }
/// assert!(wait_for_printer().is_ok());
/// assert_eq!(no_blocking("ui", wait_for_printer).unwrap_err().name(), "ui");
/// ```
pub fn may_block() -> Result<(), WouldDeadlock> {
    match forbidden() {
        Some(name) => Err(WouldDeadlock { name }),
        None => Ok(()),
    }
}

/// Who forbids it. A thread whose values are gone may block.
fn forbidden() -> Option<Arc<str>> {
    let asked = FORBIDDEN.try_with(|cell| {
        let name = cell.take();
        cell.set(name.clone());
        name
    });
    asked.ok().flatten()
}

/// As long as it lives its thread must not block.
#[derive(Debug)]
pub(crate) struct NoBlocking {
    before: Option<Arc<str>>,
}

impl NoBlocking {
    pub(crate) fn new(name: Arc<str>) -> Self {
        Self { before: FORBIDDEN.try_with(|cell| cell.replace(Some(name))).ok().flatten() }
    }
}

impl Drop for NoBlocking {
    fn drop(&mut self) {
        let before = self.before.take();
        // A thread whose values are gone has nothing to restore.
        let _ = FORBIDDEN.try_with(|cell| cell.set(before));
    }
}
