//! C5: `when_any` over one long-lived wait and one future that is ready, round after round.
//!
//! The long-lived one stands first, so that it is polled and registers on its source; the rest, which has it, is dropped at
//! the end of the round.

use super::signal::{Ours, Signal, context, ready};
use crate::meter::Meter;
use std::future::{Future, Ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// One of the two: a race wants futures of one type.
pub(super) enum Runner<W> {
    Long(W),
    Short(Ready<usize>),
}

impl<W: Future<Output: Sized> + Unpin> Future for Runner<W> {
    type Output = Option<usize>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<usize>> {
        match self.get_mut() {
            Self::Long(wait) => Pin::new(wait).poll(context).map(|_| None),
            Self::Short(ready) => Pin::new(ready).poll(context).map(Some),
        }
    }
}

/// What races them, and answers who won with what.
pub(super) trait Any {
    fn any<F: Future + Unpin>(futures: [F; 2]) -> impl Future<Output = (usize, F::Output)>;
}

impl Any for Ours {
    async fn any<F: Future + Unpin>(futures: [F; 2]) -> (usize, F::Output) {
        match taskcell::when_any(futures).await {
            Ok(winner) => (winner.index, winner.output),
            Err(empty) => unreachable!("{empty}"),
        }
    }
}

/// futures-util.
pub(super) struct SelectAll;

impl Any for SelectAll {
    async fn any<F: Future + Unpin>(futures: [F; 2]) -> (usize, F::Output) {
        let (output, index, _) = futures::future::select_all(futures).await;
        (index, output)
    }
}

fn rounds<A: Any>(source: &<Ours as Signal>::Source, rounds: usize) {
    let mut context = context();
    for round in 0..rounds {
        let futures = [Runner::Long(Ours::wait(source)), Runner::Short(std::future::ready(round))];
        let won = ready(pin!(A::any(futures)), &mut context);
        assert_eq!(black_box(won), (1, Some(round)));
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
