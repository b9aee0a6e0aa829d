//! What is to be done once the lock is free again: waking, cancelling, dropping.

use super::entry::{Answer, Kept, Keyed};
use super::flight::{Failure, Load};
use crate::cancel::CancellationTokenSource;
use crate::raw::fault::{Panics, Then, drain};
use crate::waiting::Wakers;
use alloc::vec::Vec;
use core::task::Waker;

/// Something foreign that is only to be dropped.
#[expect(dead_code, reason = "it is dropped, and not looked at")]
pub(super) enum Waste<K, V, E> {
    Source(CancellationTokenSource),
    Load(Load<V, E>),
    Waker(Waker),
    Answer(Answer<V, E>),
    Failure(Failure<E>),
    Key(Keyed<K>),
    Kept(Kept<V, E>),
    Entry(Keyed<K>, Kept<V, E>),
}

/// What was taken out under the lock. All that is foreign leaves the lock in here. As a rule that is nothing, and costs
/// nothing.
pub(super) struct After<K, V, E> {
    wakers: Option<Wakers>,
    cancel: Vec<CancellationTokenSource>,
    waste: Vec<Waste<K, V, E>>,
}

impl<K, V, E> After<K, V, E> {
    pub(super) const fn new() -> Self {
        Self { wakers: None, cancel: Vec::new(), waste: Vec::new() }
    }

    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            self.wakers().extend(waker);
        }
    }

    pub(super) fn wakers(&mut self) -> &mut Wakers {
        self.wakers.get_or_insert_with(Wakers::new)
    }

    pub(super) fn cancel(&mut self, source: Option<CancellationTokenSource>) {
        self.cancel.extend(source);
    }

    pub(super) fn drop<T>(&mut self, waste: Option<T>, kind: impl FnOnce(T) -> Waste<K, V, E>) {
        if let Some(waste) = waste {
            self.waste.push(kind(waste));
        }
    }

    /// Does it, and leaves what is only to be dropped. A panic does not stop the rest, and resumes in the end.
    #[inline]
    pub(super) fn run(&mut self) {
        if self.wakers.is_some() || !self.cancel.is_empty() {
            self.wake_and_cancel();
        }
    }

    #[cold]
    fn wake_and_cancel(&mut self) {
        let mut panics = Panics::new();
        drain(&mut panics, || {
            if let Some(wakers) = self.wakers.take() {
                wakers.wake();
            }
            while let Some(source) = self.cancel.pop() {
                source.cancel();
            }
        });
        panics.settle(Then::Resume);
    }
}
