//! CTR: `CancellationTokenRegistration`.
use crate::support::exec::{Executor, Inline};
use crate::support::{Counter, Latch, Log, eventually, race, rounds};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use taskcell::{CancellationToken, CancellationTokenSource, Registration, Unregistered};

/// A source whose only callback says when it runs, waits to be told to go on, and sets a flag before it ends.
struct Running {
    source: CancellationTokenSource,
    registration: Registration,
    go: mpsc::Sender<()>,
    ended: Arc<AtomicBool>,
    canceller: thread::JoinHandle<bool>,
}

fn running() -> Running {
    let source = CancellationTokenSource::new();
    let ((tell, told), (go, gone)) = (mpsc::channel(), mpsc::channel::<()>());
    let ended = Arc::new(AtomicBool::new(false));
    let end = ended.clone();
    let registration = source.token().register(move || {
        tell.send(()).unwrap();
        gone.recv().unwrap();
        end.store(true, Ordering::SeqCst);
    });
    let other = source.clone();
    let canceller = thread::spawn(move || other.cancel());
    told.recv().unwrap();
    Running { source, registration, go, ended, canceller }
}

#[test]
fn ctr_001_a_dropped_registration_never_runs() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    drop(source.token().register(log.note("dropped")));
    let mut registration = source.token().register(log.note("unregistered"));
    assert_eq!(registration.unregister(), Unregistered::Removed);
    drop(registration);
    assert_eq!(source.token().listeners(), 0);
    source.cancel();
    assert_eq!(log.len(), 0);
}

#[test]
fn ctr_002_each_registration_is_its_own() {
    let (source, ran) = (CancellationTokenSource::new(), Log::new());
    let [first, second, third, fourth] = ["a1", "a2", "a2", "a1"].map(|name| source.token().register(ran.note(name)));
    drop((second, third, fourth));
    source.cancel();
    assert_eq!(ran.take(), ["a1"]);
    drop(first);
}

#[test]
fn ctr_003_unregister_twice() {
    let source = CancellationTokenSource::new();
    let mut registration = source.token().register(|| panic!("was removed"));
    assert_eq!(registration.unregister(), Unregistered::Removed);
    assert_eq!(registration.unregister(), Unregistered::Finished);
    source.cancel();
    assert_eq!(registration.unregister(), Unregistered::Finished);
}

#[test]
fn ctr_004_after_the_callback_has_run() {
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let mut registration = source.token().register(|| ());
    source.cancel();
    assert_eq!(registration.unregister_and_wait().unwrap(), Unregistered::Finished);
    assert!(waiter.poll(&mut Box::pin(registration.unregister_async())).is_ready());
    assert_eq!(registration.unregister(), Unregistered::Finished);
    drop(registration);
}

#[test]
fn ctr_005_the_empty_registration() {
    let (mut empty, waiter) = (Registration::default(), Counter::new());
    assert_eq!(empty.unregister(), Unregistered::Finished);
    assert_eq!(empty.unregister_and_wait().unwrap(), Unregistered::Finished);
    assert!(waiter.poll(&mut Box::pin(empty.unregister_async())).is_ready());
    assert!(empty.token() == CancellationToken::NONE);
    empty.detach();
}

#[test]
fn ctr_006_a_callback_drops_its_own_registration() {
    for way in 0..4 {
        let (source, log) = (CancellationTokenSource::new(), Log::new());
        let slot = Arc::new(Mutex::new(None::<Registration>));
        let (own, seen) = (slot.clone(), log.clone());
        let registration = source.token().register(move || {
            let mut registration = own.lock().unwrap().take().unwrap();
            match way {
                0 => drop(registration),
                1 => seen.push(registration.unregister()),
                2 => seen.push(registration.unregister_and_wait().unwrap()),
                _ => {
                    let waiter = Counter::new();
                    let poll = waiter.poll(&mut Box::pin(registration.unregister_async()));
                    let std::task::Poll::Ready(answer) = poll else { panic!("it waits for itself") };
                    seen.push(answer);
                }
            }
        });
        *slot.lock().unwrap() = Some(registration);
        assert!(source.cancel());
        let expected = if way == 0 { vec![] } else { vec![Unregistered::Running] };
        assert_eq!(log.take(), expected, "way {way}");
    }
}

#[test]
fn ctr_009_unregister_and_wait_waits_for_the_callback() {
    let Running { source, mut registration, go, ended, canceller } = running();
    let (about, near) = mpsc::channel();
    let waiter = thread::spawn(move || {
        about.send(()).unwrap();
        let answer = registration.unregister_and_wait().unwrap();
        (answer, ended.load(Ordering::SeqCst))
    });
    near.recv().unwrap();
    go.send(()).unwrap();
    let (answer, ended) = waiter.join().unwrap();
    assert!(ended, "the callback's effects are visible");
    assert_eq!(answer, Unregistered::Finished);
    assert!(canceller.join().unwrap());
    assert!(source.is_cancelled());
}

#[test]
fn ctr_010_unregister_does_not_wait() {
    let Running { mut registration, go, ended, canceller, .. } = running();
    assert_eq!(registration.unregister(), Unregistered::Running);
    assert!(!ended.load(Ordering::SeqCst));
    // Neither does dropping it.
    drop(registration);
    assert!(!ended.load(Ordering::SeqCst));
    go.send(()).unwrap();
    canceller.join().unwrap();
    assert!(ended.load(Ordering::SeqCst));
}

