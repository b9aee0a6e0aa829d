//! A12: two threads register and drop waiters on one token, against one thread that does. Only `--time` runs it.

use super::signal::{Intrusive, Listener, Ours, Signal, TokioUtil, context};
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Operations a second, in all: with one thread, with two. `None` for a crate that has no such row.
#[must_use]
pub fn throughput(who: &str, millis: u64) -> Option<(f64, f64)> {
    let time = Duration::from_millis(millis);
    match who {
        "ours" => Some(both::<Ours>(time)),
        "tokio-util" => Some(both::<TokioUtil>(time)),
        "futures-intrusive" => Some(both::<Intrusive>(time)),
        "event-listener" => Some(both::<Listener>(time)),
        _ => None,
    }
}

fn both<S: Signal<Source: Sync>>(time: Duration) -> (f64, f64) {
    (run::<S>(1, time), run::<S>(2, time))
}

fn run<S: Signal<Source: Sync>>(threads: usize, time: Duration) -> f64 {
    let source = S::source();
    let stop = AtomicBool::new(false);
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let work = || {
            let mut context = context();
            let mut rounds = 0_u64;
            barrier.wait();
            // ORDERING: a flag that ends a measurement, nothing hangs on when it is seen.
            while !stop.load(Relaxed) {
                for _ in 0..100 {
                    _ = black_box(pin!(S::wait(&source)).poll(&mut context).is_pending());
                }
                rounds += 100;
            }
            rounds
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        barrier.wait();
        let begin = Instant::now();
        thread::sleep(time);
        // ORDERING: as above.
        stop.store(true, Relaxed);
        let rounds: u64 = workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum();
        rounds as f64 / begin.elapsed().as_secs_f64()
    })
}
