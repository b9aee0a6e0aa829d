//! Why a channel takes no more items.

use crate::cancel::Cancelled;
use crate::task::{BoxError, Fault, TaskError};
use core::any::Any;

pub(super) enum End<E> {
    Closed,
    Faulted {
        fault: Fault<E>,
        /// The error means that.
        cancelled: Option<Cancelled>,
    },
    /// By the channel's own token. Readers and writers see it as closed.
    Cancelled(Cancelled),
}

impl<E> End<E> {
    /// How the completion task ends.
    pub(super) fn outcome(&self) -> Result<(), TaskError<E>> {
        match self {
            Self::Closed => Ok(()),
            Self::Cancelled(cancelled) | Self::Faulted { cancelled: Some(cancelled), .. } => {
                Err(TaskError::Cancelled(cancelled.clone()))
            }
            Self::Faulted { fault, cancelled: None } => Err(TaskError::Faulted(fault.clone())),
        }
    }

    /// What those see who only wait: false, unless there is an error.
    pub(super) fn into_wait(self) -> Result<bool, Fault<E>> {
        self.fault().map_or(Ok(false), Err)
    }

    /// The error, if there is one.
    pub(super) fn fault(self) -> Option<Fault<E>> {
        match self {
            Self::Faulted { fault, .. } => Some(fault),
            Self::Closed | Self::Cancelled(_) => None,
        }
    }
}

/// The cancellation that an error is, or that is in its box.
pub(super) fn cancellation_in<E: 'static>(error: &E) -> Option<Cancelled> {
    let error: &dyn Any = error;
    let boxed = || error.downcast_ref::<BoxError>()?.downcast_ref::<Cancelled>();
    error.downcast_ref::<Cancelled>().or_else(boxed).cloned()
}

impl<E> Clone for End<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Closed => Self::Closed,
            Self::Faulted { fault, cancelled } => Self::Faulted { fault: fault.clone(), cancelled: cancelled.clone() },
            Self::Cancelled(cancelled) => Self::Cancelled(cancelled.clone()),
        }
    }
}
