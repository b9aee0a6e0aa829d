//! An ordered record that callbacks write to, and a value that counts its drops.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happened, in order. Clones write to the same record.
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }
    pub(crate) fn push(&self, entry: T) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(entry);
    }
    /// A callback that writes `entry`.
    pub(crate) fn note(&self, entry: T) -> impl FnOnce() + Send + 'static + use<T> {
        let log = self.clone();
        move || log.push(entry)
    }
    /// Everything written so far; the record is empty afterwards.
    pub(crate) fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).len()
    }
}

/// Adds one to its counter when it is dropped.
pub(crate) struct Dropped(Arc<AtomicUsize>);

impl Dropped {
    pub(crate) fn new() -> (Self, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        (Self(count.clone()), count)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
