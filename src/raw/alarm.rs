//! The handle of one armed timer: one word, disarmed by its drop.

use core::fmt;
use core::mem::{self, MaybeUninit};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use core::task::Waker;

use super::alarm_entry::{ARMED, DEAD, Entry, FIRED, LISTED};
use super::alarm_word::AlarmWord;
use crate::shim::atomic::Ordering;

/// A timer that was armed; dropping it disarms it.
///
/// It is one word and cannot be copied. Neither dropping nor disarming takes a
/// lock or waits: one read-modify-write decides against the queue that is about
/// to fire, a second hands the entry to the queue's lock-free list. The waker of
/// a disarmed timer is dropped at once, on the disarming thread.
///
/// An alarm may outlive its queue; then it never fires.
///
/// # Examples
///
/// ```
/// use core::task::Waker;
/// use core::time::Duration;
/// use taskcell::time::{Alarm, ManualClock, TimeProvider};
///
/// let clock = ManualClock::new();
/// let in_seconds = |n| Duration::from_secs(n).into();
/// let waker = Waker::noop().clone(); // the task's, as a rule
/// let (one, two) = (clock.arm(in_seconds(1), waker.clone()), clock.arm(in_seconds(2), waker.clone()));
/// assert!(two.will_wake(&waker)); // no need to arm it anew
/// clock.advance(Duration::from_secs(1));
/// assert!(one.has_fired() && !one.disarm()); // too late
/// assert!(two.disarm()); // its waker is never called
/// assert!(!Alarm::never().has_fired());
/// ```
#[must_use = "dropping an alarm disarms it"]
pub struct Alarm {
    /// [`NEVER`] or an entry that this alarm owns.
    entry: NonNull<Entry>,
}

/// The address of no entry: compared before any load, never dereferenced.
const NEVER: NonNull<Entry> = NonNull::dangling();

// SAFETY: the entry is reached through atomics and by the rules of
// `alarm_entry`; the waker in it is `Send` and `Sync`.
unsafe impl Send for Alarm {}
// SAFETY: `&Alarm` only loads the state and compares the waker's bits.
unsafe impl Sync for Alarm {}
impl UnwindSafe for Alarm {}
impl RefUnwindSafe for Alarm {}

impl Alarm {
    /// The alarm of a deadline that never comes: it holds nothing.
    pub const fn never() -> Self {
        Self { entry: NEVER }
    }

    /// Disarms the timer; true if its waker has not been called and never will.
    ///
    /// False says that the timer has fired: the waker was called, or is being
    /// called at this moment. The same as dropping the alarm, with an answer.
    pub fn disarm(self) -> bool {
        let this = mem::ManuallyDrop::new(self);
        if this.entry == NEVER {
            return true;
        }
        let (won, waker) = this.end();
        drop(waker);
        won
    }

    /// Whether the timer has fired: its waker was called, or is about to be.
    #[inline]
    pub fn has_fired(&self) -> bool {
        // SAFETY: an alarm that is not NEVER owns its entry.
        // ORDERING: none needed: nothing is read on the strength of the answer.
        self.entry != NEVER && unsafe { self.entry.as_ref() }.state.load(Ordering::Relaxed) == FIRED
    }

    /// Whether the waker that the timer was armed with wakes the same task.
    ///
    /// Means nothing once the timer has fired; false for [`Alarm::never`].
    #[inline]
    pub fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: an alarm that is not NEVER owns its entry, which is filled.
        self.entry != NEVER && unsafe { self.entry.as_ref().will_wake(waker) }
    }

    /// The alarm as a word, for [`Alarm::from_raw`]. Never disarms.
    pub(crate) fn into_raw(self) -> NonNull<()> {
        mem::ManuallyDrop::new(self).entry.cast()
    }

    /// The alarm that [`Alarm::into_raw`] turned into a word.
    ///
    /// # Safety
    ///
    /// The word comes from `into_raw` and is used once.
    pub(crate) unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self { entry: raw.cast() }
    }

    /// # Safety
    ///
    /// The entry is filled, and no other alarm has it.
    #[inline]
    pub(super) unsafe fn of(entry: NonNull<Entry>) -> Self {
        Self { entry }
    }

    /// Gives the entry back, which there is. Whether that was in time; the waker is to be dropped by the caller, last.
    #[inline]
    fn end(&self) -> (bool, Option<Waker>) {
        // SAFETY: the alarm owns its entry until the swap below.
        let entry = unsafe { self.entry.as_ref() };
        // SAFETY: as above.
        let word: NonNull<AlarmWord> = unsafe { entry.word() };
        // SAFETY: the entry is filled and its alarm lives.
        let bits: MaybeUninit<Waker> = unsafe { entry.copy_waker() };
        // ORDERING: Release for the holder that finds a LISTED entry dead: our
        // copy of the waker comes before its recycling (the push does the same
        // for the others). Acquire for the holder that has just adopted it: its
        // use of `next` comes before ours.
        let was = entry.state.swap(DEAD, Ordering::AcqRel);
        if was != LISTED {
            // SAFETY: the entry is ours and on no list.
            unsafe { AlarmWord::push(word, self.entry) };
        }
        let waker = match was {
            // SAFETY: the swap took a waker that nobody else has taken (1).
            ARMED | LISTED => Some(unsafe { bits.assume_init() }),
            _ => None,
        };
        (was != FIRED, waker)
    }
}

impl Drop for Alarm {
    #[inline]
    fn drop(&mut self) {
        if self.entry != NEVER {
            drop(self.end());
        }
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self {
            _ if self.entry == NEVER => "never",
            _ if self.has_fired() => "fired",
            _ => "armed",
        };
        write!(f, "Alarm({state})")
    }
}
