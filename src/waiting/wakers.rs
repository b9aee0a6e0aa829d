//! Wakers that were taken out under a lock, to be woken outside of it.

use crate::raw::fault::{Panics, Then, drain};
use alloc::vec::Vec;
use core::task::Waker;

/// Wakers to be woken, oldest first. One of them is held without an allocation.
#[must_use = "they are to be woken"]
pub(crate) struct Wakers {
    first: Option<Waker>,
    rest: Vec<Waker>,
}

impl Wakers {
    pub(crate) const fn new() -> Self {
        Self { first: None, rest: Vec::new() }
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.rest.reserve(more.saturating_sub(usize::from(self.first.is_none())));
    }

    /// Wakes all, in their order. A panic of one does not stop the others: the first of them resumes in the end, or is
    /// reported where the thread panics already.
    pub(crate) fn wake(self) {
        if self.first.is_none() {
            return;
        }
        let mut all = self.first.into_iter().chain(self.rest);
        let mut panics = Panics::new();
        drain(&mut panics, || {
            for waker in all.by_ref() {
                waker.wake();
            }
        });
        panics.settle(Then::Resume);
    }
}

impl Extend<Waker> for Wakers {
    fn extend<I: IntoIterator<Item = Waker>>(&mut self, wakers: I) {
        for waker in wakers {
            if self.first.is_none() {
                self.first = Some(waker);
            } else {
                self.rest.push(waker);
            }
        }
    }
}
