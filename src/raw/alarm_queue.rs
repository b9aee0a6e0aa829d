//! The timer queue: what one context does while it holds the word's lock, and
//! how the queue and the alarms that outlive it share one block.
//!
//! Every visit is: take the lock (and the list), drain the list, work, settle,
//! leave; if leaving fails something was listed meanwhile, and it goes round
//! again. Nobody waits for the lock: arming lists an entry of its own, disarming
//! lists anyway, and the rest answers that the queue is busy.
//!
//! No alarm counts a reference. The block is freed by whoever lets go last:
//! the closing queue adds the number of entries that are out to `orphans`, and
//! each alarm that finds the word closed takes one off; the one that reaches
//! zero frees. Until the queue has added, the number is below zero, so none of
//! the alarms can.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use core::task::Waker;

use super::alarm::Alarm;
use super::alarm_entry::{ARMED, Entry, LISTED, NEW, NOWHERE};
use super::alarm_held::{Call, Held, Served};
use super::alarm_store;
use super::alarm_word::{AlarmWord, List};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::{heap, thread};

/// The block. The word is its first field: its address is the block's.
#[repr(C)]
#[derive(Debug)]
struct Shared {
    word: AlarmWord,
    /// Entries still out after closing, minus those given back since.
    orphans: AtomicUsize,
    /// How many timers were armed when the last holder left.
    live: AtomicUsize,
    held: UnsafeCell<Held>,
}

const LAYOUT: Layout = Layout::new::<Shared>();

/// A timer queue. Dropping it drops the wakers of what is still armed.
#[derive(Debug)]
pub(crate) struct AlarmQueue {
    shared: NonNull<Shared>,
    owns: PhantomData<Shared>,
}

// SAFETY: what is shared is reached under the word's lock or through atomics.
unsafe impl Send for AlarmQueue {}
// SAFETY: as above.
unsafe impl Sync for AlarmQueue {}
impl UnwindSafe for AlarmQueue {}
impl RefUnwindSafe for AlarmQueue {}

impl AlarmQueue {
    pub(crate) fn new(served: Served) -> Self {
        // SAFETY: the layout is not empty.
        let block: *mut Shared = unsafe { heap::alloc(LAYOUT) }.cast();
        let Some(shared) = NonNull::new(block) else { heap::handle_alloc_error(LAYOUT) };
        let empty = Shared {
            word: AlarmWord::new(orphan),
            orphans: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            held: UnsafeCell::new(Held::new(served)),
        };
        // SAFETY: the block is new, ours and of this layout.
        unsafe { shared.write(empty) };
        Self { shared, owns: PhantomData }
    }

    #[inline]
    fn shared(&self) -> &Shared {
        // SAFETY: the block outlives the queue.
        unsafe { self.shared.as_ref() }
    }

    /// Arms a timer. The call is to be answered after what the caller must do
    /// first, and before it returns to its own caller.
    #[inline]
    pub(crate) fn arm(&self, deadline: u64, waker: Waker) -> (Alarm, Call) {
        let Some(list) = self.shared().word.try_lock() else {
            return self.arm_listed(deadline, waker);
        };
        let word = self.shared.cast();
        let (entry, call) = self.visit(list, |held| {
            let entry = held.store.take();
            // SAFETY: a free entry is the holder's.
            unsafe { entry.as_ref().fill(word, NOWHERE, deadline, waker) };
            // SAFETY: as above.
            unsafe { entry.as_ref() }.begin(ARMED);
            held.insert(deadline, entry);
            entry
        });
        // SAFETY: filled, and this is its only alarm.
        (unsafe { Alarm::of(entry) }, call)
    }

    /// Arms while another context is inside: the entry is listed for it.
    #[cold]
    fn arm_listed(&self, deadline: u64, waker: Waker) -> (Alarm, Call) {
        let entry = alarm_store::new_single();
        // SAFETY: the entry is new and ours.
        unsafe { entry.as_ref().fill(self.shared.cast(), NEW, deadline, waker) };
        // SAFETY: as above.
        unsafe { entry.as_ref() }.begin(LISTED);
        // SAFETY: filled, and this is its only alarm.
        let alarm = unsafe { Alarm::of(entry) };
        // SAFETY: the entry is of this open queue and on no list.
        let Some(mut list) = (unsafe { self.shared().word.push_or_lock(entry) }) else {
            return (alarm, Call::Nothing);
        };
        // The other context has left: put it in ourselves, as the newest.
        list.push(entry);
        let ((), call) = self.visit(list, |_| ());
        (alarm, call)
    }

