//! `interleaved`: tasks that end in the order in which futures do.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project::pin_project;

use super::WhenEach;
use crate::raw::fault::{Then, attempt, contain};
use crate::shim::thread::{Payload, catch};
use crate::spawn::Spawner;
use crate::task::{Panic, Task, TaskCompletionSource, TaskError};

/// Runs the futures on an executor; the first task ends with the first of them to end, the second with the second.
///
/// There are as many tasks as futures, and task i ends as the i-th future to end does: with its value, its error, or as
/// cancelled, as [`TaskError::of_error`] says. Which future that was it does not tell; let its output say so, or use
/// [`when_each`](crate::when_each). Without futures there are no tasks, and nothing is spawned. Tasks that are under way
/// already need no executor: `Task::interleaved`.
///
/// One future is spawned, which polls all of them on one task of the executor: concurrently, not in parallel, each only
/// when it was woken, at once from the start and whether somebody awaits a task or not. O(N) in all, and two allocations
/// beside the tasks and the list of them.
///
/// Dropping the tasks stops none of the futures. If the executor drops what it was given, the tasks that are left are
/// abandoned.
///
/// # Panics
///
/// If the spawner panics. A future that panics ends its task as [`Panicked`](TaskError::Panicked), in its turn (with the
/// feature `std`), and the others go on. A panic of what continues a task goes to the fault hook; where the executor drops
/// what it was given, it goes to who does.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{BoxError, BoxFuture, delay, interleaved};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let work = [30, 1].map(|ms| async move {
///     delay(Duration::from_millis(ms)).await;
///     Ok::<_, BoxError>(ms)
/// });
/// let mut order = Vec::new();
/// for task in interleaved(&smol, work) {
///     order.push(task.await.unwrap());
/// }
/// assert_eq!(order, [1, 30]);
/// # })
/// ```
#[doc(alias = "Interleaved")]
#[doc(alias = "OrderByCompletion")]
pub fn interleaved<S, I, T, E>(spawner: &S, futures: I) -> Vec<Task<T, E>>
where
    S: Spawner + ?Sized,
    I: IntoIterator,
    I::Item: IntoFuture<Output = Result<T, E>>,
    <I::Item as IntoFuture>::IntoFuture: Send + 'static,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    let caught = futures.into_iter().map(|future| Caught { future: Some(future.into_future()) });
    let each: WhenEach<_> = caught.collect();
    let mut sources = VecDeque::with_capacity(each.len());
    let mut tasks = Vec::with_capacity(each.len());
    for _ in 0..each.len() {
        let (source, task) = TaskCompletionSource::pair();
        sources.push_back(source);
        tasks.push(task);
    }
    if !tasks.is_empty() {
        let unreturned = Unreturned(&tasks);
        drop(Task::<(), Infallible>::run(spawner, Driver { each, sources }));
        core::mem::forget(unreturned);
    }
    tasks
}

/// If the spawner panics nobody gets the tasks, and nobody has to see their faults.
struct Unreturned<'a, T: 'static, E: 'static>(&'a [Task<T, E>]);

impl<T: 'static, E: 'static> Drop for Unreturned<'_, T, E> {
    fn drop(&mut self) {
        self.0.iter().for_each(|task| task.clone().ignore());
    }
}

/// Ends the tasks as the futures end.
struct Driver<F, T, E: 'static> {
    each: WhenEach<Caught<F>>,
    sources: VecDeque<TaskCompletionSource<T, E>>,
}

impl<F, T, E> Future for Driver<F, T, E>
where
    F: Future<Output = Result<T, E>>,
    T: 'static,
    E: 'static,
{
    type Output = Result<(), Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let Poll::Ready(item) = Pin::new(&mut this.each).poll_next(cx) else { return Poll::Pending };
            let (Some((_, output)), Some(source)) = (item, this.sources.pop_front()) else {
                return Poll::Ready(Ok(()));
            };
            // What continues the task runs here: it may panic, and the others are to go on.
            let end = || {
                let outcome = match output {
                    Ok(result) => result.map_err(TaskError::of_error),
                    Err(payload) => Err(TaskError::Panicked(Panic::new(payload))),
                };
                // Nobody else has the source.
                drop(source.try_set_outcome(outcome));
            };
            attempt(end, |mut panics| panics.settle(Then::Report));
        }
    }
}

/// A future whose panics are outputs, those of its drop too.
#[pin_project]
struct Caught<F> {
    /// None once it has ended.
    #[pin]
    future: Option<F>,
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let polled = match catch(|| this.future.as_mut().as_pin_mut().map(|future| future.poll(cx))) {
            Ok(Some(Poll::Ready(output))) => Ok(output),
            Ok(_) => return Poll::Pending,
            Err(payload) => Err(payload),
        };
        // The first panic counts; what is dropped here may panic too.
        Poll::Ready(match (polled, catch(|| this.future.set(None))) {
            (Ok(output), Ok(())) => Ok(output),
            (Ok(output), Err(payload)) => {
                contain(|| drop(output));
                Err(payload)
            }
            (Err(payload), dropped) => {
                contain(|| {
                    let _dropped = dropped;
                });
                Err(payload)
            }
        })
    }
}
