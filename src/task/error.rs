//! How a task ends without a value.

use super::{Errors, Fault, Panic, TaskStatus};
use crate::cancel::Cancelled;
use alloc::boxed::Box;
use core::any::Any;
use core::error::Error;
use core::fmt;

/// Any error: what a task fails with unless it names its own type.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, Task};
///
/// fn parse(text: &str) -> Result<u32, BoxError> {
///     if text.is_empty() {
///         return Err("nothing there".into());
///     }
///     Ok(text.parse()?) // any error goes in by `?`
/// }
/// let task: Task<u32> = Task::from_error(parse("x").unwrap_err());
/// assert_eq!(task.try_result().unwrap().unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a task has no value.
///
/// It is two words, and cloned for every `E`: clones share what it holds. So is `Result<T, TaskError<E>>` two words
/// for every `T` of one.
///
/// It is an [`Error`] for every `E` that can be printed, an error or not: [`BoxError`] is none, but its text and its
/// source are those of the box.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, TaskError, TaskStatus};
///
/// let error = TaskError::<BoxError>::faulted("no paper".into());
/// assert_eq!(error.to_string(), "no paper");
/// assert_eq!(error.status(), TaskStatus::Faulted);
/// assert_eq!(error.clone().errors().len(), 1);
/// ```
///
/// ```
/// use taskcell::{CancellationToken, Task, TaskCompletionSource};
///
/// fn why<T>(task: &Task<T, &str>) -> String {
///     match task.try_result() {
///         None => "pending".into(),
///         Some(Ok(_)) => "done".into(),
///         Some(Err(error)) if error.is_abandoned() => "nobody is left to do it".into(),
///         Some(Err(error)) if error.is_panicked() => "a bug".into(),
///         Some(Err(error)) => match (error.fault(), error.cancelled()) {
///             (Some(fault), _) => format!("failed: {fault}"),
///             (_, Some(cancelled)) => format!("cancelled: {cancelled}"),
///             _ => error.to_string(),
///         },
///     }
/// }
/// assert_eq!(why(&Task::<u32, _>::from_error("no paper")), "failed: no paper");
/// let abandoned = TaskCompletionSource::<u32, &str>::new().task();
/// assert_eq!(why(&abandoned), "nobody is left to do it");
/// assert!(why(&Task::<u32, _>::from_cancelled(&CancellationToken::NONE)).starts_with("cancelled"));
/// ```
#[non_exhaustive]
pub enum TaskError<E = BoxError> {
    /// An error was set, or several.
    Faulted(Fault<E>),
    /// It was cancelled, and by which token.
    Cancelled(Cancelled),
    /// The last source went without a result.
    #[doc(alias = "RecvError")]
    Abandoned,
    /// It panicked.
    Panicked(Panic),
}

impl<E> TaskError<E> {
    /// Of one error.
    ///
    /// A [`Cancelled`] is an error here as any other; [`of_error`](Self::of_error) makes it a cancellation.
    #[must_use]
    pub fn faulted(error: E) -> Self {
        Self::Faulted(Fault::new(error))
    }

    /// What becomes of the error that a task's future or closure returns: `Cancelled` if it is a [`Cancelled`], or a
    /// [`BoxError`] that holds one, as with an exception that means cancellation; otherwise `Faulted`. A [`BoxError`] that
    /// holds a `TaskError`, as `task.await?` gives it, is that one again.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxError, CancellationToken, TaskError};
    ///
    /// fn work(token: &CancellationToken) -> Result<(), BoxError> {
    ///     token.check()?;
    ///     Err("no paper".into())
    /// }
    ///
    /// let token = CancellationToken::new(true);
    /// assert!(TaskError::of_error(work(&token).unwrap_err()).is_cancelled());
    /// assert!(TaskError::of_error(work(&CancellationToken::NONE).unwrap_err()).is_faulted());
    /// ```
    #[must_use]
    pub fn of_error(error: E) -> Self
    where
        E: 'static,
    {
        let mut error = Some(error);
        let any: &mut dyn Any = &mut error;
        if let Some(cancelled) = any.downcast_mut::<Option<Cancelled>>() {
            if let Some(cancelled) = cancelled.take() {
                return Self::Cancelled(cancelled);
            }
        } else if let Some(boxed) = any.downcast_mut::<Option<BoxError>>() {
            if let Some(cancelled) = unboxed::<Cancelled>(boxed) {
                return Self::Cancelled(cancelled);
            }
            let mut inner = unboxed::<TaskError>(boxed);
            let inner: &mut dyn Any = &mut inner;
            // `E` is a `BoxError` here, so this is the same type.
            if let Some(inner) = inner.downcast_mut::<Option<Self>>().and_then(Option::take) {
                return inner;
            }
        }
        match error {
            Some(error) => Self::faulted(error),
            None => unreachable!("it is taken only where it is of a known type"),
        }
    }

