//! Hostile callbacks: they drop their own registration, others', the source and its last handle, or panic.
use crate::support::{Counter, Dropped, Log, panic_of, rounds};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{CancellationTokenSource, Registration, Unregistered};

type Place<T> = Arc<Mutex<Option<T>>>;

fn take<T>(place: &Place<T>) -> Option<T> {
    place.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
}

#[test]
fn a_callback_drops_every_registration() {
    for n in [1, 2, 3, 7, 40] {
        let (source, log) = (CancellationTokenSource::new(), Log::new());
        let all: Place<Vec<Registration>> = Arc::default();
        let registrations: Vec<_> = (0..n)
            .map(|index| {
                let (log, all) = (log.clone(), all.clone());
                source.token().register(move || {
                    log.push(index);
                    drop(take(&all));
                })
            })
            .collect();
        *all.lock().unwrap() = Some(registrations);
        source.cancel();
        assert_eq!(log.take(), [n - 1], "the newest runs and removes the others, itself among them");
    }
}

#[test]
fn a_callback_unregisters_each_neighbour() {
    let (source, answers) = (CancellationTokenSource::new(), Log::new());
    let place: Place<Vec<Registration>> = Arc::default();
    let mut registrations = vec![source.token().register(answers.note(("old", Unregistered::Finished)))];
    let (inner, log) = (place.clone(), answers.clone());
    registrations.push(source.token().register(move || {
        let mut all = take(&inner).unwrap();
        for (name, index) in [("old", 0), ("self", 1), ("new", 2)] {
            log.push((name, all[index].unregister()));
        }
    }));
    registrations.push(source.token().register(|| ()));
    *place.lock().unwrap() = Some(registrations);
    source.cancel();
    assert_eq!(
        answers.take(),
        [("old", Unregistered::Removed), ("self", Unregistered::Running), ("new", Unregistered::Finished)]
    );
}

#[test]
fn a_callback_drops_the_last_handle_of_its_source() {
    let log = Log::new();
    let place: Place<(CancellationTokenSource, Registration)> = Arc::default();
    let source = CancellationTokenSource::new();
    source.token().register(log.note("older")).detach();
    let (inner, seen) = (place.clone(), log.clone());
    let registration = source.token().register(move || {
        drop(take(&inner));
        seen.push("newer");
    });
    let guard = source.clone().drop_guard();
    *place.lock().unwrap() = Some((source, registration));
    // The guard's handle goes with the cancel that it does.
    drop(guard);
    assert_eq!(log.take(), ["newer", "older"]);
}

#[test]
fn a_callback_drops_the_only_child() {
    let (root, log) = (CancellationTokenSource::new(), Log::new());
    let child = root.token().child();
    let below = child.token().child();
    child.token().register(log.note("child")).detach();
    below.token().register(log.note("below")).detach();
    let place: Place<(CancellationTokenSource, CancellationTokenSource)> = Arc::new(Mutex::new(Some((child, below))));
    let (inner, seen) = (place.clone(), log.clone());
    root.token()
        .register(move || {
            drop(take(&inner));
            seen.push("root");
        })
        .detach();
    root.cancel();
    // They were sealed by this cancel before anything ran, so their callbacks are delivered.
    assert_eq!(log.take(), ["root", "child", "below"]);
    assert_eq!(root.token().listeners(), 0);
}

#[test]
fn a_childs_callback_drops_the_whole_tree() {
    let log = Log::new();
    let place: Place<Vec<CancellationTokenSource>> = Arc::default();
    let root = CancellationTokenSource::new();
    root.token().register(log.note("root")).detach();
    let mut line = vec![root.token().child()];
    for n in 0..4 {
        let child = line[n].token().child();
        line.push(child);
    }
    let (inner, seen) = (place.clone(), log.clone());
    line[2]
        .token()
        .register(move || {
            drop(take(&inner));
            seen.push("middle");
        })
        .detach();
    line[4].token().register(log.note("leaf")).detach();
    let guard = root.clone().drop_guard();
    line.push(root);
    *place.lock().unwrap() = Some(line);
    drop(guard);
    assert_eq!(log.take(), ["middle", "leaf", "root"]);
}

#[test]
fn a_callback_registers_cancels_and_links_again() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (own, seen) = (source.clone(), log.clone());
    source
        .token()
        .register(move || {
            let child = own.token().child();
            assert!(child.is_cancelled());
            child.token().register(seen.note("the child's")).detach();
            let linked = CancellationTokenSource::linked(&[own.token(), child.token()]);
            assert!(linked.is_cancelled());
            own.token().register(seen.note("late")).detach();
            assert!(!own.cancel());
            assert!(own.token().register_or(seen.note("or")).is_err());
            own.cancel_after(core::time::Duration::ZERO);
            assert!(!own.disarm());
            own.token().wait().unwrap();
            assert!(own.token().wait_timeout(core::time::Duration::ZERO).unwrap());
        })
        .detach();
    source.cancel();
    assert_eq!(log.take(), ["the child's", "late"]);
}

/// Two sources whose callbacks cancel each other.
#[test]
fn callbacks_cancel_each_others_sources() {
    let (a, b, log) = (CancellationTokenSource::new(), CancellationTokenSource::new(), Log::new());
    for (here, there, name) in [(&a, &b, "a"), (&b, &a, "b")] {
        let (other, log) = (there.clone(), log.clone());
        here.token()
            .register(move || {
                log.push(name);
                let _ = other.cancel();
            })
            .detach();
    }
    assert!(a.cancel());
    assert_eq!(log.take(), ["a", "b"]);
}

