//! C1: a registration against a cancel: the callback runs exactly once, a parked waiter is woken.
use crate::support::{Counter, race};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use taskcell::{CancellationTokenSource, Registration};

#[test]
fn c01_a_callback_runs_once_whoever_runs_it() {
    // Other callbacks first, so that the contested slot lies inline (0), at the edge (1, 2) or in a chunk (9).
    for others in [0, 1, 2, 9] {
        race(
            1_000,
            || {
                let source = CancellationTokenSource::new();
                let others: Vec<_> = (0..others).map(|_| source.token().register(|| ())).collect();
                (source, others, Arc::new(AtomicUsize::new(0)), Mutex::new(None::<Registration>))
            },
            |(source, _, ran, slot)| {
                let count = ran.clone();
                let registration = source.token().register(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                });
                let inline = registration.id() == Registration::default().id();
                assert!(!inline || ran.load(Ordering::SeqCst) == 1, "an empty registration has run");
                *slot.lock().unwrap() = Some(registration);
            },
            |(source, ..)| assert!(source.cancel()),
            |(_, _, ran, _)| assert_eq!(ran.load(Ordering::SeqCst), 1),
        );
    }
}

#[test]
fn c01_register_or_gives_back_or_runs() {
    race(
        1_000,
        || (CancellationTokenSource::new(), Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0)),
        |(source, ran, back)| {
            let count = ran.clone();
            let callback = move || {
                count.fetch_add(1, Ordering::SeqCst);
            };
            match source.token().register_or(callback) {
                Ok(registration) => registration.detach(),
                Err(_callback) => {
                    assert!(source.is_cancelled());
                    back.fetch_add(1, Ordering::SeqCst);
                }
            }
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, ran, back)| assert_eq!(ran.load(Ordering::SeqCst) + back.load(Ordering::SeqCst), 1),
    );
}

#[test]
fn c01_a_waiter_is_woken_or_sees_the_flag() {
    race(
        2_000,
        || (CancellationTokenSource::new(), Counter::new(), AtomicUsize::new(0)),
        |(source, waiter, pending)| {
            let token = source.token();
            let mut wait = token.cancelled_owned();
            if waiter.poll(&mut wait) == Poll::Pending {
                pending.store(1, Ordering::SeqCst);
                // It parks: only the wake can end this.
                crate::support::eventually("the wake", || waiter.wakes() == 1);
                assert!(waiter.poll(&mut wait).is_ready());
            }
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, waiter, pending)| {
            assert_eq!(waiter.wakes(), pending.load(Ordering::SeqCst));
            assert_eq!(waiter.held(), 0);
        },
    );
}

#[test]
fn c01_a_replaced_waker_is_never_woken() {
    race(
        2_000,
        || {
            let (source, old) = (CancellationTokenSource::new(), Counter::new());
            let mut wait = source.token().cancelled_owned();
            assert!(old.poll(&mut wait).is_pending());
            (source, old, Counter::new(), Mutex::new(wait), AtomicUsize::new(0))
        },
        |(source, old, new, wait, replaced)| {
            if new.poll(&mut *wait.lock().unwrap()).is_pending() {
                // The cancel comes later, if it has not come yet, so it can only find the new waker.
                assert_eq!(old.wakes(), 0);
                replaced.store(1, Ordering::SeqCst);
                crate::support::eventually("the wake", || new.wakes() == 1);
            }
            drop(source.token());
        },
        |(source, ..)| assert!(source.cancel()),
        |(_, old, new, wait, replaced)| {
            if replaced.load(Ordering::SeqCst) == 1 {
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
            }
            assert!(old.wakes() <= 1 && new.wakes() <= 1);
            drop(wait);
            assert_eq!((old.held(), new.held()), (0, 0));
        },
    );
}

#[test]
fn c01_many_waiters_on_two_threads() {
    for _ in 0..crate::support::rounds(100) {
        let source = CancellationTokenSource::new();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let waiters: Vec<_> = (0..50).map(|_| (Counter::new(), source.token().cancelled_owned())).collect();
                    for (waiter, mut wait) in waiters {
                        if waiter.poll(&mut wait).is_pending() {
                            crate::support::eventually("the wake", || waiter.wakes() == 1);
                        }
                    }
                });
            }
            crate::support::eventually("somebody waits", || source.token().listeners() > 0);
            source.cancel();
        });
    }
}
