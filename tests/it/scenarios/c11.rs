//! C11: timer epochs: a timer that was re-armed, disarmed or reset never cancels, however late it is delivered.
use crate::support::{Counter, Log, race};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use taskcell::CancellationTokenSource;
use taskcell::time::{Alarm, ManualClock, TimeProvider, Timestamp};

const MS: Duration = Duration::from_millis(1);

/// A clock in two steps, as an interrupt and a main loop would have it: `collect` takes what is due, `deliver` calls it.
#[derive(Default)]
struct Late(ManualClock, Arc<Mutex<Vec<Waker>>>);

struct Collects(Mutex<Option<Waker>>, Arc<Mutex<Vec<Waker>>>);

impl Wake for Collects {
    fn wake(self: Arc<Self>) {
        let waker = self.0.lock().unwrap().take();
        self.1.lock().unwrap().extend(waker);
    }
}

impl TimeProvider for Late {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.0.arm(deadline, Waker::from(Arc::new(Collects(Mutex::new(Some(waker)), self.1.clone()))))
    }
}

impl Late {
    fn collect(&self, by: Duration) {
        self.0.advance(by);
        assert_eq!(self.1.lock().unwrap().len(), 1, "one fire is on its way");
    }
    fn deliver(&self) {
        let wakers = std::mem::take(&mut *self.1.lock().unwrap());
        wakers.into_iter().for_each(Waker::wake);
    }
}

#[test]
fn c11_a_re_armed_timer_counts_from_now() {
    let (clock, source, log) = (ManualClock::new(), CancellationTokenSource::new(), Log::new());
    source.token().register(log.note("ran")).detach();
    source.cancel_after_on(&clock, 10 * MS);
    clock.advance(5 * MS);
    source.cancel_after_on(&clock, 10 * MS);
    clock.advance(9 * MS);
    assert!(!source.is_cancelled());
    clock.advance(MS);
    assert!(source.is_cancelled());
    let reason = source.token().reason().unwrap();
    assert!(reason.is_deadline() && !reason.is_requested() && !reason.is_inherited());
    clock.advance(100 * MS);
    assert_eq!(log.take(), ["ran"]);
}

