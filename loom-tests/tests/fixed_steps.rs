//! Models of sources without a heap in which each step of a call has to show: mostly of one thread.
#![cfg(loom)]

use loom::thread::spawn;
use taskcell::{CancellationSlot, Full, StaticCancellationTokenSource, StaticRegistration, TryRegisterError};
use taskcell_loom_tests::{Bound, Order, Wakes, model, name, poll_once};

type Source<const N: usize> = StaticCancellationTokenSource<N>;

/// A source for this run of the model. It stays behind, as a static would.
fn source<const N: usize>() -> &'static Source<N> {
    Box::leak(Box::new(Source::new()))
}

/// A callback that notes its number. (A static's callback captures one word.)
fn noting<const N: usize>(source: &'static Source<N>, order: &Order, number: u32) -> StaticRegistration<'static> {
    let noted: &'static (Order, u32) = Box::leak(Box::new((order.clone(), number)));
    source.token().try_register(move || noted.0.note(noted.1)).map_err(drop).expect("there is room")
}

/// Who registers is told whether there is no room, or nothing to wait for.
#[test]
fn static_refusals() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let first = source.token().try_register(|| ()).map_err(drop).expect("there is room");
        assert!(matches!(source.token().try_register(|| ()), Err(TryRegisterError::Full(_))));
        assert_eq!(source.token().listeners(), 1);
        assert!(source.cancel());
        assert!(matches!(source.token().try_register(|| ()), Err(TryRegisterError::Cancelled(_))));
        drop(first);
    });
}

/// The callbacks of a child run in the place of its link, between those of its parent.
#[test]
fn static_callbacks_of_a_tree_in_order() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child, order) = (source::<4>(), source::<2>(), Order::new());
        let oldest = noting(parent, &order, 1);
        let older = noting(parent, &order, 2);
        assert_eq!(child.link(parent), Ok(true));
        let kept = [noting(child, &order, 3), noting(child, &order, 4), noting(parent, &order, 5)];
        assert!(parent.cancel());
        assert_eq!(order.seen(), [5, 4, 3, 2, 1]);
        drop((oldest, older, kept));
    });
}

/// A child that is linked already is told so, also where no room is left; and a full one says that.
#[test]
fn static_linked_already_to_a_full_one() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child) = (source::<1>(), source::<1>());
        assert_eq!(child.link(parent), Ok(true));
        assert_eq!(child.link(parent), Ok(false));
        assert_eq!(source::<1>().link(parent), Err(Full));
    });
}

/// Who waits is counted until the source is cancelled, whether or not it has looked since.
#[test]
fn static_listeners_of_a_cancelled_source() {
    model(name!(), Bound::Exhaustive, || {
        let (source, wakes) = (source::<2>(), Wakes::new());
        let mut slot = source.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        assert_eq!(source.token().listeners(), 1);
        assert!(source.cancel());
        assert_eq!((source.token().listeners(), wakes.count()), (0, 1));
    });
}

/// A source that is open is as new, whoever waits there; one that has been reset remembers no reason.
#[test]
fn static_rounds_and_their_reasons() {
    model(name!(), Bound::Exhaustive, || {
        let (parent, child, wakes) = (source::<1>(), source::<2>(), Wakes::new());
        let reason = || {
            let reason = child.token().reason().expect("cancelled");
            (reason.is_requested(), reason.is_deadline(), reason.is_inherited())
        };
        let mut slot = child.slot().expect("free");
        assert!(poll_once(&mut slot.cancelled(), &wakes.waker()).is_pending());
        assert!(child.try_reset() && !child.is_cancelled());
        drop(slot);
        child.deadline_waker().wake_by_ref();
        assert_eq!(reason(), (false, true, false));
        assert!(child.try_reset() && child.cancel());
        assert_eq!(reason(), (true, false, false));
        assert!(child.try_reset());
        assert_eq!(child.link(parent), Ok(true));
        parent.deadline_waker().wake();
        assert_eq!(reason(), (false, true, true));
        assert!(parent.try_reset() && child.try_reset() && child.cancel());
        assert_eq!(reason(), (true, false, false));
        // Under a cancelled parent it stays as it was.
        assert!(parent.cancel() && !child.try_reset());
        assert_eq!(reason(), (true, false, false));
    });
}

/// Numbers are given by two: who registers later has a higher one.
#[test]
fn static_numbers_of_two_threads() {
    model(name!(), Bound::Preemptions(3), || {
        let (source, order) = (source::<4>(), Order::new());
        let theirs = order.clone();
        let other = spawn(move || noting(source, &theirs, 1));
        let mine = [noting(source, &order, 2), noting(source, &order, 3)];
        let kept = other.join().unwrap();
        let last = noting(source, &order, 4);
        assert!(source.cancel());
        let seen: Vec<_> = order.seen().into_iter().filter(|number| *number != 1).collect();
        assert_eq!(seen, [4, 3, 2]);
        drop((mine, kept, last));
    });
}

/// A callback takes its number while its source is cancelled and reset: no slot says for good that a waiter is there.
#[test]
fn static_number_against_reset() {
    model(name!(), Bound::Preemptions(3), || {
        let source = source::<1>();
        let other = spawn(move || {
            source.cancel();
            source.try_reset();
        });
        drop(source.token().try_register(|| ()));
        other.join().unwrap();
        let slot = source.slot().expect("free");
        source.cancel();
        assert!(source.try_reset(), "nobody waits");
        drop(slot);
    });
}

/// A slot in which nobody waits is given back while its source is reset: it is free then.
#[test]
fn static_reset_against_an_unused_slots_drop() {
    model(name!(), Bound::Exhaustive, || {
        let source = source::<1>();
        let slot = source.slot().expect("free");
        assert!(source.cancel());
        let other = spawn(move || drop(slot));
        assert!(source.try_reset());
        other.join().unwrap();
        assert!(source.slot().is_ok());
    });
}
