//! An executor that keeps what it is given, until the model has it polled.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use taskcell::{BoxFuture, ConcurrentExclusiveSchedulerPair as Pair};

type Job = BoxFuture<'static, ()>;

/// The executor. Its lock is std's, so it adds neither schedules nor synchronisation: loom does not see that two threads
/// want one job.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<Vec<Job>>>);

impl Jobs {
    fn kept(&self) -> MutexGuard<'_, Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What spawns here.
    pub fn spawner(&self) -> impl Fn(Job) + Clone + Send + Sync + 'static + use<> {
        let jobs = self.clone();
        move |job| jobs.kept().push(job)
    }

    /// How many are kept.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kept().len()
    }

    /// What was spawned last, if anything is left.
    #[must_use]
    pub fn pop(&self) -> Option<Job> {
        self.kept().pop()
    }

    /// What was spawned last: something was.
    #[must_use]
    pub fn take(&self) -> Job {
        self.pop().expect("something was spawned")
    }

    /// Polls everything to its end.
    pub fn run(&self) {
        while let Some(job) = self.pop() {
            drive(job);
        }
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Jobs").field(&self.count()).finish()
    }
}

/// Polls a job to its end.
pub fn drive(mut job: Job) {
    while job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

/// Polls a job to its end, which comes at the first poll.
pub fn work(mut job: Job) {
    assert!(job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

/// A pair of schedulers whose workers are kept.
#[must_use]
pub fn pair(limit: usize) -> (Jobs, Pair) {
    let jobs = Jobs::default();
    let pair = Pair::new(jobs.spawner(), NonZeroUsize::new(limit).unwrap());
    (jobs, pair)
}
