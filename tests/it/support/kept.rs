//! What a test leaves behind on purpose, kept within reach: who looks for leaks finds those that were not meant.
use std::ptr::from_mut;
use std::sync::Mutex;
use std::sync::atomic::AtomicPtr;

static KEPT: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());

/// What a static would hold: it is never dropped.
pub(crate) fn leak<T: 'static>(value: T) -> &'static T {
    keep(Box::leak(Box::new(value)))
}

/// `mem::forget`.
pub(crate) fn forget<T>(value: T) {
    keep(Box::leak(Box::new(value)));
}

fn keep<T>(value: &mut T) -> &T {
    KEPT.lock().unwrap().push(AtomicPtr::new(from_mut(value).cast()));
    value
}
