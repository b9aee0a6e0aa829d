//! Models of sources with a timer.
#![cfg(loom)]

use loom::thread::spawn;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;
use taskcell::CancellationTokenSource as Source;
use taskcell::time::{Alarm, TimeProvider, TimerQueue, Timestamp};
use taskcell_loom_tests::{Bound, Data, Drops, Wakes, model, name, poll_once};

/// The cheapest clock: it stands still, and is turned by hand.
#[derive(Clone)]
struct Clock(Arc<TimerQueue>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(TimerQueue::new()))
    }

    /// Fires what is armed for [`SOON`].
    fn turn(&self) -> usize {
        self.0.turn(Timestamp::from_nanos(5))
    }
}

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.0.arm(deadline, waker)
    }
}

const SOON: Duration = Duration::from_nanos(5);
const LATER: Duration = Duration::from_nanos(9);

/// A source with a timer that is due.
fn armed() -> (Source, Clock) {
    let (source, clock) = (Source::new(), Clock::new());
    source.cancel_after_on(&clock, SOON);
    (source, clock)
}

/// A timer is armed while the source is cancelled: it never stays armed.
#[test]
fn arm_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = (Source::new(), Clock::new());
        let (twin, other_clock) = (source.clone(), clock.clone());
        let other = spawn(move || {
            twin.cancel_after_on(&other_clock, SOON);
            twin
        });
        assert!(source.cancel());
        let twin = other.join().unwrap();
        assert_eq!(clock.0.armed(), 0);
        drop((twin, source));
    });
}

/// A timer fires while the source is cancelled: one of the two gives the reason.
#[test]
fn fire_against_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        let first = source.cancel();
        other.join().unwrap();
        let reason = source.token().reason().unwrap();
        assert_eq!((reason.is_requested(), reason.is_deadline()), (first, !first));
        assert_eq!(clock.0.armed(), 0);
        drop(source);
    });
}

/// Disarmed means that it will never fire.
#[test]
fn fire_against_disarm() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        let disarmed = source.disarm();
        other.join().unwrap();
        assert_eq!((disarmed, clock.0.armed()), (!source.is_cancelled(), 0));
        drop(source);
    });
}

/// A source that was reset is never cancelled by the timer that it had.
#[test]
fn fire_against_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (mut source, clock) = armed();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!(reset, !source.is_cancelled());
        drop(source);
    });
}

/// A token that was handed out before a reset stays as it is.
#[test]
fn fire_against_reset_with_token() {
    model(name!(), Bound::Preemptions(3), || {
        let (mut source, clock) = armed();
        let token = source.token();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!((reset, reset), (!source.is_cancelled(), !token.is_cancelled()));
        drop((source, token));
    });
}

/// The timer is put off while it fires: it has fired, or it is the new one that stands.
#[test]
fn fire_against_arming_again() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        source.cancel_after_on(&clock, LATER);
        other.join().unwrap();
        assert_eq!(clock.0.armed(), usize::from(!source.is_cancelled()));
        drop(source);
        assert_eq!(clock.0.armed(), 0);
    });
}

/// Two arm one source: one timer is left.
#[test]
fn two_arm() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = (Source::new(), Clock::new());
        let (twin, other_clock) = (source.clone(), clock.clone());
        let other = spawn(move || {
            twin.cancel_after_on(&other_clock, SOON);
            twin
        });
        source.cancel_after_on(&clock, SOON);
        let twin = other.join().unwrap();
        assert_eq!(clock.0.armed(), 1);
        let token = source.token();
        drop((source, twin));
        assert!(token.can_be_cancelled());
        drop(token);
        assert_eq!(clock.0.armed(), 0);
    });
}

/// The last handle goes while the timer fires.
#[test]
fn fire_against_the_last_handle() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let other_clock = clock.clone();
        let other = spawn(move || other_clock.turn());
        drop(source);
        other.join().unwrap();
        assert_eq!(clock.0.armed(), 0);
    });
}

/// The last source goes while the timer fires: the waiter is woken by the timer (G15).
#[test]
fn fire_for_a_waiter_against_the_last_source() {
    model(name!(), Bound::Preemptions(3), || {
        let ((source, clock), wakes) = (armed(), Wakes::new());
        let mut future = source.token().cancelled_owned();
        assert!(poll_once(&mut future, &wakes.waker()).is_pending());
        let other = spawn(move || clock.turn());
        drop(source);
        other.join().unwrap();
        assert_eq!((wakes.count(), wakes.live()), (1, 0));
        drop(future);
    });
}

