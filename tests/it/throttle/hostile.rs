//! Wakers that call back, executors that poll inside `wake`, drops in the wrong place.
use super::{Dice, Gauge, Yields, limit};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Jobs, panic_of, poll_with};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::future::{pending, poll_fn};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Poll, Waker};
use taskcell::{BoxError, for_each_throttled_spawned, throttled_map, throttled_map_spawned};

/// Bodies on an executor of any kind, consumed on it, too.
fn all_are_delivered(ex: &impl Executor) {
    for (at_most, ordered) in [(1, false), (3, false), (3, true), (8, false), (8, true)] {
        let (gauge, run) = (Gauge::default(), ex.clone());
        let seen = ex.run({
            let gauge = gauge.clone();
            async move {
                let spawner = move |future| run.spawn(future);
                let map = throttled_map_spawned(&spawner, 0..200, limit(at_most), |n: usize, _| {
                    let gauge = gauge.clone();
                    async move {
                        let inside = gauge.enter();
                        Yields(n % 4).await;
                        drop(inside);
                        Ok::<usize, BoxError>(n)
                    }
                });
                let map = if ordered { map.ordered() } else { map };
                map.map(Result::unwrap).collect::<Vec<_>>().await
            }
        });
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..200).collect::<Vec<_>>());
        assert!(!ordered || sorted == seen);
        assert!(gauge.most() <= at_most && gauge.now() == 0);
    }
}

#[test]
fn bodies_on_smol() {
    all_are_delivered(&Smol::new());
}

#[test]
fn bodies_that_are_polled_inside_wake() {
    all_are_delivered(&Inline::new());
}

#[test]
fn bodies_and_consumer_on_one_thread() {
    all_are_delivered(&Single::new());
}

#[test]
fn a_lazy_map_on_an_executor_that_polls_inside_wake() {
    let ex = Inline::new();
    let outputs = ex.run(async {
        let map = throttled_map(0..300, limit(5), async |n: usize| {
            Yields(n % 6).await;
            n
        });
        map.ordered().collect::<Vec<_>>().await
    });
    assert_eq!(outputs, (0..300).collect::<Vec<_>>());
}

