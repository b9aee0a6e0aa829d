//! A thread that waits.

use super::CancellationToken;
use crate::context::{WouldDeadlock, may_block};
use crate::raw::block::{block_on, block_on_until};
use core::time::Duration;

impl CancellationToken {
    /// Blocks the thread until the token is cancelled. For ever, if it can never be.
    ///
    /// # Errors
    ///
    /// If it is not cancelled yet and this thread [must not block](crate::no_blocking).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// let token = source.token();
    /// let worker = std::thread::spawn(move || {
    ///     token.wait().expect("this thread may block");
    ///     "cleaned up"
    /// });
    /// source.cancel();
    /// assert_eq!(worker.join().unwrap(), "cleaned up");
    /// ```
    #[doc(alias = "WaitHandle")]
    pub fn wait(&self) -> Result<(), WouldDeadlock> {
        if !self.is_cancelled() {
            may_block()?;
            block_on(self.cancelled());
        }
        Ok(())
    }

    /// Blocks the thread until the token is cancelled (true), or `timeout` has passed (false). Zero only looks;
    /// [`Duration::MAX`] is [`wait`](Self::wait). The time is std's, whatever clock the source uses.
    ///
    /// # Errors
    ///
    /// If it would have to wait and this thread [must not block](crate::no_blocking).
    ///
    /// # Examples
    ///
    /// A thread that does something every minute, and ends at once when it is told to:
    ///
    /// ```
    /// # use core::time::Duration;
    /// # let (source, mut rounds) = (taskcell::CancellationTokenSource::new(), 0);
    /// # let (token, minute) = (source.token(), Duration::from_millis(1));
    /// while !token.wait_timeout(minute)? {
    ///     rounds += 1; // sweep the old files out
    ///     # source.cancel();
    /// }
    /// # assert!(rounds <= 1);
    /// # Ok::<(), taskcell::WouldDeadlock>(())
    /// ```
    #[doc(alias = "WaitHandle")]
    #[doc(alias = "WaitOne")]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, WouldDeadlock> {
        if self.is_cancelled() || timeout.is_zero() {
            return Ok(self.is_cancelled());
        }
        may_block()?;
        Ok(block_on_until(self.cancelled(), timeout).is_some())
    }
}
