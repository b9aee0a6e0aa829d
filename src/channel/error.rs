//! Why nothing was read or waited for, and what all errors of channels say.

use super::end::End;
use super::text::{CLOSED, EMPTY, FULL};
use crate::cancel::Cancelled;
use crate::task::{BoxError, Fault};
use core::any::Any;
use core::error::Error;
use core::fmt;

/// The channel was completed before.
///
/// # Examples
///
/// ```
/// use taskcell::channel::{AlreadyCompleted, unbounded};
///
/// let (writer, _reader) = unbounded::<u32>();
/// assert_eq!(writer.complete(), Ok(()));
/// assert_eq!(writer.complete(), Err(AlreadyCompleted));
/// assert!(!writer.try_complete()); // for who need not be the first
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyCompleted;

impl fmt::Display for AlreadyCompleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the channel was completed before")
    }
}

impl Error for AlreadyCompleted {}

/// What an error says, and what it names.
pub(super) enum Text<'a, E> {
    Plain(&'static str),
    Faulted(&'a Fault<E>),
    Cancelled(&'a Cancelled),
}

impl<'a, E> Text<'a, E> {
    pub(super) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result
    where
        E: fmt::Debug,
    {
        match self {
            Self::Plain(CLOSED) => write!(f, "{name}::Closed"),
            Self::Plain(FULL) => write!(f, "{name}::Full"),
            Self::Plain(_) => write!(f, "{name}::Empty"),
            Self::Faulted(fault) => write!(f, "{name}::Faulted({fault:?})"),
            Self::Cancelled(cancelled) => write!(f, "{name}::Cancelled({cancelled:?})"),
        }
    }

    /// The source of a boxed error: its own text is shown already.
    pub(super) fn source(&self) -> Option<&'a (dyn Error + 'static)>
    where
        E: 'static,
    {
        let Self::Faulted(fault) = self else { return None };
        let error: &dyn Any = &***fault;
        error.downcast_ref::<BoxError>()?.source()
    }
}

impl<E: fmt::Display> fmt::Display for Text<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::Faulted(fault) => fmt::Display::fmt(fault, f),
            Self::Cancelled(cancelled) => fmt::Display::fmt(cancelled, f),
        }
    }
}

/// `Debug`, `Display` and `Error` by the error's text.
macro_rules! by_text {
    ($name:ident <$($item:ident)?> $(($clone:ident))?) => {
        impl<$($item,)? E: fmt::Debug> fmt::Debug for $name<$($item,)? E> {
            /// Without the item.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.text().debug(stringify!($name), f)
            }
        }

        impl<$($item,)? E: fmt::Display> fmt::Display for $name<$($item,)? E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.text(), f)
            }
        }

        impl<$($item,)? E: fmt::Debug + fmt::Display + 'static> Error for $name<$($item,)? E> {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                self.text().source()
            }
        }

        impl<$($item,)? E> $name<$($item,)? E> {
            /// The error that the channel was completed with, if that is why.
            #[must_use]
            pub fn fault(&self) -> Option<&Fault<E>> {
                match self.text() {
                    Text::Faulted(fault) => Some(fault),
                    Text::Plain(_) | Text::Cancelled(_) => None,
                }
            }
        }
    };
}

/// What the errors of a read and of a reservation have in common: they waited.
macro_rules! of_wait {
    ($name:ident) => {
        impl<E> $name<E> {
            /// True if the channel is completed, with an error or without one.
            #[must_use]
            pub fn is_closed(&self) -> bool {
                matches!(self, Self::Closed | Self::Faulted(_))
            }

            /// Which token was cancelled, if that is why.
            #[must_use]
            pub fn cancelled(&self) -> Option<&Cancelled> {
                match self {
                    Self::Cancelled(cancelled) => Some(cancelled),
                    _ => None,
                }
            }

            pub(super) fn of(end: End<E>) -> Self {
                end.fault().map_or(Self::Closed, Self::Faulted)
            }

            fn text(&self) -> Text<'_, E> {
                match self {
                    Self::Closed => Text::Plain(CLOSED),
                    Self::Faulted(fault) => Text::Faulted(fault),
                    Self::Cancelled(cancelled) => Text::Cancelled(cancelled),
                }
            }
        }

        impl<E> Clone for $name<E> {
            fn clone(&self) -> Self {
                match self {
                    Self::Closed => Self::Closed,
                    Self::Faulted(fault) => Self::Faulted(fault.clone()),
                    Self::Cancelled(cancelled) => Self::Cancelled(cancelled.clone()),
                }
            }
        }

        by_text! { $name<> }
    };
}

