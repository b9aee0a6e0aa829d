//! Futures and closures behind a breaker.
use super::breaker::{SECOND, fail, n, open_for, succeed, two_failures};
use crate::support::{Counter, Dropped, panic_of};
use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use taskcell::time::{Alarm, ManualClock, TimeProvider, Timestamp};
use taskcell::{CallVerdict, CircuitBreaker, CircuitState, Rejected};

#[test]
fn results_come_back_as_they_are() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    smol::block_on(async {
        assert_eq!(breaker.call(ready(Ok::<_, ()>(1))).await, Ok(Ok(1)));
        assert_eq!(breaker.call(async { Err::<(), _>(2) }).await, Ok(Err(2)));
        assert_eq!(breaker.call(async { Err::<(), _>(3) }).await, Ok(Err(3)));
        assert_eq!(breaker.call(ready(Ok::<_, ()>(4))).await, Err(open_for(10 * SECOND)));
    });
    assert_eq!((breaker.stats().successes, breaker.stats().failures, breaker.stats().running), (1, 2, 0));
}

/// What is rejected is dropped at once, unpolled.
#[test]
fn a_rejected_future_is_not_polled() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let (dropped, drops) = Dropped::new();
    let mut call = Box::pin(breaker.call(async move {
        let _dropped = dropped;
        panic!("it was polled");
        #[expect(unreachable_code, reason = "the type of the result")]
        Ok::<(), ()>(())
    }));
    // The permit is asked for by the poll, not by the call.
    breaker.isolate();
    assert_eq!(Counter::new().poll(&mut call), Poll::Ready(Err(Rejected::Isolated)));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(panic_of(|| Counter::new().poll(&mut call)).is_some());
}

#[test]
fn what_counts_as_failure_can_be_said() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    smol::block_on(async {
        for status in [200, 503, 404] {
            assert_eq!(breaker.call(ready(status)).handle(|status| *status >= 500).await, Ok(status));
        }
        for _ in 0..9 {
            let neither = breaker.call(ready(())).handle(|()| CallVerdict::Ignore);
            assert_eq!(neither.await, Ok(()));
        }
    });
    let stats = breaker.stats();
    assert_eq!((stats.successes, stats.failures, stats.ignored), (2, 1, 9));
}

/// The one who cancels a call has not found out about the service.
#[test]
fn a_call_that_is_dropped_counts_as_neither() {
    let (clock, builder) = two_failures();
    let breaker = builder.build();
    let waker = Counter::new();
    for _ in 0..5 {
        let mut call = Box::pin(breaker.call(pending::<Result<(), ()>>()));
        assert!(waker.poll(&mut call).is_pending());
        assert_eq!(breaker.stats().running, 1);
    }
    assert_eq!((breaker.state(), breaker.stats().ignored, breaker.stats().running), (CircuitState::Closed, 5, 0));
    // A probe, too: its place is free at once.
    fail(&breaker, 2);
    clock.advance(10 * SECOND);
    for _ in 0..5 {
        let mut call = Box::pin(breaker.call(pending::<Result<(), ()>>()));
        assert!(waker.poll(&mut call).is_pending());
        assert!(breaker.try_acquire().is_err());
    }
    // One that was never polled had no permit.
    drop(breaker.call(pending::<Result<(), ()>>()));
    assert_eq!(smol::block_on(breaker.call(ready(Ok::<_, ()>(())))), Ok(Ok(())));
    assert_eq!((breaker.state(), breaker.stats().ignored), (CircuitState::Closed, 10));
    assert_eq!(waker.held(), 0);
}

#[test]
fn a_panic_is_a_failure() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let died = panic_of(|| smol::block_on(breaker.call(async { panic!("boom") as Result<(), ()> })));
    assert_eq!(died, Some("boom"));
    let died = panic_of(|| breaker.run(|| panic!("bang") as Result<(), ()>));
    assert_eq!(died, Some("bang"));
    assert_eq!((breaker.state(), breaker.stats().failures, breaker.stats().running), (CircuitState::Open, 2, 0));
    breaker.close();
    // Who judges may panic, too.
    let died = panic_of(|| smol::block_on(breaker.call(ready(())).handle(|()| -> bool { panic!("judge") })));
    assert_eq!((died, breaker.stats().failures), (Some("judge"), 3));
}

/// A probe's place is taken until its future has gone.
#[test]
fn the_future_goes_before_the_permit() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    struct Looks(taskcell::CircuitBreaker);
    impl Drop for Looks {
        fn drop(&mut self) {
            assert_eq!(self.0.stats().running, 1);
        }
    }
    let looks = || Looks(breaker.clone());
    let call = |looks: Looks, poll| {
        breaker.call(std::future::poll_fn(move |_| {
            let _looks = &looks;
            poll
        }))
    };
    assert_eq!(smol::block_on(call(looks(), Poll::Ready(Ok::<_, ()>(1)))), Ok(Ok(1)));
    assert_eq!(breaker.stats().running, 0);
    // Dropped, too.
    let mut dropped = Box::pin(call(looks(), Poll::Pending));
    assert!(Counter::new().poll(&mut dropped).is_pending());
    drop(dropped);
    assert_eq!((breaker.stats().running, breaker.stats().ignored), (0, 1));
}

/// A clock that panics takes no permit with it.
#[test]
fn a_clock_that_panics_loses_no_permit() {
    struct Broken(ManualClock, Arc<AtomicBool>);
    impl TimeProvider for Broken {
        fn now(&self) -> Timestamp {
            assert!(!self.1.load(Ordering::Relaxed), "no time");
            self.0.now()
        }
        fn arm(&self, at: Timestamp, waker: std::task::Waker) -> Alarm {
            self.0.arm(at, waker)
        }
    }
    let (clock, broken) = (ManualClock::new(), Arc::new(AtomicBool::new(false)));
    let breaker = CircuitBreaker::builder_on(Broken(clock.clone(), broken.clone())).consecutive_failures(n(1)).build();
    fail(&breaker, 1);
    clock.advance(10 * SECOND);
    let probe = breaker.try_acquire().unwrap();
    broken.store(true, Ordering::Relaxed);
    assert_eq!(panic_of(|| probe.failure()), Some("no time"));
    assert_eq!(panic_of(|| drop(breaker.try_acquire())), Some("no time"));
    broken.store(false, Ordering::Relaxed);
    assert_eq!((breaker.stats().running, breaker.stats().ignored), (0, 1));
    succeed(&breaker, 1);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[test]
fn closures_go_through_as_well() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    assert_eq!(breaker.run(|| "7".parse::<u8>()), Ok(Ok(7)));
    for _ in 0..2 {
        assert!(breaker.run(|| "seven".parse::<u8>()).unwrap().is_err());
    }
    assert_eq!(breaker.run(|| -> Result<(), ()> { unreachable!() }), Err(open_for(10 * SECOND)));
}

/// A call outlives the handle that it was made with, and needs no box.
#[test]
fn a_call_owns_its_breaker() {
    let (_clock, builder) = two_failures();
    let breaker = builder.build();
    let call = breaker.call(async { Ok::<_, ()>(5) });
    let mut watch = breaker.watch();
    drop(breaker);
    let waker = Counter::new();
    let mut call = pin!(call);
    assert_eq!(smol::block_on(watch.changed()), Some(CircuitState::Closed));
    assert_eq!(call.as_mut().poll(&mut Context::from_waker(&waker.waker())), Poll::Ready(Ok(Ok(5))));
}
