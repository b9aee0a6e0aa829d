//! `Task::when_any`: a task for the first of several.

use super::Task;
use super::outcome::Outcome;
use crate::empty::Empty;
use crate::raw::cell::{GatherAny, Shared, gather_any};
use alloc::vec::Vec;
use core::marker::PhantomData;

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
    /// with all others, one for the list of tasks unless that is a `Vec`; none of them is polled.
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
    #[doc(alias = "WhenAny")]
    #[doc(alias = "select_all")]
    #[doc(alias = "race")]
    pub fn when_any(tasks: impl IntoIterator<Item = Self>) -> Task<(usize, Self), Empty> {
        let mut tasks: Vec<_> = tasks.into_iter().collect();
        if tasks.is_empty() {
            return Task::from_error(Empty);
        }
        if let Some(index) = tasks.iter().position(Self::is_completed) {
            return Task::from_result((index, tasks.swap_remove(index)));
        }
        Task(gather_any::<Any<T, E>>(tasks.into_iter().map(|task| task.0).collect()))
    }
}

/// The first of several tasks.
struct Any<T, E>(PhantomData<(T, E)>);

impl<T: 'static, E: 'static> GatherAny for Any<T, E> {
    type Child = Outcome<T, E>;
    type Out = Outcome<(usize, Task<T, E>), Empty>;

    fn first(number: usize, child: Shared<Self::Child>) -> Self::Out {
        Outcome::Own(Ok((number, Task(child))))
    }
}
