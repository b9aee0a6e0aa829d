//! What the operators by time have in common.

use core::time::Duration;

use crate::time::{Delay, TimeProvider, Timestamp};

/// Is ready after `duration` from now on; zero is ready, [`Duration::MAX`] never.
pub(super) fn restart(delay: &mut Delay<impl TimeProvider>, duration: Duration) {
    let deadline = if duration.is_zero() { Timestamp::ZERO } else { delay.clock().now().saturating_add(duration) };
    delay.restart(deadline);
}

/// Is never ready, and has no timer.
pub(super) fn stop<C>(delay: &mut Delay<C>) {
    if delay.deadline() != Timestamp::MAX {
        delay.restart(Timestamp::MAX);
    }
}
