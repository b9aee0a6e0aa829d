//! What goes on with a value, with an error, or with both: inline, in the order
//! of those who wait.

use super::caught::outcome_of;
use super::flatten::flatten;
use super::flow::Flow;
use super::outcome::Outcome;
use super::task::result_of;
use super::{Task, TaskError};
use crate::raw::cell::{Completer, Driver, Link, Shared, link};

mod sealed {
    pub trait Sealed {}
}

/// What a closure given to [`Task::then`] may return: a `Result`, or a task, with the task's own kind of error. Nobody
/// else implements it.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxError, Task};
///
/// let text = Task::<_>::from_result("7");
/// let number: Task<u32> = text.then(|text| text.parse().map_err(BoxError::from)); // a `Result`
/// let doubled: Task<u32> = number.then(|n| Task::from_result(n * 2)); // or a task
/// assert_eq!(doubled.try_result().unwrap().unwrap(), &14);
/// ```
pub trait IntoTask<E>: sealed::Sealed + Sized {
    /// What the new task has in the end.
    type Value;

    #[doc(hidden)]
    fn after<T, F>(task: &Task<T, E>, f: F) -> Task<Self::Value, E>
    where
        T: 'static,
        F: FnOnce(&T) -> Self + Send + 'static;
}

impl<U, E> sealed::Sealed for Result<U, E> {}

impl<U: Send + Sync + 'static, E: 'static> IntoTask<E> for Result<U, E> {
    type Value = U;

    fn after<T, F>(task: &Task<T, E>, f: F) -> Task<U, E>
    where
        T: 'static,
        F: FnOnce(&T) -> Self + Send + 'static,
    {
        let flow = Flow::capture();
        Task(link(&task.0, Then(|value: &T| flow.run(|| f(value)))))
    }
}

impl<U, E> sealed::Sealed for Task<U, E> {}

impl<U, E> IntoTask<E> for Task<U, E>
where
    U: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    type Value = U;

    fn after<T, F>(task: &Task<T, E>, f: F) -> Self
    where
        T: 'static,
        F: FnOnce(&T) -> Self + Send + 'static,
    {
        flatten(task.then(|value| Ok(f(value))))
    }
}

impl<T: 'static, E: 'static> Task<T, E> {
    /// Goes on with the value: `f` makes the new task's result of it, or a task whose outcome the new one shares.
    ///
    /// A task that ends without a value passes its error on, which counts as seen then. `f` runs on the thread that ends
    /// this task, inside the call that does; here, if it has ended already. An error of `f` that is a
    /// [`Cancelled`](crate::Cancelled) ends the new task as cancelled, and a panic as
    /// [`Panicked`](TaskError::Panicked) (with the feature `std`). `f` is dropped before the new task ends. With the feature
    /// `std` it runs in the context of this call.
    ///
    /// One allocation; two, if `f` returns a task.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<String>::pair();
    /// let length = task.then(|text| Ok(text.len()));
    /// source.set_result("paper".into());
    /// assert_eq!(length.try_result().unwrap().unwrap(), &5);
    /// ```
    #[doc(alias = "ContinueWith")]
    #[doc(alias = "Unwrap")]
    #[doc(alias = "and_then")]
    pub fn then<R: IntoTask<E>>(&self, f: impl FnOnce(&T) -> R + Send + 'static) -> Task<R::Value, E> {
        R::after(self, f)
    }

    /// Goes on with what went wrong: `f` may make a value of it, or another error.
    ///
    /// The value of a task that ends with one is shared, not cloned. Where `f` runs, and what becomes of its errors and
    /// panics, is as for [`then`](Self::then). The error counts as seen.
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::Task;
    ///
    /// let task = Task::<u32>::from_error("no paper".into());
    /// let recovered = task.or_else(|_| Ok(0));
    /// assert_eq!(recovered.try_result().unwrap().unwrap(), &0);
    /// ```
    #[doc(alias = "ContinueWith")]
    #[doc(alias = "OnlyOnFaulted")]
    #[doc(alias = "catch")]
    pub fn or_else(&self, f: impl FnOnce(&TaskError<E>) -> Result<T, E> + Send + 'static) -> Self {
        let flow = Flow::capture();
        Self(link(&self.0, OrElse(|error: &TaskError<E>| flow.run(|| f(error)))))
    }

    /// Has `f` called once this task has ended, in whatever way; the new task then ends as this one has.
    ///
    /// Both share one outcome, whatever `T` is. A panic of `f` ends the new task as [`Panicked`](TaskError::Panicked)
    /// instead (with the feature `std`). Where `f` runs is as for [`then`](Self::then).
    ///
    /// One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let task = task.finally(|| println!("done"));
    /// source.set_result(1); // prints "done"
    /// assert_eq!(task.try_result().unwrap().unwrap(), &1);
    /// ```
    pub fn finally(&self, f: impl FnOnce() + Send + 'static) -> Self {
        let flow = Flow::capture();
        Self(link(&self.0, Finally(|| flow.run(f))))
    }
}

struct Then<F>(F);

impl<T, E, U, F> Link<Outcome<T, E>, Outcome<U, E>> for Then<F>
where
    E: 'static,
    F: FnOnce(&T) -> Result<U, E>,
{
    fn run(self, from: &Shared<Outcome<T, E>>, to: Completer<Outcome<U, E>>, driver: &mut Driver) {
        let outcome = match result_of(from) {
            Ok(value) => outcome_of(|| (self.0)(value)),
            Err(error) => {
                driver.discard(self);
                Outcome::Own(Err(error.clone()))
            }
        };
        to.set_in(outcome, driver);
    }
}

struct OrElse<F>(F);

impl<T, E, F> Link<Outcome<T, E>, Outcome<T, E>> for OrElse<F>
where
    E: 'static,
    F: FnOnce(&TaskError<E>) -> Result<T, E>,
{
    fn run(self, from: &Shared<Outcome<T, E>>, to: Completer<Outcome<T, E>>, driver: &mut Driver) {
        let outcome = match result_of(from) {
            Ok(_) => {
                driver.discard(self);
                Outcome::share(from)
            }
            Err(error) => outcome_of(|| (self.0)(error)),
        };
        to.set_in(outcome, driver);
    }
}

struct Finally<F>(F);

impl<T, E, F> Link<Outcome<T, E>, Outcome<T, E>> for Finally<F>
where
    E: 'static,
    F: FnOnce(),
{
    fn run(self, from: &Shared<Outcome<T, E>>, to: Completer<Outcome<T, E>>, driver: &mut Driver) {
        let outcome = match outcome_of(|| {
            (self.0)();
            Ok::<_, E>(())
        }) {
            Outcome::Own(Err(error)) => Outcome::Own(Err(error)),
            _ => Outcome::share(from),
        };
        to.set_in(outcome, driver);
    }
}
