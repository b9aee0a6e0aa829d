//! What the holder of a timer queue's lock works on. No atomics but an entry's
//! state; no foreign code.

use alloc::vec::Vec;
use core::mem;
use core::ptr::NonNull;
use core::task::Waker;

use super::alarm_entry::{ARMED, CLOSED, DEAD, Entry, FIRED, LISTED, NEW, NOWHERE};
use super::alarm_heap::{self, Item};
use super::alarm_store::Store;
use super::alarm_word::List;
use crate::shim::atomic::Ordering;

/// Who turns a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Whoever has it, when they like.
    ByHand,
    /// The clock that the queue keeps: what is due is fired by whoever notices.
    ByClock,
    /// A driver that sleeps, and is started by the first timer.
    ByDriver(Driver),
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
    /// When the driver will look at the latest. It stays when that timer is
    /// disarmed: one needless look is cheaper than a wake for every arm.
    promised: u64,
    /// The time, where the queue keeps it.
    pub(crate) now: u64,
    /// How many calls are firing timers, where the queue keeps the time.
    pub(crate) firing: usize,
}

impl Held {
    pub(super) fn new(served: Served) -> Self {
        Self {
            heap: Vec::new(),
            store: Store::new(),
            sequence: 0,
            served,
            sleeper: None,
            promised: u64::MAX,
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
    pub(super) fn drain(&mut self, mut list: List) {
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
        while let Some(entry) = new.pop() {
            self.adopt(entry);
        }
        if self.store.is_idle() {
            self.heap = Vec::new();
            // SAFETY: idle means that no entry is out.
            unsafe { self.store.release() };
        }
    }

    fn adopt(&mut self, entry: NonNull<Entry>) {
        self.store.adopt();
        // SAFETY: the entry is ours while the lock is held.
        let it = unsafe { entry.as_ref() };
        // SAFETY: the lock is held.
        unsafe { it.set_position(NOWHERE) };
        // SAFETY: the lock is held. Read before the swap: an alarm that goes
        // after it lists the entry again.
        let deadline = unsafe { it.deadline() };
        // ORDERING: Acquire pairs with the alarm's swap to DEAD: its copy of the
        // waker comes before the entry is used again.
        match it.state.swap(ARMED, Ordering::Acquire) {
            LISTED => self.insert(deadline, entry),
            // SAFETY: the alarm has gone and left the entry to us.
            _ => unsafe { self.store.give_back(entry) },
        }
    }

    fn remove(&mut self, position: usize) -> Item {
        alarm_heap::move_out(&mut self.heap, position);
        self.heap.pop().expect("the item that was moved out")
    }

    /// Takes the earliest timer if its deadline is not after `limit`.
    pub(crate) fn pop_due(&mut self, limit: u64) -> Option<(u64, Waker)> {
        while self.earliest() <= limit && !self.heap.is_empty() {
            let Item { deadline, entry, .. } = self.remove(0);
            if let Some(waker) = Self::claim(entry, FIRED) {
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
            let entry = self.remove(last).entry;
            if let Some(waker) = Self::claim(entry, CLOSED) {
                return Some(waker);
            }
        }
        None
    }

    fn claim(entry: NonNull<Entry>, state: usize) -> Option<Waker> {
        // SAFETY: an entry in the heap is alive while the lock is held.
        let entry = unsafe { entry.as_ref() };
        // SAFETY: the lock is held, so the entry is not refilled.
        let bits = unsafe { entry.copy_waker() };
        // ORDERING: none needed: the waker's bits came to us with the lock, and
        // the entry returns to a holder through a push.
        match entry.state.swap(state, Ordering::Relaxed) {
            // SAFETY: the swap took a waker that nobody else has taken.
            ARMED => Some(unsafe { bits.assume_init() }),
            was => {
                debug_assert_eq!(was, DEAD, "in the heap: armed, or dead and about to be listed");
                None
            }
        }
    }

    /// Says what has to be done about the earliest deadline.
    #[inline]
    pub(super) fn settle(&mut self) -> Call {
        if self.served == Served::ByHand {
            return Call::Nothing;
        }
        let earliest = self.earliest();
        match self.served {
            Served::ByDriver(driver) if earliest < self.promised => match driver {
                Driver::Failed => {
                    self.served = Served::ByDriver(Driver::Missing);
                    Call::Nothing
                }
                Driver::Missing => {
                    self.promised = earliest;
                    self.served = Served::ByDriver(Driver::Running);
                    Call::Start
                }
                Driver::Running => {
                    self.promised = earliest;
                    self.sleeper.take().map_or(Call::Nothing, Call::Wake)
                }
            },
            Served::ByClock if self.firing == 0 && earliest <= self.now && !self.heap.is_empty() => Call::Turn,
            _ => Call::Nothing,
        }
    }

    /// The driver says that it will sleep, and learns until when. `waker` is
    /// exchanged for one that the caller must drop.
    pub(crate) fn nap(&mut self, now: u64, waker: &mut Option<Waker>) -> Nap {
        let earliest = self.earliest();
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
        self.served = Served::ByDriver(Driver::Missing);
        self.promised = u64::MAX;
        mem::swap(&mut self.sleeper, waker);
        true
    }

    /// Takes the driver's waker: it is to look again.
    pub(crate) fn take_sleeper(&mut self) -> Option<Waker> {
        self.sleeper.take()
    }

    /// The driver could not be started: the next visit tries again.
    pub(crate) fn driver_failed(&mut self) {
        self.served = Served::ByDriver(Driver::Failed);
        self.promised = u64::MAX;
    }
}
