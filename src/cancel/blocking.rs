//! A thread that waits.

use super::CancellationToken;
use crate::raw::block::{block_on, block_on_until};
use core::time::Duration;

impl CancellationToken {
    /// Blocks the thread until the token is cancelled. For ever, if it can never be.
    #[doc(alias = "WaitHandle")]
    pub fn wait(&self) {
        if !self.is_cancelled() {
            block_on(self.cancelled());
        }
    }

    /// Blocks the thread until the token is cancelled (true), or `timeout` has passed (false). Zero only looks;
    /// [`Duration::MAX`] is [`wait`](Self::wait). The time is std's, whatever clock the source uses.
    #[doc(alias = "WaitHandle")]
    #[doc(alias = "WaitOne")]
    #[must_use]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.is_cancelled() || !timeout.is_zero() && block_on_until(self.cancelled(), timeout).is_some()
    }
}