    /// The status of a task that ended with it: [`Cancelled`](TaskStatus::Cancelled), or in all other cases
    /// [`Faulted`](TaskStatus::Faulted).
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        match self {
            Self::Cancelled(_) => TaskStatus::Cancelled,
            Self::Faulted(_) | Self::Abandoned | Self::Panicked(_) => TaskStatus::Faulted,
        }
    }

    /// True if an error was set. An abandoned or panicked task has the status `Faulted`, too, but no error of type `E`.
    #[must_use]
    pub fn is_faulted(&self) -> bool {
        matches!(self, Self::Faulted(_))
    }

    /// True if the task was cancelled.
    #[must_use]
    #[doc(alias = "IsCanceled")]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    /// True if the last source went without a result.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        matches!(self, Self::Abandoned)
    }

    /// True if the task panicked.
    #[must_use]
    pub fn is_panicked(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// The first error that was set.
    #[must_use]
    pub fn fault(&self) -> Option<&E> {
        match self {
            Self::Faulted(fault) => Some(fault),
            _ => None,
        }
    }

    /// All errors that were set, in order: none unless it [is faulted](Self::is_faulted).
    #[must_use]
    #[doc(alias = "InnerExceptions")]
    pub fn errors(&self) -> Errors<'_, E> {
        match self {
            Self::Faulted(fault) => fault.errors(),
            _ => Errors::none(),
        }
    }

    /// Which token cancelled the task.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        match self {
            Self::Cancelled(cancelled) => Some(cancelled),
            _ => None,
        }
    }
}

/// What a box holds, if it is a `T`.
fn unboxed<T: Error + 'static>(boxed: &mut Option<BoxError>) -> Option<T> {
    // The same type was just asked for, so it is in there.
    boxed.take_if(|error| error.is::<T>())?.downcast::<T>().ok().map(|error| *error)
}

impl<E> From<Cancelled> for TaskError<E> {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl<E> Clone for TaskError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Faulted(fault) => Self::Faulted(fault.clone()),
            Self::Cancelled(cancelled) => Self::Cancelled(cancelled.clone()),
            Self::Abandoned => Self::Abandoned,
            Self::Panicked(panic) => Self::Panicked(panic.clone()),
        }
    }
}

impl<E: fmt::Display> fmt::Display for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulted(fault) => fmt::Display::fmt(fault, f),
            Self::Cancelled(_) => f.write_str("the task was cancelled"),
            Self::Abandoned => f.write_str("the task was abandoned: its last source went without a result"),
            Self::Panicked(panic) => fmt::Display::fmt(panic, f),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faulted(fault) => f.debug_tuple("Faulted").field(fault).finish(),
            Self::Cancelled(cancelled) => f.debug_tuple("Cancelled").field(cancelled).finish(),
            Self::Abandoned => f.write_str("Abandoned"),
            Self::Panicked(panic) => f.debug_tuple("Panicked").field(panic).finish(),
        }
    }
}

impl<E: fmt::Debug + fmt::Display + 'static> Error for TaskError<E> {
    /// The source of the first error, where that is a [`BoxError`]: its own text is shown already.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let error: &dyn Any = self.fault()?;
        error.downcast_ref::<BoxError>()?.source()
    }
}
