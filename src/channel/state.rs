//! The state of a channel and its transitions. It knows nothing of locks; what is foreign it hands out in [`After`].
//!
//! | part | is |
//! |---|---|
//! | `items` | what is buffered, in the order in which it is read |
//! | `readers` | who waits for an item; *told* is who left the line because of one, and has not come yet |
//! | `read_waiters` | who waits until something can be read |
//! | `writers` | who waits for room: with an item, or for a permit |
//! | `write_waiters` | who waits until something could be written |
//! | `permits` | places that were promised, and may still become items after the end |
//! | `end` | no new items from now on, and why |
//! | `finished` | ended, and nothing is left that could be read: readers see the end |
//!
//! *Supply* is what a reader could take now: the items and, where nothing is buffered (capacity 0), the pending writes.
//! *Room* is what a write could use now: places that are neither filled nor promised; with capacity 0 the readers who wait,
//! less what is on its way to them. Between two calls:
//!
//! 1. If a reader stands in line, as many are told as the supply has, or more: nothing lies there unannounced.
//! 2. If a writer stands in line and there is a buffer, there is no room: no write overtakes one that waits.
//! 3. If there is supply nobody stands in `read_waiters`; if there is room, nobody in `write_waiters`.
//! 4. After the end nobody stands in `writers` or `write_waiters`.
//! 5. `finished` if and only if there is an end, and either all was discarded or no item and no permit is left. Then
//!    nobody stands in any line, and `source` is gone: whoever took it ends the completion task, once.
//!
//! | what happens | to keep |
//! |---|---|
//! | an item comes | 1: `call_readers`; 3: the read waiters are told |
//! | a told reader goes without an item | 1: `call_readers` |
//! | an item, a permit or a writer goes | 2, 3: `refill`; 5: `finish` |
//! | the end | 4: all are told, and have their items back; 5: `finish` |
//!
//! | file | has the transitions of |
//! |---|---|
//! | `reading.rs` | readers |
//! | `writing.rs` | writers, permits |
//! | `ending.rs` | the end |
//!
//! A told writer knows what for by what it brought along: if that was taken it has what it wanted, otherwise the channel
//! has ended, or its token is cancelled, and it has its item back. A told reader that finds nothing, because another was faster, stands where it stood.

use super::after::{After, Ended};
use super::end::End;
use super::items::Items;
use super::options::FullMode;
use crate::cancel::{CancellationToken, Registration};
use crate::task::TaskCompletionSource;
use crate::waiting::Line;

/// What a writer waits for.
pub(super) enum Wish<T> {
    /// This is to be written.
    Item(T),
    /// It wants a permit.
    Place,
}

/// What a writer waits with.
pub(super) struct Pending<T> {
    /// None: it was granted.
    pub(super) wish: Option<Wish<T>>,
    /// Once it is cancelled nothing is granted any more. It stays at the place, so that it is never dropped under the lock
    /// for good: whoever leaves a place has it, too.
    token: Option<CancellationToken>,
}

impl<T> Pending<T> {
    pub(super) fn new(wish: Wish<T>, token: Option<&CancellationToken>) -> Self {
        Self { wish: Some(wish), token: token.cloned() }
    }

    pub(super) fn item(&self) -> Option<&T> {
        match &self.wish {
            Some(Wish::Item(item)) => Some(item),
            _ => None,
        }
    }

    fn is_cancelled(&self) -> bool {
        self.token.as_ref().is_some_and(CancellationToken::is_cancelled)
    }
}

pub(super) struct State<T, E> {
    pub(super) items: Items<T>,
    /// 0: no buffer. [`usize::MAX`]: no limit.
    pub(super) capacity: usize,
    pub(super) mode: FullMode,
    pub(super) permits: usize,
    pub(super) readers: Line<()>,
    pub(super) read_waiters: Line<()>,
    pub(super) writers: Line<Pending<T>>,
    pub(super) write_waiters: Line<()>,
    /// Handles.
    pub(super) write_handles: usize,
    pub(super) read_handles: usize,
    pub(super) end: Option<End<E>>,
    pub(super) finished: bool,
    /// Ends the completion task.
    pub(super) source: Option<TaskCompletionSource<(), E>>,
    /// Of the channel's own token.
    pub(super) registration: Option<Registration>,
}

impl<T, E> State<T, E> {
    pub(super) fn new(items: Items<T>, capacity: usize, mode: FullMode, source: TaskCompletionSource<(), E>) -> Self {
        Self {
            items,
            capacity,
            mode,
            permits: 0,
            readers: Line::new(),
            read_waiters: Line::new(),
            writers: Line::new(),
            write_waiters: Line::new(),
            write_handles: 1,
            read_handles: 1,
            end: None,
            finished: false,
            source: Some(source),
            registration: None,
        }
    }

    // What is there.

    pub(super) fn limit(&self) -> Option<usize> {
        (self.capacity < usize::MAX).then_some(self.capacity)
    }

