//! A5: registering a waiter or a callback and dropping it again, beside others.

use super::signal::{Ours, Signal, crowd, pending_once};
use crate::meter::Meter;
use std::hint::black_box;
use std::pin::pin;

pub(super) fn a5<S: Signal, const OTHERS: usize>(meter: &mut Meter, n: usize) {
    beside::<S>(meter, OTHERS, n);
}

/// Register and drop beside so many others.
#[inline(always)]
pub(super) fn beside<S: Signal>(meter: &mut Meter, others: usize, n: usize) {
    let source = S::source();
    let others = crowd::<S>(&source, others);
    meter.start();
    for _ in 0..n {
        pending_once(pin!(S::wait(black_box(&source))));
    }
    meter.stop(n);
    drop(others);
}

/// 100,000 live: a random one goes, a new one comes. The random indices are drawn beforehand.
pub(super) fn a5x<S: Signal>(meter: &mut Meter, n: usize) {
    let source = S::source();
    let mut others = crowd::<S>(&source, 100_000);
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let draw = |_| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % 100_000) as usize
    };
    let indices: Vec<usize> = (0..n).map(draw).collect();
    meter.start();
    for index in indices {
        let other = &mut others[index];
        other.set(S::wait(&source));
        pending_once(other.as_mut());
    }
    meter.stop(n);
}

pub(super) fn a5p<S: Signal>(meter: &mut Meter, n: usize) {
    let source = S::source();
    let mut wait = pin!(S::wait(&source));
    pending_once(wait.as_mut());
    meter.start();
    for _ in 0..n {
        pending_once(black_box(wait.as_mut()));
    }
    meter.stop(n);
}

/// A callback that captures one word; tokio-util and the others have none.
pub(super) fn a5r<const OTHERS: usize>(meter: &mut Meter, n: usize) {
    let (_source, token) = Ours::source();
    let others: Vec<_> = (0..OTHERS).map(|word| token.register(move || _ = black_box(word))).collect();
    meter.start();
    for word in 0..n {
        let word = black_box(word);
        drop(black_box(black_box(&token).register(move || _ = black_box(word))));
    }
    meter.stop(n);
    drop(others);
}
