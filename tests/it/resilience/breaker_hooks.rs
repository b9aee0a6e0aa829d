//! Hooks: outside of the lock, in order, one at a time, and free to do what they like.
use super::breaker::{SECOND, fail, n, succeed, two_failures};
use crate::support::{Log, panic_of, race, rounds};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{CircuitBreaker, CircuitBreakerBuilder, CircuitChange, CircuitState};

type Told = (CircuitState, CircuitState, Option<Duration>, u32);

fn told(change: &CircuitChange<'_>) -> Told {
    (change.from(), change.to(), change.break_duration(), change.breaks())
}

/// With hooks that write everything down.
fn written(builder: CircuitBreakerBuilder) -> (CircuitBreakerBuilder, Log<Told>) {
    let log = Log::new();
    let [a, b, c] = [log.clone(), log.clone(), log.clone()];
    let builder = builder
        .on_opened(move |change| a.push(told(&change)))
        .on_half_open(move |change| b.push(told(&change)))
        .on_closed(move |change| c.push(told(&change)));
    (builder, log)
}

#[test]
fn they_hear_of_each_change_once() {
    use CircuitState::{Closed, HalfOpen, Isolated, Open};
    let (clock, builder) = two_failures();
    let (builder, log) = written(builder.break_by(|nth| nth.get() * SECOND));
    let breaker = builder.build();
    // No change.
    succeed(&breaker, 3);
    breaker.close();
    assert_eq!(log.len(), 0);
    // Polly#223: who fails late opens nothing.
    let late: Vec<_> = (0..3).map(|_| breaker.try_acquire().unwrap()).collect();
    fail(&breaker, 2);
    late.into_iter().for_each(taskcell::BreakerPermit::failure);
    assert_eq!(log.take(), [(Closed, Open, Some(SECOND), 1)]);
    clock.advance(SECOND);
    // Looking is no change.
    assert_eq!((breaker.state(), log.len()), (HalfOpen, 0));
    fail(&breaker, 1);
    assert_eq!(log.take(), [(Open, HalfOpen, None, 1), (HalfOpen, Open, Some(2 * SECOND), 2)]);
    clock.advance(2 * SECOND);
    succeed(&breaker, 1);
    assert_eq!(log.take(), [(Open, HalfOpen, None, 2), (HalfOpen, Closed, None, 2)]);
    breaker.isolate();
    breaker.isolate();
    breaker.close();
    assert_eq!(log.take(), [(Closed, Isolated, None, 0), (Isolated, Closed, None, 0)]);
}

/// The lock is free: a hook may ask, call, isolate, close. What it changes is told after the change at hand.
#[test]
fn they_may_do_with_the_breaker_what_they_like() {
    use CircuitState::{Closed, Isolated, Open};
    let (_clock, builder) = two_failures();
    let log = Log::new();
    let [opened, closed] = [log.clone(), log.clone()];
    let breaker = builder
        .on_opened(move |change| {
            opened.push((change.to(), change.breaker().state()));
            if change.to() == Open {
                assert!(change.breaker().try_acquire().is_err());
                change.breaker().isolate();
                change.breaker().close();
                drop(change.breaker().watch());
                // Told later, not from in here.
                assert_eq!(opened.len(), 1);
            }
        })
        .on_closed(move |change| closed.push((change.to(), change.breaker().state())))
        .build();
    fail(&breaker, 2);
    assert_eq!(log.take(), [(Open, Open), (Isolated, Closed), (Closed, Closed)]);
    assert_eq!(breaker.state(), Closed);
}

/// A hook that panics stops none of the others, and the change stays; the permit of the one who changed it goes back.
#[test]
fn a_hook_that_panics() {
    let (clock, builder) = two_failures();
    let log = Log::new();
    let (closed, dies) = (log.clone(), Mutex::new(vec!["the third", "the second", "the first"]));
    let breaker = builder
        .on_opened(move |change| {
            let message = dies.lock().unwrap().pop();
            if let Some(message) = message {
                change.breaker().close();
                change.breaker().isolate();
                change.breaker().close();
                std::panic::panic_any(message);
            }
        })
        .on_closed(move |_| closed.push(()))
        .build();
    assert_eq!(panic_of(|| fail(&breaker, 2)), Some("the first"));
    // Each of the three was told, and what it changed, too.
    assert_eq!(log.len(), 4);
    assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::Closed, 0));

    let breaker = CircuitBreaker::builder_on(clock.clone())
        .consecutive_failures(n(1))
        .on_half_open(|_| panic!("half-open"))
        .build();
    fail(&breaker, 1);
    clock.advance(5 * SECOND);
    assert_eq!(panic_of(|| breaker.try_acquire().map(drop)), Some("half-open"));
    // The probe's place is free, the change is made.
    assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::HalfOpen, 0));
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

/// Who unwinds already gets no second panic: it is reported.
#[test]
fn a_hook_that_panics_while_its_caller_unwinds() {
    let faults = crate::support::faults::watch();
    let (_clock, builder) = two_failures();
    let breaker = builder.consecutive_failures(n(1)).on_opened(|_| panic!("an opening hook, unwinding")).build();
    let died = panic_of(|| breaker.run(|| -> Result<(), ()> { panic!("the call") }));
    assert_eq!(died, Some("the call"));
    assert!(faults.saw("an opening hook, unwinding"));
    assert_eq!(breaker.state(), CircuitState::Open);
}

/// Two threads change it without end. Each hook hears a chain without a gap, from one thread at a time.
#[test]
fn changes_of_two_threads_are_told_in_order() {
    struct Both(CircuitBreaker, Log<Told>);
    let make = || {
        let inside = AtomicUsize::new(0);
        let log = Log::new();
        let own = log.clone();
        let hook = std::sync::Arc::new(move |change: CircuitChange<'_>| {
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            own.push(told(&change));
            inside.fetch_sub(1, Ordering::SeqCst);
        });
        let [a, b] = [hook.clone(), hook.clone()];
        let builder = CircuitBreaker::builder_on(ManualClock::new()).consecutive_failures(n(1));
        let builder = builder.break_for(Duration::ZERO).on_opened(move |change| a(change));
        Both(builder.on_closed(move |change| b(change)).on_half_open(move |change| hook(change)).build(), log)
    };
    let work = |both: &Both| {
        for round in 0..6 {
            match both.0.try_acquire() {
                Ok(permit) if round % 2 == 0 => permit.failure(),
                Ok(permit) => permit.success(),
                Err(_) => both.0.close(),
            }
            if round == 3 {
                both.0.isolate();
            }
        }
    };
    race(rounds(400), make, work, work, |Both(breaker, log)| {
        let mut state = CircuitState::Closed;
        for (from, to, ..) in log.take() {
            assert_eq!(from, state);
            state = to;
        }
        assert_eq!(format!("{breaker:?}"), format!("CircuitBreaker {{ state: {state:?}, .. }}"));
    });
}
