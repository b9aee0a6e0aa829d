//! A7: cancelling, for each waiter or callback.

use super::signal::{Ours, Signal, context, crowd, pending};
use crate::meter::Meter;
use std::hint::black_box;
use std::pin::Pin;

/// `n` waiters in all, on as many sources as that makes; all are fired in one loop.
pub(super) fn a7<S: Signal, const WAITERS: usize>(meter: &mut Meter, n: usize) {
    fire::<S>(meter, WAITERS, n);
}

/// The same with a crowd whose size is given.
#[inline(always)]
pub(super) fn fire<S: Signal>(meter: &mut Meter, waiters: usize, n: usize) {
    let sources: Vec<S::Source> = (0..n / waiters).map(|_| S::source()).collect();
    let crowds: Vec<_> = sources.iter().map(|source| crowd::<S>(source, waiters)).collect();
    meter.start();
    for source in &sources {
        S::fire(black_box(source));
    }
    meter.stop(sources.len() * waiters);
    drop(crowds);
}

/// Callbacks, registered one after the other, so that the slots are in order.
pub(super) fn a7c(meter: &mut Meter, n: usize) {
    const CALLBACKS: usize = 1_000;
    let sources: Vec<_> = (0..n / CALLBACKS).map(|_| Ours::source()).collect();
    for (_, token) in &sources {
        for word in 0..CALLBACKS {
            token.register(move || _ = black_box(word)).detach();
        }
    }
    meter.start();
    for (source, _) in &sources {
        black_box(source).cancel();
    }
    meter.stop(sources.len() * CALLBACKS);
}

/// Register, fire, observe, drop. The places of the waiters are there beforehand.
pub(super) fn a7f<S: Signal>(meter: &mut Meter, n: usize) {
    const WAITERS: usize = 1_000;
    let sources: Vec<S::Source> = (0..n / WAITERS).map(|_| S::source()).collect();
    let mut places: Vec<Pin<Box<Option<S::Wait<'_>>>>> = (0..WAITERS).map(|_| Box::pin(None)).collect();
    let mut context = context();
    meter.start();
    for source in &sources {
        for place in &mut places {
            place.set(Some(S::wait(source)));
            if let Some(wait) = place.as_mut().as_pin_mut() {
                pending(wait, &mut context);
            }
        }
        S::fire(source);
        for place in &mut places {
            if let Some(wait) = place.as_mut().as_pin_mut() {
                drop(black_box(super::signal::ready(wait, &mut context)));
            }
        }
        for place in &mut places {
            place.set(None);
        }
    }
    meter.stop(sources.len() * WAITERS);
}