    /// Runs `work` under the lock, or says that another context is inside.
    /// `work` is our own code: it calls nothing foreign and does not panic.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Held) -> R) -> Option<(R, Call)> {
        let list = self.shared().word.try_lock()?;
        Some(self.visit(list, work))
    }

    /// The same, waiting for a thread that is inside. Not for interrupts.
    pub(crate) fn wait_with<R>(&self, mut work: impl FnMut(&mut Held) -> R) -> (R, Call) {
        loop {
            if let Some(done) = self.with(&mut work) {
                return done;
            }
            thread::yield_now();
        }
    }

    #[inline]
    fn visit<R>(&self, list: List, work: impl FnOnce(&mut Held) -> R) -> (R, Call) {
        let shared = self.shared();
        let (result, mut call) = shared.held.with_mut(|held| {
            // SAFETY: `list` is the proof that we hold the lock.
            let held = unsafe { &mut *held };
            held.drain(list);
            let result = work(held);
            // ORDERING: a number for `armed`, which promises no more.
            shared.live.store(held.armed(), Ordering::Relaxed);
            (result, held.settle())
        });
        while let Err(more) = shared.word.unlock() {
            let again = shared.held.with_mut(|held| {
                // SAFETY: still locked.
                let held = unsafe { &mut *held };
                held.drain(more);
                // ORDERING: as above.
                shared.live.store(held.armed(), Ordering::Relaxed);
                held.settle()
            });
            if matches!(call, Call::Nothing) {
                call = again;
            }
        }
        (result, call)
    }

    /// How many timers are armed. Exact if no other context keeps the queue
    /// busy, else as it was when the last one left. The call is to be answered.
    pub(crate) fn armed(&self) -> (usize, Call) {
        for _ in 0..thread::PATIENCE {
            if let Some(done) = self.with(|held| held.armed()) {
                return done;
            }
            thread::yield_now();
        }
        // ORDERING: a number that promises nothing.
        (self.shared().live.load(Ordering::Relaxed), Call::Nothing)
    }

    /// How many entries the slabs hold: what the queue keeps for reuse.
    pub(crate) fn capacity(&self) -> usize {
        self.wait_with(|held| held.store.slotted()).0
    }
}

impl Drop for AlarmQueue {
    fn drop(&mut self) {
        let shared = self.shared();
        // Nobody else can lock: this is the queue's only handle.
        let mut list = Some(shared.word.lock_alone());
        let panic = thread::run_all(|| {
            let waker = shared.held.with_mut(|held| {
                // SAFETY: we hold the lock for good.
                let held = unsafe { &mut *held };
                held.drain(list.take().unwrap_or(List::empty()));
                held.pop_closed()
            });
            waker.map(drop).is_some()
        });
        // From here on the alarms give their entries back by `orphan`.
        let rest = shared.word.close();
        let mut out = 0;
        shared.held.with_mut(|held| {
            // SAFETY: alarms only list, and no longer here; we are alone.
            let held = unsafe { &mut *held };
            held.drain(rest);
            out = held.store.out();
        });
        // SAFETY: `out` entries are out, and this is said once.
        unsafe { settle_orphans(self.shared, out) };
        // While unwinding nothing is resumed; a payload's drop comes last.
        thread::resume_or(panic, drop);
    }
}

/// Lets go of an entry whose queue is closed.
///
/// # Safety
///
/// The word is the first field of a closed [`Shared`], and the entry, counted
/// as out, is the caller's.
unsafe fn orphan(word: NonNull<AlarmWord>, entry: NonNull<Entry>) {
    // SAFETY: the entry is the caller's.
    if unsafe { entry.as_ref() }.single {
        // SAFETY: as above.
        unsafe { alarm_store::free_single(entry) };
    }
    // SAFETY: the entry was counted.
    unsafe { settle_orphans(word.cast(), usize::MAX) };
}

/// Adds to the orphans (modulo the word) and frees the block at zero.
///
/// # Safety
///
/// See the file's head: `out` once from the queue, minus one from each entry.
unsafe fn settle_orphans(shared: NonNull<Shared>, change: usize) {
    // ORDERING: Release for what we did to the block, Acquire for what the
    // others did, before the last one frees it.
    // SAFETY: the block is there until the number is zero.
    let before = unsafe { shared.as_ref() }.orphans.fetch_add(change, Ordering::AcqRel);
    if before.wrapping_add(change) == 0 {
        // SAFETY: we are the last, and read it once.
        let block = unsafe { shared.read() };
        // SAFETY: `new` allocated it, and nobody reads it any more.
        unsafe { heap::dealloc(shared.as_ptr().cast(), LAYOUT) };
        block.held.with_mut(|held| {
            // SAFETY: we are alone, and no entry is out.
            unsafe { (*held).store.release() };
        });
    }
}
