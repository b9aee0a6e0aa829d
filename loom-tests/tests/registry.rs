//! Models of one registry: claim, arm, remove, replace, seal.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationTokenSource as Source, Registration, TryRegisterError, Unregistered};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, block_on, model, name, poll_once};

/// A counter that is no part of the model.
fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let counter = Arc::new(AtomicUsize::new(0));
    (counter.clone(), counter)
}

/// The callback runs once, on whichever side; it and whoever sees the flag see what came before the cancel.
#[test]
fn register_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops, data) = (Source::new(), Drops::new(), Data::new());
        let (ran, runs) = counter();
        let token = source.token();
        let (tracked, seen) = (drops.track(), data.clone());
        let other = spawn(move || {
            let registration = token.register(move || {
                let _tracked = tracked;
                seen.read();
                runs.fetch_add(1, SeqCst);
            });
            (registration, token)
        });
        data.write();
        assert!(source.cancel());
        let (registration, token) = other.join().unwrap();
        assert!(token.is_cancelled());
        assert_eq!((ran.load(SeqCst), drops.live()), (1, 0));
        drop((registration, token));
    });
}

/// Whoever is told that he comes too late sees what came before the cancel.
#[test]
fn refused_callback_sees_data() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (Source::new(), Data::new());
        let (token, seen) = (source.token(), data.clone());
        let (ran, runs) = counter();
        let other = spawn(move || {
            let callback = move || _ = runs.fetch_add(1, SeqCst);
            let registration = match token.try_register(callback) {
                Ok(registration) => registration,
                Err(TryRegisterError::Cancelled(callback)) => {
                    seen.read();
                    callback();
                    Registration::default()
                }
                Err(_) => panic!("neither full nor impossible"),
            };
            (registration, token)
        });
        data.write();
        source.cancel();
        let kept = other.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        drop(kept);
    });
}

/// A waiter is woken once or told at once; its waker does not stay behind.
#[test]
fn wait_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, data) = (Source::new(), Wakes::new(), Data::new());
        let mut future = source.token().cancelled_owned();
        let (waker, seen) = (wakes.waker(), data.clone());
        let other = spawn(move || {
            let ready = poll_once(&mut future, &waker).is_ready();
            if ready {
                seen.read();
            }
            (ready, future)
        });
        data.write();
        source.cancel();
        let (ready, future) = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
        drop(future);
    });
}

/// A thread that sleeps is woken for good, and sees what came before the cancel.
#[test]
fn sleep_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (Source::new(), Data::new());
        let (token, seen) = (source.token(), data.clone());
        let sleeper = spawn(move || {
            block_on(token.cancelled());
            seen.read();
            token
        });
        data.write();
        source.cancel();
        drop(sleeper.join().unwrap());
    });
}

/// A waiter that goes has been woken or never will be; its waker goes once.
#[test]
fn leave_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let mut future = source.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || drop(future));
        source.cancel();
        other.join().unwrap();
        assert!(wakes.count() <= 1);
        assert_eq!(wakes.live(), 0);
    });
}

/// Whoever polls with another waker has that one woken, or hears that it is over; the replaced one is left alone.
#[test]
fn replace_waker_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, old, new, data) = (Source::new(), Wakes::new(), Wakes::new(), Data::new());
        let mut future = source.token().cancelled_owned();
        assert!(poll_once(&mut future, &old.waker()).is_pending());
        let (waker, seen) = (new.waker(), data.clone());
        let other = spawn(move || {
            let ready = poll_once(&mut future, &waker).is_ready();
            if ready {
                seen.read();
            }
            (ready, future)
        });
        data.write();
        source.cancel();
        let (ready, future) = other.join().unwrap();
        if ready {
            assert_eq!(new.count(), 0);
        } else {
            assert_eq!((old.count(), new.count()), (0, 1));
        }
        assert_eq!((old.live(), new.live()), (0, 0));
        drop(future);
    });
}

/// Removed exactly if it never runs; finished only when all that it did is visible.
#[test]
fn removal_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops, data) = (Source::new(), Drops::new(), Data::new());
        let (ran, runs) = counter();
        let (tracked, written) = (drops.track(), data.clone());
        let mut registration = source.token().register(move || {
            let _tracked = tracked;
            written.write();
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || {
            let fate = registration.unregister();
            match fate {
                Unregistered::Removed => data.write(),
                Unregistered::Finished => data.read(),
                Unregistered::Running => {}
            }
            (fate, registration)
        });
        source.cancel();
        let (fate, registration) = other.join().unwrap();
        assert_eq!(fate == Unregistered::Removed, ran.load(SeqCst) == 0);
        assert_eq!(drops.live(), 0);
        drop(registration);
    });
}

