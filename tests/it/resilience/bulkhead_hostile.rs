//! Wakers that call back, executors that poll inside `wake`, panics and drops: the limit holds, and no place is lost.
use super::bulkhead::{bulkhead, figures};
use crate::support::exec::{Executor, Inline, Single, Smol};
use crate::support::hooked::Hooks;
use crate::support::{Counter, Latch, panic_of, poll_with, rounds};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use taskcell::{Bulkhead, BulkheadAcquire, yield_now};

/// Takes what can be had, and gives it back.
fn calls_back(bulkhead: &Bulkhead) {
    drop(bulkhead.try_acquire());
    let waker = Counter::new();
    let _ = waker.poll(&mut bulkhead.acquire());
    let _ = bulkhead.stats();
}

#[test]
fn a_waker_that_calls_back() {
    for limit in 1..3 {
        let bulkhead = bulkhead(limit, 5);
        let [a, b, c] = std::array::from_fn(|_| bulkhead.clone());
        let (waker, hooks) = Hooks::new()
            .on_clone(move || calls_back(&a))
            .on_wake(move || calls_back(&b))
            .on_drop(move || calls_back(&c))
            .waker();
        let running: Vec<_> = (0..limit).map(|_| bulkhead.try_acquire().unwrap()).collect();
        let mut waits: Vec<_> = (0..3).map(|_| bulkhead.acquire()).collect();
        for _ in 0..2 {
            assert!(waits.iter_mut().all(|wait| poll_with(&waker, wait).is_pending()));
        }
        let other = Counter::new();
        assert!(other.poll(&mut waits[2]).is_pending());
        drop(running);
        assert!(poll_with(&waker, &mut waits[0]).is_ready());
        drop(waits);
        assert_eq!(figures(&bulkhead).0, 0);
        assert_eq!(figures(&bulkhead).1, 0);
        assert!(hooks.wakes.load(Ordering::SeqCst) >= 1);
    }
}

/// A waker whose clone gives a place back between the two looks of a poll: that place is not missed.
#[test]
fn a_place_that_comes_free_while_a_waker_is_cloned() {
    let bulkhead = bulkhead(1, 5);
    let running = Arc::new(Mutex::new(Some(bulkhead.try_acquire().unwrap())));
    let own = running.clone();
    let (waker, _hooks) = Hooks::new().on_clone(move || drop(own.lock().unwrap().take())).waker();
    let mut wait = bulkhead.acquire();
    assert!(poll_with(&waker, &mut wait).is_ready());
    // And in the line, where another waker comes.
    *running.lock().unwrap() = Some(bulkhead.try_acquire().unwrap());
    let mut wait = bulkhead.acquire();
    assert!(Counter::new().poll(&mut wait).is_pending());
    assert!(poll_with(&waker, &mut wait).is_ready());
    assert_eq!(figures(&bulkhead), (0, 0, 0));
}

/// Told and dropped inside the wake: the place goes on to the next.
#[test]
fn a_future_that_is_dropped_inside_its_wake() {
    let bulkhead = bulkhead(1, 5);
    let slot: Arc<Mutex<Option<BulkheadAcquire>>> = Arc::default();
    let own = slot.clone();
    let (waker, _hooks) = Hooks::new().on_wake(move || drop(own.lock().unwrap().take())).waker();
    let running = bulkhead.try_acquire().unwrap();
    let mut first = bulkhead.acquire();
    assert!(poll_with(&waker, &mut first).is_pending());
    *slot.lock().unwrap() = Some(first);
    let next = Counter::new();
    let mut second = bulkhead.acquire();
    assert!(next.poll(&mut second).is_pending());
    drop(running);
    assert_eq!(next.wakes(), 1);
    assert!(next.poll(&mut second).is_ready());
    assert_eq!(figures(&bulkhead), (0, 0, 0));
}

