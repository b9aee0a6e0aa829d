//! What becomes of a resource whose scope is dropped.

use super::AsyncDispose;
use crate::spawn::{BoxFuture, Spawner};
use crate::task::Task;
use alloc::boxed::Box;

/// It is dropped where it is; see [`Using`](crate::Using).
#[derive(Clone, Copy, Debug, Default)]
pub struct InPlace;

/// Its cleanup is handed to this spawner; see [`Using::on_drop`](crate::Using::on_drop).
#[derive(Clone, Copy, Debug)]
pub struct HandOver<S>(pub(super) S);

/// A resource, or its cleanup, that a spawner gets if this is dropped too early.
pub(super) struct Held<R, S>
where
    R: AsyncDispose + Send + 'static,
    R::Error: Send + Sync + 'static,
    S: Spawner,
{
    /// None once the cleanup has begun.
    pub(super) resource: Option<R>,
    /// None before it has begun, and after it.
    pub(super) cleanup: Option<BoxFuture<'static, Result<(), R::Error>>>,
    pub(super) spawner: S,
}

impl<R, S> Held<R, S>
where
    R: AsyncDispose + Send + 'static,
    R::Error: Send + Sync + 'static,
    S: Spawner,
{
    pub(super) fn new(resource: R, spawner: S) -> Self {
        Self { resource: Some(resource), cleanup: None, spawner }
    }

    /// From now on it is the cleanup that is handed over.
    pub(super) fn begin(&mut self) {
        if let Some(resource) = self.resource.take() {
            self.cleanup = Some(Box::pin(async move { resource.dispose().await }));
        }
    }
}

impl<R, S> Drop for Held<R, S>
where
    R: AsyncDispose + Send + 'static,
    R::Error: Send + Sync + 'static,
    S: Spawner,
{
    fn drop(&mut self) {
        self.begin();
        if let Some(cleanup) = self.cleanup.take() {
            // Nobody looks at the task: the hook for unobserved faults is told if it fails.
            drop(Task::run(&self.spawner, cleanup));
        }
    }
}
