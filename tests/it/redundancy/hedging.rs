//! When the attempts of a hedge start, and what is observed of them.
use crate::support::{Counter, Log};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::sync::Arc;
use std::task::Poll;
use taskcell::time::{ManualClock, Timestamp, delay_on};
use taskcell::{Attempt, ObservedLatency, RedundancyError, TimeProvider, hedge, hedge_on};

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(crate) fn auto() -> ManualClock {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    clock
}

/// Milliseconds that have passed.
pub(crate) fn passed(clock: &ManualClock) -> u64 {
    clock.now().as_nanos() / 1_000_000
}

#[test]
fn without_a_delay_one_follows_only_on_failure() {
    let (clock, numbers) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        numbers.borrow_mut().push((attempt.number, passed(&clock)));
        let wait = delay_on(&clock, millis(1000));
        async move {
            wait.await;
            if attempt.number == 2 { Ok(()) } else { Err(()) }
        }
    });
    assert_eq!(clock.block_on(hedged.max_attempts(5)), Ok(()));
    assert_eq!(*numbers.borrow(), [(0, 0), (1, 1000), (2, 2000)]);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn several_follow_each_after_its_delay() {
    let (clock, starts) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        starts.borrow_mut().push((attempt.number, passed(&clock)));
        delayed(&clock, 100, Ok::<_, ()>(attempt.number))
    });
    assert_eq!(clock.block_on(hedged.delay(millis(10)).max_attempts(4)), Ok(0));
    assert_eq!(*starts.borrow(), [(0, 0), (1, 10), (2, 20), (3, 30)]);
    assert_eq!((passed(&clock), clock.armed()), (100, 0));
}

fn delayed<T>(clock: &ManualClock, after: u64, output: T) -> impl Future<Output = T> + use<T> {
    let wait = delay_on(clock.clone(), millis(after));
    async move {
        wait.await;
        output
    }
}

#[test]
fn the_delay_may_differ_from_attempt_to_attempt() {
    let (clock, starts) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        starts.borrow_mut().push((attempt.number, passed(&clock)));
        let (after, output) = if attempt.number == 3 { (50, Err(())) } else { (200, Ok(attempt.number)) };
        delayed(&clock, after, output)
    });
    let asked = RefCell::new(Vec::new());
    let hedged = hedged.max_attempts(6).delay_from(|number| {
        asked.borrow_mut().push(number);
        [None, Some(millis(10)), Some(Duration::ZERO), Some(millis(30)), None, Some(Duration::MAX)][number as usize]
    });
    assert_eq!(clock.block_on(hedged), Ok(0));
    // The fourth follows the failure of the third at 90.
    assert_eq!(*starts.borrow(), [(0, 0), (1, 10), (2, 10), (3, 40), (4, 90)]);
    assert_eq!(*asked.borrow(), [1, 2, 3, 4, 5]);
    assert_eq!((passed(&clock), clock.armed()), (200, 0));
}

#[test]
fn a_failure_starts_the_next_at_once_and_its_delay_anew() {
    let (clock, starts) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        starts.borrow_mut().push((attempt.number, passed(&clock)));
        let (after, output) = if attempt.number == 0 { (4, Err("no")) } else { (100, Ok(attempt.number)) };
        delayed(&clock, after, output)
    });
    assert_eq!(clock.block_on(hedged.delay(millis(10)).max_attempts(3)), Ok(1));
    assert_eq!(*starts.borrow(), [(0, 0), (1, 4), (2, 14)]);
}

#[test]
fn without_delay_all_start_in_one_poll() {
    let (clock, calls) = (ManualClock::new(), Cell::new(0));
    let mut hedged = hedge_on(&clock, |_| {
        calls.set(calls.get() + 1);
        pending::<Result<(), ()>>()
    })
    .delay(Duration::ZERO)
    .max_attempts(5);
    assert!(Counter::new().poll(&mut hedged).is_pending());
    assert_eq!((calls.get(), clock.armed()), (5, 0));
}

#[test]
fn one_that_is_ready_saves_the_next() {
    let (clock, calls, waiter) = (ManualClock::new(), Cell::new(0), Counter::new());
    let mut hedged = hedge_on(&clock, |_| {
        calls.set(calls.get() + 1);
        delayed(&clock, 10, Ok::<_, ()>(7))
    })
    .delay(millis(10));
    assert!(waiter.poll(&mut hedged).is_pending());
    assert_eq!(clock.armed(), 2);
    // Both are due at the same time.
    clock.advance(millis(10));
    assert!(matches!(waiter.poll(&mut hedged), Poll::Ready(Ok(7))));
    assert_eq!((calls.get(), clock.armed(), waiter.held()), (1, 0, 0));
}

