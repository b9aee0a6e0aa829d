//! Models of callbacks that run: those who wait for them, deferred ones, detached ones.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;
use taskcell::{CancellationTokenSource as Source, Registration, Unregistered};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, block_on, model, name, poll_once};

/// A counter that is no part of the model.
fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let counter = Arc::new(AtomicUsize::new(0));
    (counter.clone(), counter)
}

/// Whoever waits until a callback is over sees all that it did.
#[test]
fn unregister_async_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, data) = (Source::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let other = spawn(move || {
            let fate = block_on(registration.unregister_async());
            assert_ne!(fate, Unregistered::Running);
            data.write();
            registration
        });
        source.cancel();
        drop(other.join().unwrap());
    });
}

/// The same on a thread that sleeps.
#[test]
fn unregister_and_wait_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, data) = (Source::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let other = spawn(move || {
            assert_ne!(registration.unregister_and_wait().unwrap(), Unregistered::Running);
            data.write();
            registration
        });
        source.cancel();
        drop(other.join().unwrap());
    });
}

/// Two of a node's callbacks are waited for by two threads, each of which is told once, of its own.
#[test]
fn two_wait_for_callbacks() {
    model(name!(), Bound::Preemptions(3), || {
        let source = Source::new();
        let token = source.token();
        let others = [token.register(|| ()), token.register(|| ())].map(|mut registration| {
            let wakes = Wakes::new();
            let waker = wakes.waker();
            let other = spawn(move || (poll_and_forget(&mut registration, &[waker]), registration));
            (other, wakes)
        });
        source.cancel();
        for (other, wakes) in others {
            let (ready, registration) = other.join().unwrap();
            assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
            drop(registration);
        }
        drop((token, source));
    });
}

/// Waits for the end of a callback, with one waker after the other. If none finds it over, the future is forgotten, so
/// that it goes on waiting.
fn poll_and_forget(registration: &mut Registration, wakers: &[Waker]) -> bool {
    let mut future = registration.unregister_async();
    let ready = wakers.iter().any(|waker| poll_once(&mut future, waker).is_ready());
    if !ready {
        std::mem::forget(future);
    }
    ready
}

/// Who waits is told once the callback is over, and nobody else.
#[test]
fn told_that_it_is_over() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes, data) = (Source::new(), Wakes::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let waker = wakes.waker();
        let other = spawn(move || {
            let ready = poll_and_forget(&mut registration, &[waker]);
            if ready {
                data.write();
            }
            (ready, registration)
        });
        source.cancel();
        let (ready, registration) = other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (usize::from(!ready), 0));
        drop((registration, source));
    });
}

/// A wait that is given up leaves nothing behind, even while the callback runs, and the next one is told.
#[test]
fn a_wait_given_up_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, gone, wakes, data) = (Source::new(), Wakes::new(), Wakes::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let (given_up, waker) = (gone.waker(), wakes.waker());
        let other = spawn(move || {
            let first = poll_once(&mut registration.unregister_async(), &given_up).is_ready();
            drop(given_up);
            let ready = poll_and_forget(&mut registration, &[waker]);
            if ready {
                data.write();
            }
            (first, ready, registration)
        });
        source.cancel();
        let (first, ready, registration) = other.join().unwrap();
        assert!(ready || !first, "what is over stays over");
        assert_eq!((gone.live(), wakes.count(), wakes.live()), (0, usize::from(!ready), 0));
        assert!(gone.count() <= usize::from(!first && ready), "told at the end, or not at all");
        drop((registration, source));
    });
}

/// A waker is replaced while the callback ends: at most the first is told, and then the poll knows it.
#[test]
fn a_wait_moves_on_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, first, second, data) = (Source::new(), Wakes::new(), Wakes::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let (old, new) = (first.waker(), second.waker());
        let other = spawn(move || {
            let ready = poll_and_forget(&mut registration, &[old, new]);
            if ready {
                data.write();
            }
            (ready, registration)
        });
        source.cancel();
        let (ready, registration) = other.join().unwrap();
        assert_eq!((second.count(), first.live(), second.live()), (usize::from(!ready), 0, 0));
        assert!(first.count() <= usize::from(ready), "a replaced waker is never woken");
        drop((registration, source));
    });
}

