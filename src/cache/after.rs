//! What is to be done once the lock is free again: waking, cancelling, dropping.

use super::entry::{Answer, Kept, Keyed};
use super::flight::{Failure, Load};
use crate::cancel::CancellationTokenSource;
use crate::raw::fault::{Panics, Then, drain};
use crate::waiting::Wakers;
use alloc::vec::Vec;
use core::task::Waker;

/// What was taken out under the lock. All that is foreign leaves the lock in here.
pub(super) struct After<K, V, E> {
    pub(super) wakers: Option<Wakers>,
    pub(super) cancel: Option<CancellationTokenSource>,
    /// The rest is dropped.
    pub(super) source: Option<CancellationTokenSource>,
    pub(super) load: Option<Load<V, E>>,
    pub(super) waker: Option<Waker>,
    pub(super) own: Option<Waker>,
    pub(super) answer: Option<Answer<V, E>>,
    pub(super) failure: Option<Failure<E>>,
    pub(super) key: Option<Keyed<K>>,
    pub(super) replaced: Option<Kept<V, E>>,
    pub(super) expired: Option<(Keyed<K>, Kept<V, E>)>,
    pub(super) evicted: Option<(Keyed<K>, Kept<V, E>)>,
    /// Of other loads.
    pub(super) more: Vec<Self>,
}

impl<K, V, E> After<K, V, E> {
    pub(super) const fn new() -> Self {
        Self {
            wakers: None,
            cancel: None,
            source: None,
            load: None,
            waker: None,
            own: None,
            answer: None,
            failure: None,
            key: None,
            replaced: None,
            expired: None,
            evicted: None,
            more: Vec::new(),
        }
    }

    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        if let Some(waker) = waker {
            self.wakers().extend([waker]);
        }
    }

    pub(super) fn wakers(&mut self) -> &mut Wakers {
        self.wakers.get_or_insert_with(Wakers::new)
    }

    /// Does it. A panic does not stop the rest, and resumes in the end.
    pub(super) fn run(mut self) {
        if self.wakers.is_none() && self.cancel.is_none() && self.more.is_empty() {
            return;
        }
        let mut panics = Panics::new();
        drain(&mut panics, || self.step());
        // A drop may panic as well, and comes second.
        let mut rest = Some(self);
        drain(&mut panics, || drop(rest.take()));
        panics.settle(Then::Resume);
    }

    /// Goes on where it stopped, if something panicked.
    fn step(&mut self) {
        loop {
            if let Some(wakers) = self.wakers.take() {
                wakers.wake();
            }
            if let Some(source) = self.cancel.take() {
                source.cancel();
            }
            let Some(mut one) = self.more.pop() else { return };
            (self.wakers, self.cancel) = (one.wakers.take(), one.cancel.take());
            drop(one);
        }
    }
}
