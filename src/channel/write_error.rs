//! Why nothing was written or reserved.

use super::end::End;
use super::error::{Text, by_text, of_try, of_wait};
use super::text::{CLOSED, FULL};
use crate::cancel::Cancelled;
use crate::task::{BoxError, Fault};
use core::error::Error;
use core::fmt;

/// Why an item was not written, and the item.
#[doc(alias = "ChannelClosedException")]
#[doc(alias = "SendError")]
#[non_exhaustive]
pub enum WriteError<T, E = BoxError> {
    /// The channel is completed.
    Closed(T),
    /// The channel is completed with an error.
    Faulted(T, Fault<E>),
    /// The token of the write was cancelled.
    Cancelled(T, Cancelled),
}

impl<T, E> WriteError<T, E> {
    /// The item.
    #[must_use]
    pub fn into_inner(self) -> T {
        let (Self::Closed(item) | Self::Faulted(item, _) | Self::Cancelled(item, _)) = self;
        item
    }

    /// True if the channel is completed, with an error or without one.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Faulted(..))
    }

    /// Which token was cancelled, if that is why.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        match self {
            Self::Cancelled(_, cancelled) => Some(cancelled),
            _ => None,
        }
    }

    pub(super) fn of(item: T, end: End<E>) -> Self {
        match end.fault() {
            Some(fault) => Self::Faulted(item, fault),
            None => Self::Closed(item),
        }
    }

    fn text(&self) -> Text<'_, E> {
        match self {
            Self::Closed(_) => Text::Plain(CLOSED),
            Self::Faulted(_, fault) => Text::Faulted(fault),
            Self::Cancelled(_, cancelled) => Text::Cancelled(cancelled),
        }
    }
}

by_text! { WriteError<T> }

/// Why an item was not written, and the item.
#[doc(alias = "TrySendError")]
#[non_exhaustive]
pub enum TryWriteError<T, E = BoxError> {
    /// There is no room at the moment.
    Full(T),
    /// The channel is completed.
    Closed(T),
    /// The channel is completed with an error.
    Faulted(T, Fault<E>),
}

impl<T, E> TryWriteError<T, E> {
    /// The item.
    #[must_use]
    pub fn into_inner(self) -> T {
        let (Self::Full(item) | Self::Closed(item) | Self::Faulted(item, _)) = self;
        item
    }

    /// True if the channel is completed, with an error or without one.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Faulted(..))
    }

    /// True if the channel is full, and may not be so for ever.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    pub(super) fn of(item: T, end: End<E>) -> Self {
        match end.fault() {
            Some(fault) => Self::Faulted(item, fault),
            None => Self::Closed(item),
        }
    }

    fn text(&self) -> Text<'_, E> {
        match self {
            Self::Full(_) => Text::Plain(FULL),
            Self::Closed(_) => Text::Plain(CLOSED),
            Self::Faulted(_, fault) => Text::Faulted(fault),
        }
    }
}

by_text! { TryWriteError<T> }

/// Why there is no permit.
#[non_exhaustive]
pub enum ReserveError<E = BoxError> {
    /// The channel is completed.
    Closed,
    /// The channel is completed with an error.
    Faulted(Fault<E>),
    /// The token of the wait was cancelled.
    Cancelled(Cancelled),
}

of_wait! { ReserveError }

/// Why there is no permit.
#[non_exhaustive]
pub enum TryReserveError<E = BoxError> {
    /// There is no room at the moment.
    Full,
    /// The channel is completed.
    Closed,
    /// The channel is completed with an error.
    Faulted(Fault<E>),
}

impl<E> TryReserveError<E> {
    /// True if the channel is full, and may not be so for ever.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }
}

of_try! { TryReserveError, Full, FULL }
