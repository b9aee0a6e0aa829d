//! A thread that blocks. It first delivers what it has put off: somebody may block for just that.

use super::cell::run_put_off;
use crate::shim::block_on as shim;
use core::future::Future;
use core::time::Duration;

/// Polls `future` on this thread until it is ready.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    run_put_off();
    shim::block_on(future)
}

/// Polls `future` on this thread until it is ready or `timeout` has passed.
pub(crate) fn block_on_until<F: Future>(future: F, timeout: Duration) -> Option<F::Output> {
    run_put_off();
    shim::block_on_until(future, timeout)
}
