//! Between this crate's spawners and those of `futures`.

use super::{SchedulerClosed, TaskScheduler};
use crate::spawn::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};
use futures_task::{FutureObj, LocalFutureObj, LocalSpawn, Spawn, SpawnError};

/// A `Spawn` or `LocalSpawn` of `futures` as this crate's [`Spawner`], [`TaskScheduler`] or [`LocalSpawner`].
///
/// What the executor refuses is dropped, and its task abandoned.
///
/// # Examples
///
/// ```
/// use futures_util::task::{FutureObj, Spawn, SpawnError};
/// use taskcell::{FromFutures, Task};
///
/// struct Smol;
/// impl Spawn for Smol {
///     fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
///         smol::spawn(future).detach();
///         Ok(())
///     }
/// }
/// let task: Task<u32> = Task::run(&FromFutures(Smol), async { Ok(7) });
/// # smol::block_on(async {
/// assert_eq!(task.await.unwrap(), 7);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FromFutures<S>(pub S);

impl<S: Spawn> Spawner for FromFutures<S> {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        // An executor that is shut down drops it.
        let _ = self.0.spawn_obj(FutureObj::new(future));
    }
}

impl<S: Spawn> TaskScheduler for FromFutures<S> {
    /// Gives back what the executor says beforehand that it will refuse.
    fn try_spawn(&self, future: BoxFuture<'static, ()>) -> Result<(), SchedulerClosed> {
        if self.0.status().is_err() {
            return Err(SchedulerClosed::new(future));
        }
        self.spawn(future);
        Ok(())
    }
}

impl<S: LocalSpawn> LocalSpawner for FromFutures<S> {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        // As above.
        let _ = self.0.spawn_local_obj(LocalFutureObj::new(future));
    }
}

/// This crate's [`TaskScheduler`] or [`LocalSpawner`] as a `Spawn` or `LocalSpawn` of `futures`. A scheduler that takes
/// nothing any more says so, and the future is dropped.
///
/// # Examples
///
/// ```
/// use futures_util::task::SpawnExt;
/// use taskcell::{BoxFuture, ToFutures, serial_scheduler};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let (sender, receiver) = smol::channel::bounded(1);
/// ToFutures(serial_scheduler(smol)).spawn(async move { sender.send(7).await.unwrap() }).unwrap();
/// # smol::block_on(async {
/// assert_eq!(receiver.recv().await, Ok(7));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ToFutures<S>(pub S);

impl<S: TaskScheduler> Spawn for ToFutures<S> {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.try_spawn(alloc::boxed::Box::pin(future)).map_err(|_| SpawnError::shutdown())
    }
}

impl<S: LocalSpawner> LocalSpawn for ToFutures<S> {
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.spawn(alloc::boxed::Box::pin(future));
        Ok(())
    }
}
