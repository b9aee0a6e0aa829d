//! Hot children: an executor runs them, the group joins them.

use super::gate::{Gate, Room};
use super::shared::Shared;
use crate::shim::heap::Shared as Arc;
use crate::spawn::Spawner;
use crate::task::{Task, TaskStatus};
use core::cell::Cell;

/// A place in the group that is given up on drop.
struct Place<T, E>(Arc<Shared<T, E>>);

impl<T, E> Drop for Place<T, E> {
    fn drop(&mut self) {
        self.0.leave();
        self.0.ring();
    }
}

/// Starts an accepted child and answers its task, whose error the group will know.
pub(super) fn spawn<T, E, U, S, F>(shared: &Arc<Shared<T, E>>, number: usize, spawner: &S, future: F) -> Task<U, E>
where
    T: Send + 'static,
    E: Send + Sync + 'static,
    U: Send + Sync + 'static,
    S: Spawner + Clone + Send + 'static,
    F: Future<Output = Result<U, E>> + Send + 'static,
{
    let place = Place(shared.clone());
    // Those that wait go first.
    let enters = !shared.token.is_cancelled() && shared.deferred.is_empty() && shared.enter();
    let room = Cell::new((enters && !shared.is_unlimited()).then(|| Room(shared.clone())));
    // The end of the body may come before the executor's first poll; it does not keep from that who did not have to wait.
    let token = if enters { &shared.stop } else { &shared.token };
    let task = Task::run_with(&Gate { shared, spawner, room }, token, future);
    let ended = move |task: &Task<U, E>| {
        let errors = &place.0.errors;
        // If the group is gone a fault stays unobserved.
        if task.status() != TaskStatus::RanToCompletion && !errors.is_closed() {
            if let Some(Err(error)) = task.try_result() {
                let _closed = errors.push((number, error.clone()));
            }
        }
    };
    task.on_completed(ended).detach();
    task
}

/// Starts an accepted child whose value the group takes.
pub(super) fn run_on<T, E, S, F>(shared: &Arc<Shared<T, E>>, number: usize, spawner: &S, future: F)
where
    T: Send + 'static,
    E: Send + Sync + 'static,
    S: Spawner + Clone + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let to = shared.clone();
    let future = async move {
        let value = future.await?;
        // Refused where nobody takes it.
        if to.values.push(value).is_ok() {
            to.ring_taker();
        }
        Ok(())
    };
    drop(spawn::<T, E, (), S, _>(shared, number, spawner, future));
}
