//! At most so many futures under way, begun as there is room: what all of this folder's throttles stand on.
//!
//! 1. A place is taken where a future is begun, and comes back where its output
//!    is taken out of the set: both happen in a poll, on the one owner. So no
//!    count is shared with anybody, and none can go wrong.
//! 2. An item is asked for only when its future has a place.
//! 3. A poll begins a bounded number of futures, polls those that were woken,
//!    each once, and gives at most one output. Those in a row are counted, and
//!    then other tasks have their turn.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project::pin_project;

use super::turns::{IN_A_ROW, Turns};
use crate::raw::children::Growing;

/// Room for so many futures is made at once; for more it grows.
const AT_ONCE: usize = 256;

/// Makes futures of items.
pub(super) trait Start<T> {
    type Future: Future;

    fn start(&mut self, item: T) -> Self::Future;
}

/// A closure that is given the item.
#[derive(Clone, Copy)]
pub(super) struct Plain<F>(pub(super) F);

impl<T, F, R> Start<T> for Plain<F>
where
    F: FnMut(T) -> R,
    R: IntoFuture,
{
    type Future = R::IntoFuture;

    #[inline(always)]
    fn start(&mut self, item: T) -> R::IntoFuture {
        (self.0)(item).into_future()
    }
}

/// The items of an iterator, as a stream.
#[derive(Clone, Debug)]
pub struct Items<I>(pub(super) I);

// The iterator is never pinned.
impl<I> Unpin for Items<I> {}

impl<I: Iterator> Stream for Items<I> {
    type Item = I::Item;

    #[inline(always)]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Supply {
    More,
    Ended,
    /// Asking for an item, or making a future of it, has panicked.
    Broken,
}

/// Futures under way, and where more come from.
#[pin_project]
pub(super) struct InFlight<S, B, F> {
    #[pin]
    items: S,
    start: B,
    futures: Growing<F>,
    limit: usize,
    supply: Supply,
    /// How many futures were begun.
    begun: usize,
    /// How many may be, for the time being.
    allowed: usize,
    turns: Turns,
}

impl<S: Stream, B: Start<S::Item>> InFlight<S, B, B::Future> {
    pub(super) fn new(items: S, limit: usize, start: B) -> Self {
        let room = items.size_hint().1.unwrap_or(usize::MAX).min(limit).min(AT_ONCE);
        Self {
            items,
            start,
            futures: Growing::with_room(room),
            limit,
            supply: Supply::More,
            begun: 0,
            allowed: usize::MAX,
            turns: Turns::new(),
        }
    }

    /// The next output, and the index of its item. Pending too if no more may be begun.
    ///
    /// # Panics
    ///
    /// If an iterator, a stream, a closure or a future does, and from then on.
    #[inline]
    pub(super) fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(usize, <B::Future as Future>::Output)>> {
        if !self.as_mut().project().turns.go_on(cx) {
            return Poll::Pending;
        }
        self.as_mut().begin(cx);
        let this = self.project();
        match this.futures.poll_next(cx.waker()) {
            Poll::Ready(None) if *this.supply == Supply::More => {}
            Poll::Pending => {}
            ready => return ready,
        }
        this.turns.rest();
        Poll::Pending
    }

    /// Begins what there is room for.
    #[inline(always)]
    fn begin(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let mut this = self.project();
        assert!(*this.supply != Supply::Broken, "a throttle polled after a panic");
        let mut in_a_row = 0;
        while this.futures.len() < *this.limit && *this.begun < *this.allowed && *this.supply == Supply::More {
            if in_a_row == IN_A_ROW {
                cx.waker().wake_by_ref();
                return;
            }
            in_a_row += 1;
            *this.supply = Supply::Broken;
            match this.items.as_mut().poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    this.futures.push(this.start.start(item));
                    *this.begun += 1;
                    *this.supply = Supply::More;
                }
                Poll::Ready(None) => *this.supply = Supply::Ended,
                Poll::Pending => {
                    *this.supply = Supply::More;
                    return;
                }
            }
        }
    }
}

impl<S, B, F> InFlight<S, B, F> {
    /// Lets only so many be begun, counted from the start.
    #[inline(always)]
    pub(super) fn allow(self: Pin<&mut Self>, allowed: usize) {
        *self.project().allowed = allowed;
    }

    /// No more are begun.
    pub(super) fn stop(self: Pin<&mut Self>) {
        *self.project().supply = Supply::Ended;
    }

    /// Whether it was never polled.
    pub(super) fn is_new(&self) -> bool {
        self.begun == 0 && self.supply == Supply::More
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// How many are under way.
    pub(super) fn len(&self) -> usize {
        self.futures.len()
    }

    /// Whether there will be no output any more.
    pub(super) fn is_over(&self) -> bool {
        self.supply == Supply::Ended && self.futures.is_empty()
    }
}

impl<S: Stream, B, F> InFlight<S, B, F> {
    /// How many outputs there will be, and `more` of them.
    pub(super) fn hint(&self, more: usize) -> (usize, Option<usize>) {
        let has = self.len().saturating_add(more);
        let (least, most) = if self.supply == Supply::More { self.items.size_hint() } else { (0, Some(0)) };
        (least.saturating_add(has), most.and_then(|most| most.checked_add(has)))
    }
}

impl<S, B, F> fmt::Debug for InFlight<S, B, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight")
            .field("limit", &self.limit)
            .field("under_way", &self.len())
            .field("begun", &self.begun)
            .field("supply", &self.supply)
            .finish_non_exhaustive()
    }
}
