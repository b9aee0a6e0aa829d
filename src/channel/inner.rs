//! What the handles of a channel share.

use super::after::{After, Ended};
use super::end::{End, cancellation_in};
use super::items::Items;
use super::options::FullMode;
use super::state::State;
use crate::raw::fault::Then;
use crate::shim::heap::Shared;
use crate::shim::lock::Lock;
use crate::task::{Fault, Task, TaskCompletionSource};
use alloc::boxed::Box;
use core::{fmt, mem};

/// Is given the items that a full channel drops.
pub(super) type Dropped<T> = Box<dyn Fn(T) + Send + Sync>;

/// Ends the completion task. It is made where `E` is known to be `'static`.
pub(super) type Finish<E> = fn(Ended<E>);

pub(super) struct Inner<T, E> {
    state: Lock<State<T, E>>,
    on_dropped: Option<Dropped<T>>,
    finish: Finish<E>,
    completion: Task<(), E>,
}

impl<T, E: 'static> Inner<T, E> {
    pub(super) fn new(
        items: Items<T>,
        capacity: usize,
        mode: FullMode,
        on_dropped: Option<Dropped<T>>,
    ) -> Shared<Self> {
        let (source, completion) = TaskCompletionSource::pair();
        let state = Lock::new(State::new(items, capacity, mode, source));
        Shared::new(Self { state, on_dropped, finish: finish::<E>, completion })
    }

    pub(super) fn try_complete_with(&self, error: E) -> Result<(), E> {
        let cancelled = cancellation_in(&error);
        self.change(|state, after| {
            if state.end().is_some() {
                return Err(error);
            }
            state.close(End::Faulted { fault: Fault::new(error), cancelled }, after);
            Ok(())
        })
    }
}

fn finish<E: 'static>(Ended { source, outcome }: Ended<E>) {
    let task = source.task();
    let is_fault = outcome.as_ref().is_err_and(|error| error.is_faulted());
    struct Seen<E>(Option<Task<(), E>>);
    impl<E> Drop for Seen<E> {
        fn drop(&mut self) {
            // Readers and writers are given the error, so the task need not be looked at.
            if let Some(task) = self.0.take() {
                task.ignore();
            }
        }
    }
    let _seen = Seen(is_fault.then_some(task));
    let _ = source.try_set_outcome(outcome);
}

impl<T, E> Inner<T, E> {
    /// Looks at the state.
    pub(super) fn look<R>(&self, look: impl FnOnce(&State<T, E>) -> R) -> R {
        self.state.with(|state| look(state))
    }

    /// A transition, and what it leaves to be done. What panics there comes out of this call.
    #[inline]
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State<T, E>, &mut After<T, E>) -> R) -> R {
        self.change_then(change, |_| Then::Resume)
    }

    /// The same for transitions that give something that must not be lost: `then` says so.
    #[inline]
    pub(super) fn change_then<R>(
        &self,
        change: impl FnOnce(&mut State<T, E>, &mut After<T, E>) -> R,
        then: impl FnOnce(&R) -> Then,
    ) -> R {
        let mut after = After::new();
        let answer = self.state.with(|state| change(state, &mut after));
        if after.is_idle() {
            // Nothing in it is to be dropped.
            mem::forget(after);
        } else {
            let then = then(&answer);
            after.settle(self.on_dropped.as_ref(), self.finish, then);
        }
        answer
    }

    /// A transition that gives the next item, the end, or none of them yet.
    #[inline]
    pub(super) fn read(
        &self,
        read: impl FnOnce(&mut State<T, E>, &mut After<T, E>) -> Result<T, Option<End<E>>>,
    ) -> Result<T, Option<End<E>>> {
        // A panic of others must not cost the item.
        self.change_then(read, |read| if read.is_ok() { Then::Report } else { Then::Resume })
    }

    pub(super) fn completion(&self) -> Task<(), E> {
        self.completion.clone()
    }

    /// A handle, without its items.
    pub(super) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, closed) = self.look(|state| (state.len(), state.end().is_some()));
        f.debug_struct(name).field("len", &len).field("is_closed", &closed).finish_non_exhaustive()
    }

    pub(super) fn try_complete(&self) -> bool {
        self.change(|state, after| {
            let open = state.end().is_none();
            if open {
                state.close(End::Closed, after);
            }
            open
        })
    }
}
