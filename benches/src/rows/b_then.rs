//! B6 and B7: inline continuations. No peer has them.

use crate::meter::Meter;
use std::hint::black_box;
use taskcell::{ContinuationOptions, Task, TaskCompletionSource};

/// A task that adds one to the value of another, on the thread that completes that one.
#[inline(always)]
fn next(task: &Task<u64>) -> Task<u64> {
    task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |task| match task.try_result() {
        Some(Ok(value)) => Ok(value + 1),
        _ => panic!("a source went without a value"),
    })
}

fn value(task: &Task<u64>) -> u64 {
    match task.try_result() {
        Some(Ok(value)) => *value,
        _ => panic!("it was to be complete"),
    }
}

/// Continue a task that is complete, look, drop.
pub(super) fn b6_settled(meter: &mut Meter, n: usize) {
    let task = Task::from_result(7);
    meter.start();
    for _ in 0..n {
        black_box(value(&next(black_box(&task))));
    }
    meter.stop(n);
}

/// Continue a task that is pending, complete it, look, drop. The tasks are there beforehand.
pub(super) fn b6_pending(meter: &mut Meter, n: usize) {
    let pairs: Vec<_> = (0..n).map(|_| TaskCompletionSource::pair()).collect();
    meter.start();
    for (source, task) in &pairs {
        let next = next(task);
        source.set_result(black_box(7));
        black_box(value(&next));
    }
    meter.stop(n);
}

/// A chain: made, completed at its beginning, dropped.
pub(super) fn b7(meter: &mut Meter, n: usize) {
    let (source, first) = TaskCompletionSource::pair();
    meter.start();
    let last = (0..n).fold(first, |task, _| next(&task));
    source.set_result(0);
    assert_eq!(value(&last), n as u64);
    drop(last);
    meter.stop(n);
}
