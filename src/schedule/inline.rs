//! The scheduler that has no place of its own.

use super::TaskScheduler;
use super::job::{Job, Place};
use crate::shim::heap::Shared;
use crate::spawn::{BoxFuture, Spawner};

/// Polls a future inside [`spawn`](Spawner::spawn), and later inside the wakes, on whatever thread that is.
///
/// For tests, and for what is short and never blocks: whoever completes something runs here what waits for it. A future
/// that is woken while it is polled is polled again by that poller, in a loop, never deeper in the stack. A panic comes out
/// of the call that polls (a [`Task`](crate::Task) catches its own).
///
/// It is the one spawner of this crate that polls inside `spawn`, which others must not do: the caller must not hold what
/// the future wants.
///
/// # Examples
///
/// ```
/// use taskcell::{InlineScheduler, Task, TaskCompletionSource};
///
/// let (source, input) = TaskCompletionSource::<u32>::pair();
/// let task: Task<u32> = Task::run(&InlineScheduler, async move { Ok(input.await? + 1) });
/// source.set_result(6); // runs the rest of the task
/// assert_eq!(task.try_result().unwrap().unwrap(), &7);
/// ```
#[doc(alias = "RunSynchronously")]
#[doc(alias = "ExecuteSynchronously")]
#[doc(alias = "CurrentThreadTaskScheduler")]
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineScheduler;

impl Spawner for InlineScheduler {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        Job::start(Here, future, ());
    }
}

impl TaskScheduler for InlineScheduler {
    fn name(&self) -> &str {
        "inline"
    }
}

struct Here;

impl Place for Here {
    type Member = ();

    fn queue(job: Shared<Job<Self>>) {
        while Job::step(&job) {}
    }
}
