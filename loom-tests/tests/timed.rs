//! Models of sources with a timer.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::CancellationTokenSource as Source;
use taskcell_loom_tests::{Bound, Clock, Data, Drops, LATER, SOON, Wakes, model, name, poll_once};

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
        assert_eq!(clock.armed(), 0);
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
        assert_eq!(clock.armed(), 0);
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
        assert_eq!((disarmed, clock.armed()), (!source.is_cancelled(), 0));
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
        assert_eq!(clock.armed(), usize::from(!source.is_cancelled()));
        drop(source);
        assert_eq!(clock.armed(), 0);
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
        assert_eq!(clock.armed(), 1);
        let token = source.token();
        drop((source, twin));
        assert!(token.can_be_cancelled());
        drop(token);
        assert_eq!(clock.armed(), 0);
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
        assert_eq!(clock.armed(), 0);
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
        assert_eq!((child.is_cancelled(), clock.armed()), (true, 0));
        drop((parent, child));
    });
}

/// Two arm one source, and the timer is disarmed: nothing is counted that is gone.
#[test]
fn two_arm_and_one_disarms() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, clock) = (Source::new(), Clock::new());
        let (twin, other_clock) = (source.clone(), clock.clone());
        let other = spawn(move || twin.cancel_after_on(&other_clock, SOON));
        source.cancel_after_on(&clock, SOON);
        other.join().unwrap();
        assert!(source.disarm());
        let token = source.token();
        drop(source);
        assert_eq!((token.can_be_cancelled(), clock.armed()), (false, 0));
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
        assert_eq!(clock.armed(), 1);
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
        let armed = clock.armed();
        assert!(armed <= 1);
        drop(source);
        assert_eq!(token.can_be_cancelled(), armed == 1);
        drop(token);
        assert_eq!(clock.armed(), 0);
    });
}

/// Another source cancels and goes while this one is reset: it has been cancelled exactly if the reset says no.
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
