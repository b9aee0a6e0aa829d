//! C5: `when_any` over one long-lived wait and one future that is ready, round after round.
//!
//! The long-lived one stands first, so that it is polled and registers on its source; the rest, which has it, is dropped at
//! the end of the round.

use super::signal::{Ours, Signal, context, ready};
use crate::meter::Meter;
use std::future::{Future, Ready};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

/// One of the two: a race wants futures of one type.
pub(super) enum Runner<W> {
    Long(W),
    Short(Ready<usize>),
}

impl<W: Future + Unpin> Future for Runner<W> {
    type Output = usize;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        match self.get_mut() {
            Self::Long(wait) => Pin::new(wait).poll(context).map(|_| usize::MAX),
            Self::Short(ready) => Pin::new(ready).poll(context),
        }
    }
}

/// What races two futures, and answers who won with what.
pub(super) trait Any {
    fn any<F: Future + Unpin>(futures: [F; 2], context: &mut Context<'_>) -> (usize, F::Output);
}

impl Any for Ours {
    #[inline(always)]
    fn any<F: Future + Unpin>(futures: [F; 2], context: &mut Context<'_>) -> (usize, F::Output) {
        match ready(Pin::new(&mut taskcell::when_any(futures)), context) {
            Ok(winner) => (winner.index, winner.output),
            Err(empty) => panic!("{empty}"),
        }
    }
}

/// futures-util.
pub(super) struct SelectAll;

impl Any for SelectAll {
    #[inline(always)]
    fn any<F: Future + Unpin>(futures: [F; 2], context: &mut Context<'_>) -> (usize, F::Output) {
        let (output, index, _) = ready(Pin::new(&mut futures::future::select_all(futures)), context);
        (index, output)
    }
}

fn rounds<A: Any>(source: &<Ours as Signal>::Source, rounds: usize) {
    let mut context = context();
    for round in 0..rounds {
        let futures = [Runner::Long(Ours::wait(source)), Runner::Short(std::future::ready(round))];
        let (index, output) = A::any(futures, &mut context);
        assert!(index == 1 && black_box(output) == round);
    }
}

/// A round.
pub(super) fn c5<A: Any>(meter: &mut Meter, n: usize) {
    let source = Ours::source();
    meter.start();
    rounds::<A>(&source, n);
    meter.stop(n);
    assert_eq!(source.1.listeners(), 0);
}

/// Growth of live bytes once a thousand rounds are done.
pub(super) fn c5_live<A: Any>(meter: &mut Meter, n: usize) {
    const BEFORE: usize = 1_000;
    let source = Ours::source();
    rounds::<A>(&source, BEFORE.min(n));
    meter.start();
    rounds::<A>(&source, n.saturating_sub(BEFORE));
    meter.stop(n.saturating_sub(BEFORE));
    meter.value(meter.live() as f64);
}
