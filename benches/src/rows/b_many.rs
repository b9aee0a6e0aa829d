//! B4 and B4r: a cell with many consumers, who borrow it and see the value by reference where the crate can do that.

use super::b_one::Completed;
use super::signal::{context, pending, ready};
use crate::meter::Meter;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;

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

/// Register, set, observe, drop: `n` consumers in all, `CONSUMERS` a cell. Cells and places are there beforehand.
pub(super) fn b4<C: Many, const CONSUMERS: usize>(meter: &mut Meter, n: usize) {
    let cells: Vec<C::Cell> = (0..n / CONSUMERS).map(|_| C::cell()).collect();
    let mut places: Vec<_> = (0..CONSUMERS).map(|_| Box::pin(None)).collect();
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
    meter.stop(cells.len() * CONSUMERS);
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