#[test]
fn c11_a_late_fire_after_a_disarm() {
    let (clock, source) = (Late::default(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 10 * MS);
    clock.collect(10 * MS);
    assert!(source.disarm(), "it has not cancelled yet, and never will");
    clock.deliver();
    assert!(!source.is_cancelled());
}

#[test]
fn c11_a_late_fire_after_a_re_arm() {
    let (clock, source) = (Late::default(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 10 * MS);
    clock.collect(10 * MS);
    source.cancel_after_on(&clock, 100 * MS);
    clock.deliver();
    assert!(!source.is_cancelled());
    clock.collect(100 * MS);
    clock.deliver();
    assert!(source.is_cancelled());
}

#[test]
fn c11_a_late_fire_after_an_infinite_re_arm() {
    let (clock, source) = (Late::default(), CancellationTokenSource::new());
    source.cancel_after_on(&clock, 10 * MS);
    clock.collect(10 * MS);
    source.cancel_after_on(&clock, Duration::MAX);
    clock.deliver();
    assert!(!source.is_cancelled());
}

#[test]
fn c11_a_late_fire_after_a_reset() {
    for keep_a_token in [false, true] {
        let (clock, mut source) = (Late::default(), CancellationTokenSource::new());
        let old = keep_a_token.then(|| source.token());
        source.cancel_after_on(&clock, 10 * MS);
        clock.collect(10 * MS);
        assert!(source.try_reset());
        clock.deliver();
        assert!(!source.is_cancelled());
        assert!(old.is_none_or(|old| !old.is_cancelled()), "tokens handed out before stay uncancelled");
        source.cancel_after_on(&clock, 10 * MS);
        clock.collect(10 * MS);
        clock.deliver();
        assert!(source.is_cancelled());
    }
}

#[test]
fn c11_a_late_fire_after_everything_is_gone() {
    let (clock, log) = (Late::default(), Log::new());
    let source = CancellationTokenSource::with_timeout_on(&clock, 10 * MS);
    let registration = source.token().register(log.note("ran"));
    clock.collect(10 * MS);
    drop(registration);
    drop(source);
    assert_eq!(clock.0.armed(), 0);
    clock.deliver();
    assert_eq!(log.len(), 0);
}

#[test]
fn c11_a_late_fire_after_a_cancel() {
    let (clock, log) = (Late::default(), Log::new());
    let source = CancellationTokenSource::with_timeout_on(&clock, 10 * MS);
    source.token().register(log.note("ran")).detach();
    clock.collect(10 * MS);
    source.cancel_with("mine");
    clock.deliver();
    assert_eq!(log.take(), ["ran"]);
    assert_eq!(source.token().reason().unwrap().error().unwrap().to_string(), "mine");
}

/// Two sources with one deadline: the first one's callback moves the second one's.
#[test]
fn c11_a_fire_that_takes_its_neighbour_back() {
    for way in 0..3 {
        let clock = ManualClock::new();
        let first = CancellationTokenSource::with_timeout_on(&clock, MS);
        let second = CancellationTokenSource::with_timeout_on(&clock, MS);
        let (neighbour, hand) = (second.clone(), clock.clone());
        first
            .token()
            .register(move || match way {
                0 => assert!(neighbour.disarm()),
                1 => neighbour.cancel_after_on(&hand, MS),
                _ => drop(neighbour.cancel_deferred()),
            })
            .detach();
        clock.advance(MS);
        assert_eq!(second.is_cancelled(), way == 2);
        clock.advance(MS);
        assert_eq!(second.is_cancelled(), way != 0);
        assert_eq!(second.token().reason().is_some_and(|reason| reason.is_deadline()), way == 1);
    }
}

#[test]
fn c11_a_fire_against_a_disarm() {
    race(
        2_000,
        || {
            let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
            source.cancel_after_on(&clock, MS);
            (clock, source, Mutex::new(None))
        },
        |(clock, ..)| {
            clock.advance(MS);
        },
        |(_, source, answer)| *answer.lock().unwrap() = Some(source.disarm()),
        |(clock, source, answer)| {
            let disarmed = answer.into_inner().unwrap().unwrap();
            assert_eq!(source.is_cancelled(), !disarmed, "disarmed if and only if it never fires");
            assert_eq!(clock.armed(), 0);
        },
    );
}

#[test]
fn c11_a_fire_against_a_re_arm() {
    race(
        2_000,
        || {
            let (clock, source, ran) = (ManualClock::new(), CancellationTokenSource::new(), Log::new());
            source.token().register(ran.note(())).detach();
            source.cancel_after_on(&clock, MS);
            (clock, source, ran)
        },
        |(clock, ..)| {
            clock.advance(MS);
        },
        |(clock, source, _)| source.cancel_after_on(clock, 10 * MS),
        |(clock, source, ran)| {
            let fired = source.is_cancelled();
            assert_eq!(clock.armed(), usize::from(!fired));
            clock.advance(10 * MS);
            assert!(source.is_cancelled());
            assert_eq!(ran.len(), 1);
        },
    );
}

#[test]
fn c11_a_fire_against_a_reset() {
    race(
        2_000,
        || {
            let (clock, source) = (ManualClock::new(), CancellationTokenSource::new());
            source.cancel_after_on(&clock, MS);
            (clock, source.token(), Mutex::new((source, None)))
        },
        |(clock, ..)| {
            clock.advance(MS);
        },
        |(_, _, slot)| {
            let (source, answer) = &mut *slot.lock().unwrap();
            *answer = Some(source.try_reset());
        },
        |(clock, old, slot)| {
            let (source, answer) = slot.into_inner().unwrap();
            assert_eq!(answer, Some(!old.is_cancelled()));
            assert_eq!(source.is_cancelled(), old.is_cancelled());
            clock.advance(10 * MS);
            assert_eq!(source.is_cancelled(), old.is_cancelled());
        },
    );
}

#[test]
fn c11_a_waiter_alone_keeps_the_timer() {
    let (clock, waiter) = (ManualClock::new(), Counter::new());
    let source = CancellationTokenSource::with_timeout_on(&clock, 10 * MS);
    let mut wait = source.token().cancelled_owned();
    assert!(waiter.poll(&mut wait).is_pending());
    drop(source);
    assert_eq!(clock.armed(), 1);
    clock.advance(10 * MS);
    assert_eq!(waiter.wakes(), 1);
    assert!(waiter.poll(&mut wait).is_ready());

    // A child alone, too.
    let child = CancellationTokenSource::with_timeout_on(&clock, 10 * MS).token().child();
    assert_eq!(clock.armed(), 1);
    clock.advance(10 * MS);
    assert!(child.is_cancelled());
    let reason = child.token().reason().unwrap();
    assert!(reason.is_deadline() && reason.is_inherited());

    // And with the last listener the timer goes.
    let child = CancellationTokenSource::with_timeout_on(&clock, 10 * MS).token().child();
    drop(child);
    assert_eq!(clock.armed(), 0);
}

#[test]
fn c11_deadlines_fire_in_order_then_in_order_of_arming() {
    let (clock, log) = (ManualClock::new(), Log::new());
    let sources: Vec<_> = [3, 1, 2, 1, 3, 2]
        .into_iter()
        .enumerate()
        .map(|(n, ms)| {
            let source = CancellationTokenSource::with_timeout_on(&clock, ms * MS);
            let (log, hand) = (log.clone(), clock.clone());
            source.token().register(move || log.push((n, hand.now().as_nanos() / 1_000_000))).detach();
            source
        })
        .collect();
    clock.advance(10 * MS);
    let order: Vec<_> = log.take().into_iter().map(|(n, _)| n).collect();
    assert_eq!(order, [1, 3, 2, 5, 0, 4]);
    assert!(sources.iter().all(CancellationTokenSource::is_cancelled));
}

/// A callback on the clock's thread may use the clock again.
#[test]
fn c11_a_callback_arms_the_clock_that_runs_it() {
    let clock = ManualClock::new();
    let source = CancellationTokenSource::with_timeout_on(&clock, MS);
    let second = Arc::new(CancellationTokenSource::new());
    let (next, hand) = (second.clone(), clock.clone());
    source.token().register(move || next.cancel_after_on(&hand, MS)).detach();
    clock.advance(MS);
    assert!(source.is_cancelled() && !second.is_cancelled());
    assert_eq!(clock.armed(), 1);
    clock.advance(MS);
    assert!(second.is_cancelled());
}

/// The source's handle goes while a fire is on its way: it still reaches everybody, unless the timer was taken back.
#[test]
fn c11_a_late_fire_after_the_source_has_gone() {
    for (re_arm, disarm) in [(false, false), (true, false), (false, true), (true, true)] {
        let (clock, waiter, log) = (Late::default(), Counter::new(), Log::new());
        let source = CancellationTokenSource::with_timeout_on(&clock, 10 * MS);
        let token = source.token();
        let mut wait = token.cancelled();
        assert!(waiter.poll(&mut wait).is_pending());
        token.register(log.note("ran")).detach();
        clock.collect(10 * MS);
        if re_arm {
            source.cancel_after_on(&clock, 10 * MS);
        }
        if disarm {
            assert!(source.disarm());
        }
        drop(source);
        assert_eq!(token.can_be_cancelled(), !disarm, "a timer stands for the source");
        clock.deliver();
        assert_eq!(token.is_cancelled(), !re_arm && !disarm);
        clock.0.advance(10 * MS);
        clock.deliver();
        assert_eq!(token.is_cancelled(), !disarm);
        assert_eq!(waiter.wakes(), usize::from(!disarm));
        assert_eq!(log.len(), usize::from(!disarm));
        assert_eq!(waiter.poll(&mut wait).is_ready(), !disarm);
    }
}

/// A source that was reset after somebody had taken the firing timer back.
#[test]
fn c11_a_late_fire_after_a_disarm_and_a_reset() {
    for linked in [false, true] {
        let (clock, parent) = (Late::default(), CancellationTokenSource::new());
        let mut source = if linked { parent.token().child() } else { CancellationTokenSource::new() };
        source.cancel_after_on(&clock, 10 * MS);
        clock.collect(10 * MS);
        assert!(source.disarm());
        assert!(source.try_reset());
        clock.deliver();
        assert!(!source.is_cancelled());
        parent.cancel();
        assert_eq!(source.is_cancelled(), linked);
    }
}
