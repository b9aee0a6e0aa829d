//! What the holder of a timer queue's lock works on. No atomics but an entry's
//! state; no foreign code.

use alloc::vec::Vec;
use core::mem;
use core::ptr::NonNull;
use core::task::Waker;

use super::alarm_entry::{ARMED, CLOSED, Entry, FIRED, LISTED, NEW, NOWHERE};
use super::alarm_heap::{self, Item};
use super::alarm_store::Store;
use super::alarm_word::List;
use crate::shim::atomic::Ordering;

/// Who turns a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Whoever has it, when they like.
    Hand,
    /// The clock that the queue keeps: what is due is fired by whoever notices.
    Clock,
    /// A driver that sleeps, and is started by the first timer.
    Driver(Driver),
}

/// The state of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// To be started by the next visit that finds a timer.
    Missing,
    /// It runs, or is about to.
    Running,
    /// It could not be started: missing from the next visit on.
    Failed,
}

/// What the holder must do after it has left.
#[derive(Debug)]
#[must_use]
pub(crate) enum Call {
    Nothing,
    /// Wake the driver: it sleeps for longer than it may.
    Wake(Waker),
    /// Start the driver.
    Start,
    /// Something is due, and nobody is firing.
    Turn,
}

/// How long a driver may sleep.
#[derive(Debug)]
pub(crate) enum Nap {
    /// Something is due.
    Due,
    /// Until then; `u64::MAX` is until woken.
    Until(u64),
    /// The same, and nothing is armed. The number changes when something was.
    Idle(u64, u64),
    /// Nothing is armed, and nothing will be.
    Over,
}

#[derive(Debug)]
pub(crate) struct Held {
    heap: Vec<Item>,
    pub(super) store: Store,
    /// How many timers were ever armed.
    sequence: u64,
    served: Served,
    /// The driver's waker, while it sleeps.
    sleeper: Option<Waker>,
    /// A deadline before this one has to be acted upon. For a driver: when it
    /// will look at the latest. That stays when the timer is disarmed: one
    /// needless look is cheaper than a wake for every arm. For a clock that the
    /// queue keeps: what is later than now, unless somebody is firing.
    promised: u64,
    /// No more timers will be armed.
    retired: bool,
    /// The time, where the queue keeps it.
    pub(crate) now: u64,
    /// How many calls are firing timers, where the queue keeps the time.
    firing: usize,
}

impl Held {
    pub(super) fn new(served: Served) -> Self {
        Self {
            heap: Vec::new(),
            store: Store::new(),
            sequence: 0,
            served,
            sleeper: None,
            promised: match served {
                Served::Hand => 0,
                Served::Clock => 1,
                Served::Driver(_) => u64::MAX,
            },
            retired: false,
            now: 0,
            firing: 0,
        }
    }

    pub(crate) fn earliest(&self) -> u64 {
        self.heap.first().map_or(u64::MAX, |item| item.deadline)
    }

    pub(crate) fn armed(&self) -> usize {
        self.heap.len()
    }

    /// Puts a filled entry into the order.
    #[inline]
    pub(super) fn insert(&mut self, deadline: u64, entry: NonNull<Entry>) {
        self.heap.push(Item { deadline, sequence: self.sequence, entry });
        self.sequence += 1;
        alarm_heap::settle_last(&mut self.heap);
    }

    /// Recycles what is dead and puts what is new into the order.
    #[inline]
    pub(super) fn drain(&mut self, list: List) {
        if !list.is_empty() {
            self.drain_some(list);
        }
    }

    fn drain_some(&mut self, mut list: List) {
        let mut new = List::empty();
        while let Some(entry) = list.pop() {
            // SAFETY: the list's entries are ours while the lock is held.
            let position = unsafe { entry.as_ref().position() };
            if position == NEW {
                // Newest first becomes oldest first.
                new.push(entry);
                continue;
            }
            if position != NOWHERE {
                self.remove(position);
            }
            // SAFETY: dead, in no heap, and just popped off the list.
            unsafe { self.store.give_back(entry) };
        }
        if !new.is_empty() {
            self.adopt_all(new);
        }
        if self.store.is_idle() {
            self.give_up_memory();
        }
    }

    #[cold]
    #[inline(never)]
    fn give_up_memory(&mut self) {
        self.heap = Vec::new();
        // SAFETY: idle means that no entry is out.
        unsafe { self.store.release() };
    }

    #[cold]
    #[inline(never)]
    fn adopt_all(&mut self, mut new: List) {
        while let Some(entry) = new.pop() {
            self.adopt(entry);
        }
    }

