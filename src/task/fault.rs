//! The errors of a task, in one word.

use crate::shim::heap::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::Deref;
use core::slice;

/// The errors that ended a task: one, as a rule. One word; clones share them, whether `E` is `Clone` or not.
///
/// It dereferences to the first error.
///
/// # Examples
///
/// ```
/// use taskcell::Fault;
///
/// let fault = Fault::new(String::from("no paper"));
/// let clone = fault.clone();
/// assert_eq!(clone.as_str(), "no paper");
/// drop(clone);
/// assert_eq!(Fault::into_inner(fault).unwrap(), "no paper");
/// ```
///
/// ```
/// use taskcell::Fault;
///
/// let fault = Fault::from_errors("no paper", vec!["no ink"]);
/// assert_eq!(*fault, "no paper"); // the first one
/// assert_eq!(fault.len(), 2);
/// assert_eq!(fault.errors().collect::<Vec<_>>(), [&"no paper", &"no ink"]);
/// assert!(Fault::ptr_eq(&fault, &fault.clone()));
/// ```
pub struct Fault<E>(Arc<Contents<E>>);

struct Contents<E> {
    first: E,
    /// Empty, and then not allocated, if there is one error.
    rest: Vec<E>,
}

impl<E> Fault<E> {
    /// Of one error.
    #[must_use]
    pub fn new(error: E) -> Self {
        Self::from_errors(error, Vec::new())
    }

    /// Of several errors, in order.
    #[must_use]
    pub fn from_errors(first: E, rest: Vec<E>) -> Self {
        Self(Arc::new(Contents { first, rest }))
    }

    /// All errors, in order.
    #[must_use]
    pub fn errors(&self) -> Errors<'_, E> {
        Errors { first: Some(&self.0.first), rest: self.0.rest.iter() }
    }

    /// How many errors there are: at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        1 + self.0.rest.len()
    }

    /// True if both are handles of the same errors.
    ///
    /// An associated function, so that it hides no method of `E`.
    #[must_use]
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&this.0, &other.0)
    }

    /// The error, if there is only one, and this is its only handle.
    ///
    /// An associated function, so that it hides no method of `E`.
    ///
    /// # Errors
    ///
    /// The handle itself, if there are others, or several errors.
    pub fn into_inner(this: Self) -> Result<E, Self> {
        if !this.0.rest.is_empty() {
            return Err(this);
        }
        Arc::try_unwrap(this.0).map(|contents| contents.first).map_err(Self)
    }

    /// All errors of a handle that was never cloned.
    pub(super) fn into_errors(self) -> Vec<E> {
        match Arc::try_unwrap(self.0) {
            Ok(Contents { first, mut rest }) => {
                rest.insert(0, first);
                rest
            }
            Err(_) => unreachable!("the only handle"),
        }
    }
}

impl<E> Clone for Fault<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> Deref for Fault<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0.first
    }
}

impl<E> From<E> for Fault<E> {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl<E: fmt::Display> fmt::Display for Fault<E> {
    /// The first error, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.first, f)?;
        match self.0.rest.len() {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error)"),
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for Fault<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.first, f)
    }
}

/// The errors of a [`Fault`] or a [`TaskError`](super::TaskError), in order.
///
/// # Examples
///
/// ```
/// use taskcell::TaskCompletionSource;
///
/// let (source, task) = TaskCompletionSource::<u32, &str>::pair();
/// source.try_set_errors(["no paper", "no ink"]).unwrap();
/// let errors = task.try_result().unwrap().unwrap_err().errors();
/// assert_eq!(errors.len(), 2);
/// assert_eq!(errors.copied().collect::<Vec<_>>().join(", "), "no paper, no ink");
/// ```
pub struct Errors<'a, E> {
    first: Option<&'a E>,
    rest: slice::Iter<'a, E>,
}

impl<E> Errors<'_, E> {
    pub(super) fn none() -> Self {
        Self { first: None, rest: [].iter() }
    }
}

impl<'a, E> Iterator for Errors<'a, E> {
    type Item = &'a E;

    fn next(&mut self) -> Option<&'a E> {
        self.first.take().or_else(|| self.rest.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.first.is_some()) + self.rest.len();
        (left, Some(left))
    }
}

impl<E> ExactSizeIterator for Errors<'_, E> {}

impl<E> FusedIterator for Errors<'_, E> {}

impl<E> Clone for Errors<'_, E> {
    fn clone(&self) -> Self {
        Self { first: self.first, rest: self.rest.clone() }
    }
}

impl<E> fmt::Debug for Errors<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errors").field("left", &self.len()).finish_non_exhaustive()
    }
}
