//! smol, with a hand on what it runs: an executor that can be told to come to an end.

use smol::Task;
use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use taskcell::{BoxFuture, Spawner, timeout, when_all_settled};

/// Runs futures on smol's threads until they end, or until it gives them up.
#[derive(Default)]
pub(crate) struct Executor {
    running: Mutex<Vec<Task<()>>>,
}

impl Spawner for Executor {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|task| !task.is_finished());
        running.push(smol::spawn(future));
    }
}

impl Executor {
    /// Waits for what still runs, but not for longer than this; then it gives up the rest, and waits until that is gone.
    pub(crate) async fn end(&self, grace: Duration) {
        let mut running = mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        _ = timeout(grace, when_all_settled(&mut running)).await;
        running.retain(|task| !task.is_finished());
        when_all_settled(running.into_iter().map(Task::cancel)).await;
    }
}