#[test]
fn a_waker_that_wakes_the_bodies_from_all_its_events() {
    // Each event of the consumer's waker wakes what the bodies have left.
    let left: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let wake_all = |left: &Arc<Mutex<Vec<Waker>>>| {
        let left = Arc::downgrade(left);
        move || {
            let Some(left) = left.upgrade() else { return };
            let wakers = left.try_lock().map(|mut left| std::mem::take(&mut *left)).unwrap_or_default();
            wakers.into_iter().for_each(Waker::wake);
        }
    };
    let hooks = Hooks::new().on_clone(wake_all(&left)).on_wake(wake_all(&left)).on_drop(wake_all(&left));
    let (waker, hooks) = hooks.waker();
    let mut map = throttled_map(0..100, limit(4), |n: u32| {
        let (left, mut turns) = (left.clone(), n % 4);
        poll_fn(move |cx| {
            if turns == 0 {
                return Poll::Ready(n);
            }
            turns -= 1;
            let waker = cx.waker().clone();
            left.lock().unwrap().push(waker);
            Poll::Pending
        })
    });
    let mut seen = Vec::new();
    for _ in 0..10_000 {
        match poll_with(&waker, &mut map.next()) {
            Poll::Ready(Some(n)) => seen.push(n),
            Poll::Ready(None) => break,
            Poll::Pending => wake_all(&left)(),
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
    drop((map, waker));
    assert_eq!(Arc::strong_count(&hooks), 1, "no waker is left");
}

/// Where a stream lies that others drop.
type Place = Arc<Mutex<Option<BoxStream<'static, usize>>>>;

#[test]
fn a_waker_whose_wake_drops_the_stream() {
    static JOBS: LazyLock<Jobs> = LazyLock::new(Jobs::new);
    let (jobs, gauge, place): (&Jobs, _, _) = (&JOBS, Gauge::default(), Place::default());
    let inner = gauge.clone();
    let map = throttled_map_spawned(jobs, 0.., limit(2), move |n: usize, _| {
        let inside = inner.enter();
        async move {
            drop(inside);
            Ok::<usize, BoxError>(n)
        }
    });
    let token = map.token();
    let mut map = map.map(Result::unwrap).boxed();
    let own = place.clone();
    let (waker, hooks) = Hooks::new().on_wake(move || drop(own.lock().unwrap().take())).waker();
    assert!(poll_with(&waker, &mut map.next()).is_pending());
    *place.lock().unwrap() = Some(map);
    jobs.step();
    assert!(place.lock().unwrap().is_none() && token.is_cancelled(), "the end of the first has woken");
    jobs.run();
    drop(waker);
    assert_eq!((gauge.now(), gauge.entered(), Arc::strong_count(&hooks)), (0, 2, 1));
}

#[test]
fn a_body_that_drops_the_stream() {
    static JOBS: LazyLock<Jobs> = LazyLock::new(Jobs::new);
    let (jobs, gauge, place): (&Jobs, _, _) = (&JOBS, Gauge::default(), Place::default());
    let (inner, own) = (gauge.clone(), place.clone());
    let map = throttled_map_spawned(jobs, 0.., limit(3), move |n: usize, token| {
        let (inside, own) = (inner.enter(), own.clone());
        async move {
            if n == 1 {
                drop(own.lock().unwrap().take());
                assert!(token.is_cancelled());
            }
            token.cancelled().await;
            drop(inside);
            Ok::<usize, BoxError>(n)
        }
    });
    let token = map.token();
    let (mut map, waiter) = (map.map(Result::unwrap).boxed(), Counter::new());
    assert!(waiter.poll(&mut map.next()).is_pending());
    *place.lock().unwrap() = Some(map);
    jobs.run();
    assert_eq!((gauge.now(), gauge.entered(), token.listeners(), waiter.held()), (0, 3, 0, 0));
}

#[test]
fn siblings_whose_drop_panics_are_all_dropped() {
    struct Bomb(Gauge, bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            drop(self.0.enter());
            assert!(!self.1, "no paper");
        }
    }
    let (gauge, waiter) = (Gauge::default(), Counter::new());
    let mut map = throttled_map(0.., limit(5), |n| {
        let bomb = Bomb(gauge.clone(), n == 2);
        async move {
            let _bomb = bomb;
            pending::<()>().await;
        }
    });
    assert!(waiter.poll(&mut map.next()).is_pending());
    assert_eq!(panic_of(|| drop(map)), Some("no paper"));
    assert_eq!((gauge.entered(), waiter.held()), (5, 0));
}

#[test]
fn a_future_whose_drop_panics_on_an_executor() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("no paper");
        }
    }
    let jobs = Jobs::new();
    let mut each = for_each_throttled_spawned(&jobs, 0..9, limit(2), |n, _| {
        let bomb = (n == 3).then(|| Bomb);
        async move {
            let _bomb = bomb;
            Ok::<(), BoxError>(())
        }
    });
    let waiter = Counter::new();
    let end = loop {
        match waiter.poll(&mut each) {
            Poll::Ready(end) => break end.unwrap_err(),
            Poll::Pending => _ = jobs.run(),
        }
    };
    assert!(end.first().is_panicked());
    assert_eq!(end.iter().next().unwrap().0, 3);
}

#[test]
fn streams_dropped_at_random_leave_nothing_behind() {
    let executor = Arc::new(smol::Executor::new());
    let mut dice = Dice(7);
    let gauge = Gauge::default();
    for _ in 0..200 {
        let spawner = |future: taskcell::BoxFuture<'static, ()>| executor.spawn(future).detach();
        let mut map = throttled_map_spawned(&spawner, 0.., limit(4), |n: usize, token| {
            let gauge = gauge.clone();
            async move {
                let inside = gauge.enter();
                Yields(n % 3).await;
                if n % 5 == 4 {
                    token.cancelled().await;
                }
                drop(inside);
                Ok::<usize, BoxError>(n)
            }
        });
        let token = map.token();
        let (take, ticks) = (dice.below(8), dice.below(20));
        let waiter = Counter::new();
        for _ in 0..take {
            _ = waiter.poll(&mut map.next());
            (0..ticks).for_each(|_| _ = executor.try_tick());
        }
        drop(map);
        while executor.try_tick() {}
        assert_eq!((gauge.now(), token.listeners(), waiter.held()), (0, 0, 0));
    }
}
