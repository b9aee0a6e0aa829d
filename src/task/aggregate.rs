//! The errors of several tasks or futures.

use super::TaskError;
use alloc::vec::{self, Vec};
use core::error::Error;
use core::fmt;

/// How many errors are printed in full.
const SHOWN: usize = 8;

/// The errors of several tasks or futures, each with the index of its task, in the order of the tasks. Never empty.
///
/// It may know of cancelled tasks that it does not list, and of errors that came only after the others had been cancelled
/// because of the first: see [`secondary`](Self::secondary).
///
/// # Examples
///
/// ```
/// use taskcell::AggregateError;
///
/// let error = AggregateError::new([(2, "no paper"), (0, "no ink")]);
/// assert_eq!(error.to_string(), "2 errors: [0] no ink; [2] no paper");
/// let rest = error.handle(|error| *error == "no ink").unwrap_err();
/// assert_eq!(rest.into_iter().collect::<Vec<_>>(), [(2, "no paper")]);
/// ```
///
/// What `Task::when_all` fails with, read in three ways:
///
/// ```
/// use taskcell::{AggregateError, CancellationToken, Task, TaskError};
///
/// let tasks = [Task::from_error("no ink"), Task::from_result(1), Task::from_cancelled(&CancellationToken::NONE)];
/// let all = Task::<u32, &str>::when_all(tasks);
/// let error: &AggregateError<TaskError<&str>> = all.try_result().unwrap().unwrap_err().fault().unwrap();
///
/// assert_eq!((error.len(), error.cancelled_count()), (1, 1));
/// assert_eq!(error.first().fault(), Some(&"no ink"));
/// assert!(error.iter().all(|(index, _)| index == 0));
/// assert_eq!(error.faults().count(), 1); // those of `iter` that are no cancellations
/// assert_eq!(error.clone().take_secondary().len(), 0);
/// ```
#[doc(alias = "AggregateException")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateError<E> {
    errors: Vec<(usize, E)>,
    /// Tasks that were cancelled and are not listed.
    cancelled: usize,
    secondary: Vec<(usize, E)>,
}

impl<E> AggregateError<E> {
    /// Of errors and the indices of their tasks, which it sorts. Errors of the same task keep their order.
    ///
    /// # Panics
    ///
    /// If there is none: [`try_new`](Self::try_new) takes what may be empty.
    #[must_use]
    pub fn new(errors: impl IntoIterator<Item = (usize, E)>) -> Self {
        Self::with_cancelled(errors, 0)
    }

    /// The same; `None` if there is no error.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::AggregateError;
    ///
    /// let jams = |pages: &[&'static str]| {
    ///     let errors = pages.iter().copied().enumerate().filter(|(_, page)| *page == "jammed");
    ///     AggregateError::try_new(errors).map_or(Ok(()), Err)
    /// };
    /// assert!(jams(&["printed", "printed"]).is_ok());
    /// assert_eq!(jams(&["printed", "jammed"]).unwrap_err().to_string(), "1 error: [1] jammed");
    /// ```
    #[must_use]
    pub fn try_new(errors: impl IntoIterator<Item = (usize, E)>) -> Option<Self> {
        let mut errors = errors.into_iter().peekable();
        errors.peek().is_some().then(|| Self::new(errors))
    }

    /// The same, and so many tasks that were cancelled and are not listed.
    pub(crate) fn with_cancelled(errors: impl IntoIterator<Item = (usize, E)>, cancelled: usize) -> Self {
        let mut errors: Vec<(usize, E)> = errors.into_iter().collect();
        assert!(!errors.is_empty(), "an AggregateError of no errors");
        errors.sort_by_key(|(index, _)| *index);
        Self { errors, cancelled, secondary: Vec::new() }
    }

    /// The same, and those that came after the others were cancelled, which it sorts too.
    #[must_use]
    pub(crate) fn and_secondary(mut self, secondary: impl IntoIterator<Item = (usize, E)>) -> Self {
        self.secondary.extend(secondary);
        self.secondary.sort_by_key(|(index, _)| *index);
        self
    }

    /// How many errors there are: at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// The error of the first task that has one.
    #[must_use]
    #[doc(alias = "InnerException")]
    pub fn first(&self) -> &E {
        &self.errors[0].1
    }

