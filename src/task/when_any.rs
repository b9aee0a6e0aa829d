//! `Task::when_any`: a task for the first of several.

use super::Task;
use super::outcome::Outcome;
use crate::empty::Empty;
use crate::raw::cell::{GatherAny, Shared, gather_any};
use alloc::vec::Vec;
use core::marker::PhantomData;

/// So many tasks need no list.
const FEW: usize = 4;

/// The first of several tasks, with its index.
type First<T, E> = Task<(usize, Task<T, E>), Empty>;

impl<T: 'static, E: 'static> Task<T, E> {
    /// A task that ends as soon as one of `tasks` has ended, in whatever way, with that one and its index. It has a value
    /// even where the first to end has none: ask that one.
    ///
    /// Of those that have ended already the first in the order of input is taken, at once; then no other is touched. If
    /// all of them are left pending for good, so is this one. Without any task it has failed at once, with [`Empty`].
    ///
    /// The others run on, and nothing of this task stays with them, however long they live: it is taken out of all of
    /// them when it ends, and when it is dropped. It looks at no fault, neither of the first nor of the others: a fault
    /// that nobody else sees is reported. One task may be given several times. One allocation for the task and its places
    /// with all others, one for the list of tasks where there are more than four and they do not come in a `Vec`; none of
    /// them is polled.
    ///
    /// # Panics
    ///
    /// With 2³⁰ tasks or more.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Task, TaskCompletionSource};
    ///
    /// let (slow, fast) = (TaskCompletionSource::<&str>::new(), TaskCompletionSource::<&str>::new());
    /// let any = Task::when_any([slow.task(), fast.task()]);
    /// fast.set_result("fast");
    /// # smol::block_on(async {
    /// let (index, first) = any.await?;
    /// assert_eq!((index, first.await.unwrap()), (1, "fast"));
    /// # Ok::<(), taskcell::TaskError<taskcell::Empty>>(())
    /// # }).unwrap();
    /// assert_eq!(slow.task().listeners(), 0);
    /// ```
    ///
    /// `Task.WaitAny` is `wait` on it, `TaskFactory.ContinueWhenAny` is
    /// [`continue_with`](Task::continue_with):
    ///
    /// ```
    /// use taskcell::{ContinuationOptions, Task, TaskCompletionSource};
    ///
    /// let (slow, fast) = (TaskCompletionSource::<u32>::new(), TaskCompletionSource::<u32>::new());
    /// let which = Task::when_any([slow.task(), fast.task()])
    ///     .continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |any| match any.try_result() {
    ///         Some(Ok((index, _))) => Ok(*index),
    ///         _ => Err("there was no task"),
    ///     });
    /// fast.set_result(7);
    /// assert_eq!(which.try_result().unwrap().unwrap(), &1);
    /// ```
    #[doc(alias = "WhenAny")]
    #[doc(alias = "WaitAny")]
    #[doc(alias = "ContinueWhenAny")]
    #[doc(alias = "select_all")]
    #[doc(alias = "race")]
    pub fn when_any(tasks: impl IntoIterator<Item = Self>) -> Task<(usize, Self), Empty> {
        let mut tasks = tasks.into_iter();
        let mut few = [const { None }; FEW];
        for (index, place) in few.iter_mut().enumerate() {
            *place = tasks.next();
            if place.is_none() {
                return of_few(index, few);
            }
        }
        of_many(few, tasks.collect())
    }
}

/// The first that has ended already.
fn ended<T: 'static, E: 'static>(few: &mut [Option<Task<T, E>>; FEW]) -> Option<First<T, E>> {
    let index = few.iter().position(|task| task.as_ref().is_some_and(Task::is_completed))?;
    few[index].take().map(|first| Task::from_result((index, first)))
}

/// Of so many tasks, in the first places.
fn of_few<T: 'static, E: 'static>(count: usize, mut few: [Option<Task<T, E>>; FEW]) -> First<T, E> {
    if count == 0 {
        return Task::from_error(Empty);
    }
    ended(&mut few).unwrap_or_else(|| {
        Task(gather_any::<Any<T, E>>(count, few.iter_mut().filter_map(Option::take).map(|task| task.0)))
    })
}

/// Of more.
fn of_many<T: 'static, E: 'static>(mut few: [Option<Task<T, E>>; FEW], mut more: Vec<Task<T, E>>) -> First<T, E> {
    if let Some(first) = ended(&mut few) {
        return first;
    }
    if let Some(index) = more.iter().position(Task::is_completed) {
        return Task::from_result((FEW + index, more.swap_remove(index)));
    }
    Task(gather_any::<Any<T, E>>(
        FEW + more.len(),
        few.iter_mut().filter_map(Option::take).map(|task| task.0).chain(more.into_iter().map(|task| task.0)),
    ))
}

/// Any of several tasks.
struct Any<T, E>(PhantomData<(T, E)>);

impl<T: 'static, E: 'static> GatherAny for Any<T, E> {
    type Child = Outcome<T, E>;
    type Out = Outcome<(usize, Task<T, E>), Empty>;

    fn first(number: usize, child: Shared<Self::Child>) -> Self::Out {
        Outcome::Own(Ok((number, Task(child))))
    }
}
