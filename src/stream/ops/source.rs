//! The stream below an operator: not polled after its end, and left to rest when it has given much in a row.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project::pin_project;

use crate::adapt::Turns;

/// A stream that an operator takes items from, perhaps many in a poll.
#[pin_project]
pub(super) struct Source<S> {
    #[pin]
    stream: S,
    ended: bool,
    turns: Turns,
}

impl<S: Stream> Source<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, ended: false, turns: Turns::new() }
    }

    /// The next item. After 128 in a row it is pending once, and has woken the task.
    #[inline]
    pub(super) fn next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if !this.turns.go_on(cx) {
            return Poll::Pending;
        }
        let next = this.stream.poll_next(cx);
        match next {
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => *this.ended = true,
            Poll::Pending => this.turns.rest(),
        }
        next
    }

    /// The next item, for an operator that gives one for one.
    #[inline]
    pub(super) fn pass(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let next = this.stream.poll_next(cx);
        *this.ended = matches!(next, Poll::Ready(None));
        next
    }

    /// How many items there will be.
    pub(super) fn items(&self) -> (usize, Option<usize>) {
        if self.ended { (0, Some(0)) } else { self.stream.size_hint() }
    }

    /// The same, and so many that lie elsewhere.
    pub(super) fn items_and(&self, held: usize) -> (usize, Option<usize>) {
        let (least, most) = self.items();
        (least.saturating_add(held), most.and_then(|most| most.checked_add(held)))
    }
}

impl<S> Source<S> {
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// There will be no more, whatever the stream says.
    pub(super) fn end(self: Pin<&mut Self>) {
        *self.project().ended = true;
    }
}

impl<S> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// `Debug` of an operator: its name, and whether its stream has ended; no item, no closure.
macro_rules! shown {
    ($name:ident [$($bounds:tt)*] [$($arguments:tt)*] $(, $field:ident)*) => {
        impl<$($bounds)*> core::fmt::Debug for $name<$($arguments)*> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("ended", &self.source.has_ended())
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(super) use shown;
