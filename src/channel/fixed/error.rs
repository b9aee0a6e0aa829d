//! Why nothing was read or written.

use crate::channel::text::{CLOSED, EMPTY, FULL};
use core::error::Error;
use core::fmt;

/// The channel is completed, and nothing is left in it.
///
/// # Examples
///
/// ```
/// use taskcell::{Closed, StaticChannel};
///
/// static KEYS: StaticChannel<u8, 4, 1> = StaticChannel::new();
///
/// KEYS.try_complete();
/// # smol::block_on(async {
/// assert_eq!(KEYS.reader().unwrap().read().await, Err(Closed));
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "ChannelClosedException")]
#[doc(alias = "RecvError")]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl Error for Closed {}

/// Why there was nothing to read.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticChannel, StaticTryReadError};
///
/// static KEYS: StaticChannel<u8, 4, 1> = StaticChannel::new();
///
/// assert_eq!(KEYS.try_read(), Err(StaticTryReadError::Empty)); // for now
/// KEYS.try_complete();
/// assert_eq!(KEYS.try_read(), Err(StaticTryReadError::Closed)); // for ever
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "TryRecvError")]
pub enum StaticTryReadError {
    /// Nothing is there at the moment.
    Empty,
    /// The channel is completed, and nothing is left.
    Closed,
}

impl fmt::Display for StaticTryReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => EMPTY,
            Self::Closed => CLOSED,
        })
    }
}

impl Error for StaticTryReadError {}

/// Why an item was not written, and the item.
///
/// # Examples
///
/// ```
/// use taskcell::StaticChannel;
///
/// static KEYS: StaticChannel<u8, 1, 1> = StaticChannel::new();
///
/// KEYS.try_write(1).unwrap();
/// let error = KEYS.try_write(2).unwrap_err();
/// assert!(error.is_full() && !error.is_closed());
/// assert_eq!(error.into_inner(), 2);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "TrySendError")]
pub enum StaticTryWriteError<T> {
    /// There is no room at the moment.
    Full(T),
    /// The channel is completed.
    Closed(T),
}

impl<T> StaticTryWriteError<T> {
    /// The item.
    #[must_use]
    pub fn into_inner(self) -> T {
        let (Self::Full(item) | Self::Closed(item)) = self;
        item
    }

    /// True if the channel is full, and may not be so for ever.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// True if the channel is completed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> fmt::Debug for StaticTryWriteError<T> {
    /// Without the item.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { "StaticTryWriteError::Full" } else { "StaticTryWriteError::Closed" })
    }
}

impl<T> fmt::Display for StaticTryWriteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_full() { FULL } else { CLOSED })
    }
}

impl<T> Error for StaticTryWriteError<T> {}

/// The item that was not written: the channel is completed.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticChannel, StaticWriteError};
///
/// static KEYS: StaticChannel<u8, 1, 1> = StaticChannel::new();
///
/// KEYS.try_complete();
/// # smol::block_on(async {
/// let error = KEYS.writer().unwrap().write(7).await.unwrap_err();
/// assert_eq!(error, StaticWriteError(7));
/// assert_eq!(error.into_inner(), 7);
/// # });
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[doc(alias = "SendError")]
pub struct StaticWriteError<T>(pub T);

impl<T> StaticWriteError<T> {
    /// The item.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for StaticWriteError<T> {
    /// Without the item.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticWriteError")
    }
}

impl<T> fmt::Display for StaticWriteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl<T> Error for StaticWriteError<T> {}
