//! A3m, A10 and A11: what a source, a child and a waiter weigh. These rows ask the counting allocator, not callgrind.

use super::signal::{Signal, Tree, context, pending};
use crate::meter::Meter;
use std::pin::Pin;

/// A source with its token.
pub(super) fn a3m<S: Signal>(meter: &mut Meter, n: usize) {
    let mut sources = Vec::with_capacity(n);
    meter.start();
    sources.extend((0..n).map(|_| S::source()));
    meter.stop(n);
}

/// What a child adds, its link in the parent included.
pub(super) fn a10<S: Tree>(meter: &mut Meter, n: usize) {
    let root = S::root();
    let parent = S::parent(&root);
    let mut children = Vec::with_capacity(n);
    meter.start();
    children.extend((0..n).map(|_| S::child(&parent)));
    meter.stop(n);
}

/// What a waiter adds on the heap, beside its future: the worst of three crowds.
pub(super) fn a11<S: Signal>(meter: &mut Meter, n: usize) {
    let mut worst = 0.0_f64;
    for count in [1_000, 10_000, 100_000] {
        let source = S::source();
        let mut places: Vec<Pin<Box<Option<S::Wait<'_>>>>> = (0..count).map(|_| Box::pin(None)).collect();
        let mut context = context();
        let before = meter.live();
        meter.start();
        for place in places.iter_mut().take(if n > 0 { count } else { 0 }) {
            place.set(Some(S::wait(&source)));
            if let Some(wait) = place.as_mut().as_pin_mut() {
                pending(wait, &mut context);
            }
        }
        meter.stop(count);
        worst = worst.max((meter.live() - before) as f64 / count as f64);
    }
    meter.value(worst);
}

/// The size of the waiting future.
pub(super) fn a11f<S: Signal>(meter: &mut Meter, _: usize) {
    meter.value(size_of::<S::Wait<'_>>() as f64);
}
