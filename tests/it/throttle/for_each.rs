//! The loops: all bodies, up to the first error, and on an executor.
use super::{Gauge, Yields, limit};
use crate::support::{Counter, Jobs, panic_of};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::task::Poll;
use taskcell::{
    BoxError, BoxFuture, CancellationToken, TaskError, for_each_throttled, for_each_throttled_spawned,
    try_for_each_throttled,
};

#[test]
fn all_bodies_run() {
    let (gauge, sum) = (Gauge::default(), Cell::new(0));
    smol::block_on(for_each_throttled(0..1000, limit(9), |n| {
        let (inside, sum) = (gauge.enter(), &sum);
        async move {
            Yields(n % 3).await;
            sum.set(sum.get() + n);
            drop(inside);
        }
    }));
    assert_eq!((sum.get(), gauge.now(), gauge.most()), (499_500, 0, 9));
    assert!(Counter::new().poll(&mut for_each_throttled([0u8; 0], limit(1), |_| pending())).is_ready());
}

#[test]
fn a_loop_that_never_ends_lets_others_run() {
    let (waiter, count) = (Counter::new(), Cell::new(0));
    let mut each = for_each_throttled(0.., limit(3), async |_: u64| count.set(count.get() + 1));
    for turn in 1..5 {
        assert!(waiter.poll(&mut each).is_pending());
        assert_eq!((waiter.wakes(), count.get()), (turn, turn * 128));
    }
}

#[test]
fn the_panic_of_a_body_drops_the_others() {
    let gauge = Gauge::default();
    let each = for_each_throttled(0..10, limit(4), |n| {
        let inside = gauge.enter();
        async move {
            assert!(n != 2, "no paper");
            pending::<()>().await;
            drop(inside);
        }
    });
    assert_eq!(panic_of(|| smol::block_on(each)), Some("no paper"));
    assert_eq!((gauge.now(), gauge.entered()), (0, 4));
}

#[test]
fn the_first_error_cancels_and_the_others_are_awaited() {
    let (gauge, token) = (Gauge::default(), RefCell::new(CancellationToken::NONE));
    let each = try_for_each_throttled(0..100, limit(4), |n: usize, own| {
        *token.borrow_mut() = own.clone();
        let inside = gauge.enter();
        async move {
            Yields(3).await;
            if n == 5 {
                return Err(BoxError::from("no paper"));
            }
            if n > 5 {
                own.cancelled().await;
                Yields(3).await;
            }
            drop(inside);
            if n == 7 {
                return Err(BoxError::from("no ink"));
            }
            Ok(own.check()?)
        }
    });
    let error = smol::block_on(each).unwrap_err();
    assert_eq!((error.len(), error.first().to_string()), (1, "no paper".into()));
    assert_eq!(error.iter().next().unwrap().0, 5);
    let secondary: Vec<_> = error.secondary().map(|(index, error)| (index, error.to_string())).collect();
    assert_eq!(secondary[0].0, 6, "in the order of the items");
    assert_eq!(secondary[1], (7, "no ink".to_string()));
    assert_eq!(secondary.len(), 3, "the others were told to end");
    assert_eq!(gauge.now(), 0);
    assert!(gauge.entered() < 12, "no more were begun");
    let token = token.into_inner();
    assert!(token.is_cancelled());
    assert_eq!(token.listeners(), 0);
}

#[test]
fn a_loop_without_errors_cancels_nothing() {
    let token = RefCell::new(CancellationToken::NONE);
    let each = try_for_each_throttled(0..10, limit(4), |_, own| {
        *token.borrow_mut() = own;
        async { Ok::<(), u8>(()) }
    });
    assert_eq!(smol::block_on(each), Ok(()));
    assert!(!token.borrow().is_cancelled());
    assert!(smol::block_on(try_for_each_throttled([0u8; 0], limit(1), |_, _| async { Err("never") })).is_ok());
}

