//! The suite's cases that need a clock; `suite` lists them.
use super::exec::Executor;
use super::suite::waiters;
use super::{Latch, Log, eventually};
use core::time::Duration;
use std::thread;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{CancellationTokenSource, Elapsed, timeout_on};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn timeout_elapses(ex: &impl Executor) {
    let clock = ManualClock::new();
    let (token, hand) = (CancellationTokenSource::new(), clock.clone());
    let wait = token.token().cancelled_owned();
    let (advancer, outcome) = ex.run(async move {
        let advancer = thread::spawn(move || {
            eventually("the timer is armed", || hand.armed() == 1);
            hand.advance(SECOND);
        });
        (advancer, timeout_on(&clock, SECOND, wait).await)
    });
    advancer.join().unwrap();
    assert!(matches!(outcome, Err(Elapsed { .. })));
    assert_eq!(token.token().listeners(), 0);
}

pub(crate) fn timeout_of_a_ready_future(ex: &impl Executor) {
    let clock = ManualClock::new();
    let outputs = ex.run(async move {
        let zero = timeout_on(&clock, Duration::ZERO, async { 1 }).await;
        let max = timeout_on(&clock, Duration::MAX, async { 2 }).await;
        assert_eq!(clock.armed(), 0);
        (zero.ok(), max.ok())
    });
    assert_eq!(outputs, (Some(1), Some(2)));
}

pub(crate) fn a_timeout_that_is_beaten_leaves_no_timer(ex: &impl Executor) {
    let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
    let (hand, wait) = (clock.clone(), source.token().cancelled_owned());
    let (canceller, outcome) = ex.run(async move {
        let armed = hand.clone();
        let canceller = thread::spawn(move || {
            eventually("the timer is armed", || armed.armed() == 1);
            source.cancel()
        });
        (canceller, timeout_on(&hand, SECOND, wait).await)
    });
    assert!(canceller.join().unwrap());
    assert!(outcome.is_ok());
    assert_eq!(clock.armed(), 0);
}

pub(crate) fn delays_end_in_due_order(ex: &impl Executor) {
    let (clock, log, ended) = (ManualClock::new(), Log::new(), Latch::new());
    for seconds in [3, 1, 2, 5, 4] {
        let (clock, log, ended) = (clock.clone(), log.clone(), ended.clone());
        ex.spawn(async move {
            delay_on(&clock, SECOND * seconds).await;
            log.push(seconds);
            ended.arrive();
        });
    }
    let hand = clock.clone();
    let advancer = ex.run(async move {
        let advancer = thread::spawn(move || {
            eventually("five timers are armed", || hand.armed() == 5);
            for second in 1..=5 {
                hand.advance(SECOND);
                eventually("the delay that is due has ended", || log.len() == second);
            }
            log.take()
        });
        ended.reached(5).await;
        advancer
    });
    assert_eq!(advancer.join().unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(clock.armed(), 0);
}

pub(crate) fn a_deadline_cancels_the_waits(ex: &impl Executor) {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::with_timeout_on(&clock, SECOND);
    let token = source.token();
    let (begun, ended) = waiters(ex, &token, 3);
    // The armed timer stands for the source.
    drop(source);
    ex.run(async move {
        begun.reached(3).await;
        clock.advance(SECOND);
        ended.reached(3).await;
    });
    assert!(token.reason().unwrap().is_deadline());
}
