//! What all who know a group share: who is in it, what has come in, and whom to tell.
//!
//! `state` counts the children that were accepted and have not ended, and says whether the group is over. A child is
//! accepted before it is put anywhere, and counted down after all that it leaves has been left; so who sees no child
//! sees everything. Only the group itself closes.
//!
//! The other counters need no order: who changes them rings afterwards, and a ring orders.

use super::gate::Deferred;
use crate::cancel::{CancellationToken, CancellationTokenSource};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::queue::ConcurrentQueue;
use crate::task::TaskError;
use core::task::Waker;

/// The group is over: nobody is accepted any more.
const CLOSED: usize = 1;
/// A child.
const ONE: usize = 2;

/// What cancels a group.
pub(super) struct Tokens<'a> {
    pub(super) source: &'a CancellationTokenSource,
    pub(super) stop: &'a CancellationTokenSource,
}

/// Whatever the lazy children are.
pub(super) struct Shared<T, E> {
    state: AtomicUsize,
    /// Children accepted so far.
    numbers: AtomicUsize,
    /// Children in progress.
    running: AtomicUsize,
    /// At most so many of them.
    limit: usize,
    /// The children's. Once it is cancelled none begins of those that wait, or come.
    pub(super) token: CancellationToken,
    /// Above it: once it is cancelled no executor begins a child.
    pub(super) stop: CancellationToken,
    /// Rung when the group has something to do.
    group: Waker,
    /// Rung when there is a value, or no child any more.
    taker: Waker,
    /// What the children gave; closed when nobody takes it.
    pub(super) values: ConcurrentQueue<T>,
    /// How hot children failed.
    pub(super) errors: ConcurrentQueue<(usize, TaskError<E>)>,
    /// Hot children that wait for room; closed when the group is over.
    pub(super) deferred: ConcurrentQueue<Deferred>,
}

impl<T, E> Shared<T, E> {
    pub(super) fn new(tokens: Tokens<'_>, limit: Option<usize>, group: Waker, taker: Waker) -> Self {
        Self {
            state: AtomicUsize::new(0),
            numbers: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            limit: limit.unwrap_or(usize::MAX),
            token: tokens.source.token(),
            stop: tokens.stop.token(),
            group,
            taker,
            values: ConcurrentQueue::unbounded(),
            errors: ConcurrentQueue::unbounded(),
            deferred: ConcurrentQueue::unbounded(),
        }
    }

    /// The number of a new child, unless the group is over. It is to be [left](Self::leave).
    pub(super) fn accept(&self) -> Option<usize> {
        // ORDERING: Relaxed, a guess for the exchange.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & CLOSED != 0 {
                return None;
            }
            // ORDERING: Relaxed, the count alone decides; the queues publish what is put into them.
            match self.state.compare_exchange(state, state + ONE, Ordering::Relaxed, Ordering::Relaxed) {
                // ORDERING: Relaxed, a number of its own is all it is.
                Ok(_) => return Some(self.numbers.fetch_add(1, Ordering::Relaxed) + 1),
                Err(now) => state = now,
            }
        }
    }

    /// A child is gone, and all that it leaves has been left.
    pub(super) fn leave(&self) {
        // ORDERING: Release, whoever sees that no child is left sees what this one has left.
        self.state.fetch_sub(ONE, Ordering::Release);
        self.taker.wake_by_ref();
    }

    /// Closes the group if there is no child; answers whether there was none.
    pub(super) fn close_if_empty(&self) -> bool {
        // ORDERING: Acquire, pairs with the children's Release: all that they have left is seen.
        self.state.compare_exchange(0, CLOSED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Closes the group, whoever is in it.
    pub(super) fn close(&self) {
        // ORDERING: Relaxed, from now on nobody is accepted; nothing is read because of it.
        self.state.fetch_or(CLOSED, Ordering::Relaxed);
    }

    /// Whether all children have ended, or the group has.
    pub(super) fn is_over(&self) -> bool {
        // ORDERING: Acquire, pairs with the children's Release: all that they have left is seen.
        let state = self.state.load(Ordering::Acquire);
        state < ONE || state & CLOSED != 0
    }

    /// How many children have not ended.
    pub(super) fn count(&self) -> usize {
        // ORDERING: Relaxed, for the eye.
        self.state.load(Ordering::Relaxed) / ONE
    }

    /// Takes room for one in progress, if there is any.
    pub(super) fn enter(&self) -> bool {
        if self.is_unlimited() {
            return true;
        }
        // ORDERING: Relaxed, the count alone decides; who makes room rings.
        let mut running = self.running.load(Ordering::Relaxed);
        while running < self.limit {
            // ORDERING: Relaxed, as above.
            match self.running.compare_exchange(running, running + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => running = now,
            }
        }
        false
    }

    /// Whether there is room. Racy.
    pub(super) fn has_room(&self) -> bool {
        // ORDERING: Relaxed, as in `enter`.
        self.running.load(Ordering::Relaxed) < self.limit
    }

    /// Gives room back. Who is not the group itself rings then.
    pub(super) fn make_room(&self) {
        if !self.is_unlimited() {
            // ORDERING: Relaxed, as in `enter`.
            self.running.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn is_unlimited(&self) -> bool {
        self.limit == usize::MAX
    }

    /// Tells the group that there is something to do.
    pub(super) fn ring(&self) {
        self.group.wake_by_ref();
    }

    /// Tells who takes values that there is one.
    pub(super) fn ring_taker(&self) {
        self.taker.wake_by_ref();
    }
}
