//! C2: a slot that is reused against a cancel: each registration ends once, and never under another's handle.
use crate::support::{Counter, race, rounds};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use taskcell::{CancellationTokenSource, Unregistered};

#[test]
fn c02_removed_xor_run_across_reuse() {
    race(
        2_000,
        || {
            let ran = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
            (CancellationTokenSource::new(), ran, Mutex::new([None; 2]))
        },
        |(source, ran, answers)| {
            for (ran, answer) in ran.iter().zip(&mut *answers.lock().unwrap()) {
                let count = ran.clone();
                let mut registration = source.token().register(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                });
                *answer = Some(registration.unregister());
            }
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, ran, answers)| {
            for (ran, answer) in ran.iter().zip(answers.into_inner().unwrap()) {
                let removed = answer == Some(Unregistered::Removed);
                assert_eq!(ran.load(Ordering::SeqCst), usize::from(!removed));
            }
        },
    );
}

#[test]
fn c02_waiters_and_callbacks_share_the_slots() {
    race(
        1_000,
        || (CancellationTokenSource::new(), Counter::new(), Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0)),
        |(source, waiter, ran, expected)| {
            let token = source.token();
            for _ in 0..3 {
                let mut wait = token.cancelled();
                let _ = waiter.poll(&mut wait);
                drop(wait);
                let count = ran.clone();
                let mut registration = token.register(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                });
                if registration.unregister() != Unregistered::Removed {
                    expected.fetch_add(1, Ordering::SeqCst);
                }
            }
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, waiter, ran, expected)| {
            assert_eq!(ran.load(Ordering::SeqCst), expected.load(Ordering::SeqCst));
            assert!(waiter.wakes() <= 1, "one wait at a time, woken at most once");
            assert_eq!(waiter.held(), 0);
        },
    );
}

/// Four threads register and unregister on one source; then it is cancelled under them.
#[test]
fn c02_a_crowd_over_chunks() {
    for _ in 0..rounds(20).min(20) {
        let source = CancellationTokenSource::new();
        let (ran, kept) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
        let start = Barrier::new(5);
        thread::scope(|scope| {
            for seed in 0..4usize {
                let (source, ran, kept, start) = (&source, &ran, &kept, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut held = Vec::new();
                    for n in 0..rounds(400) {
                        let count = ran.clone();
                        held.push(source.token().register(move || {
                            count.fetch_add(1, Ordering::SeqCst);
                        }));
                        if (n * 7 + seed) % 3 != 0 {
                            let mut registration = held.swap_remove((n * 13 + seed) % held.len());
                            if registration.unregister() != Unregistered::Removed {
                                kept.fetch_add(1, Ordering::SeqCst);
                            }
                        }
                    }
                    for mut registration in held {
                        if registration.unregister() != Unregistered::Removed {
                            kept.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
            start.wait();
            for _ in 0..50 {
                thread::yield_now();
            }
            source.cancel();
        });
        assert_eq!(ran.load(Ordering::SeqCst), kept.load(Ordering::SeqCst));
    }
}
