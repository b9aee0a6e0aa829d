//! What every shuttle model stands on: the runner, and waits that are given up.
//!
//! shuttle knows sequential consistency only, so it finds no weak ordering; it draws schedules at random instead of
//! trying all of them, so its models may have as many threads as they like. They are for what a lock guards (channels,
//! caches, breakers), and for trees of tokens and aggregates that are too large for loom; loom's models watch the rest.
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
//! `cargo xtask shuttle` runs them all. The same seed gives the same schedules, which each model checks on a few. Its
//! line names the seed; so does what a model prints that fails, with the number of the schedule, and how to run it again.
#![cfg(shuttle)]

mod drawn;

use drawn::Drawn;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// How many schedules each model is run under: half of them drawn step by step, half with few changes of priority.
pub const SCHEDULES: usize = 20_000;

/// How many changes of priority.
const DEPTH: usize = 4;

/// Another seed, other schedules: `TASKCELL_SEED`.
const SEED: u64 = 20;

/// How many schedules are drawn a second time.
const AGAIN: usize = 50;

/// Runs `body` under many schedules and prints one line about it.
///
/// # Panics
///
/// If a schedule shows a deadlock or a panic, the same seed gives other schedules, or `TASKCELL_SEED` is no number.
pub fn model(name: &'static str, body: impl Fn() + Send + Sync + Clone + 'static) {
    let seed = std::env::var("TASKCELL_SEED").map_or(SEED, |seed| seed.parse().expect("TASKCELL_SEED is a number"));
    let half = SCHEDULES / 2;
    let begun = Instant::now();
    let random = |count| {
        let told = Drawn::new(name, seed, "step by step");
        run(RandomScheduler::new_from_seed(seed, count), &told, body.clone())
    };
    let pct = |count| {
        let told = Drawn::new(name, seed, "by priority");
        run(PctScheduler::new_from_seed(seed, DEPTH, count), &told, body.clone())
    };
    assert_eq!((random(AGAIN), pct(AGAIN)), (random(AGAIN), pct(AGAIN)), "seed {seed} gives other schedules");
    let ((one, steps), (two, others)) = (random(half), pct(half));
    let (schedules, digest, took) = (one + two, steps ^ others, begun.elapsed().as_secs_f64());
    println!("model {name}: {schedules} schedules, seed {seed}, digest {digest:016x}, {took:.2} s");
}

/// How many schedules there were, and their digest.
fn run(
    scheduler: impl Scheduler + 'static,
    drawn: &Arc<Drawn>,
    body: impl Fn() + Send + Sync + 'static,
) -> (usize, u64) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.silence_warnings = true;
    config.failure_persistence = FailurePersistence::None;
    let _failure = drawn.tells_failure();
    (Runner::new(drawn.watch(scheduler), config).run(body), drawn.digest())
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
