//! Models of breaker and bulkhead: probes and generations, hooks and watchers, places that are handed on.
#![cfg(loom)]

use loom::sync::Arc;
use loom::thread::spawn;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use taskcell::{
    Backoff, Bulkhead, CircuitBreaker, CircuitBreakerBuilder, CircuitState, Jitter, ManualClock, Pipeline, Rejected,
    RetryEvent, RetryStrategy,
};
use taskcell_loom_tests::{Bound, Clock, Wakes, block_on, model, name, poll_once};

/// One failure opens it, and the next call is a probe.
fn builder() -> CircuitBreakerBuilder {
    CircuitBreaker::builder_on(Clock::new()).consecutive_failures(NonZeroU32::MIN).break_for(Duration::ZERO)
}

/// Half-open, as the next call finds out.
fn opened() -> CircuitBreaker {
    let breaker = builder().build();
    breaker.try_acquire().unwrap().failure();
    breaker
}

/// Two callers come when the break is over: one of them makes it half-open, and one of them is the probe.
#[test]
fn two_acquire_one_probe() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = opened();
        let other = breaker.clone();
        let thread = spawn(move || other.try_acquire());
        let (mine, theirs) = (breaker.try_acquire(), thread.join().unwrap());
        assert!(mine.is_ok() != theirs.is_ok());
        assert_eq!((breaker.stats().running, breaker.stats().rejected), (1, 1));
        mine.or(theirs).unwrap().success();
        assert_eq!(breaker.state(), CircuitState::Closed);
    });
}

/// A probe fails while somebody closes it by hand: before or after, it is closed in the end.
#[test]
fn failed_probe_against_close() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = opened();
        let probe = breaker.try_acquire().unwrap();
        let thread = spawn(move || probe.failure());
        breaker.close();
        thread.join().unwrap();
        assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::Closed, 0));
        assert_eq!(breaker.stats().failures, 2);
    });
}

/// The last probe succeeds while it is isolated: it stays so.
#[test]
fn successful_probe_against_isolate() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = opened();
        let probe = breaker.try_acquire().unwrap();
        let thread = spawn(move || probe.success());
        breaker.isolate();
        thread.join().unwrap();
        assert_eq!((breaker.state(), breaker.stats().running), (CircuitState::Isolated, 0));
        assert_eq!(breaker.try_acquire().unwrap_err(), Rejected::Isolated);
    });
}

/// Two probes, a success and a failure, one of which would decide alone: whichever is first does, the other is of the past.
#[test]
fn two_probes_that_disagree() {
    model(name!(), Bound::Exhaustive, || {
        let probes = NonZeroU32::new(2).unwrap();
        let [opened, closed] = [(); 2].map(|()| std::sync::Arc::new(AtomicUsize::new(0)));
        let [own_opened, own_closed] = [opened.clone(), closed.clone()];
        let breaker = builder()
            .probes(probes)
            .successes_to_close(NonZeroU32::MIN)
            .on_opened(move |_| _ = own_opened.fetch_add(1, SeqCst))
            .on_closed(move |_| _ = own_closed.fetch_add(1, SeqCst))
            .build();
        breaker.try_acquire().unwrap().failure();
        let (one, two) = (breaker.try_acquire().unwrap(), breaker.try_acquire().unwrap());
        let thread = spawn(move || one.failure());
        two.success();
        thread.join().unwrap();
        let (opened, closed) = (opened.load(SeqCst), closed.load(SeqCst));
        // The trip of the start, and either of the two.
        assert_eq!(opened + closed, 2);
        assert_eq!(breaker.state(), if closed == 1 { CircuitState::Closed } else { CircuitState::HalfOpen });
        assert_eq!((breaker.stats().trips, breaker.stats().running), (opened as u64, 0));
    });
}

/// The place of a probe that is dropped is there for the next, once.
#[test]
fn probe_dropped_against_acquire() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = opened();
        let probe = breaker.try_acquire().unwrap();
        let thread = spawn(move || drop(probe));
        let early = breaker.try_acquire();
        thread.join().unwrap();
        let late = breaker.try_acquire();
        assert!(early.is_ok() != late.is_ok());
        assert_eq!((breaker.state(), breaker.stats().ignored), (CircuitState::HalfOpen, 1));
    });
}

/// Two threads change it: hooks hear of both changes, in their order, from one at a time.
#[test]
fn change_against_the_end_of_telling() {
    model(name!(), Bound::Exhaustive, || {
        let log = std::sync::Arc::new(Mutex::new(Vec::new()));
        let hook = || {
            let log = log.clone();
            move |change: taskcell::CircuitChange<'_>| {
                log.lock().unwrap_or_else(PoisonError::into_inner).push((change.from(), change.to()));
            }
        };
        let breaker = builder().on_opened(hook()).on_closed(hook()).build();
        let other = breaker.clone();
        let thread = spawn(move || other.isolate());
        breaker.isolate();
        breaker.close();
        thread.join().unwrap();
        let log = std::mem::take(&mut *log.lock().unwrap());
        let last = log.iter().fold(CircuitState::Closed, |state, (from, to)| {
            assert_eq!(*from, state);
            *to
        });
        assert_eq!(last, breaker.state());
    });
}

