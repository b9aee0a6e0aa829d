//! What is to be done once the lock is free again: waking, cancelling, dropping.

use super::entry::{Answer, Kept, Keyed};
use super::flight::{Failure, Load};
use crate::cancel::CancellationTokenSource;
use crate::raw::fault::{Panics, Then, drain};
use crate::waiting::Wakers;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
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
/// nothing; it is one word, because it is moved in each poll.
pub(super) struct After<K, V, E>(Option<Box<Things<K, V, E>>>);

struct Things<K, V, E> {
    wakers: Wakers,
    cancel: Vec<CancellationTokenSource>,
    waste: Vec<Waste<K, V, E>>,
}

impl<K, V, E> After<K, V, E> {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn things(&mut self) -> &mut Things<K, V, E> {
        self.0.get_or_insert_with(|| Box::new(Things { wakers: Wakers::new(), cancel: Vec::new(), waste: Vec::new() }))
    }

    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            self.wakers().extend(waker);
        }
    }

    pub(super) fn wakers(&mut self) -> &mut Wakers {
        &mut self.things().wakers
    }

    pub(super) fn cancel(&mut self, source: Option<CancellationTokenSource>) {
        if let Some(source) = source {
            self.things().cancel.push(source);
        }
    }

    #[inline]
    pub(super) fn drop<T>(&mut self, waste: Option<T>, kind: impl FnOnce(T) -> Waste<K, V, E>) {
        if let Some(waste) = waste {
            self.things().waste.push(kind(waste));
        }
    }

    /// Does it, and leaves what is only to be dropped. A panic does not stop the rest, and resumes in the end.
    #[inline]
    pub(super) fn run(&mut self) {
        if let Some(things) = &mut self.0 {
            things.wake_and_cancel();
        }
    }
}

impl<K, V, E> Things<K, V, E> {
    #[cold]
    fn wake_and_cancel(&mut self) {
        let mut panics = Panics::new();
        drain(&mut panics, || {
            mem::replace(&mut self.wakers, Wakers::new()).wake();
            while let Some(source) = self.cancel.pop() {
                source.cancel();
            }
        });
        panics.settle(Then::Resume);
    }
}
