//! T11: a retry is cancelled in the middle of a delay, meets its deadline, and counts to a million.
use crate::support::Counter;
use core::num::NonZeroU32;
use core::time::Duration;
use std::cell::Cell;
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Poll};
use taskcell::time::{ManualClock, TimeProvider, Timestamp};
use taskcell::{Backoff, CancellationTokenSource, Jitter, RetryErrorKind, retry_on};

const MS: Duration = Duration::from_millis(1);

fn times(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

#[test]
fn t11_cancelled_in_the_middle_of_a_delay() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let (token, calls) = (source.token(), Cell::new(0));
    let attempt = |_| {
        calls.set(calls.get() + 1);
        async { Err::<(), _>("down") }
    };
    let retry = retry_on(&clock, attempt).backoff(Backoff::constant(100 * MS)).token(&token);
    let mut retry = Box::pin(retry.into_future());
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!((clock.armed(), token.listeners(), calls.get()), (1, 1, 1));
    clock.advance(50 * MS);
    assert!(waiter.poll(&mut retry).is_pending());
    assert_eq!(waiter.wakes(), 0);
    source.cancel();
    assert_eq!(waiter.wakes(), 1, "no time has to pass");
    let Poll::Ready(Err(error)) = waiter.poll(&mut retry) else { panic!("cancelled at 50 ms") };
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Cancelled, 1, 50 * MS));
    assert_eq!(clock.now(), Timestamp::from(50 * MS));
    assert_eq!((clock.armed(), token.listeners(), calls.get()), (0, 0, 1), "before the retry is dropped");
    assert_eq!(error.into_inner(), Some("down"));
    drop(retry);
    clock.advance(100 * MS);
    assert_eq!((waiter.wakes(), waiter.held()), (1, 0));
}

#[test]
fn t11_a_delay_that_does_not_fit_is_not_slept() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let retry =
        retry_on(&clock, async |_| Err::<(), _>("down")).backoff(Backoff::constant(200 * MS)).deadline(120 * MS);
    let mut retry = Box::pin(retry.into_future());
    let Poll::Ready(Err(error)) = waiter.poll(&mut retry) else { panic!("at once") };
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Deadline, 1, Duration::ZERO));
    assert!(error.is_exhausted());
    assert_eq!(error.into_inner(), Some("down"));
    assert_eq!((clock.armed(), waiter.wakes(), waiter.held()), (0, 0, 0));
}

#[test]
fn t11_a_later_delay_that_does_not_fit() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let error = clock.block_on(async {
        let retry = retry_on(&clock, async |_| Err::<(), _>("down"));
        let retry = retry.for_ever().backoff(Backoff::exponential(10 * MS)).deadline(100 * MS);
        retry.await.unwrap_err()
    });
    // 10, 20 and 40 fit; 80 more do not.
    assert_eq!((error.kind(), error.attempts(), error.elapsed()), (RetryErrorKind::Deadline, 4, 70 * MS));
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t11_a_million_delays_stay_between_nothing_and_the_longest() {
    let base = 3 * MS;
    let shapes = [
        Backoff::constant(base),
        Backoff::linear(base),
        Backoff::exponential(base),
        Backoff::exponential(base).factor_ratio(3, times(2)),
        Backoff::exponential(base).factor(u32::MAX),
        Backoff::fibonacci(base),
    ];
    let jitters = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated];
    for shape in shapes {
        for jitter in jitters {
            for max in [Duration::ZERO, MS, Duration::from_secs(30), Duration::MAX] {
                let rounds = if cfg!(miri) {
                    100
                } else if max == Duration::from_secs(30) {
                    1_000_000
                } else {
                    10_000
                };
                let mut delays = shape.jitter(jitter).max_delay(max).delays(11);
                let longest = delays.by_ref().take(rounds).max().unwrap();
                assert!(longest <= max, "{shape:?} {jitter:?}: {longest:?}");
                assert!(delays.next().is_some());
            }
        }
    }
}

#[test]
fn t11_a_million_attempts() {
    const LONGEST: Duration = Duration::from_secs(20);
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let (mut last, mut retries) = (Duration::ZERO, 0);
    let error = clock.block_on(async {
        retry_on(&clock, async |_| Err::<(), _>(()))
            .max_attempts(times(1_000_000))
            .backoff(Backoff::exponential(MS).max_delay(LONGEST).jitter(Jitter::Decorrelated))
            .on_retry(|event| {
                assert!(event.delay <= LONGEST);
                (last, retries) = (event.delay, retries + 1);
            })
            .await
            .unwrap_err()
    });
    assert_eq!((error.kind(), error.attempts(), retries), (RetryErrorKind::Exhausted, 1_000_000, 999_999));
    assert!(last > Duration::ZERO && error.elapsed() > LONGEST);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn t11_cancelled_from_another_thread() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let helper = std::thread::spawn(move || source.cancel());
    let retry = retry_on(taskcell::time::SystemClock, async |_| Err::<(), _>(()));
    let error = smol::block_on(retry.backoff(Backoff::constant(Duration::MAX)).token(&token).into_future());
    assert!(error.unwrap_err().is_cancelled());
    assert!(helper.join().unwrap());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn t11_dropped_in_the_middle_of_a_delay() {
    let (clock, waiter, source) = (ManualClock::new(), Counter::new(), CancellationTokenSource::new());
    let token = source.token();
    {
        let retry = retry_on(&clock, async |_| Err::<(), _>("down")).backoff(Backoff::constant(MS)).token(&token);
        let mut retry = pin!(retry.into_future());
        assert!(retry.as_mut().poll(&mut Context::from_waker(&waiter.waker())).is_pending());
        assert_eq!((clock.armed(), token.listeners(), waiter.held()), (1, 1, 2));
    }
    assert_eq!((clock.armed(), token.listeners(), waiter.held()), (0, 0, 0));
    source.cancel();
    clock.advance(MS);
    assert_eq!(waiter.wakes(), 0);
}
