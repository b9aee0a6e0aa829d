//! smol, with a hand on what it runs: an executor that can be told to give up.

use smol::Task;
use std::{
    mem,
    sync::{Mutex, PoisonError},
};
use taskcell::{BoxFuture, Spawner};

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
    /// Drops what still runs: a smol task is cancelled with its handle. What was promised to come of it is abandoned.
    pub(crate) fn give_up(&self) {
        let running = mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        drop(running);
    }
}