/// The place is handed over all the same; who gave it back gets the panic, unless it unwinds already.
#[test]
fn a_waker_that_panics() {
    let faults = crate::support::faults::watch();
    let bulkhead = bulkhead(1, 5);
    for unwinds in [false, true] {
        let (waker, _hooks) = Hooks::new().on_wake(|| panic!("a waiting waker")).waker();
        let running = bulkhead.try_acquire().unwrap();
        let mut wait = bulkhead.acquire();
        assert!(poll_with(&waker, &mut wait).is_pending());
        let died = panic_of(|| {
            let _running = running;
            if unwinds {
                panic!("its holder");
            }
        });
        assert_eq!(died, Some(if unwinds { "its holder" } else { "a waiting waker" }));
        assert_eq!(faults.saw("a waiting waker"), unwinds);
        assert!(Counter::new().poll(&mut wait).is_ready());
        assert_eq!(figures(&bulkhead), (0, 0, 0));
    }
}

#[test]
fn a_call_that_panics_gives_its_place_back() {
    let bulkhead = bulkhead(1, 0);
    for _ in 0..3 {
        let died = panic_of(|| smol::block_on(bulkhead.call(async { panic!("a call") as () })));
        assert_eq!((died, figures(&bulkhead)), (Some("a call"), (0, 0, 0)));
    }
}

/// Many tasks, few places; each waits a little inside.
fn shares<E: Executor>() {
    let exec = E::new();
    let bulkhead = bulkhead(3, usize::MAX);
    let (inside, most, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Latch::new());
    for _ in 0..50 {
        let (bulkhead, inside, most, done) = (bulkhead.clone(), inside.clone(), most.clone(), done.clone());
        exec.spawn(async move {
            let call = bulkhead.call(async {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            });
            call.await.unwrap();
            done.arrive();
        });
    }
    exec.run(async move { done.reached(50).await });
    assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
    assert_eq!(figures(&bulkhead), (0, 0, 0));
}

/// Also on an executor that polls inside `wake`.
#[test]
fn on_any_executor() {
    shares::<Smol>();
    shares::<Inline>();
    shares::<Single>();
}

/// G32: threads that call, panic, give up while they wait and give up what they were handed. Never more than the limit,
/// and in the end every place is free.
#[test]
fn the_limit_holds_under_panics_and_drops() {
    let bulkhead = bulkhead(2, 3);
    let inside = AtomicUsize::new(0);
    struct Inside<'a>(&'a AtomicUsize);
    impl Drop for Inside<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let enter = || {
        assert!(inside.fetch_add(1, Ordering::SeqCst) < 2, "more than the limit");
        Inside(&inside)
    };
    thread::scope(|scope| {
        for seed in 0..4 {
            let (bulkhead, enter) = (&bulkhead, &enter);
            scope.spawn(move || {
                let mut chance = crate::support::chance::Chance::new(seed);
                let waker = Counter::new();
                for _ in 0..rounds(4_000) {
                    match chance.below(4) {
                        0 => {
                            let call = bulkhead.call(async {
                                let _inside = enter();
                                yield_now().await;
                            });
                            let _ = smol::block_on(call);
                        }
                        1 => {
                            let died = panic_of(|| {
                                let _place = bulkhead.try_acquire().ok()?;
                                let _inside = enter();
                                std::panic::resume_unwind(Box::new("in there"))
                            } as Option<()>);
                            assert!(matches!(died, None | Some("in there")));
                        }
                        _ => {
                            let mut wait = bulkhead.acquire();
                            for _ in 0..chance.below(4) {
                                if let std::task::Poll::Ready(answer) = waker.poll(&mut wait) {
                                    let _inside = answer.map(|place| (enter(), place));
                                    break;
                                }
                                thread::yield_now();
                            }
                        }
                    }
                }
            });
        }
    });
    assert_eq!((figures(&bulkhead).0, figures(&bulkhead).1), (0, 0));
    assert_eq!(inside.load(Ordering::SeqCst), 0);
}