/// A callback takes the next one back, while it is taken back itself: what either removes never runs.
#[test]
fn unregister_from_another_callback() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, drops) = (Source::new(), Drops::new());
        let token = source.token();
        let ((ran, runs), tracked) = (counter(), drops.track());
        let mut victim = token.register(move || {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        let ((killed, kills), tracked) = (counter(), drops.track());
        // The newer one runs first. Removed, it drops the victim's registration.
        let mut killer = token.register(move || {
            let _tracked = tracked;
            assert_eq!(victim.unregister(), Unregistered::Removed);
            kills.fetch_add(1, SeqCst);
        });
        let other = spawn(move || source.cancel());
        let removed = killer.unregister().is_removed();
        assert!(other.join().unwrap());
        assert_eq!(usize::from(removed) + killed.load(SeqCst), 1);
        assert!(ran.load(SeqCst) <= usize::from(removed));
        assert_eq!(drops.live(), 0);
        drop((killer, token));
    });
}

/// A slot is given back and taken again while the firer comes: whoever waits in it then is the one that is woken.
#[test]
fn reuse_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, first, second) = (Source::new(), Wakes::new(), Wakes::new());
        let token = source.token();
        let mut future = token.clone().cancelled_owned();
        assert!(poll_once(&mut future, &first.waker()).is_pending());
        let waker = second.waker();
        let other = spawn(move || {
            drop(future);
            let mut future = token.cancelled_owned();
            (poll_once(&mut future, &waker).is_ready(), future)
        });
        source.cancel();
        let (ready, future) = other.join().unwrap();
        assert!(first.count() <= 1);
        assert_eq!((second.count(), first.live(), second.live()), (usize::from(!ready), 0, 0));
        drop(future);
    });
}

/// Another thread's removal is over before its slot is written again, also if the word looks as it did before.
#[test]
fn reuse_by_another_thread() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let mut first = source.token().cancelled_owned();
        let mut second = source.token().cancelled_owned();
        let (waker, other_waker) = (wakes.waker(), wakes.waker());
        let other = spawn(move || {
            assert!(poll_once(&mut first, &waker).is_pending());
            first
        });
        assert!(poll_once(&mut second, &other_waker).is_pending());
        drop(second);
        drop((other_waker, other.join().unwrap()));
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
        drop(source);
    });
}

/// The same for callbacks, whose removal is an exchange.
#[test]
fn reuse_of_a_callbacks_slots() {
    model(name!(), Bound::Exhaustive, || {
        let source = Source::new();
        let (token, other_token) = (source.token(), source.token());
        let registration = token.register(|| ());
        let other = spawn(move || {
            let registration = other_token.try_register(|| ()).ok();
            (registration, other_token)
        });
        drop(registration);
        drop(other.join().unwrap());
        drop((token, source));
    });
}

/// The last source goes: whoever waits or registers meanwhile is let go, and nothing runs.
#[test]
fn register_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        let (token, tracked) = (source.token(), drops.track());
        let (ran, runs) = counter();
        let other = spawn(move || {
            let registration = token.register(move || {
                let _tracked = tracked;
                runs.fetch_add(1, SeqCst);
            });
            (registration, token)
        });
        drop(source);
        let (registration, token) = other.join().unwrap();
        assert!(!token.can_be_cancelled());
        assert_eq!((ran.load(SeqCst), drops.live()), (0, 0));
        drop((registration, token));
    });
}

/// A waiter's waker is dropped with the last source, never woken.
#[test]
fn wait_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let mut future = source.token().cancelled_owned();
        let waker = wakes.waker();
        let other = spawn(move || {
            assert!(poll_once(&mut future, &waker).is_pending());
            future
        });
        drop(source);
        let future = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
        drop(future);
    });
}

/// A waiter goes, and so does the last source.
#[test]
fn leave_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let mut future = source.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || drop(future));
        drop(source);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (0, 0));
    });
}

/// Exactly one of two is told that it cancelled; both see the flag, and the reason is the winner's.
#[test]
fn two_cancellers_and_their_reasons() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, data) = (Source::new(), Wakes::new(), Data::new());
        let token = source.token();
        let mut future = source.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let (twin, made) = (source.clone(), data.clone());
        let other = spawn(move || {
            made.write();
            let first = twin.cancel_with(Told(made));
            assert!(twin.is_cancelled());
            (first, twin)
        });
        let first = source.cancel();
        assert!(token.is_cancelled());
        let reason = token.reason().expect("the flag is up");
        if let Some(error) = reason.error() {
            error.downcast_ref::<Told>().unwrap().0.read();
        }
        let (second, twin) = other.join().unwrap();
        assert!(first != second);
        assert_eq!((reason.is_requested(), reason.error().is_some()), (first, second));
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        drop((reason, token, twin, future, source));
    });
}

/// Whoever sees the flag finds the reason, its error complete, and what came before; it never changes.
#[test]
fn reason_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, data) = (Source::new(), Data::new());
        let (token, made) = (source.token(), data.clone());
        let other = spawn(move || {
            data.write();
            assert!(source.cancel_with(Told(data)));
            source
        });
        let before = token.reason();
        if token.check().is_err() {
            made.read();
        }
        if token.is_cancelled() {
            made.read();
            assert!(token.reason().is_some());
        }
        if let Some(reason) = before {
            reason.error().unwrap().downcast_ref::<Told>().unwrap().0.read();
        }
        drop(other.join().unwrap());
        assert!(token.reason().unwrap().error().is_some());
        drop(token);
    });
}

#[derive(Debug)]
struct Told(Data);

impl std::fmt::Display for Told {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Told {}