    /// What is buffered: nothing where there is no buffer.
    pub(super) fn len(&self) -> usize {
        if self.capacity == 0 { 0 } else { self.items.len() }
    }

    pub(super) fn end(&self) -> Option<&End<E>> {
        self.end.as_ref()
    }

    pub(super) fn supply(&self) -> usize {
        let pending = if self.capacity == 0 { self.writers.len() } else { 0 };
        self.items.len() + pending
    }

    pub(super) fn has_room(&self) -> bool {
        if self.capacity == 0 {
            return self.items.len() + self.permits + self.writers.len() < self.readers.taken();
        }
        // What is written with a permit may push others out in all other modes, so it needs no place.
        let promised = if self.mode == FullMode::Wait { self.permits } else { 0 };
        self.items.len() + promised < self.capacity
    }

    pub(super) fn could_write(&self) -> bool {
        self.mode != FullMode::Wait || self.has_room()
    }

    // What keeps the invariants.

    /// Invariant 1.
    #[inline]
    pub(super) fn call_readers(&mut self, after: &mut After<T, E>) {
        let supply = self.supply();
        while !self.readers.is_empty() && self.readers.taken() - self.readers.len() < supply {
            after.wake(self.readers.tell());
        }
    }

    /// There is more supply. Invariants 1 and 3.
    #[inline(never)]
    pub(super) fn announce(&mut self, after: &mut After<T, E>) {
        self.call_readers(after);
        if !self.read_waiters.is_empty() {
            self.read_waiters.tell_all(&mut after.todo().wakers);
        }
    }

    #[inline(always)]
    pub(super) fn insert(&mut self, item: T, after: &mut After<T, E>) {
        self.items.insert(item, &mut after.panics);
        if !(self.readers.is_empty() && self.read_waiters.is_empty()) {
            self.announce(after);
        }
    }

    /// There may be more room. Invariants 2 and 3.
    pub(super) fn refill(&mut self, after: &mut After<T, E>) {
        while self.capacity > 0 && !self.writers.is_empty() && self.has_room() {
            match self.call_writer(after) {
                Some(Wish::Item(item)) => self.insert(item, after),
                Some(Wish::Place) => self.permits += 1,
                None => {}
            }
        }
        if !self.write_waiters.is_empty() && self.has_room() {
            self.write_waiters.tell_all(&mut after.todo().wakers);
        }
    }

    /// Tells the first writer, and takes what it waits for. None: its token is cancelled, so that it keeps it.
    fn call_writer(&mut self, after: &mut After<T, E>) -> Option<Wish<T>> {
        let granted = self.writers.first().and_then(Option::as_mut).filter(|pending| !pending.is_cancelled());
        let wish = granted.and_then(|pending| pending.wish.take());
        after.wake(self.writers.tell());
        wish
    }

    /// With capacity 0: the first writer, if there is one, is not cancelled, so that it counts as supply.
    pub(super) fn dismiss_cancelled(&mut self, after: &mut After<T, E>) {
        let mut dismissed = false;
        while self.writers.first().and_then(Option::as_mut).is_some_and(|pending| pending.is_cancelled()) {
            after.wake(self.writers.tell());
            dismissed = true;
        }
        if dismissed {
            self.refill(after);
        }
    }

    /// Invariant 5.
    pub(super) fn finish(&mut self, discarded: bool, after: &mut After<T, E>) {
        let over = discarded || (self.items.len() == 0 && self.permits == 0);
        let (true, false, Some(end)) = (over, self.finished, &self.end) else { return };
        self.finished = true;
        self.readers.tell_all(&mut after.todo().wakers);
        self.read_waiters.tell_all(&mut after.todo().wakers);
        after.todo().ended = self.source.take().map(|source| Ended { source, outcome: end.outcome() });
        after.todo().registration = self.registration.take();
    }

    /// The next item.
    #[inline]
    pub(super) fn take(&mut self, after: &mut After<T, E>) -> Option<T> {
        let mut item = self.items.remove(&mut after.panics);
        if item.is_none() && self.capacity == 0 {
            item = self.take_pending(after);
        }
        if item.is_some() && !(self.writers.is_empty() && self.write_waiters.is_empty() && self.end.is_none()) {
            self.one_is_gone(after);
        }
        item
    }

    /// With capacity 0: the item of the first writer.
    #[inline(never)]
    fn take_pending(&mut self, after: &mut After<T, E>) -> Option<T> {
        self.dismiss_cancelled(after);
        match self.call_writer(after) {
            Some(Wish::Item(item)) => Some(item),
            _ => None,
        }
    }

    /// An item has gone. Invariants 2, 3 and 5.
    #[inline(never)]
    fn one_is_gone(&mut self, after: &mut After<T, E>) {
        self.refill(after);
        if self.end.is_some() {
            self.finish(false, after);
        }
    }
}
