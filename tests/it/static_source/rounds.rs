//! Cancel, see it, reset, again.

use super::{Log, Source, call, note, poll, register, source, taken};
use crate::support::forget;
use std::sync::Arc;
use std::task::Waker;
use taskcell::{Full, StaticCancellationTokenSource, TryRegisterError};

#[test]
fn a_source_that_is_not_cancelled_is_new_already() {
    let source = Source::<1>::new();
    assert!(source.try_reset() && !source.is_cancelled());
    let mut slot = source.slot().unwrap();
    assert!(poll(&mut slot, Waker::noop()).is_pending());
    assert!(source.try_reset(), "nothing happens");
    assert_eq!(source.token().listeners(), 1);
}

#[test]
fn a_hundred_rounds_with_the_same_slot_and_registration() {
    static SOURCE: StaticCancellationTokenSource<3> = StaticCancellationTokenSource::new();
    let log = Log::default();
    let waker = note(&log, 1);
    let mut slot = SOURCE.slot().unwrap();
    let token = SOURCE.token();
    for round in 0..100 {
        let callback = register(token, &log, 2);
        assert!(poll(&mut slot, &waker).is_pending());
        assert_eq!(token.listeners(), 2);
        assert!(SOURCE.cancel() && !SOURCE.cancel());
        assert_eq!((taken(&log), token.listeners()), (vec![1, 2], 0));
        assert!(!SOURCE.try_reset() && token.is_cancelled(), "the waiter has not seen it");
        assert!(poll(&mut slot, &waker).is_ready() && poll(&mut slot, &waker).is_ready());
        if round % 2 == 0 {
            drop(callback);
            assert!(SOURCE.try_reset() && SOURCE.try_reset());
        } else {
            assert!(SOURCE.try_reset(), "a callback that has run holds nothing up");
            let mut callback = callback;
            assert!(!callback.unregister());
        }
        assert!(!token.is_cancelled() && token.listeners() == 0);
    }
    drop((slot, waker));
    assert_eq!(Arc::strong_count(&log), 101, "one for each callback");
}

#[test]
fn a_registration_that_is_over_stays_so() {
    let (source, log) = (Source::<1>::new(), Log::default());
    let mut old = register(source.token(), &log, 1);
    source.cancel();
    assert!(source.try_reset());
    assert!(source.slot().is_err(), "the registration still has its slot");
    source.cancel();
    assert_eq!(taken(&log), [1]);
    assert!(!old.unregister(), "it ran");
    let slot = source.slot();
    assert!(source.try_reset());
    assert!(!old.unregister(), "the slot is not its own any more");
    assert_eq!(source.slot().err(), Some(Full));
    drop((old, slot));
    let mut new = register(source.token(), &log, 2);
    assert!(new.unregister() && !new.unregister());
    source.cancel();
    assert!(taken(&log).is_empty());
}

#[test]
fn a_waiter_holds_up_the_reset_until_it_goes() {
    let (source, log) = (Source::<2>::new(), Log::default());
    let (mut first, mut second) = (source.slot().unwrap(), source.slot().unwrap());
    assert!(poll(&mut first, &note(&log, 1)).is_pending());
    assert!(poll(&mut second, &note(&log, 2)).is_pending());
    source.cancel();
    assert_eq!(taken(&log), [1, 2]);
    assert!(poll(&mut first, Waker::noop()).is_ready());
    assert!(!source.try_reset());
    drop(second);
    assert!(source.try_reset());
    assert!(poll(&mut first, &note(&log, 3)).is_pending());
    assert!(source.slot().is_ok());
    source.cancel();
    assert_eq!(taken(&log), [3]);
    drop(first);
    assert_eq!(Arc::strong_count(&log), 1);
}

#[test]
fn who_has_not_waited_yet_holds_up_nothing() {
    let (source, log) = (Source::<1>::new(), Log::default());
    let mut slot = source.slot().unwrap();
    source.cancel();
    assert!(source.try_reset());
    assert!(poll(&mut slot, &note(&log, 1)).is_pending());
    source.cancel();
    assert!(taken(&log) == [1] && poll(&mut slot, Waker::noop()).is_ready());
}

