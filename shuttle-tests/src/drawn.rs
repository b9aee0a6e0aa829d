//! Which schedules were drawn: their number and a digest of them, and what is printed if one fails.

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// FNV-1a.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x100_0000_01b3;

/// What is known of the schedules of one run.
#[derive(Debug)]
pub(crate) struct Drawn {
    name: &'static str,
    seed: u64,
    how: &'static str,
    /// The schedule that runs; the first is 1.
    number: AtomicU64,
    digest: AtomicU64,
}

impl Drawn {
    pub(crate) fn new(name: &'static str, seed: u64, how: &'static str) -> Arc<Self> {
        Arc::new(Self { name, seed, how, number: AtomicU64::new(0), digest: AtomicU64::new(BASIS) })
    }

    /// The scheduler, with each choice of it noted.
    pub(crate) fn watch<S>(self: &Arc<Self>, scheduler: S) -> Watched<S> {
        Watched { scheduler, drawn: self.clone() }
    }

    /// Prints what failed if it is dropped by a panic.
    pub(crate) fn tells_failure(self: &Arc<Self>) -> TellsFailure {
        TellsFailure(self.clone())
    }

    /// Two runs that chose otherwise have others.
    pub(crate) fn digest(&self) -> u64 {
        self.digest.load(Relaxed)
    }

    fn note(&self, choice: u64) {
        self.digest.store((self.digest() ^ choice).wrapping_mul(PRIME), Relaxed);
    }
}

pub(crate) struct TellsFailure(Arc<Drawn>);

impl Drop for TellsFailure {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Drawn { name, seed, how, number, .. } = &*self.0;
            println!("model {name}: FAILED in schedule {} drawn {how}, seed {seed}", number.load(Relaxed));
            println!("once more: TASKCELL_SEED={seed} cargo xtask shuttle {name}");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Watched<S> {
    scheduler: S,
    drawn: Arc<Drawn>,
}

impl<S: Scheduler> Scheduler for Watched<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        let schedule = self.scheduler.new_execution();
        if schedule.is_some() {
            self.drawn.number.fetch_add(1, Relaxed);
        }
        self.drawn.note(u64::MAX);
        schedule
    }

    fn next_task(&mut self, ready: &[&Task], current: Option<TaskId>, yields: bool) -> Option<TaskId> {
        let next = self.scheduler.next_task(ready, current, yields);
        self.drawn.note(next.map_or(u64::MAX - 1, |task| usize::from(task) as u64));
        next
    }

    fn next_u64(&mut self) -> u64 {
        let number = self.scheduler.next_u64();
        self.drawn.note(number);
        number
    }
}
