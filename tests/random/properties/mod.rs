//! What holds for whatever is given.
//!
//! - `aggregates`: errors of many tasks
//! - `backoff`: delays
//! - `timers`: queues of timers

mod aggregates;
mod backoff;
mod timers;

use proptest::test_runner::Config;

/// Few cases under Miri, and no files: a failure prints what is needed.
fn config() -> Config {
    Config { cases: if cfg!(miri) { 4 } else { 300 }, failure_persistence: None, ..Config::default() }
}