/// The timer is disarmed, and the other source goes: nothing is left that could cancel.
#[test]
fn disarm_against_the_last_source() {
    model(name!(), Bound::Preemptions(3), || {
        let ((source, _clock), drops, data) = (armed(), Drops::new(), Data::new());
        let (twin, token, tracked) = (source.clone(), source.token(), drops.track());
        let seen = data.clone();
        token
            .register(move || {
                drop(tracked);
                seen.read();
            })
            .detach();
        let other = spawn(move || {
            source.disarm();
            drop(source);
        });
        drop(twin);
        other.join().unwrap();
        assert!(!token.can_be_cancelled());
        assert_eq!(drops.live(), 0);
        drop(token);
    });
}

/// A clock in two steps: it hands its wakers out, and they are called whenever. It is no part of the model, and so does
/// not hand them from thread to thread.
#[derive(Clone, Default)]
struct Late(Arc<Mutex<Vec<Waker>>>);

impl Late {
    /// Takes the newest waker out.
    fn collect(&self) -> Waker {
        self.0.lock().unwrap().pop().unwrap()
    }
}

impl TimeProvider for Late {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, _: Timestamp, waker: Waker) -> Alarm {
        self.0.lock().unwrap().push(waker);
        Alarm::never()
    }
}

/// A source with a timer, and its waker on the way.
fn collected() -> (Source, Late, Waker) {
    let (source, clock) = (Source::new(), Late::default());
    source.cancel_after_on(&clock, SOON);
    let waker = clock.collect();
    (source, clock, waker)
}

/// Disarmed means that it will never fire, though its waker is called.
#[test]
fn late_fire_against_disarm() {
    model(name!(), Bound::Exhaustive, || {
        let (source, _clock, waker) = collected();
        let other = spawn(move || waker.wake());
        let disarmed = source.disarm();
        other.join().unwrap();
        assert_eq!(disarmed, !source.is_cancelled());
        drop(source);
    });
}

/// The timer is put off, and the old one is called: once the new one stands, the old one does nothing.
#[test]
fn late_fire_against_arming_again() {
    model(name!(), Bound::Exhaustive, || {
        let (source, clock, waker) = collected();
        let other = spawn(move || waker.wake());
        source.cancel_after_on(&clock, LATER);
        let before = source.is_cancelled();
        let new = clock.0.lock().unwrap().pop();
        other.join().unwrap();
        match new {
            // It was too late to put it off.
            None => assert!(before || source.is_cancelled()),
            Some(new) => {
                assert!(!source.is_cancelled());
                new.wake();
                assert!(source.is_cancelled());
            }
        }
        drop(source);
    });
}

/// The ticket of a timer that was put off is used again, unless its waker is still somewhere.
#[test]
fn late_fire_against_a_ticket_used_again() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock, waker) = collected();
        let other = spawn(move || waker.wake());
        let disarmed = source.disarm();
        source.cancel_after_on(&clock, LATER);
        let new = clock.0.lock().unwrap().pop();
        other.join().unwrap();
        assert_eq!((disarmed, disarmed), (!source.is_cancelled(), new.is_some()));
        drop((source, new));
    });
}

/// A source that was reset is never cancelled by the timer that it had, however late.
#[test]
fn late_fire_against_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let (mut source, clock, waker) = collected();
        let other = spawn(move || waker.wake());
        let reset = source.try_reset();
        if reset {
            source.cancel_after_on(&clock, LATER);
        }
        other.join().unwrap();
        assert_eq!(reset, !source.is_cancelled());
        drop((source, clock));
    });
}

/// Nor is a token that stayed behind.
#[test]
fn late_fire_against_reset_with_token() {
    model(name!(), Bound::Preemptions(3), || {
        let (mut source, _clock, waker) = collected();
        let token = source.token();
        let other = spawn(move || waker.wake());
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!((reset, reset), (!source.is_cancelled(), !token.is_cancelled()));
        drop((source, token));
    });
}

/// A timer fires and is put off while the source is cancelled: one of the two gives the reason.
#[test]
fn late_fire_against_cancel_and_arming() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock, waker) = collected();
        let twin = source.clone();
        let fire = spawn(move || waker.wake());
        let arm = spawn(move || {
            twin.cancel_after_on(&clock, LATER);
            clock
        });
        let first = source.cancel();
        fire.join().unwrap();
        let clock = arm.join().unwrap();
        let reason = source.token().reason().unwrap();
        assert_eq!((reason.is_requested(), reason.is_deadline()), (first, !first));
        drop((source, clock));
    });
}

