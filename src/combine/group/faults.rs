//! How the body and the children of a group have failed.

use crate::task::{AggregateError, TaskError};
use alloc::vec::Vec;

/// The first error, and those that came after the cancelling.
pub(super) struct Faults<E> {
    root: Option<(usize, TaskError<E>)>,
    secondary: Vec<(usize, TaskError<E>)>,
    /// The group has cancelled its token.
    pub(super) cancelling: bool,
}

impl<E> Faults<E> {
    pub(super) const fn new() -> Self {
        Self { root: None, secondary: Vec::new(), cancelling: false }
    }

    /// One more. Cancellations that the group has brought about itself are no errors.
    pub(super) fn add(&mut self, number: usize, error: TaskError<E>) {
        if self.root.is_none() && !(self.cancelling && error.is_cancelled()) {
            self.root = Some((number, error));
        } else if !error.is_cancelled() {
            self.secondary.push((number, error));
        }
    }

    /// Whether the group has failed and is yet to cancel.
    pub(super) fn is_to_cancel(&self) -> bool {
        self.root.is_some() && !self.cancelling
    }

    /// All of them, if there are any.
    pub(super) fn result(self) -> Result<(), AggregateError<TaskError<E>>> {
        let Self { root, secondary, .. } = self;
        match root {
            Some(root) => Err(AggregateError::new([root]).and_secondary(secondary)),
            None => Ok(()),
        }
    }
}
