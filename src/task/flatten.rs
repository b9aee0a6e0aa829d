//! `flatten`: a task of a task, as one.

use super::Task;
use super::outcome::Outcome;
use super::task::result_of;
use crate::raw::cell::{self, Shared};
use core::marker::PhantomData;

impl<T: 'static, E: 'static> Task<Task<T, E>, E> {
    /// A task that ends as the inner one does, once that has: both share one outcome, whatever `T` is.
    ///
    /// If this task ends without a value, the task returned ends with the same error. If either of the two is left pending
    /// for good, so is the task returned. It ends inline, on the thread that ends the last of the two; at once, if both
    /// have ended. However deep tasks are nested, this needs no stack for it. A task whose inner task is
    /// itself is [`Abandoned`](super::TaskError::Abandoned); a longer circle waits for ever.
    ///
    /// A fault counts as seen once the task returned has taken it over, and is then owed by that one. Dropping the task
    /// returned leaves nothing behind in the other two. One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Task, TaskCompletionSource};
    ///
    /// let (outer, nested) = TaskCompletionSource::<Task<u32>>::pair();
    /// let task = nested.flatten();
    /// let (inner, value) = TaskCompletionSource::pair();
    /// outer.set_result(value);
    /// assert!(!task.is_completed());
    /// inner.set_result(7);
    /// # smol::block_on(async {
    /// assert_eq!(task.await.unwrap(), 7);
    /// # });
    /// ```
    #[doc(alias = "Unwrap")]
    #[doc(alias = "TaskExtensions")]
    pub fn flatten(&self) -> Task<T, E> {
        flatten(self.clone())
    }
}

/// The same for a task that is given up.
pub(super) fn flatten<T: 'static, E: 'static>(outer: Task<Task<T, E>, E>) -> Task<T, E> {
    Task(cell::flatten::<Nested<T, E>>(outer.0))
}

/// A task of a task.
struct Nested<T, E>(PhantomData<(T, E)>);

impl<T: 'static, E: 'static> cell::Flatten for Nested<T, E> {
    type Outer = Outcome<Task<T, E>, E>;
    type Inner = Outcome<T, E>;
    type Out = Outcome<T, E>;

    fn inner(outer: &Shared<Self::Outer>) -> Option<Shared<Self::Inner>> {
        outer.get()?.get().as_ref().ok().map(|task| task.0.clone())
    }

    fn none(outer: &Shared<Self::Outer>) -> Self::Out {
        match result_of(outer) {
            Err(error) => Outcome::Own(Err(error.clone())),
            Ok(_) => unreachable!("it has no inner task"),
        }
    }

    fn outcome(inner: &Shared<Self::Inner>) -> Self::Out {
        Outcome::share(inner)
    }
}