/// The last handle goes while the waker is called: the source is taken down once.
#[test]
fn late_fire_against_the_last_handle() {
    model(name!(), Bound::Exhaustive, || {
        let ((source, _clock, waker), drops) = (collected(), Drops::new());
        let tracked = drops.track();
        source.token().register(move || drop(tracked)).detach();
        let other = spawn(move || waker.wake());
        drop(source);
        other.join().unwrap();
        assert_eq!(drops.live(), 0);
    });
}

/// A parent is cancelled while its child's timer fires, and another one is armed there.
#[test]
fn late_fire_against_a_parents_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, clock) = (Source::new(), Late::default());
        let child = parent.token().child();
        child.cancel_after_on(&clock, SOON);
        let waker = clock.collect();
        let other = spawn(move || waker.wake());
        parent.cancel();
        other.join().unwrap();
        let reason = child.token().reason().unwrap();
        assert_ne!(reason.is_inherited(), reason.is_deadline());
        drop((parent, child));
    });
}

/// A timer is armed while a parent is cancelled: it never stays armed.
#[test]
fn arm_against_a_parents_cancel() {
    model(name!(), Bound::Preemptions(3), || {
        let (parent, clock) = (Source::new(), Clock::new());
        let child = parent.token().child();
        let other_clock = clock.clone();
        let other = spawn(move || {
            child.cancel_after_on(&other_clock, SOON);
            child
        });
        parent.cancel();
        let child = other.join().unwrap();
        assert_eq!((child.is_cancelled(), clock.0.armed()), (true, 0));
        drop((parent, child));
    });
}

/// Two put one timer off: one of the new ones is left, and cancels.
#[test]
fn two_arm_again() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let (twin, other_clock) = (source.clone(), clock.clone());
        let other = spawn(move || {
            twin.cancel_after_on(&other_clock, SOON);
            twin
        });
        source.cancel_after_on(&clock, SOON);
        let twin = other.join().unwrap();
        assert_eq!(clock.0.armed(), 1);
        assert_eq!(clock.turn(), 1);
        assert!(source.is_cancelled());
        drop((source, twin));
    });
}

/// One arms, the other disarms: nothing or one timer is left, and counted so.
#[test]
fn arm_against_disarm() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = armed();
        let (twin, other_clock) = (source.clone(), clock.clone());
        let other = spawn(move || twin.cancel_after_on(&other_clock, LATER));
        assert!(source.disarm());
        other.join().unwrap();
        let token = source.token();
        let armed = clock.0.armed();
        assert!(armed <= 1);
        drop(source);
        assert_eq!(token.can_be_cancelled(), armed == 1);
        drop(token);
        assert_eq!(clock.0.armed(), 0);
    });
}

/// Two arm, disarm and arm one source in turn: tickets go from hand to hand.
#[test]
fn two_disarm_and_arm() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock, other_clock) = (Source::new(), Late::default(), Late::default());
        let twin = source.clone();
        let other = spawn(move || {
            twin.cancel_after_on(&other_clock, SOON);
            drop(other_clock.collect());
            twin.disarm();
        });
        source.cancel_after_on(&clock, SOON);
        drop(clock.collect());
        source.disarm();
        source.cancel_after_on(&clock, SOON);
        other.join().unwrap();
        drop((source, clock));
    });
}

#[derive(Debug)]
struct Told(Data);

impl std::fmt::Display for Told {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Told {}

/// The error of a source with a timer arrives whole, whoever sealed the source.
#[test]
fn reason_in_the_place_of_a_timer() {
    model(name!(), Bound::Exhaustive, || {
        let ((source, _clock, waker), data) = (collected(), Data::new());
        let (twin, error) = (source.clone(), Told(data.clone()));
        let other = spawn(move || {
            data.write();
            twin.cancel_with(error);
            twin
        });
        let first = source.cancel();
        let reason = source.token().reason().expect("the flag is up");
        assert_eq!(reason.is_requested(), first);
        if let Some(error) = reason.error() {
            error.downcast_ref::<Told>().unwrap().0.read();
        }
        drop((other.join().unwrap(), reason, source, waker));
    });
}

/// Another source cancels and goes while this one is reset: alone or not, a reset that says yes has not been cancelled.
#[test]
fn reset_against_a_twin() {
    model(name!(), Bound::Preemptions(3), || {
        let mut source = Source::new();
        let twin = source.clone();
        let other = spawn(move || {
            twin.cancel();
            drop(twin);
        });
        let reset = source.try_reset();
        other.join().unwrap();
        assert_eq!(reset, !source.is_cancelled());
        drop(source);
    });
}
