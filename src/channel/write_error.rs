//! Why nothing was written or reserved.

use super::end::End;
use super::error::{Text, by_text, of_try, of_wait};
use super::text::{CLOSED, FULL};
use crate::cancel::Cancelled;
use crate::task::{BoxError, Fault};
use core::error::Error;
use core::fmt;

/// Why an item was not written, and the item.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationToken;
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded(1);
/// # smol::block_on(async {
/// let stop = CancellationToken::new(true);
/// let error = writer.write("first").with_cancellation(&stop).await.unwrap_err();
/// assert!(error.cancelled().is_some() && !error.is_closed());
/// let item = error.into_inner(); // the item is not lost
///
/// drop(reader);
/// let error = writer.write(item).await.unwrap_err();
/// assert!(error.is_closed() && error.fault().is_none());
/// # });
/// ```
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
///
/// # Examples
///
/// ```
/// use taskcell::channel::bounded;
///
/// let (writer, reader) = bounded(1);
/// writer.try_write("first").unwrap();
/// let error = writer.try_write("second").unwrap_err();
/// assert!(error.is_full()); // later, perhaps
/// let item = error.into_inner();
///
/// drop(reader);
/// let error = writer.try_write(item).unwrap_err();
/// assert!(error.is_closed() && error.fault().is_none()); // never
/// ```
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
///
/// # Examples
///
/// ```
/// use taskcell::CancellationToken;
/// use taskcell::channel::{ReserveError, bounded};
///
/// let (writer, reader) = bounded::<u32>(1);
/// # smol::block_on(async {
/// let error = writer.reserve().with_cancellation(&CancellationToken::new(true)).await.unwrap_err();
/// assert!(error.cancelled().is_some());
/// drop(reader);
/// let error: ReserveError = writer.reserve().await.unwrap_err();
/// assert!(error.is_closed() && error.fault().is_none());
/// # });
/// ```
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
///
/// # Examples
///
/// ```
/// use taskcell::channel::{TryReserveError, bounded};
///
/// let (writer, reader) = bounded::<u32>(1);
/// let permit = writer.try_reserve().unwrap();
/// let error: TryReserveError = writer.try_reserve().unwrap_err();
/// assert!(error.is_full());
/// drop((permit, reader));
/// let error = writer.try_reserve().unwrap_err();
/// assert!(error.is_closed() && error.fault().is_none());
/// ```
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
