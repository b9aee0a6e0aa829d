//! Models of timers whose waker is on its way when it is not wanted any more.
#![cfg(loom)]

use loom::thread::spawn;
use std::task::Waker;
use taskcell::CancellationTokenSource as Source;
use taskcell_loom_tests::{Bound, Data, Drops, LATER, Late, SOON, model, name};

/// A source with a timer, and its waker on the way.
fn collected() -> (Source, Late, Waker) {
    let (source, clock) = (Source::new(), Late::default());
    source.cancel_after_on(&clock, SOON);
    let waker = clock.collect().expect("just armed");
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
        let new = clock.collect();
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
        let new = clock.collect();
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
        let waker = clock.collect().expect("just armed");
        let other = spawn(move || waker.wake());
        parent.cancel();
        other.join().unwrap();
        let reason = child.token().reason().unwrap();
        assert_ne!(reason.is_inherited(), reason.is_deadline());
        drop((parent, child));
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
