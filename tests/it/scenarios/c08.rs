//! C8: five wakers, five callbacks and three children with waiters; number two of each kind panics.
use crate::support::hooked::Hooks;
use crate::support::{Counter, Log, panic_of, poll_with};
use std::task::Waker;
use taskcell::{CancellationTokenSource, WaitForCancelledOwned};

struct Storm {
    source: CancellationTokenSource,
    children: Vec<CancellationTokenSource>,
    waits: Vec<WaitForCancelledOwned>,
    woken: Log<(&'static str, usize)>,
}

fn storm() -> Storm {
    let (source, woken) = (CancellationTokenSource::new(), Log::new());
    let mut waits = Vec::new();
    let mut wait_on = |source: &CancellationTokenSource, kind, n| {
        let log = woken.clone();
        let (waker, _): (Waker, _) = Hooks::new()
            .on_wake(move || {
                log.push((kind, n));
                assert!(n != 2, "a waker panics");
            })
            .waker();
        let mut wait = source.token().cancelled_owned();
        assert!(poll_with(&waker, &mut wait).is_pending());
        waits.push(wait);
    };
    let children: Vec<_> = (1..=3).map(|_| source.token().child()).collect();
    for n in 1..=5 {
        wait_on(&source, "waker", n);
        let log = woken.clone();
        let callback = move || {
            log.push(("callback", n));
            assert!(n != 2, "a callback panics");
        };
        source.token().register(callback).detach();
    }
    for (n, child) in children.iter().enumerate() {
        wait_on(child, "child", n + 1);
    }
    Storm { source, children, waits, woken }
}

fn check(storm: Storm) {
    let Storm { source, children, waits, woken } = storm;
    let ran = woken.take();
    assert_eq!(ran.len(), 13, "{ran:?}");
    for kind in ["waker", "child", "callback"] {
        let mut numbers: Vec<_> = ran.iter().filter(|(k, _)| *k == kind).map(|(_, n)| *n).collect();
        if kind == "callback" {
            assert_eq!(numbers, [5, 4, 3, 2, 1]);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, if kind == "child" { vec![1, 2, 3] } else { vec![1, 2, 3, 4, 5] });
    }
    let callbacks = ran.iter().position(|(kind, _)| *kind == "callback").unwrap();
    assert!(ran[callbacks..].iter().all(|(kind, _)| *kind == "callback"), "wakers go before callbacks");
    assert!(source.is_cancelled());
    assert!(children.iter().all(|child| child.is_cancelled() && child.token().check().is_err()));
    assert!(!source.cancel());
    assert!(children.iter().all(|child| !child.cancel()));
    let counter = Counter::new();
    for mut wait in waits {
        assert!(counter.poll(&mut wait).is_ready());
    }
    assert_eq!(woken.len(), 0, "nothing runs twice");
}

#[test]
fn c08_everybody_is_reached_then_the_first_panic_resumes() {
    let storm = storm();
    assert_eq!(panic_of(|| storm.source.cancel()), Some("a waker panics"));
    check(storm);
}

#[test]
fn c08_the_same_by_a_deferred_cancel() {
    let storm = storm();
    // The panic of a waker may come out of the first half or wait for the guard: everybody is reached either way.
    let panic = panic_of(|| storm.source.cancel_deferred().run());
    assert_eq!(panic, Some("a waker panics"));
    check(storm);
}

#[test]
fn c08_the_same_from_a_dropped_guard() {
    let storm = storm();
    assert_eq!(panic_of(|| drop(storm.source.drop_guard_ref())), Some("a waker panics"));
    check(storm);
}

/// While the thread is already unwinding nothing may resume: that would abort the process.
#[test]
fn c08_a_cancel_during_unwinding_does_not_abort() {
    let _faults = crate::support::faults::watch();
    let storm = storm();
    let source = storm.source.clone();
    let outer = panic_of(move || {
        let _guard = source.drop_guard();
        panic!("the outer panic");
    });
    assert_eq!(outer, Some("the outer panic"));
    check(storm);
}