#[test]
fn a_slot_never_fails_to_come_on_a_cancelled_source() {
    let (source, log) = (Source::<1>::new(), Log::default());
    source.cancel();
    // It takes the place that there is, and part in the next round; who finds none has had its answer for ever.
    let (mut placed, mut sticky) = (source.slot().unwrap(), source.slot().unwrap());
    assert!(poll(&mut placed, Waker::noop()).is_ready() && poll(&mut sticky, Waker::noop()).is_ready());
    assert!(source.try_reset());
    assert!(poll(&mut placed, &note(&log, 1)).is_pending() && poll(&mut sticky, Waker::noop()).is_ready());
    source.cancel();
    assert_eq!(taken(&log), [1]);
    drop(sticky);
    assert!(!source.try_reset(), "the one who waited has not looked");
    drop(placed);
    assert!(source.try_reset());
}

#[test]
fn the_last_waker_counts() {
    let (source, log) = (Source::<1>::new(), Log::default());
    let mut slot = source.slot().unwrap();
    for number in 0..50 {
        let waker = note(&log, number);
        assert!(poll(&mut slot, &waker).is_pending() && poll(&mut slot, &waker).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&log), 2, "only the last is kept");
    }
    source.cancel();
    assert_eq!((taken(&log), Arc::strong_count(&log)), (vec![49], 1));
}

#[test]
fn a_full_source_refuses_callbacks_and_a_cancelled_one_too() {
    let (source, log) = (Source::<2>::new(), Log::default());
    let all = [register(source.token(), &log, 1), register(source.token(), &log, 2)];
    assert!(matches!(source.token().try_register(|| ()), Err(TryRegisterError::Full(_))));
    source.cancel();
    assert!(matches!(source.token().try_register(|| ()), Err(TryRegisterError::Cancelled(_))));
    assert_eq!(taken(&log), [2, 1]);
    drop(all);
    assert!(source.try_reset() && source.token().try_register(|| ()).is_ok());
}

#[test]
fn the_last_registered_runs_first_after_the_wakers() {
    let (source, log) = (Source::<14>::new(), Log::default());
    let mut slots = [source.slot().unwrap(), source.slot().unwrap()];
    let mut callbacks: Vec<_> = (0..10).map(|n| Some(register(source.token(), &log, n))).collect();
    // Those that are registered later lie in front.
    for (gone, new) in [(0, 10), (5, 11), (9, 12)] {
        callbacks[gone] = None;
        callbacks.push(Some(register(source.token(), &log, new)));
    }
    for slot in &mut slots {
        assert!(poll(slot, &note(&log, 100)).is_pending());
    }
    source.cancel();
    assert_eq!(taken(&log), [100, 100, 12, 11, 10, 8, 7, 6, 4, 3, 2, 1]);
}

#[test]
fn forgotten_handles_hold_up_resets_and_nothing_else() {
    let source = source::<2>();
    let mut slot = source.slot().unwrap();
    assert!(poll(&mut slot, &call(|| ())).is_pending());
    forget(slot);
    forget(source.token().try_register(|| ()).map_err(drop).unwrap());
    assert!(source.cancel());
    assert!(!source.try_reset() && source.is_cancelled());
}

#[test]
fn sizes() {
    use std::mem::size_of;
    let word = size_of::<usize>();
    let head = word * 2 + 8;
    let slot = (word * 2 + 4).next_multiple_of(word);
    assert_eq!(size_of::<Source<1>>(), head + slot);
    assert_eq!(size_of::<Source<4>>(), head + 4 * slot);
    assert!(size_of::<taskcell::StaticToken<'_>>() == word && size_of::<taskcell::StaticTimer>() == word);
    assert!(size_of::<taskcell::StaticRegistration<'_>>() <= 3 * word);
    assert!(size_of::<taskcell::StaticCancelled>() <= word);
}
