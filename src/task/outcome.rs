//! What a task's cell holds: an outcome of its own, or another task whose
//! outcome it shares.

use super::unobserved::report;
use super::{Task, TaskError};
use crate::raw::cell::{self, Shared};

/// How a task ended.
pub(crate) enum Outcome<T, E> {
    Own(Result<T, TaskError<E>>),
    /// A task that is complete, and does not share another one's.
    Shared(Task<T, E>),
}

impl<T, E> Outcome<T, E> {
    /// The outcome itself.
    #[inline(always)]
    pub(super) fn get(&self) -> &Result<T, TaskError<E>> {
        match self {
            Self::Own(result) => result,
            Self::Shared(task) => match task.outcome() {
                Some(Self::Own(result)) => result,
                _ => unreachable!("only a complete task of its own is shared"),
            },
        }
    }

    /// The outcome of a task's cell, which is complete. What is shared has been observed: whoever shares it will tell.
    pub(super) fn share(cell: &Shared<Self>) -> Self {
        cell.observe();
        Self::share_unseen(cell)
    }

    /// The same for a caller who has it observed if the outcome is taken.
    pub(super) fn share_unseen(cell: &Shared<Self>) -> Self {
        match cell.get() {
            Some(Self::Shared(inner)) => Self::Shared(inner.clone()),
            _ => Self::Shared(Task(cell.clone())),
        }
    }
}

impl<T, E: 'static> cell::Outcome for Outcome<T, E> {
    fn abandoned() -> Self {
        Self::Own(Err(TaskError::Abandoned))
    }

    #[inline(always)]
    fn end(self, observed: bool) {
        match self {
            Self::Own(Ok(value)) => drop(value),
            other => other.end_owing(observed),
        }
    }
}

impl<T, E: 'static> Outcome<T, E> {
    /// The end of one that may be a fault.
    #[inline(never)]
    fn end_owing(self, observed: bool) {
        if !observed {
            if let Err(error) = self.get() {
                report::<T, E>(error);
            }
        }
    }
}
