//! T12: a hedge: a primary of 100 ms, a delay of 10, a hedge of 5; and what becomes of the loser.
use crate::support::{Jobs, Log};
use core::time::Duration;
use std::cell::Cell;
use taskcell::time::{ManualClock, Timestamp, delay_on};
use taskcell::{Attempt, Detach, Losers, RedundancyError, TimeProvider, hedge};

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn at(n: u64) -> Timestamp {
    Timestamp::ZERO.saturating_add(millis(n))
}

fn clock() -> ManualClock {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    clock
}

/// Writes its word when it is dropped.
struct Guard(Log<&'static str>, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}

/// Takes 100 ms the first time and 5 the second; notes what happens to the first.
async fn server(clock: ManualClock, log: Log<&'static str>, attempt: Attempt) -> Result<u32, &'static str> {
    if attempt.number == 0 {
        let _guard = Guard(log.clone(), "dropped");
        attempt.token.register(log.note("cancelled")).detach();
        delay_on(&clock, millis(100)).await;
    } else {
        delay_on(&clock, millis(5)).await;
    }
    Ok(attempt.number)
}

#[test]
fn t12_the_loser_is_cancelled_and_dropped_before_the_result() {
    let (clock, log, calls) = (clock(), Log::new(), Cell::new(0));
    let hedged = hedge(|attempt| {
        calls.set(calls.get() + 1);
        server(clock.clone(), log.clone(), attempt)
    });
    let hedged = hedged.on_clock(&clock).delay(millis(10));
    let result = clock.block_on(async {
        let result = hedged.await;
        log.push("returned");
        result
    });
    assert_eq!((result, calls.get()), (Ok(1), 2));
    assert_eq!(clock.now(), at(15));
    assert_eq!(log.take(), ["cancelled", "dropped", "returned"]);
    assert_eq!(clock.armed(), 0);
}

/// A primary that sees its token and needs 30 ms to clean up.
async fn careful(clock: ManualClock, log: Log<&'static str>, attempt: Attempt) -> Result<u32, &'static str> {
    if attempt.number == 0 {
        let _guard = Guard(log.clone(), "dropped");
        assert!(attempt.token.run_until_cancelled(delay_on(&clock, millis(100))).await.is_none());
        log.push("cancelled");
        delay_on(&clock, millis(30)).await;
        log.push("cleaned up");
    } else {
        delay_on(&clock, millis(5)).await;
    }
    Ok(attempt.number)
}

#[test]
fn t12_the_loser_is_awaited() {
    let (clock, log) = (clock(), Log::new());
    let hedged = hedge(|attempt| careful(clock.clone(), log.clone(), attempt)).delay(millis(10));
    let result = clock.block_on(hedged.on_clock(&clock).losers(Losers::CancelAndAwait));
    assert_eq!((result, clock.now()), (Ok(1), at(45)));
    assert_eq!(log.take(), ["cancelled", "cleaned up", "dropped"]);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t12_the_loser_is_detached() {
    let (clock, log, jobs) = (clock(), Log::new(), Jobs::new());
    let make = {
        let (clock, log) = (clock.clone(), log.clone());
        move |attempt| careful(clock.clone(), log.clone(), attempt)
    };
    let hedged = hedge(make).on_clock(clock.clone()).delay(millis(10));
    let result = clock.block_on(hedged.losers(Losers::CancelAndDetach(Detach::on(jobs.clone()))));
    assert_eq!((result, clock.now(), jobs.len(), log.len()), (Ok(1), at(15), 1, 0));
    jobs.step();
    assert_eq!(log.take(), ["cancelled"]);
    clock.advance(millis(30));
    assert_eq!(jobs.run(), 1);
    assert_eq!(log.take(), ["cleaned up", "dropped"]);
    assert_eq!((clock.now(), clock.armed()), (at(45), 0));
}

#[test]
fn t12_the_hedge_fails_and_the_primary_succeeds() {
    let clock = clock();
    let hedged = hedge(|attempt: Attempt| {
        let clock = clock.clone();
        async move {
            delay_on(&clock, millis([20, 5][attempt.number as usize])).await;
            if attempt.number == 0 { Ok("primary") } else { Err("hedge") }
        }
    });
    let result = clock.block_on(hedged.on_clock(&clock).delay(millis(10)));
    assert_eq!((result, clock.now(), clock.armed()), (Ok("primary"), at(20), 0));
}

#[test]
fn t12_both_fail() {
    let clock = clock();
    let hedged = hedge(|attempt: Attempt| {
        let clock = clock.clone();
        async move {
            delay_on(&clock, millis([20, 5][attempt.number as usize])).await;
            Err::<(), _>(attempt.number)
        }
    });
    let error = clock.block_on(hedged.on_clock(&clock).delay(millis(10))).unwrap_err();
    let RedundancyError::Failed(errors) = error else { panic!("not {error:?}") };
    assert_eq!(errors.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 1)]);
    assert_eq!((clock.now(), clock.armed()), (at(20), 0));
}

#[test]
fn t12_what_must_not_be_hedged_is_called_once() {
    for fails in [false, true] {
        let (clock, calls) = (clock(), Cell::new(0));
        let hedged = hedge(|_| {
            calls.set(calls.get() + 1);
            let clock = clock.clone();
            async move {
                delay_on(&clock, millis(100)).await;
                if fails { Err("failed") } else { Ok(()) }
            }
        });
        let result = clock.block_on(hedged.on_clock(&clock).delay(millis(10)).can_hedge(|_| false));
        assert_eq!((result.is_err(), calls.get()), (fails, 1));
        assert_eq!((clock.now(), clock.armed()), (at(100), 0));
    }
}