#[test]
fn ctr_011_unregister_async_is_pending_until_the_callback_ends() {
    let Running { mut registration, go, ended, canceller, .. } = running();
    let waiter = Counter::new();
    let mut unregister = Box::pin(registration.unregister_async());
    assert!(waiter.poll(&mut unregister).is_pending());
    // A second waker replaces the first.
    let second = Counter::new();
    assert!(second.poll(&mut unregister).is_pending());
    go.send(()).unwrap();
    eventually("the waiter is woken", || second.wakes() > 0);
    assert!(ended.load(Ordering::SeqCst));
    assert_eq!(second.poll(&mut unregister), std::task::Poll::Ready(Unregistered::Finished));
    canceller.join().unwrap();
    drop(unregister);
    assert_eq!(waiter.wakes(), 0);
    assert_eq!((waiter.held(), second.held()), (0, 0));
}

#[test]
fn ctr_014_a_callback_unregisters_an_older_one() {
    let (source, log) = (CancellationTokenSource::new(), Log::new());
    let a = Mutex::new(source.token().register(log.note("a")));
    let inner = log.clone();
    let _b = source.token().register(move || {
        assert_eq!(a.lock().unwrap().unregister(), Unregistered::Removed);
        inner.push("b");
    });
    source.cancel();
    assert_eq!(log.take(), ["b"]);
}

#[test]
fn ctr_017_a_registration_knows_its_token() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let mut registration = token.register(|| ());
    assert!(registration.token() == token);
    drop(source);
    assert!(registration.token() == token);
    let _ = registration.unregister();
    drop(registration);
}

#[test]
fn ctr_018_registrations_are_equal_by_id() {
    let source = CancellationTokenSource::new();
    let (a, b) = (source.token().register(|| ()), source.token().register(|| ()));
    assert_eq!(a.id(), a.id());
    assert_ne!(a.id(), b.id());
    assert_ne!(a.id(), Registration::default().id());
    let none = CancellationToken::NONE;
    assert_eq!(none.register(|| ()).id(), none.register(|| ()).id());
    source.cancel();
    let (c, d) = (source.token().register(|| ()), source.token().register(|| ()));
    assert_eq!(c.id(), d.id());
    assert_eq!(c.id(), Registration::default().id());
}

#[test]
fn ctr_019_a_registration_outlives_the_source() {
    let source = CancellationTokenSource::new();
    let mut registration = source.token().register(|| panic!("nobody cancels"));
    let other = source.token().register(|| panic!("nobody cancels"));
    drop(source);
    let _ = registration.unregister();
    drop(registration);
    drop(other);
}

#[test]
fn ctr_020_unregistering_again_is_quiet() {
    let (source, waiter) = (CancellationTokenSource::new(), Counter::new());
    let mut registration = source.token().register(|| ());
    assert_eq!(registration.unregister(), Unregistered::Removed);
    for _ in 0..2 {
        let poll = waiter.poll(&mut Box::pin(registration.unregister_async()));
        assert_eq!(poll, std::task::Poll::Ready(Unregistered::Finished));
        assert_eq!(registration.unregister_and_wait().unwrap(), Unregistered::Finished);
    }
    assert_eq!(waiter.held(), 0);
}

#[test]
fn ctr_021_two_threads_unregister_the_same_handle() {
    let source = CancellationTokenSource::new();
    let (token, removed) = (source.token(), AtomicUsize::new(0));
    let slot = Mutex::new(Registration::default());
    let made = AtomicUsize::new(0);
    let unregister = || {
        let mut registration = slot.lock().unwrap();
        if registration.unregister() == Unregistered::Removed {
            removed.fetch_add(1, Ordering::SeqCst);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds(5_000) {
                let fresh = token.register(|| panic!("nobody cancels"));
                made.fetch_add(1, Ordering::SeqCst);
                *slot.lock().unwrap() = fresh;
                unregister();
            }
        });
        for _ in 0..rounds(5_000) {
            unregister();
            drop(token.register(|| panic!("nobody cancels")));
        }
    });
    assert_eq!(removed.load(Ordering::SeqCst), made.load(Ordering::SeqCst));
    assert_eq!(token.listeners(), 0);

    // And against a cancel, by value from two threads.
    race(
        500,
        || {
            let (source, ran) = (CancellationTokenSource::new(), Log::new());
            let registrations = [(); 3].map(|()| Mutex::new(Some(source.token().register(ran.note(())))));
            (source, registrations, ran)
        },
        |(_, registrations, _)| registrations.iter().for_each(|slot| drop(slot.lock().unwrap().take())),
        |(source, registrations, _)| {
            drop(registrations[1].lock().unwrap().take());
            source.cancel();
        },
        |(_, _, ran)| assert!(ran.len() <= 3),
    );
}

#[test]
fn ctr_023_a_continuation_inside_the_callback_unregisters_it() {
    let (source, latch, log) = (CancellationTokenSource::new(), Latch::new(), Log::new());
    let opener = latch.clone();
    let mut registration = source.token().register(move || opener.arrive());
    let seen = log.clone();
    // This executor polls inside `wake`, so the task goes on within the callback.
    Inline.spawn(async move {
        latch.reached(1).await;
        seen.push(registration.unregister_async().await);
        seen.push(registration.unregister_and_wait().unwrap());
    });
    assert!(source.cancel());
    assert_eq!(log.take(), [Unregistered::Running, Unregistered::Running]);
}
