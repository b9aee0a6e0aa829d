//! Run queues of this build.
//!
//! concurrent-queue has models of its own. In ours its fences would order what the callers' own orderings leave out, so
//! under loom a queue is a list behind a lock.

#[cfg(not(loom))]
pub(crate) use concurrent_queue::ConcurrentQueue;
#[cfg(loom)]
pub(crate) use modelled::ConcurrentQueue;

#[cfg(loom)]
mod modelled {
    use alloc::collections::VecDeque;
    use loom::sync::{Mutex, MutexGuard};

    /// What callers use of the real one.
    pub(crate) struct ConcurrentQueue<T>(Mutex<VecDeque<T>>);

    impl<T> ConcurrentQueue<T> {
        pub(crate) fn unbounded() -> Self {
            Self(Mutex::new(VecDeque::new()))
        }
        fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
            self.0.lock().expect("loom's locks are never poisoned")
        }
        pub(crate) fn push(&self, value: T) -> Result<(), T> {
            self.lock().push_back(value);
            Ok(())
        }
        pub(crate) fn pop(&self) -> Result<T, ()> {
            self.lock().pop_front().ok_or(())
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.lock().is_empty()
        }
        pub(crate) fn len(&self) -> usize {
            self.lock().len()
        }
    }
}
