//! Closures that drop everything.
use super::{Bag, leaks_nothing};
use crate::support::{Counter, Jobs};
use futures_util::{StreamExt, stream};
use std::future::{IntoFuture, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use taskcell::stream::AsyncEnumerableExt;
use taskcell::time::ManualClock;
use taskcell::{
    AsyncCache, Backoff, BoxError, CacheOptions, CancellationToken, CancellationTokenSource, CircuitBreaker, Progress,
    Report, RetryAttempt, TaskCompletionSource, fallback, retry_on,
};

const MS: Duration = Duration::from_millis(1);

#[test]
fn of_a_retry() {
    leaks_nothing(|| {
        for place in 0..4 {
            let (bag, clock, source) = (Bag::default(), Arc::new(ManualClock::new()), CancellationTokenSource::new());
            let token = source.token();
            bag.put((source, clock.clone()));
            let empty = |here: usize| {
                let bag = bag.clone();
                move || {
                    if here == place {
                        bag.empty()
                    }
                }
            };
            let [attempted, judged, delayed, told] = [empty(0), empty(1), empty(2), empty(3)];
            let retry = retry_on(clock.clone(), move |attempt: RetryAttempt| {
                attempted();
                ready(if attempt.is_first() { Err(1) } else { Ok(2) })
            });
            let retry = retry.backoff(Backoff::constant(MS)).token(&token).when(move |_| {
                judged();
                true
            });
            let retry = retry.delay_from(move |_| {
                delayed();
                Some(MS)
            });
            let mut retry = pin!(retry.on_retry(move |_| told()).into_future());
            let counter = Counter::new();
            let waker = counter.waker();
            let mut cx = Context::from_waker(&waker);
            assert!(retry.as_mut().poll(&mut cx).is_pending());
            clock.advance(MS);
            assert!(matches!(retry.as_mut().poll(&mut cx), Poll::Ready(Ok(2))));
            assert_eq!(Arc::strong_count(&bag.0), 1 + 4, "the retry has its closures until it goes");
        }
    });
}

#[test]
fn of_a_fallback() {
    leaks_nothing(|| {
        let (bag, source) = (Bag::default(), CancellationTokenSource::new());
        let mut wait = Box::pin(source.token().cancelled_owned());
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        bag.put((source, wait));
        let factories = [1, 2].map(|number| {
            let bag = bag.clone();
            move |_: CancellationToken| {
                bag.empty();
                ready(if number == 1 { Err("not today") } else { Ok(number) })
            }
        });
        let both = fallback(factories);
        assert!(matches!(smol::block_on(both), Ok(2)));
    });
}

#[test]
fn a_continuation() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let source = TaskCompletionSource::<u32>::new();
        let task = source.task();
        let inside = bag.clone();
        let made = task.then(move |number| {
            inside.empty();
            Ok(*number + 1)
        });
        let end = bag.clone();
        let ended = made.finally(move || end.empty());
        bag.put((source.clone(), task, made, ended));
        source.set_result(1);
        drop(source);
        assert_eq!(Arc::strong_count(&bag.0), 1, "a closure is left");
    });
}

#[test]
fn a_handler_of_reports() {
    leaks_nothing(|| {
        let (bag, jobs) = (Bag::default(), Jobs::new());
        let (inline, spawned) = (bag.clone(), bag.clone());
        let first = Progress::inline(move |_: u32| inline.empty());
        let second = Progress::on(jobs.clone(), move |_: u32| spawned.empty());
        bag.put((first.clone(), second.clone()));
        second.report(1);
        first.report(1);
        drop((first, second));
        jobs.run();
        drop(jobs);
        assert_eq!(Arc::strong_count(&bag.0), 1, "a handler is left");
    });
}

#[test]
fn a_loader() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let cache = AsyncCache::<u32, u32>::without_loader(CacheOptions::new());
        bag.put(cache.clone());
        let (inside, polled) = (bag.clone(), bag.clone());
        let get = cache.get_with(&1, move |_token| {
            inside.empty();
            async move {
                polled.empty();
                Ok::<_, BoxError>(2)
            }
        });
        assert!(matches!(smol::block_on(get), Ok(2)));
        drop(cache);
        assert_eq!(Arc::strong_count(&bag.0), 1, "a loader is left");
    });
}

#[test]
fn of_an_operator() {
    leaks_nothing(|| {
        let bag = Bag::default();
        let (writer, reader) = taskcell::channel::unbounded::<u32>();
        writer.try_write(1).unwrap();
        writer.try_write(2).unwrap();
        bag.put(writer);
        let (keyed, counted) = (bag.clone(), bag.clone());
        let items = stream::poll_fn(move |cx| pin!(reader.read()).poll(cx).map(Result::ok));
        let items = items.distinct_by(move |item: &u32| {
            keyed.empty();
            *item
        });
        let count = smol::block_on(items.inspect(move |_| counted.empty()).count());
        assert_eq!((count, Arc::strong_count(&bag.0)), (2, 1));
    });
}

#[test]
fn a_breakers_hook() {
    leaks_nothing(|| {
        let (bag, clock) = (Bag::default(), Arc::new(ManualClock::new()));
        let hook = bag.clone();
        let builder = CircuitBreaker::builder_on(clock).consecutive_failures(1.try_into().unwrap());
        let breaker = builder.on_opened(move |_| hook.empty()).build();
        let call = breaker.call(async { Err::<(), _>("not today") });
        bag.put(breaker);
        assert!(matches!(smol::block_on(call), Ok(Err(_))));
        assert_eq!(Arc::strong_count(&bag.0), 1, "a hook is left");
    });
}
