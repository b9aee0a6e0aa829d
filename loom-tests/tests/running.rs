//! Models of callbacks that run: those who wait for them, deferred ones, detached ones.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskcell::{CancellationTokenSource as Source, Unregistered};
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
            assert_ne!(registration.unregister_and_wait(), Unregistered::Running);
            data.write();
            registration
        });
        source.cancel();
        drop(other.join().unwrap());
    });
}

/// Two of a node's callbacks are waited for by two threads.
#[test]
fn two_wait_for_callbacks() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, wakes) = (Source::new(), Wakes::new());
        let token = source.token();
        let others = [token.register(|| ()), token.register(|| ())].map(|mut registration| {
            let waker = wakes.waker();
            spawn(move || (poll_once(&mut registration.unregister_async(), &waker).is_ready(), registration))
        });
        source.cancel();
        let kept = others.map(|other| other.join().unwrap());
        let pending = kept.iter().filter(|(ready, _)| !ready).count();
        // Whoever hears of the end by himself may be told as well.
        assert!(wakes.count() >= pending);
        drop((kept, token, source));
        assert_eq!(wakes.live(), 0);
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
