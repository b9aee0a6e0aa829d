//! One load, whoever asks: who leads it, who waits, and who may change that.
//!
//! It stands under its owner's lock. Whoever *leads* has the load's future, outside of the lock, and polls it: a caller in
//! its own future, or a job on an executor (the load is *hot* then, and the caller that gave it away is its *owner* and
//! waits). All others are *members*: each has entered, and has a place in line once it has left a waker.
//!
//! | stage | what it means | who leaves it, and for what |
//! |---|---|---|
//! | `Free` | nobody leads; perhaps there is a future to go on with | whoever is polled first, member or new caller: `Led` |
//! | `Led` | somebody leads | the leader: `Over` with an answer, or, as it goes, `Free` |
//! | `Over` | the answer is there, for those who are members | nobody; the flight is gone with the last member |
//!
//! 1. One at a time leads: only `lead` makes `Led` of `Free`, and only the leader ends that.
//! 2. If it is `Free` while somebody stands in line, then a member has been told and has not been polled since: `give_up`
//!    tells the first, one who joins finds it `Led`, and one who leaves passes on what it was told. So one waiter takes
//!    over, and no herd.
//! 3. One who was told and finds that somebody was faster stands again where it stood.
//! 4. It is *listed* as long as new callers of its key find it: until it is over, or its key is removed or set. What an
//!    unlisted one loads is its members' alone; it is never kept.
//!
//! The race that looks fatal: a new caller leads while a waiter has been told. The waiter finds it `Led`, and joins again;
//! if it is dropped instead it passes nothing on, and need not, because the new leader tells the first when it goes.

use super::after::{After, Waste};
use super::entry::{Answer, Keyed};
use crate::cancel::CancellationTokenSource;
use crate::shim::atomic::recheck;
use crate::spawn::BoxFuture;
use crate::task::Panic;
use crate::waiting::{Line, Place};
use core::task::Waker;

/// A load's future.
pub(super) type Load<V, E> = BoxFuture<'static, Result<V, E>>;

/// How a hot load ended that has no answer for all.
pub(super) enum Failure<E> {
    Faulted(crate::task::Fault<E>),
    Panicked(Panic),
    Abandoned,
}

enum Stage<V, E> {
    Free(Option<Load<V, E>>),
    Led,
    Over(Answer<V, E>),
}

/// A load.
pub(super) struct Flight<K, V, E> {
    /// Whose it is, until it is over.
    pub(super) key: Option<Keyed<K>>,
    pub(super) listed: bool,
    stage: Stage<V, E>,
    /// Led by an executor.
    hot: bool,
    /// Unlisted by a removal while this load was led.
    pub(super) removed: bool,
    members: usize,
    waiting: Line<()>,
    /// Each with how its load failed.
    owners: Line<Option<Failure<E>>>,
    /// What cancels the load's token, where somebody may.
    source: Option<CancellationTokenSource>,
}

/// What a member finds.
pub(super) enum Look<V, E> {
    Over(Answer<V, E>),
    Failed(Failure<E>),
    /// It leads now, and is no member any longer.
    Lead(Option<Load<V, E>>),
    /// It waits, and will be woken by this waker.
    Waits,
    /// It has to leave a waker.
    Stranger,
}

/// What is left of a flight, seen from outside.
pub(super) enum Rest {
    /// Somebody needs it.
    Needed,
    /// Nobody waits for a hot load.
    Unwatched,
    /// Nobody waits, and nobody leads: its future is there for the next caller.
    Parked,
    Gone,
}

impl<K, V, E> Flight<K, V, E> {
    /// Led by whoever made it.
    pub(super) fn new() -> Self {
        Self {
            key: None,
            listed: false,
            stage: Stage::Led,
            hot: false,
            removed: false,
            members: 0,
            waiting: Line::new(),
            owners: Line::new(),
            source: None,
        }
    }

    /// A new one for `key`, led by whoever asks. It was gone before.
    pub(super) fn open(&mut self, key: Keyed<K>) {
        (self.key, self.listed, self.stage) = (Some(key), true, Stage::Led);
        (self.hot, self.removed) = (false, false);
    }