/// What they have in common that did not wait: `$later` says that the channel is empty, or full, at the moment.
macro_rules! of_try {
    ($name:ident, $later:ident, $text:ident) => {
        impl<E> $name<E> {
            /// True if the channel is completed, with an error or without one.
            #[must_use]
            pub fn is_closed(&self) -> bool {
                matches!(self, Self::Closed | Self::Faulted(_))
            }

            pub(super) fn of(end: Option<End<E>>) -> Self {
                let Some(end) = end else { return Self::$later };
                end.fault().map_or(Self::Closed, Self::Faulted)
            }

            fn text(&self) -> Text<'_, E> {
                match self {
                    Self::$later => Text::Plain($text),
                    Self::Closed => Text::Plain(CLOSED),
                    Self::Faulted(fault) => Text::Faulted(fault),
                }
            }
        }

        impl<E> Clone for $name<E> {
            fn clone(&self) -> Self {
                match self {
                    Self::$later => Self::$later,
                    Self::Closed => Self::Closed,
                    Self::Faulted(fault) => Self::Faulted(fault.clone()),
                }
            }
        }

        by_text! { $name<> }
    };
}

pub(super) use {by_text, of_try, of_wait};

/// Why a read gave nothing.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationToken;
/// use taskcell::channel::{ChannelOptions, ReadError};
///
/// fn why(error: &ReadError<&str>) -> String {
///     match (error.fault(), error.cancelled()) {
///         (Some(fault), _) => format!("the writer failed: {fault}"),
///         (_, Some(_)) => "we were told to stop".into(),
///         _ => "the end".into(),
///     }
/// }
/// # smol::block_on(async {
/// let (writer, reader) = ChannelOptions::<u32>::unbounded().with_error::<&str>().create();
/// let error = reader.read().with_cancellation(&CancellationToken::new(true)).await.unwrap_err();
/// assert_eq!((why(&error).as_str(), error.is_closed()), ("we were told to stop", false));
///
/// writer.try_complete_with("no paper").unwrap();
/// let error = reader.read().await.unwrap_err();
/// assert_eq!((why(&error).as_str(), error.is_closed()), ("the writer failed: no paper", true));
/// # });
/// ```
#[doc(alias = "ChannelClosedException")]
#[doc(alias = "RecvError")]
#[non_exhaustive]
pub enum ReadError<E = BoxError> {
    /// The channel is completed, and nothing is left.
    Closed,
    /// The channel is completed with an error, and nothing is left.
    Faulted(Fault<E>),
    /// The token of the read was cancelled.
    Cancelled(Cancelled),
}

of_wait! { ReadError }

/// Why there was nothing to read.
///
/// # Examples
///
/// ```
/// use taskcell::channel::unbounded;
///
/// let (writer, reader) = unbounded::<u32>();
/// let error = reader.try_read().unwrap_err();
/// assert!(error.is_empty() && !error.is_closed()); // not yet
/// writer.complete().unwrap();
/// let error = reader.try_read().unwrap_err();
/// assert!(error.is_closed() && error.fault().is_none()); // never again
/// ```
#[doc(alias = "TryRecvError")]
#[non_exhaustive]
pub enum TryReadError<E = BoxError> {
    /// Nothing is there at the moment.
    Empty,
    /// The channel is completed, and nothing is left.
    Closed,
    /// The channel is completed with an error, and nothing is left.
    Faulted(Fault<E>),
}

impl<E> TryReadError<E> {
    /// True if the channel is empty, and may not be so for ever.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

of_try! { TryReadError, Empty, EMPTY }

/// Why nobody could wait for an item, or for room, any longer.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationToken;
/// use taskcell::channel::{ChannelOptions, WaitError};
///
/// let (writer, reader) = ChannelOptions::<u32>::unbounded().with_error::<&str>().create();
/// # smol::block_on(async {
/// let stop = CancellationToken::new(true);
/// let error = reader.wait_to_read().with_cancellation(&stop).await.unwrap_err();
/// assert_eq!(error.cancelled().unwrap().token(), &stop);
///
/// writer.try_complete_with("no paper").unwrap();
/// let error: WaitError<&str> = reader.wait_to_read().await.unwrap_err();
/// assert_eq!(**error.fault().unwrap(), "no paper");
/// # });
/// ```
#[non_exhaustive]
pub enum WaitError<E = BoxError> {
    /// The channel is completed with an error.
    Faulted(Fault<E>),
    /// The token of the wait was cancelled.
    Cancelled(Cancelled),
}

impl<E> WaitError<E> {
    /// Which token was cancelled, if that is why.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        match self {
            Self::Cancelled(cancelled) => Some(cancelled),
            _ => None,
        }
    }

    fn text(&self) -> Text<'_, E> {
        match self {
            Self::Faulted(fault) => Text::Faulted(fault),
            Self::Cancelled(cancelled) => Text::Cancelled(cancelled),
        }
    }
}

impl<E> Clone for WaitError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Faulted(fault) => Self::Faulted(fault.clone()),
            Self::Cancelled(cancelled) => Self::Cancelled(cancelled.clone()),
        }
    }
}

by_text! { WaitError<> }
