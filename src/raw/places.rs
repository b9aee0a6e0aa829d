//! Places for those who wait at something in a `static`, and who gets their wakers.
//!
//! Each place is claimed by one owner for as long as that lives. Its waker is two atomic words, so that a *teller*, one who
//! tells the owner to look again, can read them before it knows that they are its own; one exchange then decides. So there
//! is no state that somebody else has to bring to an end: whoever preempts whom, nobody waits, and nothing foreign runs
//! while anything is half done.
//!
//! | bits of `word` | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `i` | place `i` is claimed | `claim` | its owner's drop |
//! | `16 + i` | its owner waits, told or not | `arm` | its owner: `stop`, drop |
//!
//! | bits of a place's `state` | meaning | set by | cleared by |
//! |---|---|---|---|
//! | 0 | armed: the waker belongs to who clears this bit | its owner: `arm` | the owner: `disarm`; a teller: `take` |
//! | 1 | the owner writes; if not, it reads | `arm` | the next owner |
//! | from 2 on | the number of the arming | `arm` | |
//!
//! 1. `data` and `table` are written by the owner, while the place is not armed; `arm` publishes them.
//! 2. A teller believes what it has read of a waker only if its exchange finds the very arming that it saw before: then the
//!    owner has not been there since. (Numbers come again after 2^30 armings, in which nobody may be preempted in mid-call.)
//! 3. Who changes the world does so first, then looks at `word` (`look`); who waits arms its place, says so in `word`, then
//!    looks at the world again. Both touch `word` by read-modify-writes, of which one is the first:
//!    - the teller's: the owner's acquires it, so that the second look finds the world changed;
//!    - the owner's: the teller's acquires it, finds the bit, and a state not older than that arming.
//!
//!    A load and a store would not do: each side could miss the other's (store buffering).
//! 4. A teller that finds a place not armed, or whose exchange fails, goes on: another teller has the waker and is about to
//!    use it, or the owner has come itself, and looks again after any arming that this teller did not see (3).
//! 5. Everybody who may have to look is told, and to be told means no more than that. So there is nothing to pass on for
//!    who was told and goes.
//! 6. A bit of `word` stays until its owner has what it waited for. So a teller that was preempted between looking and
//!    taking keeps nothing from those that come in between: they find the bit, and the waker.

use super::fault::{Panics, Then, drain};
use crate::shim::atomic::{AtomicPtr, AtomicUsize, Ordering, recheck};
use core::mem::ManuallyDrop;
use core::ptr::null_mut;
use core::task::{RawWakerVTable, Waker};

/// The most places that fit into a word of 32 bits: the same program fits every target.
pub(crate) const MOST: usize = 16;
const WAITS: u32 = 16;

const ARMED: usize = 1;
const WRITES: usize = 2;
const NUMBER: usize = 4;

/// Who is told, and what a place is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    Readers,
    Writers,
    Everyone,
}

impl Whom {
    fn has(self, state: usize) -> bool {
        match self {
            Self::Readers => state & WRITES == 0,
            Self::Writers => state & WRITES != 0,
            Self::Everyone => true,
        }
    }
}

/// Wakers that nobody needs any longer: dropped when everything is as it is to be.
pub(crate) type Spent = [Option<Waker>; 2];

#[derive(Debug)]
struct Place {
    state: AtomicUsize,
    data: AtomicPtr<()>,
    table: AtomicPtr<RawWakerVTable>,
}

impl Place {
    #[cfg(not(loom))]
    const fn new() -> Self {
        Self { state: AtomicUsize::new(0), data: AtomicPtr::new(null_mut()), table: AtomicPtr::new(null_mut()) }
    }

    #[cfg(loom)]
    fn new() -> Self {
        Self { state: AtomicUsize::new(0), data: AtomicPtr::new(null_mut()), table: AtomicPtr::new(null_mut()) }
    }

