//! Queues of this build.
//!
//! concurrent-queue has models of its own. In ours its fences would order what the callers' own orderings leave out, so
//! under loom a queue is one that promises less: what happened before a look at it is found, and no more. Under
//! `cfg(delays)` there is a delay before each operation.

#[cfg(not(any(loom, delays)))]
pub(crate) use concurrent_queue::ConcurrentQueue;
#[cfg(delays)]
pub(crate) use delayed::ConcurrentQueue;
#[cfg(loom)]
pub(crate) use modelled::ConcurrentQueue;

#[cfg(loom)]
mod modelled {
    use crate::shim::atomic::{AtomicUsize, Ordering};
    use alloc::collections::VecDeque;
    use concurrent_queue::{ForcePushError, PopError, PushError};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    const CLOSED: usize = 1;
    /// Something was put into a place of its own.
    const ONE: usize = 2;

    /// What callers use of the real one.
    ///
    /// `pushed` says how often something was put in, and whether the queue is closed. Each entry stands beside what
    /// `pushed` was then: who has not seen that much does not see the entry. The lock is std's, and held only between an
    /// operation on `pushed` and the next one, so it adds neither schedules nor synchronisation.
    pub(crate) struct ConcurrentQueue<T> {
        pushed: AtomicUsize,
        entries: Mutex<VecDeque<(usize, T)>>,
        bound: usize,
    }

    impl<T> ConcurrentQueue<T> {
        pub(crate) fn unbounded() -> Self {
            Self::bounded(usize::MAX)
        }
        pub(crate) fn bounded(bound: usize) -> Self {
            Self { pushed: AtomicUsize::new(0), entries: Mutex::default(), bound }
        }
        fn entries(&self) -> MutexGuard<'_, VecDeque<(usize, T)>> {
            self.entries.lock().unwrap_or_else(PoisonError::into_inner)
        }
        /// How much has come so far that this thread has to see.
        fn seen(&self) -> usize {
            // ORDERING: Relaxed, `pop` acquires what it takes out.
            self.pushed.load(Ordering::Relaxed)
        }
        pub(crate) fn push(&self, value: T) -> Result<(), PushError<T>> {
            // ORDERING: Release, for who takes the value out.
            let before = self.pushed.fetch_add(ONE, Ordering::Release);
            if before & CLOSED != 0 {
                return Err(PushError::Closed(value));
            }
            self.entries().push_back((before + ONE, value));
            Ok(())
        }
        /// Puts a value in, in the place of the last one if there is no room.
        pub(crate) fn force_push(&self, value: T) -> Result<Option<T>, ForcePushError<T>> {
            // ORDERING: Release as in `push`, Acquire as in `pop`.
            let before = self.pushed.fetch_add(ONE, Ordering::AcqRel);
            if before & CLOSED != 0 {
                return Err(ForcePushError(value));
            }
            let mut entries = self.entries();
            let full = entries.len() == self.bound;
            match entries.back_mut() {
                // It is found by whoever would have found the other.
                Some((_, last)) if full => return Ok(Some(core::mem::replace(last, value))),
                _ => entries.push_back((before + ONE, value)),
            }
            Ok(None)
        }
        pub(crate) fn pop(&self) -> Result<T, PopError> {
            let seen = self.seen();
            if self.entries().front().is_none_or(|(number, _)| *number > seen) {
                return Err(PopError::Empty);
            }
            // ORDERING: Acquire, with the Release of all pushes so far.
            self.pushed.fetch_or(0, Ordering::Acquire);
            self.entries().pop_front().map(|(_, value)| value).ok_or(PopError::Empty)
        }
        pub(crate) fn try_iter(&self) -> impl Iterator<Item = T> {
            core::iter::from_fn(|| self.pop().ok())
        }
        pub(crate) fn len(&self) -> usize {
            let seen = self.seen();
            self.entries().iter().filter(|(number, _)| *number <= seen).count()
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.len() == 0
        }
        pub(crate) fn close(&self) -> bool {
            // ORDERING: Relaxed, who is refused reads nothing because of it.
            self.pushed.fetch_or(CLOSED, Ordering::Relaxed) & CLOSED == 0
        }
        pub(crate) fn is_closed(&self) -> bool {
            self.seen() & CLOSED != 0
        }
    }
}

#[cfg(delays)]
mod delayed {
    use crate::shim::delay::point;
    use concurrent_queue::{ForcePushError, PopError, PushError};

    /// The real one, later.
    pub(crate) struct ConcurrentQueue<T>(concurrent_queue::ConcurrentQueue<T>);

    impl<T> ConcurrentQueue<T> {
        pub(crate) fn unbounded() -> Self {
            Self(concurrent_queue::ConcurrentQueue::unbounded())
        }
        pub(crate) fn bounded(bound: usize) -> Self {
            Self(concurrent_queue::ConcurrentQueue::bounded(bound))
        }
        fn later(&self) -> &concurrent_queue::ConcurrentQueue<T> {
            point();
            &self.0
        }
        pub(crate) fn push(&self, value: T) -> Result<(), PushError<T>> {
            self.later().push(value)
        }
        pub(crate) fn force_push(&self, value: T) -> Result<Option<T>, ForcePushError<T>> {
            self.later().force_push(value)
        }
        pub(crate) fn pop(&self) -> Result<T, PopError> {
            self.later().pop()
        }
        pub(crate) fn try_iter(&self) -> impl Iterator<Item = T> {
            core::iter::from_fn(|| self.pop().ok())
        }
        pub(crate) fn len(&self) -> usize {
            self.later().len()
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.later().is_empty()
        }
        pub(crate) fn close(&self) -> bool {
            self.later().close()
        }
        pub(crate) fn is_closed(&self) -> bool {
            self.later().is_closed()
        }
    }
}
