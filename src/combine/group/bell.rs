//! Whoever rings wakes the one who listens: a set of one child that never ends, whose waker everybody may have.
//!
//! So a ring is a child's wake, with all that is known and modelled of that: it takes no lock, calls nothing inside a
//! transition, and what was done before it is seen by the listener that it wakes.

use crate::raw::children::{Again, Children};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// Ends once, with its waker, or never.
struct Ringing {
    ends: bool,
}

impl Future for Ringing {
    type Output = Waker;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Waker> {
        if self.ends { Poll::Ready(cx.waker().clone()) } else { Poll::Pending }
    }
}

/// Who listens: one at a time.
pub(super) struct Listener(Children<Ringing, Again>);

impl Listener {
    /// It, and what rings.
    pub(super) fn new() -> (Self, Waker) {
        let mut set = Children::with_room(1);
        let put = |set: &mut Children<_, _>, ends| {
            if set.put(Ringing { ends }).is_err() {
                unreachable!("there is room");
            }
        };
        put(&mut set, true);
        let Some((_, ring)) = set.poll_any(Waker::noop()) else { unreachable!("it is ready") };
        // In the same slot: the waker is its, too.
        put(&mut set, false);
        (Self(set), ring)
    }

    /// The next ring wakes `waker`. Of earlier ones all that was done before them is seen from here on.
    pub(super) fn listen(&mut self, waker: &Waker) {
        let ended = self.0.poll_any(waker);
        debug_assert!(ended.is_none(), "it never ends");
    }
}
