//! Runs one model to its bound and says how far it got.
//!
//! Three variables steer it from outside, all for `cargo xtask weaken`:
//! `LOOM_MAX_PREEMPTIONS` lowers the bound, `TASKCELL_MODEL_SECONDS` limits the
//! time, and loom's own ones apply as well. A model that runs out of time ends
//! the process: with 86 if it was stuck in one iteration, with 87 if it was
//! still getting on.

use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How much of a model is explored.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// Every interleaving; for models that end within 60 s.
    Exhaustive,
    /// Every interleaving with at most so many preemptions; at least 3.
    Preemptions(usize),
}

/// More than any sound model reaches; one that loops for ever is stopped here.
const MAX_BRANCHES: usize = 20_000;

/// Runs `body` under every schedule of `bound` and prints one line about it.
pub fn model(name: &'static str, bound: Bound, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = MAX_BRANCHES;
    builder.preemption_bound = match (bound, builder.preemption_bound) {
        (Bound::Exhaustive, lowered) => lowered,
        (Bound::Preemptions(n), lowered) => Some(lowered.map_or(n, |l| l.min(n))),
    };
    let reached = builder.preemption_bound.map_or("exhaustive".to_owned(), |n| n.to_string());
    let iterations = Arc::new(AtomicUsize::new(0));
    let (finished, watch) = channel::<()>();
    if let Some(seconds) = std::env::var("TASKCELL_MODEL_SECONDS").ok().and_then(|s| s.parse().ok()) {
        let iterations = iterations.clone();
        std::thread::spawn(move || limit(name, Duration::from_secs(seconds), &iterations, &watch));
    }
    let begun = Instant::now();
    let counter = iterations.clone();
    builder.check(move || {
        counter.fetch_add(1, Relaxed);
        body();
    });
    drop(finished);
    let (count, seconds) = (iterations.load(Relaxed), begun.elapsed().as_secs_f64());
    println!("model {name}: {count} iterations, bound {reached}, {seconds:.2} s");
}

fn limit(name: &str, time: Duration, iterations: &AtomicUsize, watch: &Receiver<()>) {
    let Err(RecvTimeoutError::Timeout) = watch.recv_timeout(time / 2) else { return };
    let half = iterations.load(Relaxed);
    let Err(RecvTimeoutError::Timeout) = watch.recv_timeout(time / 2) else { return };
    let count = iterations.load(Relaxed);
    if count == half {
        println!("model {name}: stuck in iteration {count}");
        exit(86);
    }
    println!("model {name}: out of time after {count} iterations");
    exit(87);
}
