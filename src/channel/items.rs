//! What is buffered: first in first out, or in a storage of the caller's.

use super::options::FullMode;
use super::storage::Storage;
use crate::raw::fault::{Panics, Then, drain};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

/// A queue, or a storage. A storage is the caller's code, and may panic: that is put into `panics`.
pub(super) enum Items<T> {
    Queue(VecDeque<T>),
    Storage(Box<dyn Storage<T> + Send>),
}

impl<T> Items<T> {
    pub(super) const fn new() -> Self {
        Self::Queue(VecDeque::new())
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Queue(queue) => queue.len(),
            Self::Storage(storage) => storage.len(),
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, item: T, panics: &mut Option<Panics>) {
        match self {
            Self::Queue(queue) => queue.push_back(item),
            Self::Storage(storage) => insert_stored(&mut **storage, item, panics),
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, panics: &mut Option<Panics>) -> Option<T> {
        match self {
            Self::Queue(queue) => queue.pop_front(),
            Self::Storage(storage) => remove_stored(&mut **storage, panics),
        }
    }

    /// The next item to be dropped: one by one, so that one that panics stops no other. A storage that panics is believed
    /// no longer, and drops the rest by itself.
    pub(super) fn remove_lost(&mut self) -> Option<T> {
        match self {
            Self::Queue(queue) => queue.pop_front(),
            Self::Storage(storage) => {
                let mut panics = None;
                let item = contained(&mut panics, || storage.remove()).flatten();
                if let Some(mut panics) = panics {
                    panics.settle(Then::Report);
                }
                item
            }
        }
    }

    /// The item that goes so that another one may come.
    pub(super) fn evict(&mut self, mode: FullMode, panics: &mut Option<Panics>) -> Option<T> {
        match (mode, self) {
            (FullMode::DropOldest, Self::Queue(queue)) => queue.pop_front(),
            (FullMode::DropNewest, Self::Queue(queue)) => queue.pop_back(),
            (FullMode::DropOldest, Self::Storage(storage)) => contained(panics, || storage.remove_oldest()).flatten(),
            (FullMode::DropNewest, Self::Storage(storage)) => contained(panics, || storage.remove_newest()).flatten(),
            (FullMode::Wait | FullMode::DropWrite, _) => None,
        }
    }

    /// All of them, in order. A queue is copied by nobody: [`into_vec`](Self::into_vec) is for outside of the lock.
    pub(super) fn take_all(&mut self, panics: &mut Option<Panics>) -> Self {
        match self {
            Self::Queue(queue) => Self::Queue(mem::take(queue)),
            Self::Storage(_) => {
                let mut all = VecDeque::with_capacity(self.len());
                while let Some(item) = self.remove(panics) {
                    all.push_back(item);
                }
                Self::Queue(all)
            }
        }
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            Self::Queue(queue) => queue.into(),
            Self::Storage(_) => Vec::new(),
        }
    }

    /// The item that is read next.
    pub(super) fn peek(&self) -> Option<&T> {
        match self {
            Self::Queue(queue) => queue.front(),
            Self::Storage(storage) => storage.peek(),
        }
    }
}

#[inline(never)]
fn insert_stored<T>(storage: &mut dyn Storage<T>, item: T, panics: &mut Option<Panics>) {
    contained(panics, || storage.insert(item)).unwrap_or(());
}

#[inline(never)]
fn remove_stored<T>(storage: &mut dyn Storage<T>, panics: &mut Option<Panics>) -> Option<T> {
    contained(panics, || storage.remove()).flatten()
}

/// Calls a storage. None: it panicked.
fn contained<R>(panics: &mut Option<Panics>, call: impl FnOnce() -> R) -> Option<R> {
    let (mut call, mut answer, mut seen) = (Some(call), None, Panics::new());
    let mut panicked = false;
    drain(&mut seen, || match call.take() {
        Some(call) => answer = Some(call()),
        None => panicked = true,
    });
    if panicked {
        panics.get_or_insert_with(Panics::new).absorb(&mut seen);
    }
    answer
}
