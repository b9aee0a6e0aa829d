//! A thread that waits for a task.

use super::{Task, TaskError, WaitError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::context::{WouldDeadlock, may_block};
use crate::raw::block::{block_on, block_on_until};
use crate::time::Elapsed;
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
    /// The outer one if the task is pending and this thread [must not block](crate::no_blocking), as on the thread of a
    /// [`MessageLoop`](crate::MessageLoop); the inner one is the task's.
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
    /// assert_eq!(task.wait().unwrap().unwrap(), &7);
    /// ```
    #[doc(alias = "Wait")]
    #[doc(alias = "GetResult")]
    pub fn wait(&self) -> Result<Result<&T, &TaskError<E>>, WouldDeadlock> {
        if !self.is_completed() {
            may_block()?;
            block_on(self.settled());
        }
        Ok(self.result())
    }

    /// Blocks the thread until the task has ended, or `timeout` has passed. Zero only looks, and blocks nobody;
    /// [`Duration::MAX`] is [`wait`](Self::wait). The time is std's.
    ///
    /// # Errors
    ///
    /// The outer one is [`WaitError::Elapsed`], or [`WaitError::WouldDeadlock`] as for [`wait`](Self::wait); the inner one
    /// is the task's.
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
    /// assert!(task.wait_timeout(Duration::from_millis(5)).is_err());
    /// source.set_result(7);
    /// assert!(task.wait_timeout(Duration::ZERO).is_ok());
    /// ```
    #[doc(alias = "Wait")]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Result<&T, &TaskError<E>>, WaitError> {
        if !self.is_completed() {
            if timeout.is_zero() {
                return Err(Elapsed(()).into());
            }
            may_block()?;
            block_on_until(self.settled(), timeout).ok_or(Elapsed(()))?;
        }
        Ok(self.result())
    }

    /// Blocks the thread until the task has ended, or `token` is cancelled. If both are so, the task counts. The token
    /// ends the waiting only, never the task.
    ///
    /// # Errors
    ///
    /// The outer one is [`WaitError::Cancelled`], or [`WaitError::WouldDeadlock`] as for [`wait`](Self::wait), unless the
    /// token is cancelled already; the inner one is the task's.
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
    pub fn wait_cancellable(&self, token: &CancellationToken) -> Result<Result<&T, &TaskError<E>>, WaitError> {
        let ended = || self.is_completed();
        if !ended() {
            if !token.is_cancelled() {
                may_block()?;
            }
            if block_on(token.run_until_cancelled(self.settled())).is_none() && !ended() {
                return Err(Cancelled::new(token.clone()).into());
            }
        }
        Ok(self.result())
    }
}
