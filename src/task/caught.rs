//! What becomes of a user's closure.

use super::outcome::Outcome;
use super::{Panic, TaskError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::cell::{Completer, Driver};
use crate::shim::thread::{Payload, catch};

/// How a task ends whose closure this is. The closure is gone when this returns. Without std a panic passes.
pub(super) fn outcome_of<T, E: 'static>(f: impl FnOnce() -> Result<T, E>) -> Outcome<T, E> {
    match catch(f) {
        Ok(Ok(value)) => Outcome::Own(Ok(value)),
        Ok(Err(error)) => Outcome::Own(Err(TaskError::of_error(error))),
        Err(payload) => panicked(payload),
    }
}

/// How a task ends that panicked.
pub(super) fn panicked<T, E>(payload: Payload) -> Outcome<T, E> {
    Outcome::Own(Err(TaskError::Panicked(Panic::new(payload))))
}

/// How a task ends that `token` has cancelled.
pub(super) fn cancelled<T, E>(token: &CancellationToken) -> Outcome<T, E> {
    Outcome::Own(Err(TaskError::Cancelled(Cancelled::new(token.clone()))))
}

/// Drops a closure that will not run, then ends its task as cancelled.
pub(super) fn refuse<F, T, E: 'static>(
    f: F,
    to: Completer<Outcome<T, E>>,
    token: &CancellationToken,
    driver: &mut Driver,
) {
    driver.discard(f);
    to.set_in(cancelled(token), driver);
}
