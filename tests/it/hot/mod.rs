//! Hot tasks: streams and lists of them in the order in which they end.
//!
//! - `each`: `Task::when_each`
//! - `each_hostile`: the same with hostile wakers, drops, threads, and a million of tasks
//! - `interleaved`: `Task::interleaved`
//! - `random`: both, at random

mod each;
mod each_hostile;
mod interleaved;
mod random;

use taskcell::{Task, TaskCompletionSource};

type Source<T = u32> = TaskCompletionSource<T, &'static str>;

/// So many tasks under way.
fn pairs<T: 'static>(n: usize) -> (Vec<Source<T>>, Vec<Task<T, &'static str>>) {
    (0..n).map(|_| Source::pair()).unzip()
}
