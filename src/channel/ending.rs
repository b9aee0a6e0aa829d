//! How the state ends.

use super::after::After;
use super::end::End;
use super::items::Items;
use super::state::State;
use crate::cancel::{Cancelled, Registration};

impl<T, E> State<T, E> {
    /// Nothing more is written. Not to be called after the end.
    pub(super) fn close(&mut self, end: End<E>, after: &mut After<T, E>) {
        self.end = Some(end);
        self.writers.tell_all(&mut after.todo().wakers);
        self.write_waiters.tell_all(&mut after.todo().wakers);
        self.finish(false, after);
    }

    /// Nothing more is read, either.
    fn discard(&mut self, after: &mut After<T, E>) {
        after.todo().lost = Some(core::mem::replace(&mut self.items, Items::new()));
        self.finish(true, after);
    }

    /// A writer's handle is cloned.
    pub(super) fn add_writer(&mut self) {
        self.write_handles += 1;
    }

    /// A writer's handle goes.
    pub(super) fn drop_writer(&mut self, after: &mut After<T, E>) {
        self.write_handles -= 1;
        if self.write_handles == 0 && self.end.is_none() {
            self.close(End::Closed, after);
        }
    }

    /// A reader's handle is cloned.
    pub(super) fn add_reader(&mut self) {
        self.read_handles += 1;
    }

    /// A reader's handle goes.
    pub(super) fn drop_reader(&mut self, after: &mut After<T, E>) {
        self.read_handles -= 1;
        if self.read_handles == 0 && !self.finished {
            if self.end.is_none() {
                self.close(End::Closed, after);
            }
            self.discard(after);
        }
    }

    /// The channel's own token was cancelled.
    pub(super) fn cancel(&mut self, cancelled: Cancelled, after: &mut After<T, E>) {
        if self.finished {
            return;
        }
        // What is not read by now is not read any more, so an earlier end has not been seen.
        after.todo().end = self.end.take();
        self.end = Some(End::Cancelled(cancelled));
        self.writers.tell_all(&mut after.todo().wakers);
        self.write_waiters.tell_all(&mut after.todo().wakers);
        self.discard(after);
    }

    /// Keeps the registration on the channel's own token, unless it has ended by now.
    pub(super) fn keep(&mut self, registration: Registration, after: &mut After<T, E>) {
        let place = if self.finished { &mut after.todo().registration } else { &mut self.registration };
        *place = Some(registration);
    }
}