#[test]
fn a_success_beside_a_failure_saves_the_next() {
    let (clock, calls, waiter) = (ManualClock::new(), Cell::new(0), Counter::new());
    let mut hedged = hedge_on(&clock, |attempt: Attempt| {
        calls.set(calls.get() + 1);
        delayed(&clock, 20 - 10 * u64::from(attempt.number), if attempt.number == 0 { Err(()) } else { Ok(7) })
    })
    .delay(millis(10))
    .max_attempts(9);
    assert!(waiter.poll(&mut hedged).is_pending());
    clock.advance(millis(10));
    assert!(waiter.poll(&mut hedged).is_pending());
    // The first fails, and the second succeeds, before anybody looks.
    clock.advance(millis(10));
    assert_eq!((waiter.poll(&mut hedged), calls.get(), clock.armed()), (Poll::Ready(Ok(7)), 2, 0));
}

#[test]
fn as_many_follow_as_have_failed() {
    let (clock, starts) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        starts.borrow_mut().push((attempt.number, passed(&clock)));
        delayed(&clock, 20 - 10 * u64::from(attempt.number % 2), Err::<(), _>(()))
    });
    let hedged = hedged.delay_from(|number| (number == 1).then_some(millis(10))).max_attempts(4);
    assert_eq!(clock.block_on(hedged).unwrap_err().errors().map(|errors| errors.len()), Some(4));
    assert_eq!(*starts.borrow(), [(0, 0), (1, 10), (2, 20), (3, 20)]);
}

#[test]
fn nothing_is_armed_where_nothing_can_follow() {
    let clock = ManualClock::new();
    for delay in [millis(10), Duration::MAX] {
        let most = if delay == Duration::MAX { 9 } else { 1 };
        let mut hedged = hedge_on(&clock, |_| pending::<Result<(), ()>>()).delay(delay).max_attempts(most);
        assert!(Counter::new().poll(&mut hedged).is_pending());
        assert_eq!(clock.armed(), 0);
    }
}

#[test]
fn no_attempts_are_one_attempt() {
    let hedged = hedge(|_| ready(Err::<(), _>("no"))).max_attempts(0);
    let Err(RedundancyError::Failed(errors)) = smol::block_on(hedged) else { panic!("it failed") };
    assert_eq!(errors.len(), 1);
}

#[test]
fn the_gate_is_asked_before_each_attempt_but_the_first() {
    let (clock, asked) = (auto(), RefCell::new(Vec::new()));
    let hedged = hedge_on(&clock, |attempt: Attempt| delayed(&clock, 100, Err::<(), _>(attempt.number)));
    let hedged = hedged.delay(millis(10)).max_attempts(9).can_hedge(|number| {
        asked.borrow_mut().push(number);
        number < 3
    });
    let error = clock.block_on(hedged).unwrap_err();
    assert_eq!(error.errors().unwrap().len(), 3);
    assert_eq!(*asked.borrow(), [1, 2, 3]);
    assert_eq!((passed(&clock), clock.armed()), (120, 0));
}

#[test]
fn the_hook_is_called_before_each_attempt() {
    let log = Log::new();
    let hedged = hedge(|attempt: Attempt| {
        log.push(("made", attempt.number));
        ready(if attempt.number < 2 { Err(()) } else { Ok(()) })
    });
    let hedged = hedged.max_attempts(3).on_attempt(|attempt| {
        assert!(!attempt.token.is_cancelled());
        log.push(("hook", attempt.number));
    });
    assert_eq!(smol::block_on(hedged), Ok(()));
    assert_eq!(log.take(), [("hook", 0), ("made", 0), ("hook", 1), ("made", 1), ("hook", 2), ("made", 2)]);
}

