//! A synchronization context as a scheduler.

use super::TaskScheduler;
use super::context::{Current, SynchronizationContext};
use super::job::{Job, Place};
use crate::shim::heap::{Arc, Shared};
use crate::spawn::{BoxFuture, Spawner};
use alloc::boxed::Box;
use core::fmt;
use core::num::NonZeroUsize;

/// Runs futures in a [`SynchronizationContext`]: each poll is one callback that is posted to it, in which it is the
/// current one. So a start is one post, and so is each time that the future goes on after an `.await` that had to wait;
/// what is ready at once posts nothing.
///
/// A context that takes nothing any more refuses: the future is dropped, and its task abandoned.
///
/// # Examples
///
/// ```
/// use taskcell::{ContextScheduler, MessageLoop, SynchronizationContext, Task};
///
/// let ui = MessageLoop::new("ui");
/// let answer = ui.run_until(async {
///     // On the loop's thread its context is the current one.
///     let scheduler = ContextScheduler::current().unwrap();
///     let task: Task<String> = Task::run(&scheduler, async {
///         Ok(<dyn SynchronizationContext>::current().unwrap().name().to_owned())
///     });
///     task.await
/// });
/// assert_eq!(answer.unwrap(), "ui");
/// assert!(ContextScheduler::current().is_none());
/// ```
#[doc(alias = "SynchronizationContextTaskScheduler")]
#[derive(Clone)]
pub struct ContextScheduler {
    context: Arc<dyn SynchronizationContext>,
}

impl ContextScheduler {
    /// On this context.
    #[must_use]
    pub fn new(context: Arc<dyn SynchronizationContext>) -> Self {
        Self { context }
    }

    /// On the thread's current context, if it has one.
    #[doc(alias = "FromCurrentSynchronizationContext")]
    #[must_use]
    pub fn current() -> Option<Self> {
        <dyn SynchronizationContext>::current().map(Self::new)
    }
}

impl Spawner for ContextScheduler {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        Job::start(InContext(self.context.clone()), future, ());
    }
}

impl TaskScheduler for ContextScheduler {
    fn name(&self) -> &str {
        self.context.name()
    }

    /// One: a context calls one callback at a time.
    fn max_concurrency(&self) -> Option<NonZeroUsize> {
        Some(NonZeroUsize::MIN)
    }

    fn queue(&self, job: Box<dyn FnOnce() + Send>) {
        drop(self.context.post(job));
    }
}

impl fmt::Debug for ContextScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextScheduler").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// Where its jobs are queued.
struct InContext(Arc<dyn SynchronizationContext>);

impl Place for InContext {
    type Member = ();

    fn queue(job: Shared<Job<Self>>) {
        let context = job.place.0.clone();
        let posted = Posted(Some(job));
        drop(context.post(Box::new(move || posted.run())));
    }
}

/// A job that waits in a context. If it is dropped there, so is its future.
struct Posted(Option<Shared<Job<InContext>>>);

impl Posted {
    fn run(mut self) {
        let Some(job) = self.0.take() else { return };
        let _current = Current::new(Some(job.place.0.clone()));
        Job::run(job);
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        if let Some(job) = self.0.take() {
            job.end();
        }
    }
}