#[test]
fn a_loop_that_is_dropped_cancels_and_drops() {
    let (gauge, token) = (Gauge::default(), RefCell::new(CancellationToken::NONE));
    let waiter = Counter::new();
    let mut each = Box::pin(try_for_each_throttled(0..10, limit(4), |_, own: CancellationToken| {
        *token.borrow_mut() = own.clone();
        let inside = gauge.enter();
        async move {
            own.cancelled().await;
            drop(inside);
            Ok::<(), u8>(())
        }
    }));
    assert!(waiter.poll(&mut each).is_pending());
    assert_eq!((gauge.now(), token.borrow().listeners()), (4, 4));
    assert!(!format!("{each:?}").is_empty());
    drop(each);
    assert!(token.borrow().is_cancelled());
    assert_eq!((gauge.now(), token.borrow().listeners(), waiter.held()), (0, 0, 0));
}

#[test]
fn bodies_on_an_executor_all_run() {
    let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    let gauge = Gauge::default();
    let each = for_each_throttled_spawned(&smol, 0..500, limit(6), |n, _| {
        let gauge = gauge.clone();
        async move {
            let inside = gauge.enter();
            Yields(n % 4).await;
            drop(inside);
            Ok::<(), BoxError>(())
        }
    });
    assert!(smol::block_on(each).is_ok());
    assert_eq!((gauge.entered(), gauge.now()), (500, 0));
    assert!(gauge.most() <= 6);
}

#[test]
fn the_first_failure_on_an_executor_cancels_and_the_others_are_awaited() {
    for kind in ["error", "panic", "drop"] {
        let (jobs, waiter, gauge) = (Jobs::new(), Counter::new(), Gauge::default());
        let token = RefCell::new(CancellationToken::NONE);
        let mut each = for_each_throttled_spawned(&jobs, 0..100, limit(3), |n: usize, own| {
            *token.borrow_mut() = own.clone();
            let gauge = gauge.clone();
            async move {
                let inside = gauge.enter();
                if n == 0 && kind == "panic" {
                    panic!("no paper");
                } else if n == 0 && kind == "error" {
                    return Err(BoxError::from("no paper"));
                } else if n == 0 {
                    pending::<()>().await;
                }
                own.cancelled().await;
                drop(inside);
                if n == 1 { Err("no ink".into()) } else { Ok(own.check()?) }
            }
        });
        assert!(waiter.poll(&mut each).is_pending());
        jobs.step();
        if kind == "drop" {
            // The one that waits for ever stands last, behind two that have not begun.
            jobs.step();
            jobs.step();
            jobs.drop_first();
        }
        jobs.step();
        assert!(waiter.poll(&mut each).is_pending(), "{kind}: the others are awaited");
        assert!(token.borrow().is_cancelled());
        jobs.run();
        let Poll::Ready(Err(error)) = waiter.poll(&mut each) else { panic!("{kind}") };
        assert_eq!(error.iter().next().unwrap().0, 0);
        match error.first() {
            TaskError::Faulted(fault) => assert_eq!((fault.to_string(), kind), ("no paper".into(), "error")),
            TaskError::Panicked(panic) => assert_eq!((panic.message(), kind), (Some("no paper"), "panic")),
            TaskError::Abandoned => assert_eq!(kind, "drop"),
            other => panic!("{other}"),
        }
        assert!(error.secondary().map(|(index, _)| index).eq([1, 2]));
        assert!(error.secondary().all(|(index, error)| error.is_cancelled() == (index == 2)));
        assert_eq!((gauge.now(), gauge.entered()), (0, if kind == "drop" { 3 } else { 2 }));
        assert_eq!((token.borrow().listeners(), waiter.held()), (0, 0));
    }
}

#[test]
fn a_loop_on_an_executor_that_is_dropped_cancels_and_waits_for_nothing() {
    let (jobs, waiter) = (Jobs::new(), Counter::new());
    let token = RefCell::new(CancellationToken::NONE);
    let mut each = for_each_throttled_spawned(&jobs, 0..100, limit(3), |_, own| {
        *token.borrow_mut() = own.clone();
        async move {
            own.cancelled().await;
            Ok::<(), BoxError>(())
        }
    });
    assert!(waiter.poll(&mut each).is_pending());
    jobs.step();
    drop(each);
    assert!(token.borrow().is_cancelled());
    assert_eq!(jobs.len(), 3);
    assert_eq!(jobs.run(), 3, "one poll each, to their ends");
    assert_eq!((token.borrow().listeners(), waiter.held()), (0, 0));
}
