//! Waiting for a callback that runs: futures that move on, are given up or forgotten, and hostile wakers.
use crate::support::hooked::Hooks;
use crate::support::{Counter, eventually, faults, forget, panic_of, poll_with};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use taskcell::{CancellationTokenSource, Registration, Unregistered};

/// A callback that runs on another thread until it is let go.
struct Running {
    go: mpsc::Sender<()>,
    canceller: thread::JoinHandle<bool>,
}

/// One of `others + 1` callbacks on a source; the others have not started.
fn running(others: usize) -> (Registration, Running, Vec<Registration>) {
    let source = CancellationTokenSource::new();
    let ((tell, told), (go, gone)) = (mpsc::channel(), mpsc::channel::<()>());
    let others = (0..others).map(|_| source.token().register(|| ())).collect();
    let registration = source.token().register(move || {
        tell.send(()).unwrap();
        gone.recv().unwrap();
    });
    let canceller = thread::spawn(move || source.cancel());
    told.recv().unwrap();
    (registration, Running { go, canceller }, others)
}

impl Running {
    fn end(self) {
        self.go.send(()).unwrap();
        assert!(self.canceller.join().unwrap());
    }
}

#[test]
fn a_wait_that_is_given_up_leaves_nothing() {
    for others in [0, 1, 40] {
        let (mut registration, running, others) = running(others);
        let waiter = Counter::new();
        for _ in 0..100 {
            let mut future = registration.unregister_async();
            assert!(waiter.poll(&mut future).is_pending());
            assert!(waiter.poll(&mut future).is_pending());
            assert_eq!(waiter.held(), 1);
            drop(future);
            assert_eq!(waiter.held(), 0);
        }
        running.end();
        assert_eq!(waiter.wakes(), 0);
        assert_eq!(waiter.poll(&mut registration.unregister_async()), Poll::Ready(Unregistered::Finished));
        drop(others);
    }
}

/// What a forgotten future left is no callback: nothing takes it for one.
#[test]
fn a_wait_that_is_forgotten() {
    let (mut registration, running, _others) = running(0);
    let (first, second) = (Counter::new(), Counter::new());
    let mut future = registration.unregister_async();
    assert!(first.poll(&mut future).is_pending());
    forget(future);
    assert_eq!(registration.unregister(), Unregistered::Running);
    let mut future = registration.unregister_async();
    assert!(second.poll(&mut future).is_pending());
    assert_eq!((first.held(), second.held()), (0, 1));
    forget(future);
    drop(registration);
    running.end();
    assert_eq!((first.wakes(), second.wakes(), second.held()), (0, 1, 0));
}

#[test]
fn a_forgotten_wait_and_a_detached_registration() {
    let (mut registration, running, _others) = running(1);
    let waiter = Counter::new();
    let mut future = registration.unregister_async();
    assert!(waiter.poll(&mut future).is_pending());
    forget(future);
    registration.detach();
    running.end();
    assert_eq!((waiter.wakes(), waiter.held()), (1, 0));
}

/// A panic in the new waker's clone leaves the old one waiting; one in the old one's drop leaves the new one.
#[test]
fn panics_in_clone_and_drop() {
    let (mut registration, running, _others) = running(0);
    let mut future = registration.unregister_async();
    let (old, armed) = (Counter::new(), Arc::new(AtomicBool::new(false)));
    assert!(old.poll(&mut future).is_pending());
    let (hostile, _) = Hooks::new().on_clone(|| panic!("clone")).waker();
    assert_eq!(panic_of(|| poll_with(&hostile, &mut future)), Some("clone"));
    assert_eq!(old.held(), 1);
    let fuse = armed.clone();
    let (hostile, counts) = Hooks::new().on_drop(move || assert!(!fuse.swap(false, Ordering::SeqCst), "drop")).waker();
    assert!(poll_with(&hostile, &mut future).is_pending());
    assert_eq!(old.held(), 0);
    armed.store(true, Ordering::SeqCst);
    assert_eq!(panic_of(|| old.poll(&mut future)), Some("drop"));
    assert_eq!(old.held(), 1);
    running.end();
    assert_eq!((old.wakes(), old.held(), counts.wakes.load(Ordering::SeqCst)), (1, 0, 0));
    assert_eq!(old.poll(&mut future), Poll::Ready(Unregistered::Finished));
}

/// A panic in the wake goes to the hook, and the cancellation goes on.
#[test]
fn a_panic_in_the_wake() {
    let faults = faults::watch();
    let (mut registration, running, others) = running(1);
    let mut future = registration.unregister_async();
    let (hostile, _) = Hooks::new().on_wake(|| panic!("the end of a callback")).waker();
    assert!(poll_with(&hostile, &mut future).is_pending());
    running.end();
    eventually("it is reported", || faults.saw("the end of a callback"));
    assert!(others.into_iter().all(|mut other| other.unregister() == Unregistered::Finished));
}
