//! A waker whose clone, wake and drop run the test's own code.
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{RawWaker, RawWakerVTable, Waker};

type Hook = Box<dyn Fn() + Send + Sync>;

/// What runs at each event of a waker, and how often each happened.
#[derive(Default)]
pub(crate) struct Hooks {
    on_clone: Option<Hook>,
    on_wake: Option<Hook>,
    on_drop: Option<Hook>,
    pub(crate) clones: AtomicUsize,
    pub(crate) wakes: AtomicUsize,
    pub(crate) drops: AtomicUsize,
}

impl Hooks {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn on_clone(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_clone = Some(Box::new(f));
        self
    }
    pub(crate) fn on_wake(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_wake = Some(Box::new(f));
        self
    }
    pub(crate) fn on_drop(mut self, f: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_drop = Some(Box::new(f));
        self
    }
    /// The waker, and the hooks to read the counts from.
    pub(crate) fn waker(self) -> (Waker, Arc<Self>) {
        let hooks = Arc::new(self);
        let data = Arc::into_raw(hooks.clone()).cast();
        // SAFETY: `data` is an `Arc<Hooks>` given up by `into_raw`, which is what every entry of VTABLE takes.
        (unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }, hooks)
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn call(hook: &Option<Hook>, count: &AtomicUsize) {
    count.fetch_add(1, Ordering::SeqCst);
    if let Some(hook) = hook {
        hook();
    }
}

/// Borrows the hooks behind `data` for the length of a call.
///
/// SAFETY: the caller passes a waker's data, so an `Arc<Hooks>` that is alive.
unsafe fn borrow(data: *const ()) -> ManuallyDrop<Arc<Hooks>> {
    // SAFETY: as above; `ManuallyDrop` leaves the waker's reference where it is.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Hooks>()) })
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: `data` is this waker's.
    let hooks = unsafe { borrow(data) };
    call(&hooks.on_clone, &hooks.clones);
    RawWaker::new(Arc::into_raw(Arc::clone(&hooks)).cast(), &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: `wake` takes the waker's reference over.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    call(&hooks.on_wake, &hooks.wakes);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: `data` is this waker's.
    let hooks = unsafe { borrow(data) };
    call(&hooks.on_wake, &hooks.wakes);
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: `drop` takes the waker's reference over.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    call(&hooks.on_drop, &hooks.drops);
}
