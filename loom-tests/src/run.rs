//! Runs one model to its bound and says how far it got.
//!
//! Three variables steer it from outside, all for `cargo xtask weaken`:
//! `LOOM_MAX_PREEMPTIONS` lowers the bound, `TASKCELL_MODEL_SECONDS` limits the
//! processor's time, and loom's own ones apply as well. A model that runs out of
//! time ends the process: with 86 if it was stuck in one iteration, with 87 if it
//! was still getting on.

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

/// A single iteration that takes so long, or a part of the limit, never ends.
const STUCK: Duration = Duration::from_secs(3);

/// How often the time is looked at.
const LOOK: Duration = Duration::from_millis(100);

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
        std::thread::spawn(move || limit(name, Duration::from_secs_f64(seconds), &iterations, &watch));
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

/// Ends the process when its time is over.
fn limit(name: &str, time: Duration, iterations: &AtomicUsize, watch: &Receiver<()>) {
    let begun = Instant::now();
    let used = || processor_time().unwrap_or_else(|| begun.elapsed());
    let stuck = STUCK.min(time / 2);
    let (mut seen, mut since, mut blocked) = (0, used(), Instant::now());
    loop {
        let Err(RecvTimeoutError::Timeout) = watch.recv_timeout(LOOK.min(time / 4)) else { return };
        let (count, now) = (iterations.load(Relaxed), used());
        if count != seen {
            (seen, since, blocked) = (count, now, Instant::now());
        }
        // A thread that blocks takes no time of the processor.
        if now.saturating_sub(since) > stuck || blocked.elapsed() > stuck * 20 {
            println!("model {name}: stuck in iteration {count}");
            exit(86);
        }
        if now > time {
            println!("model {name}: out of time after {count} iterations");
            exit(87);
        }
    }
}

/// What this process has had of the processor, where the system says so: others may be busy too.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    // Hundredths of a second, on every Linux.
    Some(Duration::from_millis((user + system) * 10))
}
