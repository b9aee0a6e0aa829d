//! A panic that nobody catches on its way, as in a build without std: whatever else there is to deliver is delivered.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use taskcell::*;

struct Panics(AtomicUsize);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            panic!("in a waker");
        }
    }
}

/// Two waits and a callback on each of two nodes.
fn tree() -> (CancellationTokenSource, Vec<WaitForCancelledOwned>, Arc<Panics>, Arc<AtomicUsize>) {
    let (panics, ran) = (Arc::new(Panics(AtomicUsize::new(0))), Arc::new(AtomicUsize::new(0)));
    let root = CancellationTokenSource::new();
    let waker = Waker::from(panics.clone());
    let mut waits = Vec::new();
    for token in [root.token(), root.token().child().token()] {
        for _ in 0..2 {
            let mut wait = token.clone().cancelled_owned();
            assert!(Pin::new(&mut wait).poll(&mut Context::from_waker(&waker)).is_pending());
            waits.push(wait);
        }
        let ran = ran.clone();
        let callback = move || {
            ran.fetch_add(1, Ordering::SeqCst);
        };
        token.register(callback).detach();
    }
    (root, waits, panics, ran)
}

#[test]
fn a_panic_in_a_waker_stops_no_waker_and_no_callback() {
    let (root, waits, panics, ran) = tree();
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
    assert_eq!(panics.0.load(Ordering::SeqCst), 4);
    assert_eq!(ran.load(Ordering::SeqCst), 2);
    drop((root, waits));
    assert_eq!(Arc::strong_count(&ran), 1);
}

#[test]
fn a_panic_in_a_waker_stops_no_deferred_callback() {
    let (root, waits, panics, ran) = tree();
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel_deferred().run())).is_err());
    assert_eq!(panics.0.load(Ordering::SeqCst), 4);
    assert_eq!(ran.load(Ordering::SeqCst), 2);
    drop((root, waits));
    assert_eq!(Arc::strong_count(&ran), 1);
}

#[test]
fn a_panic_in_a_callback_stops_no_callback() {
    let (root, ran) = (CancellationTokenSource::new(), Arc::new(AtomicUsize::new(0)));
    for n in 0..4 {
        let ran = ran.clone();
        let callback = move || {
            ran.fetch_add(1, Ordering::SeqCst);
            assert_ne!(n, 2, "in a callback");
        };
        root.token().register(callback).detach();
    }
    assert!(catch_unwind(AssertUnwindSafe(|| root.cancel())).is_err());
    assert_eq!((ran.load(Ordering::SeqCst), Arc::strong_count(&ran)), (4, 1));
}