/// A million callbacks that each cancel the next source nest on the stack; a few hundred must do.
#[test]
fn callbacks_nest() {
    let sources: Vec<_> = (0..300).map(|_| CancellationTokenSource::new()).collect();
    for pair in sources.windows(2) {
        let next = pair[1].clone();
        pair[0].token().register(move || drop_bool(next.cancel())).detach();
    }
    sources[0].cancel();
    assert!(sources.iter().all(CancellationTokenSource::is_cancelled));
}

/// Dropping a callback (not running it) is foreign code, too.
#[test]
fn a_captured_value_uses_the_token_when_it_is_dropped() {
    struct UsesIt(CancellationTokenSource, Log<bool>);
    impl Drop for UsesIt {
        fn drop(&mut self) {
            let _ = self.0.token().listeners();
            drop(self.0.token().register(|| ()));
            self.1.push(self.0.cancel());
        }
    }
    // Dropped by unregistering.
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let (value, other) = (UsesIt(source.clone(), log.clone()), log.clone());
    let mut registration = source.token().register(move || drop(value));
    source.token().register(move || other.push(false)).detach();
    assert_eq!(registration.unregister(), Unregistered::Removed);
    assert_eq!(log.take(), [false, true]);

    // Dropped by running.
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let value = UsesIt(source.clone(), log.clone());
    source.token().register(move || drop(value)).detach();
    assert!(source.cancel());
    assert_eq!(log.take(), [false]);
}

/// A callback that captured its own token is freed when nobody can cancel any more (G14).
#[test]
fn a_callback_that_captured_its_own_token_is_freed() {
    let (value, drops) = Dropped::new();
    let source = CancellationTokenSource::new();
    let token = source.token();
    source
        .token()
        .register(move || {
            let _ = (&token, &value);
        })
        .detach();
    drop(source);
    assert_eq!(drops.load(Ordering::SeqCst), 1);

    // Below a parent, as soon as the parent's source has gone, too.
    let (value, drops) = Dropped::new();
    let parent = CancellationTokenSource::new();
    let child = parent.token().child();
    let token = child.token();
    token
        .clone()
        .register(move || {
            let _ = (&token, &value);
        })
        .detach();
    drop(child);
    drop(parent);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_panicking_callback_is_finished() {
    let source = CancellationTokenSource::new();
    let mut registration = source.token().register(|| panic!("it"));
    assert_eq!(panic_of(|| source.cancel()), Some("it"));
    assert_eq!(registration.unregister(), Unregistered::Finished);
    assert_eq!(registration.unregister_and_wait().unwrap(), Unregistered::Finished);
}

/// A panic out of an inline callback is the registering caller's own.
#[test]
fn an_inline_callback_panics_in_its_caller() {
    let source = CancellationTokenSource::new();
    source.cancel();
    let token = source.token();
    assert_eq!(panic_of(|| token.register(|| panic!("inline"))), Some("inline"));
    assert!(token.is_cancelled());
}

/// Whoever waits for a panicking callback is let go.
#[test]
fn waiting_for_a_callback_that_panics() {
    for _ in 0..rounds(50) {
        let source = CancellationTokenSource::new();
        let (tell, told) = std::sync::mpsc::channel();
        let mut registration = source.token().register(move || {
            tell.send(()).unwrap();
            panic!("it");
        });
        let other = source.clone();
        let canceller = thread::spawn(move || panic_of(|| other.cancel()));
        told.recv().unwrap();
        let waiter = Counter::new();
        let _ = waiter.poll(&mut Box::pin(registration.unregister_async()));
        let answer = registration.unregister_and_wait().unwrap();
        assert_eq!(answer, Unregistered::Finished);
        assert_eq!(canceller.join().unwrap(), Some("it"));
        assert_eq!(waiter.held(), 0);
    }
}

/// `try_register` never allocates, so a callback captures one word at most; what it cannot take it gives back.
#[test]
fn try_register_gives_back_what_it_cannot_take() {
    let (source, log) = (CancellationTokenSource::with_capacity(4), Log::new());
    let held: Vec<_> = (0..4).map(|_| source.token().try_register(log.note(())).ok().unwrap()).collect();
    source.cancel();
    assert_eq!(log.take().len(), 4);
    match source.token().try_register(log.note(())) {
        Err(taskcell::TryRegisterError::Cancelled(callback)) => callback(),
        _ => panic!("it is cancelled"),
    }
    assert_eq!(log.take().len(), 1);
    drop(held);
}

/// Cancel, register, unregister, link and drop on one tree from four threads; every callback runs once or was removed.
#[test]
fn a_crowd_on_one_tree() {
    for round in 0..rounds(40).min(40) {
        let root = CancellationTokenSource::new();
        let (ran, removed, made) = (Log::new(), Log::new(), Log::new());
        thread::scope(|scope| {
            for seed in 0..3usize {
                let (root, ran, removed, made) = (&root, &ran, &removed, &made);
                scope.spawn(move || {
                    for n in 0..rounds(150) {
                        let child = root.token().child();
                        let linked = CancellationTokenSource::linked(&[root.token(), child.token()]);
                        made.push(());
                        let mut registration = linked.token().register(ran.note(()));
                        if (n + seed) % 2 == 0 {
                            drop(child);
                        }
                        if (n + seed + round) % 7 == 0 {
                            let _ = linked.cancel();
                        }
                        if registration.unregister() == Unregistered::Removed {
                            removed.push(());
                        }
                    }
                });
            }
            thread::yield_now();
            root.cancel();
        });
        assert_eq!(ran.len() + removed.len(), made.len());
        assert_eq!(root.token().listeners(), 0);
    }
}

fn drop_bool(_: bool) {}