#[test]
fn the_winners_token_is_not_cancelled() {
    let tokens = RefCell::new(Vec::new());
    let hedged = hedge(|attempt: Attempt| {
        tokens.borrow_mut().push(attempt.token);
        async move { if attempt.number == 1 { Ok(()) } else { pending::<Result<(), ()>>().await } }
    });
    assert_eq!(smol::block_on(hedged.delay(Duration::ZERO).max_attempts(3)), Ok(()));
    assert_eq!(tokens.borrow().iter().map(|token| token.is_cancelled()).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_percentile_decides() {
    let (clock, latency) = (auto(), Arc::new(ObservedLatency::percentile(50.0).initial(millis(40)).min_samples(4)));
    let call = |takes: u64| {
        let start = passed(&clock);
        let hedged = hedge_on(&clock, |attempt: Attempt| {
            delayed(&clock, if attempt.number == 0 { takes } else { 1 }, Ok::<_, ()>(attempt.number))
        });
        let number = clock.block_on(hedged.delay(latency.clone()).observe(&*latency)).unwrap();
        (number, passed(&clock) - start)
    };
    assert_eq!(call(100), (1, 41), "the initial delay");
    assert_eq!(latency.samples(), 1);
    for takes in [8, 8, 8] {
        assert_eq!(call(takes), (0, takes));
    }
    assert_eq!(latency.samples(), 4);
    let (number, took) = call(100);
    assert!(number == 1 && (9..=10).contains(&took), "{took} ms");
}

#[test]
fn a_beaten_attempt_counts_with_what_it_had_taken() {
    let (clock, latency) = (auto(), ObservedLatency::percentile(100.0).min_samples(1));
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        delayed(&clock, if attempt.number == 0 { 1000 } else { 5 }, Ok::<_, ()>(attempt.number))
    });
    assert_eq!(clock.block_on(hedged.delay(millis(10)).observe(&latency)), Ok(1));
    assert!(latency.delay() >= millis(15) && latency.delay() < millis(16), "{latency:?}");
    // One that has failed does not count.
    let latency = ObservedLatency::percentile(100.0).min_samples(1);
    let hedged = hedge_on(&clock, |attempt: Attempt| {
        delayed(&clock, 20, if attempt.number == 0 { Err(()) } else { Ok(attempt.number) })
    });
    assert_eq!(clock.block_on(hedged.observe(&latency)), Ok(1));
    assert!(latency.delay() >= millis(20) && latency.delay() < millis(22), "{latency:?}");
    // Nothing is learned from a failure.
    let hedged = hedge_on(&clock, |_| delayed(&clock, 20, Err::<(), _>(())));
    assert!(clock.block_on(hedged.observe(&latency)).is_err());
    assert_eq!(latency.samples(), 1);
}

#[test]
fn the_percentile_does_not_shrink_by_hedging() {
    let (clock, latency) = (auto(), ObservedLatency::percentile(95.0).min_samples(100));
    let mut extra = 0;
    for call in 0..5000_u64 {
        // 5 % take 1000 ms, the others from 10 to 20.
        let takes = |n: u64| if n % 20 == 7 { 1000 } else { 10 + n * 7 % 11 };
        let hedged = hedge_on(&clock, |attempt: Attempt| {
            let number = u64::from(attempt.number);
            extra += number;
            delayed(&clock, takes(call + 11 * number), Ok::<_, ()>(()))
        });
        assert_eq!(clock.block_on(hedged.delay(&latency).observe(&latency)), Ok(()));
    }
    assert!(extra <= 5000 / 10, "{extra} extra calls");
    assert!(latency.delay() >= millis(20), "{latency:?}");
}

#[test]
fn attempts_may_be_tasks() {
    let single = crate::support::exec::Single::default();
    let spawner = single.spawner();
    let hedged = hedge(|attempt: Attempt| taskcell::Task::<u32>::run(&spawner, async move { Ok(attempt.number) }));
    use crate::support::exec::Executor;
    let mut hedged = hedged;
    assert!(Counter::new().poll(&mut hedged).is_pending());
    single.run(async {});
    single.drain();
    assert!(matches!(Counter::new().poll(&mut hedged), Poll::Ready(Ok(0))));
}

#[test]
fn it_says_how_far_it_is() {
    let clock = ManualClock::new();
    let mut hedged = hedge_on(&clock, |_| pending::<Result<(), ()>>()).delay(Duration::ZERO);
    assert_eq!(format!("{hedged:?}"), "Hedge { started: 0, running: 0, .. }");
    assert!(Counter::new().poll(&mut hedged).is_pending());
    assert_eq!(format!("{hedged:?}"), "Hedge { started: 2, running: 2, .. }");
    assert_eq!(clock.now(), Timestamp::ZERO);
}