    fn adopt(&mut self, entry: NonNull<Entry>) {
        self.store.adopt();
        // SAFETY: the entry is ours while the lock is held.
        let it = unsafe { entry.as_ref() };
        // SAFETY: the lock is held. Read before the swap: an alarm that goes
        // after it lists the entry again.
        let deadline = unsafe { it.deadline() };
        // ORDERING: Acquire pairs with the alarm's swap to DEAD: its copy of the
        // waker comes before the entry is used again. Release pairs with it the
        // other way: our use of `next` comes before the alarm lists the entry.
        match it.state.swap(ARMED, Ordering::AcqRel) {
            LISTED => self.insert(deadline, entry),
            // SAFETY: the alarm has gone and left the entry to us.
            _ => unsafe { self.store.give_back(entry) },
        }
    }

    /// Takes an item out of the order. Its entry still has the position.
    #[inline]
    fn remove(&mut self, position: usize) -> NonNull<Entry> {
        let gone = self.heap[position].entry;
        let last = self.heap.len() - 1;
        if position < last {
            let moved = self.heap[last];
            self.heap.truncate(last);
            alarm_heap::replace(&mut self.heap, position, moved);
        } else {
            self.heap.truncate(last);
        }
        gone
    }

    /// Takes the earliest timer if its deadline is not after `limit`.
    pub(crate) fn pop_due(&mut self, limit: u64) -> Option<(u64, Waker)> {
        while self.earliest() <= limit && !self.heap.is_empty() {
            let deadline = self.earliest();
            let entry = self.remove(0);
            // SAFETY: the lock is held, and what is in the heap is filled.
            if let Some(waker) = unsafe { entry.as_ref().claim(FIRED) } {
                return Some((deadline, waker));
            }
        }
        None
    }

    /// Takes the driver's waker or any timer's, for good.
    pub(super) fn pop_closed(&mut self) -> Option<Waker> {
        if let Some(sleeper) = self.sleeper.take() {
            return Some(sleeper);
        }
        while let Some(last) = self.heap.len().checked_sub(1) {
            let entry = self.remove(last);
            // SAFETY: the lock is held, and what is in the heap is filled.
            if let Some(waker) = unsafe { entry.as_ref().claim(CLOSED) } {
                return Some(waker);
            }
        }
        None
    }

    /// Says what has to be done about the earliest deadline.
    #[inline]
    pub(super) fn settle(&mut self) -> Call {
        if self.earliest() < self.promised { self.act() } else { Call::Nothing }
    }

    #[cold]
    fn act(&mut self) -> Call {
        let earliest = self.earliest();
        match self.served {
            Served::Hand => Call::Nothing,
            Served::Clock => Call::Turn,
            Served::Driver(driver) => match driver {
                Driver::Failed => {
                    self.served = Served::Driver(Driver::Missing);
                    Call::Nothing
                }
                Driver::Missing => {
                    self.promised = earliest;
                    self.served = Served::Driver(Driver::Running);
                    Call::Start
                }
                Driver::Running => {
                    self.promised = earliest;
                    self.sleeper.take().map_or(Call::Nothing, Call::Wake)
                }
            },
        }
    }

    /// Somebody fires timers from here on: nobody else needs to.
    pub(crate) fn start_firing(&mut self) {
        self.firing += 1;
        self.promised = 0;
    }

    /// The other end of [`Held::start_firing`].
    pub(crate) fn stop_firing(&mut self) {
        self.firing -= 1;
        if self.firing == 0 {
            self.promised = self.now + 1;
        }
    }

    /// The driver says that it will sleep, and learns until when. `waker` is
    /// exchanged for one that the caller must drop.
    pub(crate) fn nap(&mut self, now: u64, waker: &mut Option<Waker>) -> Nap {
        let earliest = self.earliest();
        if self.retired && self.heap.is_empty() {
            return Nap::Over;
        }
        if !self.heap.is_empty() && earliest <= now {
            return Nap::Due;
        }
        self.promised = if self.promised > now { self.promised.min(earliest) } else { earliest };
        mem::swap(&mut self.sleeper, waker);
        if self.heap.is_empty() { Nap::Idle(self.promised, self.sequence) } else { Nap::Until(self.promised) }
    }

    /// The driver wants to end: true if nothing is armed, and then the next
    /// timer starts another.
    pub(crate) fn stop(&mut self, waker: &mut Option<Waker>) -> bool {
        if !self.heap.is_empty() {
            return false;
        }
        self.served = Served::Driver(Driver::Missing);
        self.promised = u64::MAX;
        mem::swap(&mut self.sleeper, waker);
        true
    }

    /// No more timers will be armed: gives the driver's waker, for it to look.
    pub(crate) fn retire(&mut self) -> Option<Waker> {
        self.retired = true;
        self.sleeper.take()
    }

    /// The driver could not be started: the next visit tries again.
    pub(crate) fn driver_failed(&mut self) {
        self.served = Served::Driver(Driver::Failed);
        self.promised = u64::MAX;
    }
}
