//! What the machine's own steps cost: if these numbers move, the measuring has changed and not the crate.
//! The loop is included here and in every row (three instructions).

use crate::meter::Meter;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

fn each(meter: &mut Meter, n: usize, mut operation: impl FnMut()) {
    meter.start();
    for _ in 0..n {
        operation();
    }
    meter.stop(n);
}

pub(super) fn load(meter: &mut Meter, n: usize) {
    let word = AtomicUsize::new(1);
    // ORDERING: none is needed, the instruction is what counts; so below.
    each(meter, n, || _ = black_box(black_box(&word).load(SeqCst)));
}

pub(super) fn add(meter: &mut Meter, n: usize) {
    let word = AtomicUsize::new(1);
    // ORDERING: see `load`.
    each(meter, n, || _ = black_box(black_box(&word).fetch_add(1, SeqCst)));
}

pub(super) fn heap(meter: &mut Meter, n: usize) {
    each(meter, n, || drop(black_box(Box::new(black_box(1usize)))));
}

pub(super) fn arc(meter: &mut Meter, n: usize) {
    each(meter, n, || drop(black_box(Arc::new(black_box(1usize)))));
}

pub(super) fn arc_clone(meter: &mut Meter, n: usize) {
    let arc = Arc::new(1usize);
    each(meter, n, || drop(black_box(Arc::clone(black_box(&arc)))));
}

pub(super) fn mutex(meter: &mut Meter, n: usize) {
    let mutex = Mutex::new(1usize);
    each(meter, n, || drop(black_box(black_box(&mutex).lock())));
}

pub(super) fn waker(meter: &mut Meter, n: usize) {
    let waker = Waker::noop();
    each(meter, n, || drop(black_box(black_box(waker).clone())));
}

pub(super) fn waker_arc(meter: &mut Meter, n: usize) {
    let waker = Waker::from(Arc::new(Nothing));
    each(meter, n, || drop(black_box(black_box(&waker).clone())));
}

pub(super) fn clock(meter: &mut Meter, n: usize) {
    each(meter, n, || _ = black_box(std::time::Instant::now()));
}