    /// The waker of the arming `seen`, for whoever ends that arming.
    fn take(&self, seen: usize) -> Option<Waker> {
        // ORDERING: the words were acquired with `seen`; they are believed only if the exchange finds it again (2).
        let data = self.data.load(Ordering::Relaxed);
        // ORDERING: as above.
        let table = self.table.load(Ordering::Relaxed);
        // ORDERING: Release: both words were read before the owner, who acquires this, writes them again; Acquire for the
        // owner that comes second.
        self.state.compare_exchange(seen, seen & !ARMED, Ordering::Release, Ordering::Acquire).ok()?;
        debug_assert!(!table.is_null(), "who sees an arming sees its waker");
        // SAFETY: (1), (2): the words of a waker that was given up to us; its table lives for ever.
        Some(unsafe { Waker::new(data, &*table) })
    }

    /// The waker, for a teller of `whom`.
    fn take_for(&self, whom: Whom) -> Option<Waker> {
        // ORDERING: Acquire, with the Release of the arming, publishes the waker.
        let seen = self.state.load(Ordering::Acquire);
        if seen & ARMED != 0 && whom.has(seen) { self.take(seen) } else { None }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Only if the owner was forgotten.
        drop(self.take_for(Whom::Everyone));
    }
}

/// `W` places.
#[derive(Debug)]
pub(crate) struct Places<const W: usize> {
    word: AtomicUsize,
    places: [Place; W],
}

impl<const W: usize> Places<W> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(W >= 1 && W <= MOST, "a static channel has 1 to 16 places to wait in") };
        Self { word: AtomicUsize::new(0), places: [const { Place::new() }; W] }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        assert!(W >= 1 && W <= MOST, "a static channel has 1 to 16 places to wait in");
        Self { word: AtomicUsize::new(0), places: core::array::from_fn(|_| Place::new()) }
    }

    /// Claims a place. `None`: all are taken.
    pub(crate) fn claim(&self, whom: Whom) -> Option<Seat<'_, W>> {
        // ORDERING: a guess, which the claim checks.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let index = word.trailing_ones() as u8;
            if usize::from(index) >= W {
                return None;
            }
            // ORDERING: Acquire, with the Release of the former owner's drop: what it did to the place.
            word = self.word.fetch_or(1 << index, Ordering::Acquire);
            if word & 1 << index == 0 {
                return Some(Seat(Lent { places: self, index, whom }));
            }
        }
    }

    /// The world has changed for `whom`: all of them that wait are woken, then `spent` is dropped. One read-modify-write
    /// if nobody waits.
    #[inline]
    pub(crate) fn tell(&self, whom: Whom, spent: Spent, then: Then) {
        // ORDERING: (3): Release publishes the change to who comes later, Acquire sees who came before.
        let waiting = self.word.fetch_or(0, Ordering::AcqRel) >> WAITS;
        if waiting != 0 || spent.iter().any(Option::is_some) {
            self.wake(waiting, whom, spent, then);
        }
    }

    #[cold]
    fn wake(&self, mut waiting: usize, whom: Whom, mut spent: Spent, then: Then) {
        let mut panics = Panics::new();
        drain(&mut panics, || {
            while waiting != 0 {
                let index = waiting.trailing_zeros() as usize;
                waiting &= waiting - 1;
                if let Some(waker) = self.places[index].take_for(whom) {
                    waker.wake();
                }
            }
            spent.iter_mut().for_each(|waker| drop(waker.take()));
        });
        panics.settle(then);
    }
}

/// A claimed place.
#[derive(Debug)]
pub(crate) struct Seat<'a, const W: usize>(Lent<'a, W>);

impl<const W: usize> Seat<'_, W> {
    /// The place, for a while.
    pub(crate) fn lend(&mut self) -> Lent<'_, W> {
        Lent { ..self.0 }
    }
}

