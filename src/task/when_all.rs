//! `Task::when_all`: a task for all of several.

use super::outcome::Outcome;
use super::task::result_of;
use super::{AggregateError, Panic, Task, TaskError};
use crate::raw::cell::{Children, GatherAll, gather_all};
use crate::shim::thread::catch;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// How a task over several tasks ends.
type Gathered<T, E> = Result<Vec<T>, TaskError<AggregateError<TaskError<E>>>>;

impl<T: Clone + 'static, E: 'static> Task<T, E> {
    /// A task that ends when all of `tasks` have ended, with their values in the order in which they were given.
    ///
    /// All run to their end, whatever becomes of the others. If some fault, the task fails with an [`AggregateError`] that
    /// has each of them with its index (those that panicked or were abandoned, too), and counts those that were
    /// cancelled. If none faults and some are cancelled, it is cancelled, by the token of the first of those in the order
    /// of input. If one is left pending for good, so is this one. Without any task it has ended at once, with no value.
    ///
    /// A value is moved out of its task if nobody else has a handle of that, and cloned otherwise: on the thread that
    /// ends the last task, which also calls what continues this one. If a clone panics, the task
    /// [panics](TaskError::Panicked).
    ///
    /// Faults of the tasks count as seen as soon as this one has taken them over; it owes them then. Dropping it takes it
    /// out of all tasks at once, and stops none of them. One task may be given several times. One allocation for the
    /// task and its places with all others, one for the list of tasks unless that is a `Vec`, one for the values; none of
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
    /// let (first, second) = (TaskCompletionSource::<u32>::new(), TaskCompletionSource::<u32>::new());
    /// let both = Task::when_all([first.task(), second.task()]);
    /// second.set_result(2);
    /// first.set_result(1);
    /// # smol::block_on(async {
    /// assert_eq!(both.await.unwrap(), [1, 2]);
    /// # });
    /// ```
    ///
    /// With faults:
    ///
    /// ```
    /// use taskcell::{CancellationToken, Task};
    ///
    /// let tasks = [Task::from_cancelled(&CancellationToken::NONE), Task::from_result(1), Task::from_error("no paper")];
    /// let all = Task::<u32, &str>::when_all(tasks);
    /// let error = all.try_result().unwrap().unwrap_err().fault().unwrap();
    /// assert_eq!(error.to_string(), "1 error: [2] no paper; 1 cancelled");
    /// ```
    ///
    /// `Task.WaitAll` is `wait` on it, on a thread that may block:
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use taskcell::{BoxFuture, Task};
    ///
    /// let spawner = |future: BoxFuture<'static, ()>| drop(std::thread::spawn(|| smol::block_on(future)));
    /// let tasks = (1..=3).map(|n| Task::<u32>::run(&spawner, async move { Ok(n * n) }));
    /// assert_eq!(Task::when_all(tasks).wait().unwrap().unwrap(), &[1, 4, 9]);
    /// # }
    /// ```
    ///
    /// `TaskFactory.ContinueWhenAll` is [`continue_with`](Task::continue_with) on it. What the tasks gave is in the
    /// outcome; a continuation that wants the tasks themselves captures them:
    ///
    /// ```
    /// use taskcell::{ContinuationOptions, Task, TaskCompletionSource};
    ///
    /// let (first, second) = (TaskCompletionSource::<u32>::new(), TaskCompletionSource::<u32>::new());
    /// let sum = Task::when_all([first.task(), second.task()])
    ///     .continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |all| match all.try_result() {
    ///         Some(Ok(values)) => Ok(values.iter().sum::<u32>()),
    ///         _ => Err("not all have a value"),
    ///     });
    /// first.set_result(1);
    /// second.set_result(2);
    /// assert_eq!(sum.try_result().unwrap().unwrap(), &3);
    /// ```
    #[doc(alias = "WhenAll")]
    #[doc(alias = "WaitAll")]
    #[doc(alias = "ContinueWhenAll")]
    #[doc(alias = "join_all")]
    pub fn when_all(tasks: impl IntoIterator<Item = Self>) -> Task<Vec<T>, AggregateError<TaskError<E>>> {
        let cells: Vec<_> = tasks.into_iter().map(|task| task.0).collect();
        if cells.is_empty() {
            return Task::from_result(Vec::new());
        }
        Task(gather_all::<All<T, E>>(cells))
    }
}

/// All of several tasks.
struct All<T, E>(PhantomData<(T, E)>);

impl<T: Clone + 'static, E: 'static> GatherAll for All<T, E> {
    type Child = Outcome<T, E>;
    type Out = Outcome<Vec<T>, AggregateError<TaskError<E>>>;

    fn gather(children: Children<'_, Self::Child>) -> Self::Out {
        let gathered = match error(&children) {
            Some(error) => Err(error),
            None => values(children),
        };
        Outcome::Own(gathered)
    }
}

/// The error, if not all have a value.
fn error<T, E: 'static>(children: &Children<'_, Outcome<T, E>>) -> Option<TaskError<AggregateError<TaskError<E>>>> {
    if children.outcomes().all(|outcome| outcome.get().is_ok()) {
        return None;
    }
    let (mut faults, mut first, mut cancelled) = (Vec::new(), None, 0);
    for (index, child) in children.iter().enumerate() {
        match result_of(&child) {
            Ok(_) => {}
            Err(TaskError::Cancelled(by)) => {
                cancelled += 1;
                first.get_or_insert_with(|| by.clone());
            }
            Err(fault) => faults.push((index, fault.clone())),
        }
    }
    if faults.is_empty() {
        return first.map(TaskError::Cancelled);
    }
    Some(TaskError::faulted(AggregateError::with_cancelled(faults, cancelled)))
}

/// The values, where all have one.
fn values<T: Clone, E: 'static>(children: Children<'_, Outcome<T, E>>) -> Gathered<T, E> {
    let own = |outcome| match outcome {
        Outcome::Own(result) => value_of(result),
        Outcome::Shared(task) => value_of(task.into_outcome()),
    };
    let other = |outcome: &Outcome<T, E>| value_of(outcome.get().as_ref()).clone();
    // What is cloned and dropped here is a user's.
    catch(|| children.give(own, other).collect()).map_err(|payload| TaskError::Panicked(Panic::new(payload)))
}

fn value_of<T, E>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(_) => unreachable!("all have a value"),
    }
}
