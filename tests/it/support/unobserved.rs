//! The hook for unobserved faults of this binary: counts by the type of the task's value, so that a test finds its own.
use std::sync::{Mutex, Once};
use taskcell::fault::{FaultKind, set_unobserved_hook};

type Seen = (&'static str, FaultKind, Option<String>);

static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

/// Installs the hook once for the whole binary. To be called before the task goes.
pub(crate) fn watch() {
    INSTALL.call_once(|| {
        // That it grows is no leak of the test which is about to count its bytes.
        SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).reserve(10_000);
        set_unobserved_hook(|fault| {
            let error = fault.error().and_then(|error| error.downcast_ref::<&'static str>()).map(ToString::to_string);
            let entry = (fault.type_name(), fault.kind(), error);
            SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(entry);
        });
    });
}

/// What has been reported of tasks whose value is a `T`: the kind, and the error if it was a `&str`.
pub(crate) fn of<T>() -> Vec<(FaultKind, Option<String>)> {
    let seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let own = seen.iter().filter(|(name, ..)| *name == core::any::type_name::<T>());
    own.map(|(_, kind, error)| (*kind, error.clone())).collect()
}
