//! T13: a throttle under panics and drops: the limit is never exceeded, the places come back, nothing comes twice.
use crate::support::Counter;
use crate::throttle::{Dice, Gauge, Yields, limit};
use futures_util::StreamExt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use taskcell::{BoxFuture, TaskError, throttled_map, throttled_map_spawned};

const ITEMS: usize = 10_000;
const LIMIT: usize = 8;

/// What a body does: every seventh panics when it is polled for the second time.
async fn body(gauge: Gauge, n: usize) -> usize {
    let inside = gauge.enter();
    Yields(1).await;
    if n % 7 == 6 {
        std::panic::resume_unwind(Box::new("no paper"));
    }
    Yields(n % 3).await;
    drop(inside);
    n
}

/// Four threads that run one executor.
fn on_four_threads(main: impl FnOnce(Arc<smol::Executor<'static>>)) {
    let executor = Arc::new(smol::Executor::new());
    let (stop, stopped) = smol::channel::bounded::<()>(1);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| smol::block_on(executor.run(stopped.recv())).unwrap_err());
        }
        main(executor.clone());
        drop(stop);
    });
}

/// A future that its executor drops before the poll of that number.
struct Fated(Option<BoxFuture<'static, ()>>, u64);

impl Future for Fated {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.1 == 0 {
            self.0 = None;
        }
        self.1 = self.1.saturating_sub(1);
        self.0.as_mut().map_or(Poll::Ready(()), |future| future.as_mut().poll(cx))
    }
}

#[test]
fn t13_spawned_bodies_that_panic() {
    for ordered in [false, true] {
        on_four_threads(|executor| {
            let gauge = Gauge::default();
            let spawner = move |future: BoxFuture<'static, ()>| executor.spawn(future).detach();
            let map = throttled_map_spawned(&spawner, 0..ITEMS, limit(LIMIT), |n, _| {
                let body = body(gauge.clone(), n);
                async move { Ok::<usize, &str>(body.await) }
            });
            let mut map = if ordered { map.ordered() } else { map }.with_index();
            let mut seen = vec![false; ITEMS];
            let mut last = None;
            smol::block_on(async {
                while let Some((index, result)) = map.next().await {
                    assert!(!std::mem::replace(&mut seen[index], true), "{index} came twice");
                    assert!(!ordered || index == last.map_or(0, |last: usize| last + 1));
                    last = Some(index);
                    match result {
                        Ok(value) => assert!(value == index && index % 7 != 6),
                        Err(TaskError::Panicked(_)) => assert_eq!(index % 7, 6),
                        Err(other) => panic!("{other}"),
                    }
                }
            });
            assert!(seen.iter().all(|seen| *seen));
            assert!(gauge.most() <= LIMIT, "{} at a time", gauge.most());
            assert_eq!((gauge.now(), gauge.entered()), (0, ITEMS));
        });
    }
}

#[test]
fn t13_spawned_bodies_that_are_dropped_at_random() {
    on_four_threads(|executor| {
        let (gauge, dice) = (Gauge::default(), Mutex::new(Dice(0x1234_5678)));
        let spawner = move |future: BoxFuture<'static, ()>| {
            // One in four is dropped, before one of its first polls.
            let fate = dice.lock().unwrap().below(16);
            executor.spawn(Fated(Some(future), if fate < 4 { fate } else { u64::MAX })).detach();
        };
        let mut map = throttled_map_spawned(&spawner, 0..ITEMS, limit(LIMIT), |n, _| {
            let body = body(gauge.clone(), n);
            async move { Ok::<usize, &str>(body.await) }
        })
        .with_index();
        let (mut seen, mut abandoned) = (vec![false; ITEMS], 0);
        smol::block_on(async {
            while let Some((index, result)) = map.next().await {
                assert!(!std::mem::replace(&mut seen[index], true), "{index} came twice");
                match result {
                    Ok(value) => assert!(value == index && index % 7 != 6),
                    Err(TaskError::Panicked(_)) => assert_eq!(index % 7, 6),
                    Err(TaskError::Abandoned) => abandoned += 1,
                    Err(other) => panic!("{other}"),
                }
            }
        });
        assert!(seen.iter().all(|seen| *seen));
        assert!(abandoned > ITEMS / 10);
        assert!(gauge.most() <= LIMIT, "{} at a time", gauge.most());
        assert_eq!(gauge.now(), 0);
    });
}

#[test]
fn t13_inline_bodies_that_panic() {
    let (gauge, waiter) = (Gauge::default(), Counter::new());
    let (mut next, mut given) = (0, 0);
    // Each panic ends a map and drops the siblings; the loop goes on behind them.
    while next < ITEMS {
        let first = next;
        let taken = std::cell::Cell::new(0);
        let items = (first..ITEMS).inspect(|_| taken.set(taken.get() + 1));
        let mut map = throttled_map(items, limit(LIMIT), |n| body(gauge.clone(), n));
        let panicked = loop {
            match catch_unwind(AssertUnwindSafe(|| waiter.poll(&mut map.next()))) {
                Ok(Poll::Ready(Some(n))) => {
                    assert!(n % 7 != 6);
                    given += 1;
                }
                Ok(Poll::Ready(None)) => break false,
                Ok(Poll::Pending) => {}
                Err(_) => break true,
            }
        };
        assert!(gauge.now() < LIMIT || !panicked);
        assert!(catch_unwind(AssertUnwindSafe(|| waiter.poll(&mut map.next()))).is_err() == panicked);
        drop(map);
        assert_eq!(gauge.now(), 0, "siblings are dropped");
        next = first + taken.get();
    }
    assert!(given > 0);
    assert!(gauge.most() <= LIMIT);
    assert_eq!(waiter.held(), 0);
}

#[test]
fn t13_inline_maps_dropped_at_random() {
    let (gauge, waiter, mut dice) = (Gauge::default(), Counter::new(), Dice(99));
    for _ in 0..1000 {
        let mut map = throttled_map(0..ITEMS, limit(LIMIT), |n| body(gauge.clone(), n * 7));
        for _ in 0..dice.below(30) {
            _ = waiter.poll(&mut map.next());
        }
        assert!(gauge.now() <= LIMIT);
        drop(map);
        assert_eq!((gauge.now(), waiter.held()), (0, 0));
    }
    assert!(gauge.most() <= LIMIT);
}

#[test]
fn t13_a_limit_of_one_preserves_order() {
    let gauge = Gauge::default();
    let inline = throttled_map(0..ITEMS, limit(1), |n| body(gauge.clone(), n * 7));
    let inline: Vec<usize> = smol::block_on(inline.collect());
    assert!(inline.iter().copied().eq((0..ITEMS).map(|n| n * 7)));
    on_four_threads(|executor| {
        let spawner = move |future: BoxFuture<'static, ()>| executor.spawn(future).detach();
        let map = throttled_map_spawned(&spawner, 0..ITEMS, limit(1), |n, _| {
            let body = body(gauge.clone(), n * 7);
            async move { Ok::<usize, &str>(body.await) }
        });
        let spawned: Vec<usize> = smol::block_on(map.map(Result::unwrap).collect());
        assert_eq!(spawned, inline);
        assert_eq!((gauge.most(), gauge.now()), (1, 0));
    });
}
