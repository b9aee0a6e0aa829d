//! Rounds on real threads: whatever they do to each other, every wait of every round ends, and each callback runs once.

use super::{Source, call, poll, source};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// Polls until it is told, parked in between, as an executor of one thread does.
fn wait(slot: &mut taskcell::StaticSlot<'_>) {
    let (own, end) = (thread::current(), Instant::now() + Duration::from_secs(60));
    let waker = call(move || own.unpark());
    while poll(slot, &waker).is_pending() {
        assert!(Instant::now() < end, "nobody was woken");
        thread::park_timeout(Duration::from_secs(61));
    }
}

#[test]
fn every_round_reaches_everybody() {
    const ROUNDS: usize = 2_000;
    let (root, child): (&'static Source<4>, &'static Source<3>) = (source(), source());
    child.link(root).unwrap();
    let barrier = Arc::new(Barrier::new(4));
    let waiters: [fn(&'static Source<4>, &'static Source<3>) -> taskcell::StaticSlot<'static>; 3] =
        [|root, _| root.slot().unwrap(), |_, child| child.slot().unwrap(), |_, child| child.slot().unwrap()];
    let threads = waiters.map(|claim| {
        let barrier = barrier.clone();
        thread::spawn(move || {
            let mut slot = claim(root, child);
            for _ in 0..ROUNDS {
                wait(&mut slot);
                barrier.wait();
                barrier.wait();
            }
        })
    });
    for _ in 0..ROUNDS {
        // From above or, first, from the middle.
        let first = child.cancel();
        assert!(root.cancel() && first);
        barrier.wait();
        assert!(root.try_reset() && child.try_reset());
        barrier.wait();
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn anything_at_any_time() {
    const ROUNDS: usize = 20_000;
    static RAN: AtomicUsize = AtomicUsize::new(0);
    let (root, child): (&'static Source<3>, &'static Source<3>) = (source(), source());
    let begin = Arc::new(Barrier::new(4));
    let jobs: [fn(&'static Source<3>, &'static Source<3>) -> usize; 4] = [
        |root, child| {
            root.cancel();
            let _ = child.link(root);
            0
        },
        |root, child| {
            let _ = root.try_reset();
            let _ = child.try_reset();
            0
        },
        |_, child| {
            let Ok(mut registration) = child.token().try_register(|| _ = RAN.fetch_add(1, SeqCst)) else { return 0 };
            child.cancel();
            usize::from(!registration.unregister())
        },
        |_, child| {
            let Ok(mut slot) = child.slot() else { return 0 };
            if poll(&mut slot, &call(|| ())).is_pending() {
                child.cancel();
                assert!(poll(&mut slot, &call(|| ())).is_ready(), "it cannot be reset before this has looked");
            }
            0
        },
    ];
    let threads = jobs.map(|job| {
        let begin = begin.clone();
        thread::spawn(move || {
            begin.wait();
            (0..ROUNDS).map(|_| job(root, child)).sum::<usize>()
        })
    });
    let due: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(RAN.load(SeqCst), due);
    while !root.try_reset() || !child.try_reset() {
        thread::yield_now();
    }
    assert!(root.token().listeners() == 1 && child.token().listeners() == 0);
    assert!(root.cancel() && child.is_cancelled());
}
