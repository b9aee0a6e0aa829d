//! DLY: `Task.Delay` and `TimeProvider`. "With a token" reads `token.run_until_cancelled(delay_on(..))`.
//!
//! | entry | why there is no test |
//! |---|---|
//! | DLY-004 | "moot": neither a negative nor a too large duration can be written |
use crate::support::{Counter, Log};
use core::time::Duration;
use std::task::Poll;
use taskcell::time::{ManualClock, SystemClock, TimeProvider, Timestamp};
use taskcell::time::{delay, delay_on};
use taskcell::{CancellationToken, CancellationTokenSource};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn dly_001_a_zero_delay_is_over() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    assert!(waiter.poll(&mut Box::pin(delay_on(&clock, Duration::ZERO))).is_ready());
    assert!(waiter.poll(&mut Box::pin(delay(Duration::ZERO))).is_ready());
    assert_eq!(waiter.wakes(), 0);
}

#[test]
fn dly_002_a_cancelled_token_beats_even_a_zero_delay() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    source.cancel();
    for token in [source.token(), CancellationToken::new(true)] {
        for time in [Duration::ZERO, SECOND, Duration::MAX] {
            let mut work = Box::pin(token.run_until_cancelled(delay_on(&clock, time)));
            assert_eq!(waiter.poll(&mut work), Poll::Ready(None));
            let mut work = token.until_cancelled(Box::pin(delay_on(&clock, time)));
            let Poll::Ready(Err(interrupted)) = waiter.poll(&mut work) else { panic!("the token is cancelled") };
            assert!(interrupted.cancelled.token().clone() == token);
        }
    }
    assert_eq!(clock.armed(), 0);
}

#[test]
fn dly_003_an_infinite_delay_never_ends() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let mut alone = Box::pin(delay_on(&clock, Duration::MAX));
    assert!(waiter.poll(&mut alone).is_pending());
    clock.advance_to(Timestamp::MAX);
    assert!(waiter.poll(&mut alone).is_pending());
    assert!(waiter.poll(&mut Box::pin(delay(Duration::MAX))).is_pending());

    let (token, second) = (source.token(), Counter::new());
    let mut with = token.until_cancelled(Box::pin(delay_on(&clock, Duration::MAX)));
    assert!(second.poll(&mut with).is_pending());
    source.cancel();
    assert_eq!(second.wakes(), 1, "woken inside cancel");
    let Poll::Ready(Err(interrupted)) = second.poll(&mut with) else { panic!("the token is cancelled") };
    assert!(interrupted.cancelled.token().clone() == token);
}

#[test]
fn dly_007_a_delay_never_ends_early() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut work = Box::pin(delay_on(&clock, SECOND));
    assert!(waiter.poll(&mut work).is_pending());
    clock.advance(SECOND - Duration::from_nanos(1));
    assert_eq!(waiter.wakes(), 0);
    assert!(waiter.poll(&mut work).is_pending());
    clock.advance(Duration::from_nanos(1));
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut work).is_ready());

    // The default clock, by its own reckoning.
    let (start, time) = (SystemClock.now(), Duration::from_millis(5));
    smol::block_on(delay(time));
    assert!(SystemClock.now().saturating_duration_since(start) >= time);
}

#[test]
fn dly_008_a_cancel_after_the_end_changes_nothing() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let mut work = Box::pin(token.run_until_cancelled(delay_on(&clock, SECOND)));
    assert!(waiter.poll(&mut work).is_pending());
    assert_eq!(token.listeners(), 1);
    clock.advance(SECOND);
    assert_eq!(waiter.poll(&mut work), Poll::Ready(Some(())));
    drop(work);
    assert_eq!(token.listeners(), 0);
    source.cancel();
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn dly_009_delays_end_in_due_order() {
    let (clock, log) = (ManualClock::new(), Log::new());
    let hooks = [120, 20, 70, 20].map(|ms| {
        let log = log.clone();
        let (waker, _) = crate::support::hooked::Hooks::new().on_wake(move || log.push(ms)).waker();
        let mut work = Box::pin(delay_on(&clock, Duration::from_millis(ms)));
        assert!(crate::support::poll_with(&waker, &mut work).is_pending());
        work
    });
    clock.advance(SECOND);
    assert_eq!(log.take(), [20, 20, 70, 120]);
    drop(hooks);
}

#[test]
fn dly_011_a_delay_waits_for_its_provider() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut work = Box::pin(delay_on(&clock, 3 * SECOND));
    assert!(waiter.poll(&mut work).is_pending());
    assert_eq!(clock.armed(), 1);
    assert_eq!(clock.next_deadline(), Some(clock.now().saturating_add(3 * SECOND)));
    for _ in 0..2 {
        clock.advance(SECOND);
        assert!(waiter.poll(&mut work).is_pending());
    }
    clock.advance(SECOND);
    assert!(waiter.poll(&mut work).is_ready());
    assert_eq!(clock.armed(), 0);
    // Any provider will do, behind a trait object too.
    let provider: &dyn TimeProvider = &clock;
    assert!(waiter.poll(&mut Box::pin(delay_on(provider, Duration::ZERO))).is_ready());
}

#[test]
fn dly_012_a_zero_delay_makes_no_timer() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let mut work = Box::pin(delay_on(&clock, Duration::ZERO));
    assert_eq!(clock.armed(), 0);
    assert!(waiter.poll(&mut work).is_ready());
    assert_eq!(clock.armed(), 0);
    // And none before the first poll.
    let idle = delay_on(&clock, SECOND);
    assert_eq!(clock.armed(), 0);
    drop(idle);
}

#[test]
fn dly_013_a_cancel_releases_the_timer() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    let mut work = Box::pin(token.run_until_cancelled(delay_on(&clock, SECOND)));
    assert!(waiter.poll(&mut work).is_pending());
    assert_eq!(clock.armed(), 1);
    source.cancel();
    assert_eq!(waiter.poll(&mut work), Poll::Ready(None));
    drop(work);
    assert_eq!(clock.armed(), 0);
    clock.advance(SECOND);
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(waiter.held(), 0);
}
