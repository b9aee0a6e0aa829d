//! The three that take factories: `need_only_one`, `first_successful`, `fallback`.
use super::hedging::millis;
use crate::support::{Counter, Log};
use std::cell::{Cell, RefCell};
use std::future::{Ready, pending, ready};
use std::task::Poll;
use taskcell::time::{ManualClock, delay_on};
use taskcell::{BoxFuture, CancellationToken, RedundancyError, fallback, first_successful, need_only_one};

type Factory<T> = fn(CancellationToken) -> BoxFuture<'static, T>;

const NEVER: Factory<Result<u8, &'static str>> = |_| Box::pin(pending());
const SEVEN: Factory<Result<u8, &'static str>> = |_| Box::pin(ready(Ok(7)));
const WRONG: Factory<Result<u8, &'static str>> = |_| Box::pin(ready(Err("wrong")));

#[test]
fn the_first_output_counts_an_error_too() {
    assert_eq!(smol::block_on(need_only_one([NEVER, WRONG, SEVEN])), Ok(Err("wrong")));
    assert_eq!(smol::block_on(first_successful([NEVER, WRONG, SEVEN])), Ok(7));
    assert_eq!(smol::block_on(fallback([WRONG, SEVEN, NEVER])), Ok(7));
}

#[test]
fn of_nothing_there_is_none() {
    let none: [Factory<Result<u8, &'static str>>; 0] = [];
    assert_eq!(smol::block_on(need_only_one(none)), Err(RedundancyError::Empty));
    assert_eq!(smol::block_on(first_successful(none)), Err(RedundancyError::Empty));
    assert_eq!(smol::block_on(fallback(none)), Err(RedundancyError::Empty));
    assert_eq!(RedundancyError::<&str>::Empty.to_string(), "there was nothing to attempt");
    assert!(RedundancyError::<&str>::Empty.errors().is_none());
}

#[test]
fn all_errors_are_kept_in_input_order() {
    let clock = ManualClock::new();
    clock.set_auto_advance(true);
    let failing = |takes: u64| {
        let wait = delay_on(&clock, millis(takes));
        move |_token| async move {
            wait.await;
            Err::<(), u64>(takes)
        }
    };
    let error = clock.block_on(first_successful([30, 10, 20].map(failing))).unwrap_err();
    assert_eq!(error.errors().unwrap().iter().collect::<Vec<_>>(), [(0, &30), (1, &10), (2, &20)]);
    let error = clock.block_on(fallback([30, 10, 20].map(failing))).unwrap_err();
    assert_eq!(error.to_string(), "all attempts failed: 3 errors: [0] 30; [1] 10; [2] 20");
    assert_eq!(error.into_errors().unwrap().into_iter().collect::<Vec<_>>(), [(0, 30), (1, 10), (2, 20)]);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn all_factories_are_called_before_one_is_polled() {
    let log = Log::new();
    let factories = (0..4).map(|n| {
        let log = &log;
        move |_token| {
            log.push(("called", n));
            async move {
                log.push(("polled", n));
                n
            }
        }
    });
    assert_eq!(smol::block_on(need_only_one(factories)), Ok(0));
    assert_eq!(log.take(), [("called", 0), ("called", 1), ("called", 2), ("called", 3), ("polled", 0)]);
}

#[test]
fn a_fallback_is_called_only_when_it_is_needed() {
    let (called, running) = (RefCell::new(Vec::new()), Cell::new(0));
    let factories = (0..5).map(|n| {
        let (called, running) = (&called, &running);
        move |_token| {
            called.borrow_mut().push(n);
            async move {
                running.set(running.get() + 1);
                assert_eq!(running.get(), 1);
                smol::future::yield_now().await;
                running.set(running.get() - 1);
                if n < 3 { Err(n) } else { Ok(n) }
            }
        }
    });
    assert_eq!(smol::block_on(fallback(factories)), Ok(3));
    assert_eq!(*called.borrow(), [0, 1, 2, 3]);
}

#[test]
fn only_woken_attempts_are_polled() {
    let places = crate::children::places(200);
    let waiter = Counter::new();
    let mut one = need_only_one((0..200).map(|index| {
        let places = &places;
        move |_token| crate::children::child(places, index)
    }));
    // 64 are started in a poll.
    for _ in 0..4 {
        assert!(waiter.poll(&mut one).is_pending());
    }
    let polls = || places.iter().map(|place| *place.polls.borrow()).sum::<usize>();
    assert_eq!((polls(), waiter.wakes()), (200, 3));
    assert!(waiter.poll(&mut one).is_pending());
    places[130].wake();
    places[7].wake();
    assert!(waiter.poll(&mut one).is_pending());
    assert_eq!(polls(), 202);
    places[140].finish();
    assert!(matches!(waiter.poll(&mut one), Poll::Ready(Ok(140))));
    assert_eq!((polls(), waiter.held()), (203, 0));
}

#[test]
fn the_hook_sees_every_attempt() {
    let numbers = RefCell::new(Vec::new());
    let factories = [|_token: CancellationToken| ready(Err::<(), ()>(())); 3];
    let failed = fallback(factories).on_attempt(|attempt| numbers.borrow_mut().push(attempt.number));
    assert!(smol::block_on(failed).is_err());
    assert_eq!(*numbers.borrow(), [0, 1, 2]);
}

#[test]
fn iterators_that_promise_too_much_or_nothing() {
    let factory = |n: usize| move |_token: CancellationToken| -> Ready<Result<usize, usize>> { ready(Err(n)) };
    let unknown = (0..1000).filter(|n| n % 2 == 1).map(factory);
    assert_eq!(smol::block_on(first_successful(unknown)).unwrap_err().errors().unwrap().len(), 500);
    let empty = (0..1000).filter(|_| false).map(factory);
    assert_eq!(smol::block_on(first_successful(empty)), Err(RedundancyError::Empty));
    let mut first = first_successful(std::iter::repeat_n(SEVEN, usize::MAX));
    assert!(matches!(Counter::new().poll(&mut first), Poll::Ready(Ok(7))));
}

#[test]
fn futures_may_borrow() {
    let text = String::from("some words");
    let lengths = text.split(' ').map(|word| move |_token: CancellationToken| async move { word.len() });
    assert_eq!(smol::block_on(need_only_one(lengths)), Ok(4));
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn after_its_end_it_panics() {
    let mut one = need_only_one([SEVEN]);
    assert!(Counter::new().poll(&mut one).is_ready());
    let _ = Counter::new().poll(&mut one);
}
