//! C12: two threads cancel with their own reasons while a third looks: one reason, stored before the flag shows.
use crate::support::rounds;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use taskcell::time::ManualClock;
use taskcell::{CancellationReason, CancellationToken, CancellationTokenSource};

fn text(reason: &CancellationReason) -> String {
    reason.error().expect("an error of our own").to_string()
}

#[test]
fn c12_one_reason_and_it_never_changes() {
    let count = rounds(500);
    let sources: Vec<_> = (0..count)
        .map(|_| {
            let source = CancellationTokenSource::new();
            let child = source.token().child();
            (source, child)
        })
        .collect();
    let start = Barrier::new(3);
    let cancel = |reason: &'static str| {
        let mut firsts = Vec::new();
        for (source, _) in &sources {
            start.wait();
            firsts.push(source.cancel_with(reason));
            assert!(source.is_cancelled(), "also for the loser");
            assert!(source.token().reason().is_some());
        }
        firsts
    };
    let look = || {
        let mut seen = Vec::new();
        for (source, child) in &sources {
            start.wait();
            while !source.is_cancelled() {
                core::hint::spin_loop();
                if cfg!(miri) {
                    thread::yield_now();
                }
            }
            let reason = source.token().reason().expect("the flag is up, so there is a reason");
            crate::support::eventually("the child follows", || child.is_cancelled());
            let below = child.token().reason().expect("the child's flag is up");
            assert!(below.is_inherited() && !reason.is_inherited());
            assert_eq!(text(&below), text(&reason));
            assert_eq!(text(&source.token().reason().unwrap()), text(&reason));
            seen.push(text(&reason));
        }
        seen
    };
    let (x, y, seen) = thread::scope(|scope| {
        let (x, y) = (scope.spawn(|| cancel("x")), scope.spawn(|| cancel("y")));
        let seen = look();
        (x.join().unwrap(), y.join().unwrap(), seen)
    });
    for n in 0..count {
        assert!(x[n] != y[n], "exactly one is told that it was first");
        assert_eq!(text(&sources[n].0.token().reason().unwrap()), seen[n]);
        assert_eq!(seen[n], if x[n] { "x" } else { "y" }, "the first one's reason is the stored one");
    }
}

#[test]
fn c12_no_reason_before_the_flag() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    assert!(token.reason().is_none());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let reason = token.reason();
                if reason.is_some() {
                    assert!(token.is_cancelled());
                    return;
                }
                thread::yield_now();
            }
        });
        source.cancel();
        stop.store(true, Ordering::SeqCst);
    });
}

#[test]
fn c12_each_kind_travels() {
    let requested = CancellationTokenSource::new();
    let below = requested.token().child();
    requested.cancel();
    let own = CancellationTokenSource::new();
    let under = own.token().child();
    own.cancel_with(std::io::Error::other("the disk is full"));
    let clock = ManualClock::new();
    let timed = CancellationTokenSource::with_timeout_on(&clock, core::time::Duration::from_secs(1));
    let late = timed.token().child();
    clock.advance(core::time::Duration::from_secs(1));

    let kinds = |token: CancellationToken| {
        let reason = token.reason().unwrap();
        (reason.is_requested(), reason.is_deadline(), reason.error().is_some(), reason.is_inherited())
    };
    assert_eq!(kinds(requested.token()), (true, false, false, false));
    assert_eq!(kinds(below.token()), (true, false, false, true));
    assert_eq!(kinds(own.token()), (false, false, true, false));
    assert_eq!(kinds(under.token()), (false, false, true, true));
    assert_eq!(kinds(timed.token()), (false, true, false, false));
    assert_eq!(kinds(late.token()), (false, true, false, true));
    let reason = under.token().reason().unwrap();
    assert!(reason.error().unwrap().downcast_ref::<std::io::Error>().is_some());
    let cancelled = under.token().check().unwrap_err();
    assert!(std::error::Error::source(&cancelled).is_none_or(|source| source.is::<std::io::Error>()));
}

/// The node reports the cancellation that reached it first.
#[test]
fn c12_a_child_that_was_faster_keeps_its_own_reason() {
    let parent = CancellationTokenSource::new();
    let child = parent.token().child();
    child.cancel_with("the child's");
    parent.cancel_with("the parent's");
    assert_eq!(text(&child.token().reason().unwrap()), "the child's");
    assert!(!child.token().reason().unwrap().is_inherited());
    let late = parent.token().child();
    assert_eq!(text(&late.token().reason().unwrap()), "the parent's");
    assert!(late.token().reason().unwrap().is_inherited());
}

/// The error is dropped with the last that could read it, and the loser's at once.
#[test]
fn c12_errors_do_not_leak() {
    use crate::support::Dropped;
    #[derive(Debug)]
    struct Heavy(#[expect(dead_code, reason = "its drop counts")] DebugDropped);
    struct DebugDropped(#[expect(dead_code, reason = "its drop counts")] Dropped);
    impl core::fmt::Debug for DebugDropped {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Dropped")
        }
    }
    impl core::fmt::Display for Heavy {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("heavy")
        }
    }
    impl std::error::Error for Heavy {}

    let ((winner, won), (loser, lost)) = (Dropped::new(), Dropped::new());
    let source = CancellationTokenSource::new();
    let child = source.token().child();
    assert!(source.cancel_with(Heavy(DebugDropped(winner))));
    assert!(!source.cancel_with(Heavy(DebugDropped(loser))));
    assert_eq!(lost.load(Ordering::SeqCst), 1);
    drop(source);
    assert_eq!(won.load(Ordering::SeqCst), 0);
    assert_eq!(text(&child.token().reason().unwrap()), "heavy");
    let reason = child.token().reason();
    drop(child);
    drop(reason);
    assert_eq!(won.load(Ordering::SeqCst), 1);
}
