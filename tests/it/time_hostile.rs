//! Wakers that call back into the clock, drop other alarms, or panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{RawWaker, RawWakerVTable, Waker};
use std::time::Duration;

use crate::time::{Log, act, at, counting};
use taskcell::time::{Alarm, ManualClock, TimeProvider, TimerQueue};

#[test]
fn a_waker_drops_the_next_alarm() {
    let (queue, log) = (TimerQueue::new(), Log::default());
    let victim: Arc<Mutex<Option<Alarm>>> = Arc::default();
    let theirs = victim.clone();
    let first = queue.arm(at(1), act(move || assert!(theirs.lock().unwrap().take().unwrap().disarm())));
    *victim.lock().unwrap() = Some(queue.arm(at(1), log.waker(1)));
    let last = queue.arm(at(1), log.waker(2));
    assert_eq!(queue.turn(at(1)), 2);
    assert_eq!(log.take(), [2]);
    assert!(first.has_fired() && last.has_fired());
}

#[test]
fn a_waker_drops_its_own_alarm() {
    let queue = TimerQueue::new();
    let own: Arc<Mutex<Option<Alarm>>> = Arc::default();
    let theirs = own.clone();
    let waker = act(move || assert!(!theirs.lock().unwrap().take().unwrap().disarm()));
    *own.lock().unwrap() = Some(queue.arm(at(1), waker));
    assert_eq!(queue.turn(at(1)), 1);
    assert!(own.lock().unwrap().is_none());
    assert_eq!(queue.armed(), 0);
}

#[test]
fn a_waker_arms_advances_and_turns_inside() {
    let (clock, log) = (ManualClock::new(), Log::default());
    let kept: Arc<Mutex<Vec<Alarm>>> = Arc::default();
    let (c, l, k) = (clock.clone(), log.clone(), kept.clone());
    let outer = clock.arm(
        at(10),
        act(move || {
            assert_eq!(c.now(), at(10));
            k.lock().unwrap().push(c.arm(at(5), l.waker(1)));
            k.lock().unwrap().push(c.arm(at(40), l.waker(2)));
            c.advance(Duration::from_nanos(10));
            assert_eq!(c.now(), at(20));
        }),
    );
    clock.advance(Duration::from_nanos(30));
    assert_eq!((log.take(), clock.now()), (vec![1], at(30)));
    clock.advance(Duration::from_nanos(10));
    assert_eq!(log.take(), [2]);
    drop(outer);
}

#[test]
fn panicking_wakers_stop_nobody() {
    let (queue, log) = (TimerQueue::new(), Log::default());
    let alarms: Vec<Alarm> = (0..6)
        .map(|i| match i {
            1 | 3 => queue.arm(at(1), act(move || panic!("waker {i}"))),
            _ => queue.arm(at(1), log.waker(i)),
        })
        .collect();
    let panic = catch_unwind(AssertUnwindSafe(|| queue.turn(at(1)))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "waker 1");
    assert_eq!(log.take(), [0, 2, 4, 5]);
    assert_eq!(queue.armed(), 0);
    drop(alarms);
    let again = queue.arm(at(2), log.waker(9));
    assert_eq!((queue.turn(at(2)), log.take()), (1, vec![9]));
    drop(again);
}

#[test]
fn panicking_wakers_stop_no_advance() {
    let (clock, log) = (ManualClock::new(), Log::default());
    let _first = clock.arm(at(1), act(|| panic!("first")));
    let _second = clock.arm(at(2), log.waker(2));
    catch_unwind(AssertUnwindSafe(|| clock.advance(Duration::from_nanos(5)))).unwrap_err();
    assert_eq!((log.take(), clock.now()), (vec![2], at(5)));
    let _late = clock.arm(at(3), log.waker(3));
    assert_eq!(log.take(), [3], "the clock is not stuck in an advance");
}

/// A waker whose drop and clone run a closure.
fn on_drop_and_clone(f: impl Fn(&str) + Send + Sync + 'static) -> Waker {
    type Hook = Arc<dyn Fn(&str) + Send + Sync>;
    const VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_hook);
    fn hook(data: *const ()) -> Hook {
        // SAFETY: test code; the data is a leaked box of the hook.
        unsafe { (*data.cast::<Hook>()).clone() }
    }
    unsafe fn clone(data: *const ()) -> RawWaker {
        let hook = hook(data);
        hook("clone");
        RawWaker::new(Box::into_raw(Box::new(hook)).cast(), &VTABLE)
    }
    unsafe fn wake(data: *const ()) {
        hook(data)("wake");
        // SAFETY: by value, so the box is ours.
        unsafe { drop_hook(data) };
    }
    unsafe fn wake_by_ref(data: *const ()) {
        hook(data)("wake");
    }
    unsafe fn drop_hook(data: *const ()) {
        // SAFETY: the waker is dropped once.
        let hook: Hook = *unsafe { Box::from_raw(data.cast_mut().cast::<Hook>()) };
        hook("drop");
    }
    let hook: Hook = Arc::new(f);
    // SAFETY: the table does with the box what a waker must.
    unsafe { Waker::from_raw(RawWaker::new(Box::into_raw(Box::new(hook)).cast(), &VTABLE)) }
}

#[test]
fn dropping_a_waker_may_call_back() {
    let clock = ManualClock::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let (c, n) = (clock.clone(), calls.clone());
    let waker = on_drop_and_clone(move |_| {
        drop(c.arm(at(1_000), Waker::noop().clone()));
        c.advance(Duration::from_nanos(1));
        c.armed();
        n.fetch_add(1, Ordering::SeqCst);
    });
    drop(clock.arm(at(500), waker.clone()));
    let fires = clock.arm(at(600), waker);
    clock.advance(Duration::from_nanos(700));
    assert_eq!(calls.load(Ordering::SeqCst), 4, "clone, drop, wake, drop");
    assert!(fires.has_fired());
}

#[test]
fn a_panic_in_a_wakers_drop_leaves_the_queue_whole() {
    let queue = TimerQueue::new();
    let bad = || {
        on_drop_and_clone(|what| {
            if what == "drop" && !std::thread::panicking() {
                panic!("drop")
            }
        })
    };
    let alarm = queue.arm(at(1), bad());
    catch_unwind(AssertUnwindSafe(|| alarm.disarm())).unwrap_err();
    assert_eq!((queue.armed(), queue.turn(at(9))), (0, 0));
    let (waker, count) = counting();
    let kept = [queue.arm(at(1), bad()), queue.arm(at(1), bad()), queue.arm(at(1), waker)];
    catch_unwind(AssertUnwindSafe(|| drop(queue))).unwrap_err();
    assert_eq!(Arc::strong_count(&count), 1);
    drop(kept);
}
