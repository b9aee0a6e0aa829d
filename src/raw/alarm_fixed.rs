//! A timer queue without a heap: N entries in a `static`.
//!
//! The word, the states and the order are those of `alarm_queue`. Entries are
//! not kept by the lock holder: a context that arms claims a `FREE` one by a
//! compare-exchange, so that an interrupt can while it preempts the holder, and
//! lists it or takes the lock.

use core::ptr::NonNull;
use core::task::Waker;

use super::alarm::Alarm;
use super::alarm_entry::{ARMED, Entry, FIRED, FREE, LISTED, NEW, NOWHERE};
use super::alarm_heap::{self, Item};
use super::alarm_word::{AlarmWord, List};
use crate::shim::atomic::Ordering;
use crate::shim::cell::UnsafeCell;

/// What the holder of the lock works on.
#[derive(Debug)]
struct Held<const N: usize> {
    heap: [Item; N],
    len: usize,
    sequence: u64,
}

/// A timer queue of `N` entries.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FixedAlarms<const N: usize> {
    word: AlarmWord,
    entries: [Entry; N],
    held: UnsafeCell<Held<N>>,
}

// SAFETY: what is shared is reached under the word's lock or through atomics.
unsafe impl<const N: usize> Send for FixedAlarms<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Sync for FixedAlarms<N> {}

impl<const N: usize> Held<N> {
    const EMPTY: Self = Self { heap: [Item::NONE; N], len: 0, sequence: 0 };

    fn remove(&mut self, position: usize) -> NonNull<Entry> {
        let gone = self.heap[position].entry;
        self.len -= 1;
        let last = self.heap[self.len];
        if position < self.len {
            alarm_heap::replace(&mut self.heap[..self.len], position, last);
        }
        gone
    }

    fn insert(&mut self, deadline: u64, entry: NonNull<Entry>) {
        self.heap[self.len] = Item { deadline, sequence: self.sequence, entry };
        self.sequence += 1;
        self.len += 1;
        alarm_heap::settle_last(&mut self.heap[..self.len]);
    }

    /// Frees what is dead and puts what is new into the order.
    fn drain(&mut self, mut list: List) {
        let mut new = List::empty();
        while let Some(entry) = list.pop() {
            // SAFETY: the list's entries are ours while the lock is held.
            match unsafe { entry.as_ref().position() } {
                NEW => {
                    new.push(entry);
                    continue;
                }
                NOWHERE => {}
                position => drop(self.remove(position)),
            }
            free(entry);
        }
        while let Some(entry) = new.pop() {
            // SAFETY: the entry is ours while the lock is held.
            let it = unsafe { entry.as_ref() };
            // SAFETY: the lock is held. Read before the swap, as in `alarm_held`.
            let deadline = unsafe { it.deadline() };
            // ORDERING: as in `alarm_held`, both ways.
            match it.state.swap(ARMED, Ordering::AcqRel) {
                LISTED => self.insert(deadline, entry),
                _ => free(entry),
            }
        }
    }

    fn earliest(&self) -> u64 {
        if self.len == 0 { u64::MAX } else { self.heap[0].deadline }
    }
}

/// Makes a dead entry, in no heap and on no list, free for all.
fn free(entry: NonNull<Entry>) {
    // SAFETY: it lives in the static; it is ours until this store.
    // ORDERING: Release for the context that claims it.
    unsafe { entry.as_ref() }.state.store(FREE, Ordering::Release);
}

impl<const N: usize> FixedAlarms<N> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(N >= 1, "a static queue has room for one timer at least") };
        Self {
            word: AlarmWord::new(never_orphan),
            entries: [const { Entry::new(false) }; N],
            held: UnsafeCell::new(Held::EMPTY),
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        let entries = core::array::from_fn(|_| Entry::new(false));
        Self { word: AlarmWord::new(never_orphan), entries, held: UnsafeCell::new(Held::EMPTY) }
    }

    fn claim(&'static self) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| {
            // ORDERING: the load is a hint. Acquire takes over the entry from
            // the holder that freed it.
            entry.state.load(Ordering::Relaxed) == FREE
                && entry.state.compare_exchange(FREE, LISTED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        })
    }

    /// Arms a timer, or gives the waker back if all entries are in use.
    pub(crate) fn arm(&'static self, deadline: u64, waker: Waker) -> Result<Alarm, Waker> {
        // A visit frees the entries of alarms that are gone.
        let claimed = self.claim().or_else(|| self.visit(|_| ()).and_then(|()| self.claim()));
        let Some(entry) = claimed else { return Err(waker) };
        let entry = NonNull::from(entry);
        // SAFETY: the exchange made the entry ours.
        unsafe { entry.as_ref().fill(NonNull::from(&self.word), NEW, deadline, waker) };
        // SAFETY: filled, and this is its only alarm.
        let alarm = unsafe { Alarm::of(entry) };
        // SAFETY: the entry is of this queue, which never closes, and on no list.
        if let Some(mut list) = unsafe { self.word.push_or_lock(entry) } {
            list.push(entry);
            self.work(list, |_| ());
        }
        Ok(alarm)
    }

    /// Takes the waker of the earliest timer whose deadline is not after
    /// `limit`. None also while another context is inside.
    pub(crate) fn pop_due(&'static self, limit: u64) -> Option<Waker> {
        self.visit(|held| {
            while held.len > 0 && held.earliest() <= limit {
                let entry = held.remove(0);
                // SAFETY: the lock is held, and what is in the heap is filled.
                if let Some(waker) = unsafe { entry.as_ref().claim(FIRED) } {
                    return Some(waker);
                }
            }
            None
        })?
    }

    /// The earliest deadline, `u64::MAX` if none; None while another context is
    /// inside.
    pub(crate) fn earliest(&'static self) -> Option<u64> {
        self.visit(|held| held.earliest())
    }

    /// How many timers are armed.
    pub(crate) fn armed(&self) -> usize {
        // ORDERING: a number that promises nothing.
        let live = |entry: &&Entry| matches!(entry.state.load(Ordering::Relaxed), ARMED | LISTED);
        self.entries.iter().filter(live).count()
    }

    fn visit<R>(&'static self, work: impl FnOnce(&mut Held<N>) -> R) -> Option<R> {
        let list = self.word.try_lock()?;
        Some(self.work(list, work))
    }

    fn work<R>(&'static self, list: List, work: impl FnOnce(&mut Held<N>) -> R) -> R {
        let result = self.held.with_mut(|held| {
            // SAFETY: `list` is the proof that we hold the lock.
            let held = unsafe { &mut *held };
            held.drain(list);
            work(held)
        });
        while let Err(more) = self.word.unlock() {
            self.held.with_mut(|held| {
                // SAFETY: still locked.
                unsafe { (*held).drain(more) }
            });
        }
        result
    }
}

/// A static queue is never closed.
///
/// # Safety
///
/// Safe: it does nothing.
unsafe fn never_orphan(_: NonNull<AlarmWord>, _: NonNull<Entry>) {}