impl<const W: usize> Drop for Seat<'_, W> {
    fn drop(&mut self) {
        // It goes last.
        let _waker = self.0.disarm();
        // ORDERING: Release, with the Acquire of the next owner's claim: what was done to the place.
        self.0.places.word.fetch_and(!(self.0.bit() | 1 << self.0.index), Ordering::Release);
    }
}

/// A place as its owner has it.
#[derive(Debug)]
pub(crate) struct Lent<'a, const W: usize> {
    places: &'a Places<W>,
    index: u8,
    whom: Whom,
}

impl<const W: usize> Lent<'_, W> {
    fn bit(&self) -> usize {
        1 << (WAITS + u32::from(self.index))
    }

    fn place(&self) -> &Place {
        &self.places.places[usize::from(self.index)]
    }

    /// Looks; if that gives nothing, waits with this waker, and looks again. The caller drops the second part when nothing
    /// is half done.
    pub(crate) fn poll<R>(&mut self, waker: &Waker, mut look: impl FnMut() -> Option<R>) -> (Option<R>, Spent) {
        let found = look();
        if found.is_some() {
            return (found, [self.stop(), None]);
        }
        if self.waits_with(waker) {
            return (None, [None, None]);
        }
        let waker = waker.clone();
        let former = self.arm(waker);
        let found = recheck("second look at a static channel", true).then(look).flatten();
        let own = if found.is_some() { self.stop() } else { None };
        (found, [former, own])
    }

    /// True if the place is armed with this waker. It looked again when it armed it, and whoever comes later takes it.
    fn waits_with(&self, waker: &Waker) -> bool {
        let place = self.place();
        // ORDERING: our own arming, or what a teller left; if that is not seen yet, its wake is still to come.
        let is_armed = place.state.load(Ordering::Relaxed) & ARMED != 0;
        // ORDERING: our own words.
        let data = place.data.load(Ordering::Relaxed);
        // ORDERING: as above.
        let table = place.table.load(Ordering::Relaxed);
        is_armed && core::ptr::eq(data, waker.data()) && core::ptr::eq(table, waker.vtable())
    }

    /// Waits with this waker. The former one, if nobody took it, is the caller's.
    fn arm(&mut self, waker: Waker) -> Option<Waker> {
        let former = self.disarm();
        let (waker, place) = (ManuallyDrop::new(waker), self.place());
        // ORDERING: published by the arming; (1): `disarm` has acquired that nobody reads it and believes it.
        place.data.store(waker.data().cast_mut(), Ordering::Relaxed);
        // ORDERING: as above.
        place.table.store(core::ptr::from_ref(waker.vtable()).cast_mut(), Ordering::Relaxed);
        // ORDERING: not armed, so nobody else changes it.
        let number = (place.state.load(Ordering::Relaxed) & !WRITES).wrapping_add(NUMBER);
        let writes = if self.whom == Whom::Writers { WRITES } else { 0 };
        // ORDERING: Release publishes the waker.
        place.state.store(number | writes | ARMED, Ordering::Release);
        // ORDERING: (3): Release publishes the arming to who looks later, Acquire sees what they changed who looked before.
        self.places.word.fetch_or(self.bit(), Ordering::AcqRel);
        former
    }

    /// The waker, if nobody took it.
    fn disarm(&mut self) -> Option<Waker> {
        // ORDERING: Acquire, with the Release of a teller that has taken it: it has read the words.
        let seen = self.place().state.load(Ordering::Acquire);
        if seen & ARMED != 0 { self.place().take(seen) } else { None }
    }

    /// Waits no longer. The waker, if nobody took it, is the caller's.
    pub(crate) fn stop(&mut self) -> Option<Waker> {
        // ORDERING: our own bit.
        if self.places.word.load(Ordering::Relaxed) & self.bit() == 0 {
            return None;
        }
        let waker = self.disarm();
        // ORDERING: nobody reads anything because it is gone.
        self.places.word.fetch_and(!self.bit(), Ordering::Relaxed);
        waker
    }
}
