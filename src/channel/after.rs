//! What a transition leaves to be done when the lock is free again.

use super::end::End;
use super::inner::{Dropped, Finish};
use super::items::Items;
use crate::cancel::Registration;
use crate::raw::fault::{Panics, Then, attempt, drain};
use crate::task::{TaskCompletionSource, TaskError};
use crate::waiting::Wakers;
use core::mem;
use core::task::Waker;

/// The completion task is to end like this.
pub(super) struct Ended<E> {
    pub(super) source: TaskCompletionSource<(), E>,
    pub(super) outcome: Result<(), TaskError<E>>,
}

/// Foreign things that were taken out: to be woken, called or dropped.
pub(super) struct Todo<T, E> {
    pub(super) wakers: Wakers,
    /// A waker that is to be dropped.
    pub(super) waker: Option<Waker>,
    /// An item that the channel's mode drops.
    pub(super) evicted: Option<T>,
    /// What nobody will read.
    pub(super) lost: Option<Items<T>>,
    pub(super) ended: Option<Ended<E>>,
    /// An end that nobody has seen.
    pub(super) end: Option<End<E>>,
    pub(super) registration: Option<Registration>,
}

/// What is to be done, which is nothing as a rule, or that one is woken.
pub(super) struct After<T, E> {
    /// Before those in `todo`.
    woken: Option<Waker>,
    todo: Option<Todo<T, E>>,
    /// Of the storage.
    pub(super) panics: Option<Panics>,
}

impl<T, E> After<T, E> {
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Self { woken: None, todo: None, panics: None }
    }

    /// To wake one more.
    #[inline]
    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        if self.woken.is_none() && self.todo.is_none() {
            self.woken = waker;
        } else {
            self.todo().wakers.extend(waker);
        }
    }

    /// To drop the waker of one who goes.
    #[inline]
    pub(super) fn drop_waker(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            self.todo().waker = waker;
        }
    }

    /// To note something.
    #[inline(never)]
    pub(super) fn todo(&mut self) -> &mut Todo<T, E> {
        self.todo.get_or_insert(Todo {
            wakers: Wakers::new(),
            waker: None,
            evicted: None,
            lost: None,
            ended: None,
            end: None,
            registration: None,
        })
    }

    #[inline(always)]
    pub(super) fn is_idle(&self) -> bool {
        self.woken.is_none() && self.todo.is_none() && self.panics.is_none()
    }

    /// Does it all, whatever panics; the first panic resumes, or is reported.
    #[inline]
    pub(super) fn settle(&mut self, dropped: Option<&Dropped<T>>, finish: Finish<E>, then: Then) {
        match self.woken.take() {
            Some(waker) if self.todo.is_none() && self.panics.is_none() => {
                attempt(|| waker.wake(), |mut panics| panics.settle(then));
            }
            woken => self.settle_all(woken, dropped, finish, then),
        }
    }

    #[inline(never)]
    fn settle_all(&mut self, mut woken: Option<Waker>, dropped: Option<&Dropped<T>>, finish: Finish<E>, then: Then) {
        let mut panics = self.panics.take().unwrap_or_default();
        // What panics is not repeated: it was taken out before.
        drain(&mut panics, || {
            if let Some(todo) = &mut self.todo {
                todo.run(&mut woken, dropped, finish);
            } else if let Some(waker) = woken.take() {
                waker.wake();
            }
        });
        panics.settle(then);
    }
}

impl<T, E> Todo<T, E> {
    fn run(&mut self, woken: &mut Option<Waker>, dropped: Option<&Dropped<T>>, finish: Finish<E>) {
        // Who is woken by the end sees it in the completion, too.
        if let Some(ended) = self.ended.take() {
            finish(ended);
        }
        if let Some(waker) = woken.take() {
            waker.wake();
        }
        mem::replace(&mut self.wakers, Wakers::new()).wake();
        if let Some(item) = self.evicted.take() {
            match dropped {
                Some(dropped) => dropped(item),
                None => drop(item),
            }
        }
        drop(self.waker.take());
        drop((self.end.take(), self.registration.take()));
        while let Some(item) = self.lost.as_mut().and_then(Items::remove_lost) {
            drop(item);
        }
        drop(self.lost.take());
    }
}
