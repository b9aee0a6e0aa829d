//! A spawner that keeps its futures until the test polls or drops them.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use taskcell::{BoxFuture, Spawner};

#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<Mutex<VecDeque<BoxFuture<'static, ()>>>>);

impl Jobs {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
    fn next(&self) -> Option<BoxFuture<'static, ()>> {
        self.0.lock().unwrap().pop_front()
    }
    /// Polls the first future once; one that is pending goes to the end.
    pub(crate) fn step(&self) -> bool {
        let Some(mut job) = self.next() else { return false };
        if job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.0.lock().unwrap().push_back(job);
        }
        true
    }
    /// Polls until nothing is left, and says how many polls it took.
    pub(crate) fn run(&self) -> usize {
        let mut polls = 0;
        while self.step() {
            polls += 1;
            assert!(polls < 1_000_000, "a future never ends");
        }
        polls
    }
    /// Drops the first future.
    pub(crate) fn drop_first(&self) {
        drop(self.next());
    }
    /// Drops what is there.
    pub(crate) fn drop_all(&self) {
        while let Some(job) = self.next() {
            drop(job);
        }
    }
}

impl Spawner for Jobs {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push_back(future);
    }
}
