//! `CircuitWatch`: the state as something to wait for.

use super::shared::{Guarded, Shared};
use super::state::CircuitState;
use crate::shim::atomic::recheck;
use crate::shim::heap::Shared as Arc;
use crate::waiting::Place;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use futures_core::Stream;

/// The states of a circuit, as they change; made by [`CircuitBreaker::watch`](super::CircuitBreaker::watch).
///
/// The first item is the state at hand, each further one comes after a change. Who is slow misses what lay between, never
/// the last: an item is the latest state of the moment in which it is taken. It ends when the last breaker and permit are
/// gone, after the last state; it does not keep them alive.
///
/// Time alone changes nothing: a break that is over becomes half-open with the next call, and only then this tells so.
///
/// # Cancel safety
///
/// A state counts as seen when it is taken; dropping [`changed`](Self::changed) loses none. Dropping the watch leaves
/// nothing behind.
#[must_use = "streams do nothing unless polled"]
pub struct CircuitWatch {
    shared: Arc<Shared>,
    /// So many changes were seen.
    seen: Option<u64>,
    place: Option<Place>,
}

impl CircuitWatch {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, seen: None, place: None }
    }

    /// The next item, for those who have no `StreamExt`: `None` after the last.
    #[inline]
    pub fn changed(&mut self) -> CircuitChanged<'_> {
        CircuitChanged(self)
    }

    /// Whether there is something to say: a change, or the end.
    fn has_news(seen: Option<u64>, guarded: &Guarded) -> bool {
        seen != Some(guarded.changes) || guarded.is_over
    }

    /// The news, and the waker of a place that is left.
    fn take_news(
        seen: &mut Option<u64>,
        place: &mut Option<Place>,
        guarded: &mut Guarded,
    ) -> (Poll<Option<CircuitState>>, Option<Waker>) {
        let is_new = seen.replace(guarded.changes) != Some(guarded.changes);
        let waker = place.take().and_then(|place| guarded.watchers.leave(place).1);
        (Poll::Ready(is_new.then(|| guarded.circuit.decided())), waker)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<CircuitState>> {
        let Self { shared, seen, place } = self;
        let found = shared.state.with(|guarded| {
            if Self::has_news(*seen, guarded) {
                return Some(Self::take_news(seen, place, guarded));
            }
            let waits = place.as_ref().is_some_and(|place| guarded.watchers.is_ready_to_wake(place, cx.waker()));
            waits.then_some((Poll::Pending, None))
        });
        if let Some((found, _left)) = found {
            return found;
        }
        let waker = cx.waker().clone();
        let (found, _unneeded) = shared.state.with(|guarded| {
            if recheck("news of a circuit", Self::has_news(*seen, guarded)) {
                let (found, left) = Self::take_news(seen, place, guarded);
                return (found, [Some(waker), left]);
            }
            let old = match place {
                Some(place) => guarded.watchers.again(place, waker),
                None => {
                    *place = Some(guarded.watchers.join(waker, ()));
                    None
                }
            };
            (Poll::Pending, [old, None])
        });
        found
    }
}

impl Stream for CircuitWatch {
    type Item = CircuitState;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<CircuitState>> {
        self.get_mut().poll(cx)
    }
}

impl Drop for CircuitWatch {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            let _left = self.shared.state.with(|guarded| guarded.watchers.leave(place));
        }
    }
}

impl fmt::Debug for CircuitWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitWatch").field("seen", &self.seen).finish_non_exhaustive()
    }
}

/// The future of [`CircuitWatch::changed`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[derive(Debug)]
pub struct CircuitChanged<'a>(&'a mut CircuitWatch);

impl Future for CircuitChanged<'_> {
    type Output = Option<CircuitState>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}
