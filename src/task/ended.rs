//! Waiting for a task, and having the task again.

use super::Task;
use super::outcome::Outcome;
use crate::raw::cell::{CellWaiter, Shared};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

type Waiter<V> = CellWaiter<V, Shared<V>>;

/// Ready with the task once that has ended. Nobody has looked at a fault then.
pub(crate) struct Ended<T, E> {
    /// None once it was ready.
    waiter: Option<Waiter<Outcome<T, E>>>,
}

impl<T, E> Ended<T, E> {
    pub(crate) fn new(task: Task<T, E>) -> Self {
        Self { waiter: Some(CellWaiter::new(task.0)) }
    }
}

impl<T, E> Future for Ended<T, E> {
    type Output = Task<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(waiter) = &mut self.waiter else { panic!("a task's future polled after it was ready") };
        if waiter.poll(cx).is_pending() {
            return Poll::Pending;
        }
        match self.waiter.take() {
            Some(waiter) => Poll::Ready(Task(waiter.into_handle())),
            None => unreachable!("it was polled just now"),
        }
    }
}
