//! A thread that waits for a task.

use super::{Task, TaskError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::block::{block_on, block_on_until};
use core::time::Duration;

impl<T, E> Task<T, E> {
    /// Blocks the thread until the task has ended. For ever, if it is left pending.
    ///
    /// Inside a callback or a waker it first delivers whatever completed tasks this thread has not come to yet. It may
    /// still wait for something that only this thread could go on with, such as the next callback of the same task: await
    /// instead.
    ///
    /// # Errors
    ///
    /// The task's.
    ///
    /// # Panics
    ///
    /// With what a waker or a callback panicked that this thread had still to call.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// std::thread::spawn(move || source.set_result(7));
    /// assert_eq!(task.wait().unwrap(), &7);
    /// ```
    #[doc(alias = "Wait")]
    #[doc(alias = "GetResult")]
    pub fn wait(&self) -> Result<&T, &TaskError<E>> {
        if !self.is_completed() {
            block_on(self.settled());
        }
        self.result()
    }

    /// Blocks the thread until the task has ended, or `timeout` has passed (`None`). Zero only looks; [`Duration::MAX`] is
    /// [`wait`](Self::wait). The time is std's.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// assert!(task.wait_timeout(Duration::from_millis(5)).is_none());
    /// source.set_result(7);
    /// assert!(task.wait_timeout(Duration::ZERO).is_some());
    /// ```
    #[doc(alias = "Wait")]
    pub fn wait_timeout(&self, timeout: Duration) -> Option<Result<&T, &TaskError<E>>> {
        if !self.is_completed() {
            if timeout.is_zero() {
                return None;
            }
            block_on_until(self.settled(), timeout)?;
        }
        Some(self.result())
    }

    /// Blocks the thread until the task has ended, or `token` is cancelled. If both are so, the task counts. The token
    /// ends the waiting only, never the task.
    ///
    /// # Errors
    ///
    /// The outer one if the token is cancelled; the inner one is the task's.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, TaskCompletionSource};
    ///
    /// let token = CancellationToken::new(true);
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// assert!(task.wait_cancellable(&token).is_err());
    /// source.set_result(7);
    /// assert_eq!(task.wait_cancellable(&token).unwrap().unwrap(), &7);
    /// ```
    #[doc(alias = "Wait")]
    pub fn wait_cancellable(&self, token: &CancellationToken) -> Result<Result<&T, &TaskError<E>>, Cancelled> {
        let ended = || self.is_completed();
        if !ended() && block_on(token.run_until_cancelled(self.settled())).is_none() && !ended() {
            return Err(Cancelled::new(token.clone()));
        }
        Ok(self.result())
    }
}
