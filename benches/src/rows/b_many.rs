//! B4 and B4r: a cell with many consumers, who borrow it and see the value by reference where the crate can do that.

use super::b_one::Completed;
use super::signal::{context, pending, ready};
use crate::meter::Meter;
use futures::FutureExt;
use futures::channel::oneshot;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Mutex;

/// A cell that any number of consumers await.
pub(super) trait Many {
    type Cell;
    fn cell() -> Self::Cell;
    fn set(cell: &Self::Cell, value: u64);
    /// Ready with the value, or a reference to it.
    fn wait(cell: &Self::Cell) -> impl Future;
}

/// taskcell.
pub(super) struct OurTask;

impl Many for OurTask {
    type Cell = (taskcell::TaskCompletionSource<u64>, taskcell::Task<u64>);

    fn cell() -> Self::Cell {
        taskcell::TaskCompletionSource::pair()
    }

    #[inline(always)]
    fn set(cell: &Self::Cell, value: u64) {
        cell.0.set_result(value);
    }

    #[inline(always)]
    fn wait(cell: &Self::Cell) -> impl Future {
        Completed((&cell.1).into_future())
    }
}

/// tokio's `SetOnce`.
pub(super) struct SetOnce;

impl Many for SetOnce {
    type Cell = tokio::sync::SetOnce<u64>;

    fn cell() -> Self::Cell {
        tokio::sync::SetOnce::new()
    }

    #[inline(always)]
    fn set(cell: &Self::Cell, value: u64) {
        assert!(cell.set(value).is_ok(), "it was set already");
    }

    #[inline(always)]
    fn wait(cell: &Self::Cell) -> impl Future {
        cell.wait()
    }
}

/// futures-intrusive's channel for one value.
pub(super) struct Broadcast;

impl Many for Broadcast {
    type Cell = futures_intrusive::channel::OneshotBroadcastChannel<u64>;

    fn cell() -> Self::Cell {
        futures_intrusive::channel::OneshotBroadcastChannel::new()
    }

    #[inline(always)]
    fn set(cell: &Self::Cell, value: u64) {
        assert!(cell.send(value).is_ok(), "it was set already");
    }

    #[inline(always)]
    fn wait(cell: &Self::Cell) -> impl Future {
        cell.receive()
    }
}

/// A oneshot of futures, `Shared`: each consumer has a clone.
pub(super) struct Shared;

impl Many for Shared {
    type Cell = (Mutex<Option<oneshot::Sender<u64>>>, futures::future::Shared<oneshot::Receiver<u64>>);

    fn cell() -> Self::Cell {
        let (sender, receiver) = oneshot::channel();
        (Mutex::new(Some(sender)), receiver.shared())
    }

    #[inline(always)]
    fn set(cell: &Self::Cell, value: u64) {
        let sender = cell.0.lock().expect("unpoisoned").take();
        assert!(sender.is_some_and(|sender| sender.send(value).is_ok()), "it was set already");
    }

    #[inline(always)]
    fn wait(cell: &Self::Cell) -> impl Future {
        cell.1.clone()
    }
}

/// Register, set, observe, drop: `n` consumers in all, `CONSUMERS` a cell. Cells and places are there beforehand.
pub(super) fn b4<C: Many, const CONSUMERS: usize>(meter: &mut Meter, n: usize) {
    consumed::<C>(meter, CONSUMERS, n);
}

/// The same with so many consumers a cell.
#[inline(always)]
pub(super) fn consumed<C: Many>(meter: &mut Meter, consumers: usize, n: usize) {
    let cells: Vec<C::Cell> = (0..n / consumers).map(|_| C::cell()).collect();
    let mut places: Vec<_> = (0..consumers).map(|_| Box::pin(None)).collect();
    let mut context = context();
    meter.start();
    for cell in &cells {
        for place in &mut places {
            place.set(Some(C::wait(cell)));
            if let Some(wait) = place.as_mut().as_pin_mut() {
                pending(wait, &mut context);
            }
        }
        C::set(black_box(cell), black_box(7));
        for place in &mut places {
            if let Some(wait) = place.as_mut().as_pin_mut() {
                black_box(ready(wait, &mut context));
            }
        }
        for place in &mut places {
            place.set(None);
        }
    }
    meter.stop(cells.len() * consumers);
}

/// Too late to wait: poll ready, drop.
pub(super) fn b4r<C: Many>(meter: &mut Meter, n: usize) {
    let cell = C::cell();
    C::set(&cell, 7);
    let mut context = context();
    meter.start();
    for _ in 0..n {
        black_box(ready(pin!(C::wait(black_box(&cell))), &mut context));
    }
    meter.stop(n);
}

/// The same with tokio's `OnceCell`, which nobody can wait for before somebody fills it.
pub(super) fn b4r_once_cell(meter: &mut Meter, n: usize) {
    let cell = tokio::sync::OnceCell::new_with(Some(7_u64));
    let mut context = context();
    meter.start();
    for _ in 0..n {
        let wait = black_box(&cell).get_or_init(std::future::pending);
        black_box(ready(pin!(wait), &mut context));
    }
    meter.stop(n);
}
