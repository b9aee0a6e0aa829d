//! What every shuttle model stands on: the runner, and waits that are given up.
//!
//! shuttle knows sequential consistency only, so it finds no weak ordering; it draws schedules at random instead of
//! trying all of them, so its models may have as many threads as they like. They are for what a lock guards (channels,
//! caches, breakers); loom's models watch the rest.
//!
//! A model is a `#[test] fn name()` in `tests/<area>.rs` (which begins with `#![cfg(shuttle)]`) and consists of one call:
//!
//! ```text
//! #[test]
//! fn three_writers_and_three_readers() {
//!     model(name!(), || { /* threads of shuttle's */ });
//! }
//! ```
//!
//! `cargo xtask shuttle` runs them all.
#![cfg(shuttle)]

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// How many schedules each model is run under: half of them drawn step by step, half with few changes of priority.
pub const SCHEDULES: usize = 20_000;

/// How many changes of priority.
const DEPTH: usize = 4;

/// Another seed, other schedules: `TASKCELL_SEED`.
const SEED: u64 = 20;

/// Runs `body` under many schedules and prints one line about it.
///
/// # Panics
///
/// If a schedule shows a deadlock or a panic.
pub fn model(name: &'static str, body: impl Fn() + Send + Sync + Clone + 'static) {
    let seed = std::env::var("TASKCELL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    let half = SCHEDULES / 2;
    let begun = Instant::now();
    let schedules = run(RandomScheduler::new_from_seed(seed, half), body.clone())
        + run(PctScheduler::new_from_seed(seed, DEPTH, half), body);
    println!("model {name}: {schedules} schedules, seed {seed}, {:.2} s", begun.elapsed().as_secs_f64());
}

fn run(scheduler: impl Scheduler + 'static, body: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    config.failure_persistence = FailurePersistence::None;
    Runner::new(scheduler, config).run(body)
}

/// Polls a future at most so often, with a turn of the others after each, and drops it if it is not ready then.
pub fn give_up_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
        shuttle::thread::yield_now();
    }
    None
}

/// The name of the function that this stands in.
#[macro_export]
macro_rules! name {
    () => {{
        fn here() {}
        $crate::function_name(core::any::type_name_of_val(&here))
    }};
}

/// `area::name::here` gives `name`.
#[doc(hidden)]
#[must_use]
pub fn function_name(path: &'static str) -> &'static str {
    path.rsplit("::").nth(1).unwrap_or(path)
}