    /// Nobody leads.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.stage, Stage::Free(_))
    }

    /// Leads, if nobody does: with what there is to go on with.
    pub(super) fn lead(&mut self) -> Option<Option<Load<V, E>>> {
        let Stage::Free(load) = &mut self.stage else { return None };
        let load = load.take();
        (self.stage, self.hot, self.removed) = (Stage::Led, false, false);
        Some(load)
    }

    pub(super) fn enter(&mut self) {
        self.members += 1;
    }

    /// The load has begun with a token of this source. True if that is to be cancelled at once, having been removed.
    pub(super) fn begun(&mut self, source: CancellationTokenSource) -> bool {
        self.source = Some(source);
        self.removed
    }

    /// An executor leads from now on, for a caller that waits with this waker.
    pub(super) fn heat(&mut self, waker: Waker) -> Place {
        self.hot = true;
        self.members += 1;
        self.owners.join(waker, None)
    }

    /// What a member finds that has not been woken for a reason of its own.
    pub(super) fn look(
        &mut self,
        seat: &mut Option<Place>,
        owner: bool,
        waker: &Waker,
        after: &mut After<K, V, E>,
    ) -> Look<V, E> {
        if owner {
            if let Some(place) = seat {
                if let Some(failure) = self.owners.brought(place).as_mut().and_then(Option::take) {
                    self.stand_up(seat, owner, after);
                    return Look::Failed(failure);
                }
            }
        }
        match &self.stage {
            Stage::Over(answer) => {
                let answer = answer.clone();
                self.stand_up(seat, owner, after);
                return Look::Over(answer);
            }
            Stage::Free(_) => {
                self.stand_up(seat, owner, after);
                return Look::Lead(self.lead().expect("it is free"));
            }
            Stage::Led => {}
        }
        let ready = match seat {
            Some(place) if owner => self.owners.is_ready_to_wake(place, waker),
            Some(place) => self.waiting.is_ready_to_wake(place, waker),
            None => false,
        };
        if ready { Look::Waits } else { Look::Stranger }
    }

    /// The same, with a clone of the waker to leave.
    pub(super) fn wait(
        &mut self,
        seat: &mut Option<Place>,
        owner: bool,
        waker: Waker,
        after: &mut After<K, V, E>,
    ) -> Look<V, E> {
        if recheck("load is led", !matches!(self.stage, Stage::Led)) || owner {
            let look = self.look(seat, owner, &waker, after);
            if !matches!(look, Look::Stranger) {
                after.drop(Some(waker), Waste::Waker);
                return look;
            }
        }
        let replaced = match seat {
            Some(place) if owner => self.owners.again(place, waker),
            Some(place) => self.waiting.again(place, waker),
            None => {
                *seat = Some(self.waiting.join(waker, ()));
                None
            }
        };
        after.drop(replaced, Waste::Waker);
        Look::Waits
    }

    /// No member any longer; true if it had been told.
    fn stand_up(&mut self, seat: &mut Option<Place>, owner: bool, after: &mut After<K, V, E>) -> bool {
        self.members -= 1;
        match seat.take() {
            None => false,
            Some(place) if owner => {
                let (brought, waker, _) = self.owners.leave(place);
                after.drop(brought.flatten(), Waste::Failure);
                after.drop(waker, Waste::Waker);
                false
            }
            Some(place) => {
                let (_, waker, told) = self.waiting.leave(place);
                after.drop(waker, Waste::Waker);
                told
            }
        }
    }

    /// A member goes.
    pub(super) fn leave(&mut self, seat: &mut Option<Place>, owner: bool, after: &mut After<K, V, E>) {
        let told = self.stand_up(seat, owner, after);
        if told && recheck("next leader", matches!(self.stage, Stage::Free(_))) {
            after.wake(self.waiting.tell());
        }
    }

    /// The leader goes. One waiter is told, and the owner how it failed.
    pub(super) fn give_up(
        &mut self,
        load: Option<Load<V, E>>,
        failure: Option<Failure<E>>,
        after: &mut After<K, V, E>,
    ) {
        if load.is_none() {
            after.drop(self.source.take(), Waste::Source);
        }
        self.stage = Stage::Free(load);
        if failure.is_some() {
            match self.owners.first() {
                Some(owner) => *owner = Some(failure),
                None => after.drop(failure, Waste::Failure),
            }
            after.wake(self.owners.tell());
        }
        after.wake(self.waiting.tell());
    }

    /// The leader has an answer for all.
    pub(super) fn end(&mut self, answer: &Answer<V, E>, after: &mut After<K, V, E>) {
        after.drop(self.source.take(), Waste::Source);
        if self.members == 0 {
            self.stage = Stage::Free(None);
            return;
        }
        self.stage = Stage::Over(answer.clone());
        self.waiting.tell_all(after.wakers());
        self.owners.tell_all(after.wakers());
    }

    pub(super) fn rest(&self) -> Rest {
        match &self.stage {
            _ if self.members > 0 => Rest::Needed,
            Stage::Led if self.hot => Rest::Unwatched,
            Stage::Led => Rest::Needed,
            Stage::Free(Some(_)) => Rest::Parked,
            Stage::Free(None) | Stage::Over(_) => Rest::Gone,
        }
    }

    /// What cancels the load that is under way, where somebody may.
    pub(super) fn take_source(&mut self) -> Option<CancellationTokenSource> {
        self.source.take()
    }

    /// Nobody needs it.
    pub(super) fn clear(&mut self, after: &mut After<K, V, E>) {
        after.drop(self.key.take(), Waste::Key);
        match core::mem::replace(&mut self.stage, Stage::Led) {
            Stage::Free(load) => after.drop(load, Waste::Load),
            Stage::Over(answer) => after.drop(Some(answer), Waste::Answer),
            Stage::Led => {}
        }
        after.drop(self.source.take(), Waste::Source);
    }
}
