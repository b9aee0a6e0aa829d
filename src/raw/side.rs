//! The side word of a node: its armed timer while it is open, and those
//! who wait for a running callback once it is sealed.
//!
//! | word | meaning | left by |
//! |---|---|---|
//! | null | neither | whoever arms a timer, or waits |
//! | address | the armed timer | whoever replaces or takes it: exchange |
//! | address + 1 | a list of waiters | whoever adds to it, or takes it all: exchange |
//!
//! A timer that is stored after the seal is taken back: by the one who stored
//! it, when it looks at the word again, or by a waiter who needs the place.

#[cfg(not(feature = "alloc"))]
pub(super) use none::{drop_alarm, is_empty, wake_waiters};
#[cfg(feature = "alloc")]
pub(super) use some::{disarm, drop_alarm, drop_all, is_empty, push_waiter, set_alarm, wake_waiters};

#[cfg(not(feature = "alloc"))]
mod none {
    use crate::raw::node::Node;
    pub(in crate::raw) fn drop_alarm(_: &Node) {}
    pub(in crate::raw) fn is_empty(_: &Node) -> bool {
        true
    }
    pub(in crate::raw) fn wake_waiters(_: &Node) {}
}

#[cfg(feature = "alloc")]
mod some {
    use crate::raw::alarm::Alarm;
    use crate::raw::fault::{Panics, Then, drain};
    use crate::raw::node::Node;
    use crate::raw::word::CLOSED;
    use crate::shim::atomic::{Ordering, recheck};
    use crate::shim::cell::UnsafeCell;
    use alloc::boxed::Box;
    use core::ptr::{self, NonNull};
    use core::task::Waker;

    const WAITERS: usize = 1;

    /// Somebody who waits until a callback of this node is over.
    struct Waiter {
        waker: Waker,
        next: UnsafeCell<*mut ()>,
    }

    fn is_waiters(word: *mut ()) -> bool {
        word.addr() & WAITERS != 0
    }

    /// Takes the alarm out, if there is one.
    #[inline(always)]
    fn take_alarm(node: &Node) -> Option<Alarm> {
        // ORDERING: Acquire, with the exchange that stored the alarm.
        let mut word = node.side.load(Ordering::Acquire);
        loop {
            if word.is_null() || is_waiters(word) {
                return None;
            }
            // ORDERING: Acquire: as above. Release: whoever finds the firer's null sees its seal, so that a reset does not miss it.
            match node.side.compare_exchange(word, ptr::null_mut(), Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: `set_alarm` stored it by `into_raw`, and the exchange made it ours.
                Ok(_) => return Some(unsafe { Alarm::from_raw(NonNull::new_unchecked(word)) }),
                Err(now) => word = now,
            }
        }
    }

    /// Lets go of the timer of a node that is sealed, or has nobody left.
    #[inline(always)]
    pub(in crate::raw) fn drop_alarm(node: &Node) {
        if !is_empty(node) {
            drop_found(node);
        }
    }

    #[cold]
    #[inline(never)]
    fn drop_found(node: &Node) {
        drop(take_alarm(node));
    }

    /// True if there is neither a timer nor a waiter.
    #[inline(always)]
    pub(in crate::raw) fn is_empty(node: &Node) -> bool {
        // ORDERING: Acquire, with the exchange that stored the alarm: as in `take_alarm`, which this stands for.
        node.side.load(Ordering::Acquire).is_null()
    }

    /// Disarms the timer. `None`: there was none. `Some(false)`: it is firing.
    pub(in crate::raw) fn disarm(node: &Node) -> Option<bool> {
        let (won, waker) = take_alarm(node)?.end();
        if won {
            count_off(node);
        }
        // Last: what a clock has made of it is foreign code.
        drop(waker);
        Some(won)
    }

    /// The timer cannot cancel any more. One that is firing still can: it stays counted until it has.
    fn count_off(node: &Node) {
        // ORDERING: AcqRel, as every change of this count; the caller's source handle keeps it above zero.
        node.possible.fetch_sub(1, Ordering::AcqRel);
    }