/// Callbacks that are put off run on another thread, or are taken back first.
#[test]
fn deferred_against_unregister() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        let ((ran, runs), tracked) = (counter(), drops.track());
        let mut registration = source.token().register(move || {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        let deferred = source.cancel_deferred();
        assert!(deferred.is_first());
        let other = spawn(move || deferred.run());
        let removed = registration.unregister().is_removed();
        other.join().unwrap();
        assert_eq!((ran.load(SeqCst), drops.live()), (usize::from(!removed), 0));
        drop((registration, source));
    });
}

/// Callbacks that are put off, by somebody who holds the last reference then.
#[test]
fn deferred_against_the_last_handle() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        let child = source.token().child();
        let tracked = drops.track();
        child.token().register(move || drop(tracked)).detach();
        let deferred = source.cancel_deferred();
        let other = spawn(move || drop(deferred));
        drop((child, source));
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A callback is detached while the firer comes: it runs once.
#[test]
fn detach_against_cancel() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        let ((ran, runs), tracked) = (counter(), drops.track());
        let registration = source.token().register(move || {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || registration.detach());
        source.cancel();
        other.join().unwrap();
        drop(source);
        assert_eq!((ran.load(SeqCst), drops.live()), (1, 0));
    });
}

/// A callback is detached while the last source goes: it is dropped once.
#[test]
fn detach_against_never() {
    model(name!(), Bound::Exhaustive, || {
        let (source, drops) = (Source::new(), Drops::new());
        let ((ran, runs), tracked) = (counter(), drops.track());
        let registration = source.token().register(move || {
            let _tracked = tracked;
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || registration.detach());
        drop(source);
        other.join().unwrap();
        assert_eq!((ran.load(SeqCst), drops.live()), (0, 0));
    });
}

/// A callback is taken back and another put into its slots while the firer comes: only the second one runs, once.
#[test]
fn reuse_by_a_callback_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, drops) = (Source::new(), Drops::new());
        let token = source.token();
        let ((first_ran, first_runs), (ran, runs)) = (counter(), counter());
        let (first_tracked, tracked) = (drops.track(), drops.track());
        let mut first = token.register(move || {
            let _tracked = first_tracked;
            first_runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || {
            let removed = first.unregister().is_removed();
            let second = token.register(move || {
                let _tracked = tracked;
                runs.fetch_add(1, SeqCst);
            });
            (removed, second)
        });
        source.cancel();
        let (removed, second) = other.join().unwrap();
        drop(second);
        assert_eq!((first_ran.load(SeqCst), ran.load(SeqCst)), (usize::from(!removed), 1));
        assert_eq!(drops.live(), 0);
    });
}

/// A callback that sees its token is detached, the node's last handle, while its parent's firer comes; it keeps the token.
#[test]
fn detach_against_a_callback_that_keeps_the_token() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, (ran, runs)) = (Source::new(), counter());
        let kept = Arc::new(std::sync::Mutex::new(None));
        let keeps = kept.clone();
        let registration = parent.token().child().token().register_with(move |token| {
            *keeps.lock().unwrap() = Some(token.clone());
            runs.fetch_add(1, SeqCst);
        });
        let other = spawn(move || registration.detach());
        parent.cancel();
        other.join().unwrap();
        drop(parent);
        assert_eq!(ran.load(SeqCst), 1);
        assert!(kept.lock().unwrap().take().unwrap().is_cancelled());
    });
}

/// A poll that finds the callback over, at whichever step, sees all that it did.
#[test]
fn over_when_polled() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, data, wakes) = (Source::new(), Data::new(), Wakes::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let waker = wakes.waker();
        let other = spawn(move || {
            let mut wait = registration.unregister_async();
            if poll_once(&mut wait, &waker).is_ready() {
                // Before the wait is dropped, which looks again. If it was removed, nobody writes.
                data.read();
            }
            drop(wait);
            registration
        });
        source.cancel();
        drop(other.join().unwrap());
    });
}

/// A wait that is given up and taken up by the same waker: it is told, too.
#[test]
fn a_wait_taken_up_against_the_end() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes, data) = (Source::new(), Wakes::new(), Data::new());
        let written = data.clone();
        let mut registration = source.token().register(move || written.write());
        let waker = wakes.waker();
        let other = spawn(move || {
            let _ = poll_once(&mut registration.unregister_async(), &waker);
            (poll_and_forget(&mut registration, &[waker]), registration)
        });
        source.cancel();
        let (ready, registration) = other.join().unwrap();
        assert!(ready || wakes.count() == 1);
        drop((registration, source));
    });
}
