//! Tasks as models have them.

use crate::{Data, Drops, Tracked, Wakes, poll_once};
use std::sync::Arc;
use std::task::Poll;
use taskcell::{Task, TaskCompletionSource, TaskError, WaitForOutcome};

/// What the tasks give: plain memory, a number, and a drop that is counted.
pub type Value = Arc<(Data, u32, Tracked)>;
/// Its source.
pub type Source = TaskCompletionSource<Value, ()>;

/// A value that was written just now.
#[must_use]
pub fn value(drops: &Drops, number: u32) -> Value {
    let value = Arc::new((Data::new(), number, drops.track()));
    value.0.write();
    value
}

/// The number of a value, which is complete.
#[must_use]
pub fn read(value: &Value) -> u32 {
    value.0.read();
    value.1
}

/// The number of a task that has ended, whose value is complete. None: it was abandoned.
#[must_use]
pub fn number(outcome: Result<&Value, &TaskError<()>>) -> Option<u32> {
    match outcome {
        Ok(value) => Some(read(value)),
        Err(error) => {
            assert!(error.is_abandoned());
            None
        }
    }
}

/// The same, if it has ended.
#[must_use]
pub fn ended(task: &Task<Value, ()>) -> Option<Option<u32>> {
    task.try_result().map(number)
}

/// The same of a future that must not wait any more.
#[must_use]
pub fn told(mut future: WaitForOutcome<Value, ()>) -> Option<u32> {
    let Poll::Ready(outcome) = poll_once(&mut future, &Wakes::new().waker()) else { panic!("it has ended") };
    number(outcome.as_ref())
}

/// Somebody who waits.
pub fn waiting(task: &Task<Value, ()>, wakes: &Wakes) -> WaitForOutcome<Value, ()> {
    let mut future = task.clone().into_future();
    assert!(poll_once(&mut future, &wakes.waker()).is_pending());
    future
}
