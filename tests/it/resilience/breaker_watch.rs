//! A breaker's state as a stream.
use super::breaker::{SECOND, fail, succeed, two_failures};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Latch, panic_of, race, rounds};
use futures_util::StreamExt;
use std::sync::atomic::Ordering;
use std::task::Poll;
use taskcell::{CircuitBreaker, CircuitState, CircuitWatch};

fn states(waker: &std::sync::Arc<Counter>, watch: &mut CircuitWatch) -> Vec<CircuitState> {
    std::iter::from_fn(|| match waker.poll(&mut watch.changed()) {
        Poll::Ready(state) => state,
        Poll::Pending => None,
    })
    .collect()
}

#[test]
fn it_begins_with_the_state_at_hand_and_ends_with_the_last() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    fail(&breaker, 2);
    let waker = Counter::new();
    let mut watch = breaker.watch();
    assert_eq!(states(&waker, &mut watch), [CircuitState::Open]);
    clock.advance(10 * SECOND);
    // Time alone is no change.
    assert_eq!((states(&waker, &mut watch), waker.wakes()), (vec![], 0));
    let probe = breaker.try_acquire().unwrap();
    assert_eq!((states(&waker, &mut watch), waker.wakes()), (vec![CircuitState::HalfOpen], 1));
    // A permit keeps it alive.
    drop(breaker);
    assert!(waker.poll(&mut watch.changed()).is_pending());
    probe.success();
    assert_eq!(waker.poll(&mut watch.next()), Poll::Ready(Some(CircuitState::Closed)));
    assert_eq!(waker.poll(&mut watch.next()), Poll::Ready(None));
    assert_eq!(waker.poll(&mut watch.next()), Poll::Ready(None));
    assert_eq!(waker.held(), 0);
}

#[test]
fn who_is_slow_sees_the_latest() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let waker = Counter::new();
    let mut watch = breaker.watch();
    assert_eq!(states(&waker, &mut watch), [CircuitState::Closed]);
    for _ in 0..5 {
        breaker.isolate();
        breaker.close();
        breaker.isolate();
    }
    // Woken once, for all of them.
    assert_eq!((waker.wakes(), states(&waker, &mut watch)), (1, vec![CircuitState::Isolated]));
    // Another, of a moment later, begins there.
    assert_eq!(states(&waker, &mut breaker.watch()), [CircuitState::Isolated]);
}

/// A look that is given up has seen nothing, and a watch that is dropped leaves no waker.
#[test]
fn dropping_loses_and_leaves_nothing() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let (waker, other) = (Counter::new(), Counter::new());
    let mut watch = breaker.watch();
    assert_eq!(states(&waker, &mut watch), [CircuitState::Closed]);
    for _ in 0..3 {
        assert!(waker.poll(&mut watch.changed()).is_pending());
    }
    assert_eq!(waker.held(), 1);
    // The last waker counts.
    assert!(other.poll(&mut watch.changed()).is_pending());
    assert_eq!((waker.held(), other.held()), (0, 1));
    breaker.isolate();
    assert_eq!((waker.wakes(), other.wakes()), (0, 1));
    drop(watch.changed());
    assert_eq!(states(&waker, &mut watch), [CircuitState::Isolated]);
    drop(watch);
    assert_eq!((waker.held(), other.held()), (0, 0));
}

#[test]
fn a_waker_that_calls_back() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let [a, b, c] = std::array::from_fn(|_| breaker.clone());
    let (waker, hooks) = Hooks::new()
        .on_clone(move || drop(a.watch()))
        .on_wake(move || b.close())
        .on_drop(move || assert!(c.state() != CircuitState::Open))
        .waker();
    let mut watch = breaker.watch();
    let look = |watch: &mut CircuitWatch| crate::support::poll_with(&waker, &mut watch.changed());
    assert_eq!(look(&mut watch), Poll::Ready(Some(CircuitState::Closed)));
    assert!(look(&mut watch).is_pending());
    breaker.isolate();
    // Woken, it has closed it again.
    assert_eq!(look(&mut watch), Poll::Ready(Some(CircuitState::Closed)));
    assert!(look(&mut watch).is_pending());
    assert!(look(&mut watch).is_pending());
    drop(watch);
    assert_eq!(hooks.wakes.load(Ordering::SeqCst), 1);
}

/// A panicking waker stops neither the others nor the hooks; the change is made.
#[test]
fn a_waker_that_panics() {
    let (_clock, builder) = two_failures();
    let log = crate::support::Log::new();
    let own = log.clone();
    let breaker = builder.on_opened(move |change| own.push(change.to())).build();
    let good = Counter::new();
    let (bad, _hooks) = Hooks::new().on_wake(|| panic!("a watcher")).waker();
    let mut watches = [breaker.watch(), breaker.watch(), breaker.watch()];
    for (watch, waker) in watches.iter_mut().zip([good.waker(), bad, good.waker()]) {
        assert!(crate::support::poll_with(&waker, &mut watch.changed()).is_ready());
        assert!(crate::support::poll_with(&waker, &mut watch.changed()).is_pending());
    }
    assert_eq!(panic_of(|| breaker.isolate()), Some("a watcher"));
    assert_eq!((good.wakes(), log.take()), (2, vec![CircuitState::Isolated]));
    assert_eq!(breaker.state(), CircuitState::Isolated);
}

fn follows<E: Executor>() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let exec = E::new();
    let seen = Latch::new();
    let (mut watch, own) = (breaker.watch(), seen.clone());
    exec.spawn(async move {
        while watch.changed().await.is_some() {
            own.arrive();
        }
        own.arrive();
    });
    exec.run(async move {
        seen.reached(1).await;
        breaker.isolate();
        seen.reached(2).await;
        breaker.close();
        seen.reached(3).await;
        drop(breaker);
        seen.reached(4).await;
    });
}

/// Also on an executor that polls inside `wake`.
#[test]
fn on_any_executor() {
    follows::<Smol>();
    follows::<Inline>();
    follows::<Single>();
}

/// Whatever a watcher misses between, it never misses the last.
#[test]
fn the_last_change_is_never_missed() {
    let make = || {
        let (_clock, builder) = two_failures();
        let breaker = builder.build();
        let watch = breaker.watch();
        (std::sync::Mutex::new(Some(breaker)), std::sync::Mutex::new(Some(watch)))
    };
    let change = |pair: &(std::sync::Mutex<Option<CircuitBreaker>>, _)| {
        let breaker = pair.0.lock().unwrap().take().unwrap();
        breaker.isolate();
        breaker.close();
        succeed(&breaker, 1);
        fail(&breaker, 2);
    };
    let look = |pair: &(_, std::sync::Mutex<Option<CircuitWatch>>)| {
        let mut watch = pair.1.lock().unwrap().take().unwrap();
        let last = smol::block_on(async {
            let mut last = None;
            while let Some(state) = watch.changed().await {
                last = Some(state);
            }
            last
        });
        assert_eq!(last, Some(CircuitState::Open));
    };
    race(rounds(400), make, change, look, drop);
}
