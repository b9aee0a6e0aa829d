//! The first things a user does.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::*;

#[test]
fn callbacks_run_in_order_with_children_at_their_link() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let say = |what: &'static str| {
        let log = log.clone();
        move || log.lock().unwrap().push(what)
    };
    let root = CancellationTokenSource::new();
    let a = root.token().register(say("a"));
    let child = root.token().child();
    let b = child.token().register(say("child b"));
    let c = child.token().register(say("child c"));
    let d = root.token().register(say("d"));
    assert_eq!(root.token().listeners(), 3);
    assert!(root.cancel());
    assert_eq!(*log.lock().unwrap(), ["d", "child c", "child b", "a"]);
    drop((a, b, c, d));
    assert!(child.token().reason().unwrap().is_inherited());
}

#[test]
fn many_waiters_are_woken() {
    let root = CancellationTokenSource::new();
    let token = root.token();
    let mut waits: Vec<_> = (0..1000).map(|_| Box::pin(token.cancelled())).collect();
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    for w in &mut waits {
        assert!(w.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(token.listeners(), 1000);
    waits.truncate(500);
    assert_eq!(token.listeners(), 500);
    root.cancel();
    for w in &mut waits {
        assert!(w.as_mut().poll(&mut cx).is_ready());
    }
}

#[test]
fn timers_fire_and_reset() {
    let clock = ManualClock::new();
    let mut source = CancellationTokenSource::new();
    source.cancel_after_on(&clock, Duration::from_secs(5));
    assert_eq!(clock.armed(), 1);
    assert!(source.try_reset());
    assert_eq!(clock.armed(), 0);
    clock.advance(Duration::from_secs(10));
    assert!(!source.is_cancelled());
    source.cancel_after_on(&clock, Duration::from_secs(5));
    let token = source.token();
    drop(source);
    assert!(token.can_be_cancelled());
    clock.advance(Duration::from_secs(10));
    assert!(token.is_cancelled());
}

#[test]
fn deep_trees_need_no_stack() {
    let run = || {
        let root = CancellationTokenSource::new();
        let mut chain = vec![root.token().child()];
        for _ in 0..100_000 {
            let next = chain.last().unwrap().token().child();
            chain.push(next);
        }
        root.cancel();
        assert!(chain.last().unwrap().is_cancelled());
        let last = chain.pop().unwrap();
        drop(chain);
        drop(last);
    };
    std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn static_sources() {
    static ROOT: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    static LEAF: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
    assert_eq!(LEAF.link(&ROOT), Ok(true));
    let slot = LEAF.slot().unwrap();
    assert!(LEAF.slot().is_err());
    ROOT.cancel();
    assert!(LEAF.is_cancelled());
    drop(slot);
}
use std::future::Future;
