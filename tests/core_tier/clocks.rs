//! The clock of a static queue: when its alarm is set, and to what.

use crate::board::{MS, alarm, flag, millis, now, pass, run, set_alarm, settings};
use crate::clock;
use crate::heap::untouched;
use std::task::Waker;
use std::time::Duration;
use taskcell::time::Alarm;
use taskcell::{StaticClock, StaticTimerQueue, TimeProvider, Timestamp, delay_on};

fn at(millis: u32) -> Timestamp {
    (MS * millis).into()
}

fn noop() -> Waker {
    Waker::noop().clone()
}

#[test]
fn the_alarm_is_the_next_deadline() {
    clock!(CLOCK, 3);
    untouched(|| {
        let late = CLOCK.arm(at(30), noop());
        assert_eq!(alarm(), Some(30));
        let early = CLOCK.arm(at(10), noop());
        assert_eq!(alarm(), Some(10));
        let middle = CLOCK.arm(at(20), noop());
        assert_eq!((alarm(), CLOCK.armed()), (Some(10), 3));
        // Nothing tells the clock; it goes off early.
        assert!(early.disarm());
        pass(10 * MS);
        assert_eq!((CLOCK.turn(), alarm()), (0, Some(20)));
        pass(25 * MS);
        assert_eq!((CLOCK.turn(), alarm(), CLOCK.armed()), (2, None, 0));
        assert!(late.has_fired() && middle.has_fired());
    });
}

#[test]
fn what_is_late_is_due_at_once() {
    clock!(CLOCK, 1);
    let (waker, woken) = flag();
    pass(50 * MS);
    let _late = CLOCK.arm(at(20), waker);
    assert_eq!((alarm(), woken()), (Some(20), false));
    assert!(CLOCK.turn() == 1 && woken());
}

#[test]
fn never_takes_no_entry() {
    clock!(CLOCK, 1);
    let alarms = [(); 3].map(|()| CLOCK.arm(Timestamp::MAX, noop()));
    assert_eq!((CLOCK.armed(), alarm()), (0, None));
    assert!(alarms.into_iter().all(Alarm::disarm));
}

#[test]
fn a_full_queue_gives_the_waker_back() {
    clock!(CLOCK, 2);
    let held = [1, 2].map(|n| CLOCK.try_arm(at(n), noop()).unwrap());
    let (waker, woken) = flag();
    untouched(|| CLOCK.try_arm(at(3), waker).unwrap_err().into_inner()).wake();
    assert!(woken());
    drop(held);
    assert!(CLOCK.try_arm(at(3), noop()).is_ok());
}

#[test]
#[should_panic = "more timers are in use"]
fn a_full_queue_loses_no_timer_silently() {
    clock!(CLOCK, 1);
    let _held = CLOCK.arm(at(1), noop());
    let _ = CLOCK.arm(at(2), noop());
}

#[test]
fn a_clock_without_an_alarm_is_turned_by_its_tick() {
    static TIMERS: StaticTimerQueue<2> = StaticTimerQueue::new();
    static CLOCK: StaticClock<2> = StaticClock::new(&TIMERS, now);
    let (waker, woken) = flag();
    let armed = CLOCK.arm(at(2), waker);
    pass(MS);
    assert_eq!((CLOCK.turn(), woken()), (0, false));
    pass(MS);
    assert_eq!((CLOCK.turn(), woken(), settings()), (1, true, 0));
    assert!(armed.has_fired());
}

#[test]
fn a_waker_that_panics_leaves_the_alarm_as_it_is_to_be() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("bad waker");
        }
    }
    clock!(CLOCK, 3);
    let (waker, woken) = flag();
    let _held = [(5, std::sync::Arc::new(Panics).into()), (6, waker), (9, noop())].map(|(n, w)| CLOCK.arm(at(n), w));
    pass(7 * MS);
    assert!(std::panic::catch_unwind(|| CLOCK.turn()).is_err());
    assert_eq!((alarm(), woken()), (Some(9), true));
}

/// As an interrupt does that comes while the hardware timer is being set.
#[test]
fn arming_while_the_alarm_is_set_is_left_to_who_sets_it() {
    static TIMERS: StaticTimerQueue<2> = StaticTimerQueue::new();
    static CLOCK: StaticClock<2> = StaticClock::new(&TIMERS, now).with_alarm(interrupted);
    thread_local! {
        static INNER: std::cell::Cell<Option<Alarm>> = const { std::cell::Cell::new(None) };
        static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    fn interrupted(next: Option<Timestamp>) {
        assert_eq!(DEPTH.replace(1), 0, "one call inside another");
        if settings() == 0 {
            set_alarm(None);
            INNER.set(Some(CLOCK.arm(at(4), noop())));
        }
        set_alarm(next);
        DEPTH.set(0);
    }
    let _outer = CLOCK.arm(at(9), noop());
    assert_eq!((alarm(), CLOCK.armed()), (Some(4), 2));
    drop(INNER.take());
}

#[test]
fn delays_end_in_the_order_of_their_deadlines() {
    clock!(CLOCK, 4);
    run(&CLOCK, async {
        let delays = [40, 10, 30, 20].map(|n| delay_on(&CLOCK, n * MS));
        taskcell::few::when_all(delays).await;
        assert_eq!(millis(), 40);
        delay_on(&CLOCK, Duration::ZERO).await;
        assert_eq!(millis(), 40);
    });
    assert_eq!(CLOCK.armed(), 0);
    assert_eq!(format!("{CLOCK:?}"), "StaticClock { armed: 0, capacity: 4 }");
}
