//! Firing what is due, whatever the wakers do.

use crate::raw::alarm_queue::AlarmQueue;
use crate::shim::thread::{self, Payload};

/// Fires one timer after the other until none is due at `limit`, or another
/// context is inside the queue. Answers how many, and the first panic.
pub(super) fn turn(queue: &AlarmQueue, limit: u64) -> (usize, Option<Payload>) {
    let mut fired = 0;
    let panic = thread::run_all(|| {
        let Some((due, _)) = queue.with(|held| held.pop_due(limit)) else { return false };
        let Some((_, waker)) = due else { return false };
        fired += 1;
        waker.wake();
        true
    });
    (fired, panic)
}

/// Lets a waker's panic go on in the caller of a turn.
pub(super) fn resume(panic: Option<Payload>) {
    thread::resume_or(panic, report);
}

/// Reports a waker's panic that nobody can be given.
pub(super) fn report(payload: Payload) {
    // The fault hook takes it from here.
    drop(payload);
}
