//! A1 to A4: looking at a token, copying it, making and dropping a source or a child.

use super::signal::{Ours, Signal, Stop, TokioUtil, Tree, pending_once};
use crate::meter::Meter;
use std::hint::black_box;
use std::pin::pin;

fn each(meter: &mut Meter, n: usize, mut operation: impl FnMut()) {
    meter.start();
    for _ in 0..n {
        operation();
    }
    meter.stop(n);
}

pub(super) fn a1_ours(meter: &mut Meter, n: usize) {
    let (_source, token) = Ours::source();
    each(meter, n, || _ = black_box(black_box(&token).is_cancelled()));
}

pub(super) fn a1_tokio_util(meter: &mut Meter, n: usize) {
    let token = TokioUtil::source();
    each(meter, n, || _ = black_box(black_box(&token).is_cancelled()));
}

/// stop-token has no question to ask: a poll of a clone is the way.
pub(super) fn a1_stop_token(meter: &mut Meter, n: usize) {
    let source = Stop::source();
    each(meter, n, || pending_once(pin!(black_box(&source).1.clone())));
}

pub(super) fn a2_ours(meter: &mut Meter, n: usize) {
    let (_source, token) = Ours::source();
    each(meter, n, || drop(black_box(black_box(&token).clone())));
}

pub(super) fn a2_tokio_util(meter: &mut Meter, n: usize) {
    let token = TokioUtil::source();
    each(meter, n, || drop(black_box(black_box(&token).clone())));
}

pub(super) fn a2_stop_token(meter: &mut Meter, n: usize) {
    let (_source, token) = Stop::source();
    each(meter, n, || drop(black_box(black_box(&token).clone())));
}

/// tokio-util's source is its own token.
pub(super) fn a3<S: Signal>(meter: &mut Meter, n: usize) {
    each(meter, n, || drop(black_box(S::source())));
}

pub(super) fn a4<S: Tree, const SIBLINGS: usize>(meter: &mut Meter, n: usize) {
    among::<S>(meter, SIBLINGS, n);
}

/// The same among so many siblings.
#[inline(always)]
pub(super) fn among<S: Tree>(meter: &mut Meter, siblings: usize, n: usize) {
    let source = S::source();
    let siblings: Vec<S::Node> = (0..siblings).map(|_| S::child_of(&source)).collect();
    each(meter, n, || drop(black_box(S::child_of(black_box(&source)))));
    drop(siblings);
}

pub(super) fn a4r_ours(meter: &mut Meter, n: usize) {
    let (_source, parent) = Ours::source();
    each(meter, n, || {
        let child = black_box(black_box(&parent).child());
        let token = child.token();
        pending_once(pin!(token.cancelled()));
    });
}

pub(super) fn a4r_tokio_util(meter: &mut Meter, n: usize) {
    let parent = TokioUtil::source();
    each(meter, n, || {
        let child = black_box(black_box(&parent).child_token());
        pending_once(pin!(child.cancelled()));
    });
}
