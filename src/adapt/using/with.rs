//! A cleanup for somebody else's type.

use super::AsyncDispose;
use core::fmt;
use core::ops::{Deref, DerefMut};

/// Gives any value a cleanup: a resource whose type is somebody else's, or an action that is to be undone.
///
/// It dereferences to the value. Nothing is allocated.
///
/// # Examples
///
/// ```
/// use taskcell::{dispose_with, using};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let (sender, receiver) = smol::channel::unbounded();
/// let sender = dispose_with(sender, |sender| async move { sender.send("goodbye").await });
/// using(sender, async |sender| sender.send("hello").await).await.unwrap();
/// assert_eq!(receiver.recv().await, Ok("hello"));
/// assert_eq!(receiver.recv().await, Ok("goodbye"));
/// # })
/// ```
#[doc(alias = "defer")]
#[doc(alias = "AsyncDisposable.Create")]
pub fn dispose_with<R, F, C, E>(resource: R, cleanup: F) -> DisposeWith<R, F>
where
    F: FnOnce(R) -> C,
    C: Future<Output = Result<(), E>> + Send,
{
    DisposeWith { resource, cleanup }
}

/// A value with a cleanup; made by [`dispose_with`].
///
/// # Examples
///
/// ```
/// use taskcell::dispose_with;
///
/// let lease = dispose_with(String::from("lease"), |_| async { Err::<(), _>("it was never given back") });
/// assert_eq!(lease.len(), 5); // it is used as what it holds
/// assert_eq!(lease.into_inner(), "lease"); // and the cleanup is off
/// ```
#[must_use = "dropping it does not run the cleanup"]
pub struct DisposeWith<R, F> {
    resource: R,
    cleanup: F,
}

impl<R, F> DisposeWith<R, F> {
    /// The value; the cleanup is dropped.
    pub fn into_inner(self) -> R {
        self.resource
    }
}

impl<R, F, C, E> AsyncDispose for DisposeWith<R, F>
where
    R: Send,
    F: FnOnce(R) -> C + Send,
    C: Future<Output = Result<(), E>> + Send,
{
    type Error = E;

    async fn dispose(self) -> Result<(), E> {
        let Self { resource, cleanup } = self;
        cleanup(resource).await
    }
}

impl<R, F> Deref for DisposeWith<R, F> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.resource
    }
}

impl<R, F> DerefMut for DisposeWith<R, F> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.resource
    }
}

impl<R: fmt::Debug, F> fmt::Debug for DisposeWith<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisposeWith").field("resource", &self.resource).finish_non_exhaustive()
    }
}
