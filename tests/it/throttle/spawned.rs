//! `throttled_map_spawned`: on an executor.
use super::{Gauge, Yields, limit};
use crate::support::{Counter, Jobs, panic_of, unobserved};
use futures_util::{Stream, StreamExt, stream};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use taskcell::{BoxFuture, TaskError, throttled_map_spawned, throttled_map_stream_spawned};

type Ended = Result<usize, TaskError<&'static str>>;

fn value(ended: Poll<Option<Ended>>) -> Option<usize> {
    match ended {
        Poll::Ready(Some(Ok(value))) => Some(value),
        Poll::Ready(None) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_most_so_many_run_and_the_ended_ones_make_room() {
    let (jobs, gauge, waiter) = (Jobs::new(), Gauge::default(), Counter::new());
    let mut map = throttled_map_spawned(&jobs, 0.., limit(3), |n: usize, _| {
        let inside = gauge.enter();
        async move {
            drop(inside);
            Ok::<usize, &str>(n)
        }
    });
    assert_eq!(jobs.len(), 0, "nothing is started before the first poll");
    assert!(waiter.poll(&mut map.next()).is_pending());
    assert_eq!(gauge.now(), 3);
    // They run while nobody polls the stream.
    jobs.run();
    assert_eq!((gauge.now(), gauge.entered()), (0, 3));
    assert_eq!(value(waiter.poll(&mut map.next())), Some(0));
    assert_eq!((gauge.now(), jobs.len()), (3, 3), "those that wait hold no place");
    jobs.run();
    assert_eq!(value(waiter.poll(&mut map.next())), Some(1));
    // Seven are held now: 2 to 6, and two more.
    jobs.run();
    assert_eq!(gauge.entered(), 3 + 3 + 1);
    for item in 2..40 {
        assert_eq!(value(waiter.poll(&mut map.next())), Some(item));
        assert!(gauge.entered() <= item + 1 + 6);
        jobs.run();
    }
    assert_eq!(gauge.most(), 3);
}

#[test]
fn a_consumer_that_stops_polling_stops_everything() {
    let (jobs, gauge, waiter) = (Jobs::new(), Gauge::default(), Counter::new());
    let mut map = throttled_map_spawned(&jobs, 0.., limit(4), |n: usize, _| {
        drop(gauge.enter());
        async move { Ok::<usize, &str>(n) }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    for _ in 0..100 {
        jobs.run();
    }
    assert_eq!(gauge.entered(), 4);
    assert!(map.size_hint().0 > 0);
}

#[test]
fn results_come_as_they_end_or_in_input_order() {
    for ordered in [false, true] {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..4).map(|_| smol::channel::bounded::<usize>(1)).unzip();
        let executor = smol::Executor::new();
        let spawner = |future: BoxFuture<'static, ()>| executor.spawn(future).detach();
        let map = throttled_map_spawned(&spawner, receivers, limit(4), |receiver, _| async move {
            Ok::<usize, &str>(receiver.recv().await.unwrap())
        });
        let map = if ordered { map.ordered() } else { map };
        let seen: Vec<_> = smol::block_on(executor.run(async {
            let seen = RefCell::new(Vec::new());
            let consume = map.with_index().for_each(|(index, result)| {
                seen.borrow_mut().push((index, result.unwrap()));
                async {}
            });
            let feed = async {
                for index in [2, 0, 3, 1] {
                    Yields(20).await;
                    senders[index].send(index * 10).await.unwrap();
                }
            };
            futures_util::future::join(consume, feed).await;
            seen.into_inner()
        }));
        let wanted: &[usize] = if ordered { &[0, 1, 2, 3] } else { &[2, 0, 3, 1] };
        assert!(seen.iter().map(|(index, _)| index).eq(wanted));
        assert!(seen.iter().all(|(index, value)| index * 10 == *value));
    }
}

#[test]
fn a_panic_an_error_and_a_dropped_body_are_the_items_own() {
    let (jobs, waiter) = (Jobs::new(), Counter::new());
    let mut map = throttled_map_spawned(&jobs, 0..5, limit(1), |n: usize, token| async move {
        match n {
            0 => Err("no ink"),
            1 => panic!("no paper"),
            2 => std::future::pending().await,
            _ => Ok((n, token.is_cancelled())),
        }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    jobs.run();
    let Poll::Ready(Some(Err(TaskError::Faulted(fault)))) = waiter.poll(&mut map.next()) else { panic!() };
    assert_eq!(*fault, "no ink");
    jobs.run();
    let Poll::Ready(Some(Err(TaskError::Panicked(panic)))) = waiter.poll(&mut map.next()) else { panic!() };
    assert_eq!(panic.message(), Some("no paper"));
    jobs.step();
    jobs.drop_all();
    assert!(matches!(waiter.poll(&mut map.next()), Poll::Ready(Some(Err(TaskError::Abandoned)))));
    jobs.run();
    assert!(matches!(waiter.poll(&mut map.next()), Poll::Ready(Some(Ok((3, false))))));
    let token = map.token();
    jobs.run();
    assert!(matches!(waiter.poll(&mut map.next()), Poll::Ready(Some(Ok((4, false))))));
    assert!(matches!(waiter.poll(&mut map.next()), Poll::Ready(None)));
    drop(map);
    assert!(!token.is_cancelled(), "at the end nothing is cancelled");
    assert_eq!((token.listeners(), waiter.held()), (0, 0));
}

#[test]
fn a_drop_cancels_the_token_and_starts_no_more() {
    struct Own;
    unobserved::watch();
    let (jobs, waiter, gauge) = (Jobs::new(), Counter::new(), Gauge::default());
    let unstarted = Arc::new(AtomicBool::new(false));
    let mut map = throttled_map_spawned(&jobs, 0.., limit(2), |n: usize, token| {
        let (inside, unstarted) = (gauge.enter(), unstarted.clone());
        async move {
            if n == 1 {
                unstarted.store(true, SeqCst);
            }
            token.cancelled().await;
            drop(inside);
            token.check().map(|()| Own).map_err(taskcell::BoxError::from)
        }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    jobs.step();
    let token = map.token();
    assert_eq!(token.listeners(), 1, "the first has begun to wait");
    drop(map);
    assert!(token.is_cancelled());
    assert_eq!(gauge.now(), 2, "they are not dropped here");
    jobs.run();
    assert_eq!((gauge.now(), gauge.entered()), (0, 2));
    assert!(!unstarted.load(SeqCst), "the second was never polled");
    assert_eq!((token.listeners(), waiter.held()), (0, 0));
    assert!(unobserved::of::<Own>().is_empty());
}

#[test]
fn items_and_the_closure_stay_on_this_thread() {
    let jobs = Jobs::new();
    let made = std::rc::Rc::new(Cell::new(0));
    let items = stream::iter(0..3).inspect({
        let made = made.clone();
        move |_| made.set(made.get() + 1)
    });
    let mut map = throttled_map_stream_spawned(&jobs, items, limit(2), |n: usize, _| {
        let _here = &made;
        async move { Ok::<usize, &str>(n) }
    });
    let waiter = Counter::new();
    let mut seen = Vec::new();
    loop {
        match waiter.poll(&mut map.next()) {
            Poll::Ready(None) => break,
            Poll::Ready(Some(result)) => seen.push(result.unwrap()),
            Poll::Pending => _ = jobs.run(),
        }
    }
    assert_eq!((seen, made.get()), (vec![0, 1, 2], 3));
}

#[test]
fn a_spawner_that_panics_ends_the_stream() {
    let spawner = |_: BoxFuture<'static, ()>| panic!("no threads");
    let mut map = throttled_map_spawned(&spawner, 0..3, limit(2), |n: usize, _| async move { Ok::<usize, &str>(n) });
    let waiter = Counter::new();
    assert_eq!(panic_of(|| waiter.poll(&mut map.next())), Some("no threads"));
    assert_eq!(panic_of(|| waiter.poll(&mut map.next())), Some("a throttle polled after a panic"));
}

#[test]
fn values_need_not_be_cloned_or_shared() {
    // Neither `Clone` nor `Sync`.
    struct Value(Cell<usize>);
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let map = throttled_map_spawned(&smol, 0..100, limit(7), |n: usize, _| async move {
        Yields(n % 4).await;
        Ok::<Value, &str>(Value(Cell::new(n)))
    });
    let sum = smol::block_on(map.fold(0, |sum, value| async move { sum + value.unwrap().0.get() }));
    assert_eq!(sum, 4950);
}

#[test]
fn a_slow_consumer_finds_results_waiting() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let jobs = Jobs::new();
    let waiter = Counter::new();
    let mut map = throttled_map_spawned(&jobs, 0..6, limit(2), |n: usize, _| {
        let log = log.clone();
        async move {
            log.lock().unwrap().push(n);
            Ok::<usize, &str>(n)
        }
    })
    .ordered();
    let mut seen = Vec::new();
    loop {
        // The executor runs between two polls, however long they are apart.
        match waiter.poll(&mut map.next()) {
            Poll::Ready(None) => break,
            Poll::Ready(Some(result)) => seen.push(result.unwrap()),
            Poll::Pending => {}
        }
        jobs.run();
        assert!(log.lock().unwrap().len() <= seen.len() + 4);
    }
    assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
}
