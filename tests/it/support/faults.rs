//! The fault hook of this binary: remembers what was reported, so that a test finds its own among others'.
use std::sync::{Mutex, Once};

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

pub(crate) struct Faults(());

/// Installs the hook once for the whole binary.
pub(crate) fn watch() -> Faults {
    INSTALL.call_once(|| {
        // That it grows is no leak of the test which is about to count its bytes.
        SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).reserve(10_000);
        taskcell::fault::set_hook(|fault| {
            let text = fault.payload().downcast_ref::<&'static str>().copied().unwrap_or("another payload");
            SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(text.to_string());
        });
    });
    Faults(())
}

impl Faults {
    /// Whether a panic with this message has been reported, and how often.
    pub(crate) fn count(&self, message: &str) -> usize {
        SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().filter(|seen| *seen == message).count()
    }
    pub(crate) fn saw(&self, message: &str) -> bool {
        self.count(message) > 0
    }
}
