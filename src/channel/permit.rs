//! A place that is promised.

use super::WriteError;
use super::inner::Inner;
use crate::shim::heap::Shared;
use crate::task::BoxError;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// Room for one item; made by [`Writer::reserve`](super::Writer::reserve). Dropping it gives the place to the next who waits.
///
/// It is no writer: the channel may be completed while it is there, and counts as empty only when it has gone, too.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{Permit, bounded};
///
/// let (writer, reader) = bounded::<u32>(1);
/// let permit: Permit<u32> = writer.try_reserve().unwrap();
/// assert!(writer.try_reserve().is_err());
/// permit.write(7).unwrap(); // never waits, never full
/// assert_eq!(reader.try_read().unwrap(), 7);
/// ```
#[doc(alias = "OwnedPermit")]
#[must_use = "dropping it gives the place up"]
pub struct Permit<T, E = BoxError> {
    /// None once it was used.
    inner: Option<Shared<Inner<T, E>>>,
}

impl<T, E> Permit<T, E> {
    /// Of a place that was counted.
    pub(super) fn new(inner: Shared<Inner<T, E>>) -> Self {
        Self { inner: Some(inner) }
    }

    /// Writes `item`. There is room, and completing the channel does not take it away.
    ///
    /// # Errors
    ///
    /// [`WriteError`], with the item: nobody will read it, because the last reader has gone, or the channel's own token was
    /// cancelled.
    pub fn write(mut self, item: T) -> Result<(), WriteError<T, E>> {
        let mut item = Some(item);
        let Some(inner) = self.inner.take() else { unreachable!("it is used once") };
        let written = inner.change(|state, after| state.use_permit(&mut item, after));
        match (item, written) {
            (Some(item), Err(end)) => Err(WriteError::of(item, end)),
            _ => Ok(()),
        }
    }
}

impl<T, E> Drop for Permit<T, E> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            inner.change(|state, after| state.release_permit(after));
        }
    }
}

// A channel is as good after a panic as before.
impl<T, E> UnwindSafe for Permit<T, E> {}
impl<T, E> RefUnwindSafe for Permit<T, E> {}

impl<T, E> fmt::Debug for Permit<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}
