//! `Task::interleaved`: as many tasks, in the order in which these end.

use super::Task;
use super::outcome::Outcome;
use crate::raw::cell::{Deal, Shared, deal_out};
use alloc::vec::Vec;
use core::marker::PhantomData;

impl<T: 'static, E: 'static> Task<T, E> {
    /// As many tasks as are given, of which the first ends as the first of those does that ends, the second as the second,
    /// and so on: each shares that one's outcome, whatever `T` is.
    ///
    /// So a loop over the tasks returned awaits all of `tasks` in the order in which they end. Those that have ended
    /// already come first, in the order of input, and the tasks returned for them have ended at once; what ends while this
    /// is called comes among them. Without any task the list is empty. Which task an outcome came from is not told:
    /// [`when_each`](Task::when_each) tells. One task may be given several times.
    ///
    /// Each task left pending for good leaves one of the tasks returned so, the last ones; what continues those is let go
    /// when all the others have ended.
    ///
    /// A fault counts as seen once a task returned has taken it over, and is then owed by that one. The tasks returned end
    /// inline, on the thread that ends the tasks given; a task is let go as soon as it has ended. Dropping a task returned
    /// leaves the others as they are: the i-th remains the i-th. Dropping all of them takes everything out of all tasks at
    /// once, in constant time for each, and stops none of them.
    ///
    /// Nobody polls the tasks, and each costs the same, however many there are. One allocation for each task returned, one
    /// for the places with all tasks, one for the list returned, and one for the list of tasks unless that is a `Vec`.
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
    /// let tasks = Task::interleaved([slow.task(), fast.task()]);
    /// fast.set_result("fast");
    /// slow.set_result("slow");
    /// # smol::block_on(async {
    /// let mut seen = Vec::new();
    /// for task in tasks {
    ///     seen.push(task.await.unwrap());
    /// }
    /// assert_eq!(seen, ["fast", "slow"]);
    /// # });
    /// ```
    #[doc(alias = "Interleaved")]
    #[doc(alias = "OrderByCompletion")]
    pub fn interleaved(tasks: impl IntoIterator<Item = Self>) -> Vec<Self> {
        deal_out::<Handed<T, E>>(tasks.into_iter().map(|task| task.0).collect()).into_iter().map(Task).collect()
    }
}

/// Outcomes that tasks hand on.
struct Handed<T, E>(PhantomData<(T, E)>);

impl<T: 'static, E: 'static> Deal for Handed<T, E> {
    type Cell = Outcome<T, E>;

    fn share(cell: &Shared<Self::Cell>) -> Self::Cell {
        Outcome::share(cell)
    }
}
