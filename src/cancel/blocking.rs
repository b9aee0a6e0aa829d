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