/// Whatever a watcher misses of two changes, it sees the last, and the end.
#[test]
fn watch_against_two_changes() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = builder().build();
        let mut watch = breaker.watch();
        let thread = spawn(move || {
            breaker.isolate();
            breaker.close();
        });
        let mut last = None;
        while let Some(state) = block_on(watch.changed()) {
            last = Some(state);
        }
        assert_eq!(last, Some(CircuitState::Closed));
        thread.join().unwrap();
    });
}

/// A watch that is dropped against a change leaves no waker, and is not woken by a change that comes after its drop.
#[test]
fn watch_dropped_against_a_change() {
    model(name!(), Bound::Exhaustive, || {
        let breaker = builder().build();
        let (wakes, mut watch) = (Wakes::new(), breaker.watch());
        let waker = wakes.waker();
        assert!(poll_once(&mut watch.changed(), &waker).is_ready());
        assert!(poll_once(&mut watch.changed(), &waker).is_pending());
        drop(waker);
        let other = breaker.clone();
        let thread = spawn(move || {
            drop(watch);
            other.state() == CircuitState::Closed
        });
        breaker.isolate();
        let was_first = thread.join().unwrap();
        assert_eq!(wakes.live(), 0);
        assert!(wakes.count() < if was_first { 1 } else { 2 });
    });
}

fn bulkhead(queue: usize) -> Bulkhead {
    Bulkhead::new(NonZeroUsize::MIN, queue)
}

/// A place comes free while somebody gets in line for it.
#[test]
fn place_given_back_against_acquire() {
    model(name!(), Bound::Exhaustive, || {
        let bulkhead = bulkhead(1);
        let place = bulkhead.try_acquire().unwrap();
        let thread = spawn(move || drop(place));
        let place = block_on(bulkhead.acquire()).unwrap();
        assert_eq!(bulkhead.stats().running, 1);
        drop(place);
        thread.join().unwrap();
        assert_eq!((bulkhead.stats().running, bulkhead.stats().queued), (0, 0));
    });
}

/// A place comes free while the one in line changes its waker.
#[test]
fn place_given_back_against_another_waker() {
    model(name!(), Bound::Exhaustive, || {
        let bulkhead = bulkhead(1);
        let place = bulkhead.try_acquire().unwrap();
        let mut wait = bulkhead.acquire();
        assert!(poll_once(&mut wait, &Wakes::new().waker()).is_pending());
        let thread = spawn(move || drop(place));
        drop(block_on(wait).unwrap());
        thread.join().unwrap();
        assert_eq!((bulkhead.stats().running, bulkhead.stats().queued), (0, 0));
    });
}

/// The first in line goes while it is handed the place: the second has it in the end, and is told so once.
#[test]
fn place_given_back_against_one_who_goes() {
    model(name!(), Bound::Exhaustive, || {
        let bulkhead = bulkhead(2);
        let place = bulkhead.try_acquire().unwrap();
        let (first_wakes, wakes) = (Wakes::new(), Wakes::new());
        let (mut first, mut second) = (bulkhead.acquire(), bulkhead.acquire());
        assert!(poll_once(&mut first, &first_wakes.waker()).is_pending());
        assert!(poll_once(&mut second, &wakes.waker()).is_pending());
        let thread = spawn(move || drop(first));
        drop(place);
        thread.join().unwrap();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&mut second, &wakes.waker()), Poll::Ready(Ok(_))));
        assert_eq!((bulkhead.stats().running, bulkhead.stats().queued), (0, 0));
        assert_eq!((first_wakes.live(), wakes.live()), (0, 0));
    });
}

/// Nobody overtakes who waits: a place that comes free is taken at once, or it is another's.
#[test]
fn try_acquire_against_one_in_line() {
    model(name!(), Bound::Exhaustive, || {
        let inside = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let bulkhead = bulkhead(1);
        let place = bulkhead.try_acquire().unwrap();
        let (other, own) = (bulkhead.clone(), inside.clone());
        let thread = spawn(move || {
            let place = block_on(other.acquire()).unwrap();
            assert_eq!(own.fetch_add(1, SeqCst), 0);
            own.fetch_sub(1, SeqCst);
            drop(place);
        });
        drop(place);
        if let Ok(place) = bulkhead.try_acquire() {
            assert_eq!(inside.fetch_add(1, SeqCst), 0);
            inside.fetch_sub(1, SeqCst);
            drop(place);
        }
        thread.join().unwrap();
        assert_eq!((bulkhead.stats().running, bulkhead.stats().queued), (0, 0));
    });
}

/// Two calls through one pipeline: each has delays of its own.
#[test]
fn two_calls_have_their_own_delays() {
    model(name!(), Bound::Preemptions(1), || {
        let heard = std::sync::Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        let backoff = Backoff::constant(Duration::from_secs(1)).jitter(Jitter::Full);
        let retry = RetryStrategy::seeded(backoff, 7)
            .on_retry(move |event: RetryEvent<'_, _>| hears.lock().unwrap().push(event.delay));
        let pipeline = Arc::new(Pipeline::new_on(ManualClock::new()).retry(retry));
        let call = |pipeline: Arc<_>| {
            let mut call = Box::pin(Pipeline::call(&pipeline, async |_| Err::<(), ()>(())));
            assert!(poll_once(&mut call, &Wakes::new().waker()).is_pending());
        };
        let same = pipeline.clone();
        let thread = spawn(move || call(same));
        call(pipeline);
        thread.join().unwrap();
        let heard = heard.lock().unwrap();
        assert!(heard.len() == 2 && heard[0] != heard[1], "{heard:?}");
    });
}