    /// Stores an alarm in the place of the one before, which is dropped. The caller holds a source handle.
    pub(in crate::raw) fn set_alarm(node: &Node, alarm: Alarm) {
        // Counted before anybody can take it out and count it off.
        // ORDERING: nothing is published by counting up.
        node.possible.fetch_add(1, Ordering::Relaxed);
        let new = alarm.into_raw().as_ptr();
        // ORDERING: a guess, which the exchange below checks.
        let mut word = node.side.load(Ordering::Relaxed);
        let before = loop {
            if is_waiters(word) {
                // Sealed. SAFETY: just taken apart, and never stored.
                break Some(unsafe { Alarm::from_raw(NonNull::new_unchecked(new)) });
            }
            // ORDERING: Release publishes the alarm to whoever takes it; Acquire, for the alarm that is replaced.
            match node.side.compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed) {
                // SAFETY: as in `take_alarm`.
                Ok(_) => break NonNull::new(word).map(|word| unsafe { Alarm::from_raw(word) }),
                Err(now) => word = now,
            }
        };
        let before = before.map(Alarm::end);
        if before.as_ref().is_some_and(|(won, _)| *won) {
            count_off(node);
        }
        // The firer looks for an alarm after its seal. Either it has found this one, or this RMW comes after its seal.
        // ORDERING: Release: in the first case the firer's RMW on the word comes after this one and sees the alarm.
        if recheck("alarm", node.registry.word.fetch_or(0, Ordering::Release) & CLOSED != 0) {
            drop_alarm(node);
        }
        // Last: what a clock has made of its waker is foreign code.
        drop(before);
    }

    /// Adds a waiter. The caller looks at the callback once more afterwards, by an RMW.
    pub(in crate::raw) fn push_waiter(node: &Node, waker: Waker) {
        let waiter = Box::into_raw(Box::new(Waiter { waker, next: UnsafeCell::new(ptr::null_mut()) }));
        // ORDERING: a guess, which the exchange below checks.
        let mut word = node.side.load(Ordering::Relaxed);
        loop {
            if !word.is_null() && !is_waiters(word) {
                drop_alarm(node);
                word = ptr::null_mut();
            }
            // SAFETY: not published yet.
            unsafe { (*waiter).next.with_mut(|next| *next = word) };
            let new = waiter.cast::<()>().map_addr(|a| a | WAITERS);
            // ORDERING: Release publishes the waiter to whoever takes the list.
            match node.side.compare_exchange(word, new, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    fn take_waiters(node: &Node) -> *mut () {
        // ORDERING: a guess, which the exchange below checks. Whoever must not be missed came before the caller's own RMW.
        let mut word = node.side.load(Ordering::Relaxed);
        loop {
            if !is_waiters(word) {
                return ptr::null_mut();
            }
            // ORDERING: Acquire, with the exchange that added a waiter.
            match node.side.compare_exchange(word, ptr::null_mut(), Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return word,
                Err(now) => word = now,
            }
        }
    }

    fn pop(list: &mut *mut ()) -> Option<Waker> {
        if list.is_null() {
            return None;
        }
        // SAFETY: `push_waiter` made it from a box, and the list was taken by the caller.
        let waiter = unsafe { Box::from_raw(list.map_addr(|a| a & !WAITERS).cast::<Waiter>()) };
        // SAFETY: as above.
        *list = waiter.next.with(|next| unsafe { *next });
        Some(waiter.waker)
    }

    /// Wakes those who wait for the callback that has just ended. What panics here goes to the hook.
    #[inline(always)]
    pub(in crate::raw) fn wake_waiters(node: &Node) {
        let mut list = take_waiters(node);
        if !list.is_null() {
            let mut panics = Panics::new();
            drain(&mut panics, || {
                while let Some(waker) = pop(&mut list) {
                    waker.wake();
                }
            });
            panics.settle(Then::Report);
        }
    }

    /// Drops whatever is left, when the node goes.
    pub(in crate::raw) fn drop_all(node: &Node) {
        drop_alarm(node);
        let mut list = take_waiters(node);
        while pop(&mut list).is_some() {}
    }
}
