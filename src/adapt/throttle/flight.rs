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
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::StreamExt;
/// use taskcell::{Items, ThrottledMap, throttled_map};
///
/// // The type of a field: what `throttled_map` makes of an iterator is a stream of `Items`.
/// type Work = ThrottledMap<Items<core::ops::Range<u32>>, fn(u32) -> core::future::Ready<u32>, core::future::Ready<u32>>;
///
/// let work: Work = throttled_map(0..3, NonZeroUsize::MIN, core::future::ready);
/// # smol::block_on(async {
/// assert_eq!(work.collect::<Vec<_>>().await, [0, 1, 2]);
/// # });
/// ```
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
    /// Asking for an item, or making a future of it, has panicked. The turns are over, and stay so.
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
    /// While fewer than so many are under way another one is begun: none when there are no more items.
    places: usize,
    supply: Supply,
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
            places: limit,
            supply: Supply::More,
            turns: Turns::new(),
        }
    }

    /// The next output, and the index of its item. Pending too if no more may be begun.
    ///
    /// # Panics
    ///
    /// If an iterator, a stream, a closure or a future does, and from then on.
    #[inline(always)]
    pub(super) fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(usize, <B::Future as Future>::Output)>> {
        let this = self.as_mut().project();
        if this.turns.are_over() {
            pause(*this.supply);
        }
        if !this.turns.go_on(cx) {
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
        let under_way = this.futures.len();
        if under_way >= *this.places {
            return;
        }
        let mut room = *this.places - under_way;
        let mut in_a_row = IN_A_ROW;
        loop {
            let breaking = Breaking { supply: this.supply, turns: this.turns };
            let next = this.items.as_mut().poll_next(cx).map(|next| next.map(|item| this.start.start(item)));
            core::mem::forget(breaking);
            match next {
                Poll::Ready(Some(future)) => {
                    this.futures.push(future);
                }
                Poll::Ready(None) => {
                    (*this.supply, *this.places) = (Supply::Ended, 0);
                    return;
                }
                Poll::Pending => return,
            }
            room -= 1;
            if room == 0 {
                return;
            }
            in_a_row -= 1;
            if in_a_row == 0 {
                cx.waker().wake_by_ref();
                return;
            }
        }
    }
}

#[cold]
fn pause(supply: Supply) {
    assert!(supply != Supply::Broken, "a throttle polled after a panic");
}

/// Sees to it that nothing goes on when an iterator, a stream or a closure has panicked.
struct Breaking<'a> {
    supply: &'a mut Supply,
    turns: &'a mut Turns,
}

impl Drop for Breaking<'_> {
    fn drop(&mut self) {
        *self.supply = Supply::Broken;
        self.turns.end();
    }
}

impl<S, B, F> InFlight<S, B, F> {
    /// Lets only so many be under way, or as many as the limit says.
    #[inline(always)]
    pub(super) fn allow(self: Pin<&mut Self>, places: usize) {
        let this = self.project();
        if *this.supply == Supply::More {
            *this.places = places.min(*this.limit);
        }
    }

    /// No more are begun.
    pub(super) fn stop(self: Pin<&mut Self>) {
        let this = self.project();
        (*this.supply, *this.places) = (Supply::Ended, 0);
    }

    /// Whether it was never polled.
    pub(super) fn is_new(&self) -> bool {
        self.futures.taken() == 0 && self.supply == Supply::More
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
            .field("begun", &self.futures.taken())
            .field("supply", &self.supply)
            .finish_non_exhaustive()
    }
}
