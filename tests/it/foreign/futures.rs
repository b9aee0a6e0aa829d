//! Futures that panic when they are polled, or drop everything.
use super::{Bag, leaks_nothing, panics};
use crate::support::{Jobs, panic_of};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use taskcell::time::ManualClock;
use taskcell::{CancellationTokenSource, Task, timeout_on};

/// Pending, and empties the bag at each poll.
fn emptying(bag: &Bag) -> impl Future<Output = ()> + Send + 'static + use<> {
    let bag = bag.clone();
    poll_fn(move |_| {
        bag.empty();
        Poll::Pending
    })
}

#[test]
fn beside_a_token() {
    leaks_nothing(|| {
        let (bag, source) = (Bag::default(), CancellationTokenSource::new());
        let token = source.token();
        bag.put(source);
        let mut both = Box::pin(token.run_until_cancelled(emptying(&bag)));
        // The source is gone: nobody ends it.
        assert!(both.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(both);
        assert_eq!((token.listeners(), Arc::strong_count(&bag.0)), (0, 1));
    });
}

#[test]
fn with_a_time_limit() {
    leaks_nothing(|| {
        let (bag, clock) = (Bag::default(), Arc::new(ManualClock::new()));
        let source = CancellationTokenSource::new();
        source.cancel_after_on(&clock, Duration::from_secs(1));
        bag.put(source);
        let mut limited = Box::pin(timeout_on(clock.clone(), Duration::from_millis(1), emptying(&bag)));
        assert!(limited.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(clock.armed(), 1, "the source's timer went with it");
        clock.advance(Duration::from_millis(1));
        assert!(limited.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        drop(limited);
        let mut broken = Box::pin(timeout_on(clock.clone(), Duration::from_millis(1), async { panics() }));
        let poll = || broken.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        assert_eq!(panic_of(poll), Some("mine"));
        drop(broken);
        assert_eq!((clock.armed(), Arc::strong_count(&bag.0)), (0, 1));
    });
}

#[test]
fn of_a_task() {
    leaks_nothing(|| {
        let (bag, jobs) = (Bag::default(), Jobs::new());
        let inside = bag.clone();
        let task = Task::<u32>::run(&jobs, async move {
            inside.empty();
            Ok(1)
        });
        bag.put((task, jobs.clone()));
        jobs.run();
        drop(jobs);
        assert_eq!(Arc::strong_count(&bag.0), 1, "the future is left");
    });
}

#[test]
fn a_poll_that_has_dropped_everything_leaves_a_task_that_ends() {
    leaks_nothing(|| {
        let (bag, jobs) = (Bag::default(), Jobs::new());
        let task = Task::<()>::run(&jobs, {
            let pending = emptying(&bag);
            async move {
                pending.await;
                Ok(())
            }
        });
        jobs.step();
        // The executor goes, and the future with it.
        bag.put(jobs);
        bag.empty();
        let outcome = pin!(&task).as_ref().get_ref().is_faulted();
        assert!(outcome, "the task is abandoned");
    });
}
