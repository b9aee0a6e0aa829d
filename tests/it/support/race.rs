//! Two threads over the same object, round by round, and bounded waiting for what another thread does.
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// `n`, or far fewer under Miri.
pub(crate) fn rounds(n: usize) -> usize {
    if cfg!(miri) { (n / 200).max(3) } else { n }
}

/// For every round: makes an object, lets `a` and `b` at it at the same time, then judges it.
pub(crate) fn race<S: Send + Sync>(
    n: usize,
    make: impl Fn() -> S,
    a: impl Fn(&S) + Sync,
    b: impl Fn(&S) + Sync,
    judge: impl Fn(S),
) {
    let objects: Vec<S> = (0..rounds(n)).map(|_| make()).collect();
    let start = Barrier::new(2);
    let run = |f: &(dyn Fn(&S) + Sync)| {
        for (round, object) in objects.iter().enumerate() {
            // A barrier every few rounds keeps the two together; between them they drift, which is welcome.
            if round % 4 == 0 {
                start.wait();
            }
            f(object);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| run(&a));
        run(&b);
    });
    objects.into_iter().for_each(judge);
}

/// Waits until `done` is true. Gives up with a panic after 20 s, so that a hang is a failure.
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(if cfg!(miri) { 600 } else { 20 });
    while !done() {
        assert!(Instant::now() < end, "never happened: {what}");
        thread::yield_now();
    }
}
