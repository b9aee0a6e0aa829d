//! A continuation that a token may cancel while it waits: the task's end and
//! the cancellation race for it.
//!
//! Whoever takes the closure out of [`Race`] is the one who ends the
//! continuation's task, and takes the other one's entry back:
//!
//! | who | entry | owned by |
//! |---|---|---|
//! | the task's end | [`Entry`], in the task's cell | `watch`, taken by the token's callback |
//! | the token | a callback | [`Entry`], then [`Queued`] |

use super::Task;
use super::caught::refuse;
use super::continuation::{run, start};
use super::options::{ContinueOn, Filter};
use super::outcome::Outcome;
use super::task::status_of;
use crate::cancel::{CancellationToken, Registration};
use crate::raw::cell::{Completer, Driven, Driver, Shared as Cell, Watch};
use crate::raw::handover::Handover;
use crate::raw::once::TakeOnce;
use crate::shim::heap::Shared;
use alloc::boxed::Box;

/// What the two race for.
struct Race<F, T, E, U, E2: 'static> {
    /// The closure goes before its source.
    prize: TakeOnce<(F, Completer<Outcome<U, E2>>)>,
    /// Comes when the token's callback may have run already.
    watch: Handover<Watch<Outcome<T, E>>>,
}

/// See [`Task::continue_with`].
pub(super) fn continue_with<T, E, U, E2, F, S>(
    from: &Task<T, E>,
    place: S,
    filter: Filter,
    token: CancellationToken,
    f: F,
) -> Task<U, E2>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
    U: Send + Sync + 'static,
    E2: Send + Sync + 'static,
    F: FnOnce(&Task<T, E>) -> Result<U, E2> + Send + 'static,
    S: ContinueOn,
{
    let (to, task) = Completer::pair();
    let race = Shared::new(Race { prize: TakeOnce::new((f, to.clone())), watch: Handover::new() });
    let cancelled = race.clone();
    let registration = token.register_with(move |token| cancelled.cancel(token));
    let entry = Entry { registration, race: race.clone(), spare: to, place, filter, token };
    let watch = Watch::driven(&from.0, entry);
    // Too late, if the token has won meanwhile.
    drop(race.watch.put(watch));
    Task(task)
}

impl<F, T, E, U, E2> Race<F, T, E, U, E2> {
    /// The token has been cancelled.
    fn cancel(&self, token: &CancellationToken) {
        let Some((f, to)) = self.prize.take() else { return };
        Driver::run(|driver| {
            driver.discard(self.watch.take());
            refuse(f, to, token, driver);
        });
    }
}

/// What waits for the task's end.
struct Entry<F, T, E, U, E2: 'static, S> {
    registration: Registration,
    race: Shared<Race<F, T, E, U, E2>>,
    /// Another source of the continuation's task.
    spare: Completer<Outcome<U, E2>>,
    place: S,
    filter: Filter,
    token: CancellationToken,
}

impl<F, T, E, U, E2, S> Driven<Outcome<T, E>> for Entry<F, T, E, U, E2, S>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
    U: Send + Sync + 'static,
    E2: Send + Sync + 'static,
    F: FnOnce(&Task<T, E>) -> Result<U, E2> + Send + 'static,
    S: ContinueOn,
{
    /// The task has ended.
    fn run(self, cell: &Cell<Outcome<T, E>>, driver: &mut Driver) {
        let Self { registration, race, spare, place, filter, token } = self;
        if filter.admits(status_of(cell)) && !S::INLINE {
            // The token goes on racing until it is polled.
            let queued = Queued { registration, race, from: Task(cell.clone()), token };
            return start(place, Box::pin(async move { queued.run() }), spare, driver);
        }
        driver.discard(registration);
        if let Some((f, to)) = race.prize.take() {
            if filter.admits(status_of(cell)) {
                cell.lend(Task, |from| run(f, from, &token, to, driver));
            } else {
                refuse(f, to, &CancellationToken::NONE, driver);
            }
        }
        spare.drop_in(driver);
        driver.discard((race, place));
    }

    /// The task never ends, or the token has won: nobody is abandoned.
    fn discard(self, driver: &mut Driver) {
        let Self { registration, race, spare, place, .. } = self;
        driver.discard(registration);
        if let Some((f, to)) = race.prize.take() {
            driver.discard(f);
            to.leave_in(driver);
        }
        spare.leave_in(driver);
        driver.discard((race, place));
    }
}

/// On its way through an executor. Dropped before it has run it takes the callback back and, with the last handle of
/// the race, abandons the continuation's task.
struct Queued<F, T, E, U, E2: 'static> {
    registration: Registration,
    race: Shared<Race<F, T, E, U, E2>>,
    from: Task<T, E>,
    token: CancellationToken,
}

impl<F, T, E, U, E2> Queued<F, T, E, U, E2>
where
    F: FnOnce(&Task<T, E>) -> Result<U, E2>,
{
    fn run(self) {
        let Self { registration, race, from, token } = self;
        let prize = race.prize.take();
        Driver::run(|driver| {
            driver.discard(registration);
            if let Some((f, to)) = prize {
                run(f, &from, &token, to, driver);
            }
            driver.discard(race);
        });
    }
}