    /// All errors, each with the index of its task, in the order of the tasks.
    #[doc(alias = "InnerExceptions")]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &E)> + ExactSizeIterator {
        self.errors.iter().map(|(index, error)| (*index, error))
    }

    /// The errors that came after the others had been cancelled because of one of [`iter`](Self::iter), each with the index
    /// of its task, in the order of the tasks: mostly cancellations, and whatever else their end has brought to light.
    /// None of them is among the others, nor counted by [`len`](Self::len).
    ///
    /// Only what cancels others has any, as [`when_all_or_first_error`](crate::when_all_or_first_error).
    pub fn secondary(&self) -> impl DoubleEndedIterator<Item = (usize, &E)> + ExactSizeIterator {
        self.secondary.iter().map(|(index, error)| (*index, error))
    }

    /// The same by value; none are left.
    #[must_use = "they are taken out"]
    pub fn take_secondary(&mut self) -> Vec<(usize, E)> {
        core::mem::take(&mut self.secondary)
    }

    /// Shows each error to `handled`, and keeps those for which it answers false.
    ///
    /// # Errors
    ///
    /// The errors that are not handled, if there are any.
    #[doc(alias = "Handle")]
    pub fn handle(mut self, mut handled: impl FnMut(&E) -> bool) -> Result<(), Self> {
        self.errors.retain(|(_, error)| !handled(error));
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl<E> AggregateError<AggregateError<E>> {
    /// The inner errors in one list: those of one inner list next to each other, with the index of that list.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::AggregateError;
    ///
    /// let rooms = AggregateError::new([
    ///     (0, AggregateError::new([(0, "no ink"), (3, "no paper")])),
    ///     (2, AggregateError::new([(1, "no light")])),
    /// ]);
    /// let flat: Vec<_> = rooms.flatten().into_iter().collect();
    /// assert_eq!(flat, [(0, "no ink"), (0, "no paper"), (2, "no light")]);
    /// ```
    #[must_use]
    #[doc(alias = "Flatten")]
    pub fn flatten(self) -> AggregateError<E> {
        let mut cancelled = self.cancelled;
        let (mut errors, mut secondary) = (Vec::new(), Vec::new());
        for (index, inner) in self.errors {
            cancelled += inner.cancelled;
            errors.extend(inner.errors.into_iter().map(|(_, error)| (index, error)));
            secondary.extend(inner.secondary.into_iter().map(|(_, error)| (index, error)));
        }
        for (index, inner) in self.secondary {
            let all = inner.errors.into_iter().chain(inner.secondary);
            secondary.extend(all.map(|(_, error)| (index, error)));
        }
        AggregateError { errors, cancelled, secondary: Vec::new() }.and_secondary(secondary)
    }
}

impl<E> AggregateError<TaskError<AggregateError<TaskError<E>>>> {
    /// The errors of aggregates of aggregates in one list: those of one inner aggregate next to each other, with the
    /// index of that aggregate.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::Task;
    ///
    /// let inner = Task::<u32, &str>::when_all([Task::from_error("no ink"), Task::from_error("no paper")]);
    /// let outer = Task::when_all([inner]);
    /// let error = outer.try_result().unwrap().unwrap_err().fault().unwrap().clone();
    /// assert_eq!(error.flatten().to_string(), "2 errors: [0] no ink; [0] no paper");
    /// ```
    #[must_use]
    #[doc(alias = "Flatten")]
    pub fn flatten(self) -> AggregateError<TaskError<E>> {
        let mut cancelled = self.cancelled;
        let (errors, mut secondary) = spread(self.errors, &mut cancelled);
        let (first, second) = spread(self.secondary, &mut 0);
        secondary.extend(first.into_iter().chain(second));
        AggregateError { errors, cancelled, secondary: Vec::new() }.and_secondary(secondary)
    }
}

type Indexed<E> = Vec<(usize, E)>;

/// What such a list has in its aggregates, listed and secondary; `cancelled` counts those that are not listed.
fn spread<E>(
    list: Indexed<TaskError<AggregateError<TaskError<E>>>>,
    cancelled: &mut usize,
) -> (Indexed<TaskError<E>>, Indexed<TaskError<E>>) {
    let (mut errors, mut secondary) = (Vec::new(), Vec::new());
    for (index, outer) in list {
        let error = match outer {
            TaskError::Faulted(fault) => {
                for inner in fault.errors() {
                    *cancelled += inner.cancelled;
                    errors.extend(inner.errors.iter().map(|(_, error)| (index, error.clone())));
                    secondary.extend(inner.secondary.iter().map(|(_, error)| (index, error.clone())));
                }
                continue;
            }
            TaskError::Cancelled(cancelled) => TaskError::Cancelled(cancelled),
            TaskError::Abandoned => TaskError::Abandoned,
            TaskError::Panicked(panic) => TaskError::Panicked(panic),
        };
        errors.push((index, error));
    }
    (errors, secondary)
}

impl<E> AggregateError<TaskError<E>> {
    /// The errors that are no cancellations, each with the index of its task.
    pub fn faults(&self) -> impl DoubleEndedIterator<Item = (usize, &TaskError<E>)> {
        self.errors.iter().filter(|(_, error)| !error.is_cancelled()).map(|(index, error)| (*index, error))
    }

    /// How many of the tasks were cancelled, listed here or not.
    #[must_use]
    pub fn cancelled_count(&self) -> usize {
        self.cancelled + self.errors.iter().filter(|(_, error)| error.is_cancelled()).count()
    }
}

impl<E> IntoIterator for AggregateError<E> {
    type Item = (usize, E);
    type IntoIter = vec::IntoIter<(usize, E)>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl<E: fmt::Display> fmt::Display for AggregateError<E> {
    /// How many errors there are, and the first eight of them in one line: `2 errors: [0] text; [5] text`. Then how many
    /// tasks were cancelled, and how many errors came after that, if there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        write!(f, "{count} error{}: ", if count == 1 { "" } else { "s" })?;
        for (position, (index, error)) in self.errors.iter().take(SHOWN).enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}[{index}] {error}")?;
        }
        if count > SHOWN {
            write!(f, "; and {} more", count - SHOWN)?;
        }
        if self.cancelled > 0 {
            write!(f, "; {} cancelled", self.cancelled)?;
        }
        if !self.secondary.is_empty() {
            write!(f, "; {} secondary", self.secondary.len())?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> Error for AggregateError<E> {}
