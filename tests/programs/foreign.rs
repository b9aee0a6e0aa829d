//! What a failure is, and a panic that is meant.
//!
//! Programs panic on purpose, inside what the library calls. Those panics unwind without the panic hook, which a fuzzer
//! aborts in, and carry [`Meant`]. A failure may come up inside the library, too, which might contain it: so it is noted,
//! and comes out of the next call that returns.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

#[path = "../it/support/kept.rs"]
#[expect(dead_code, reason = "nothing is forgotten here")]
mod kept;

pub(crate) use kept::leak;

/// What a panic carries that a program asked for.
pub(crate) struct Meant;

thread_local! {
    static WRONG: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Panics that the library gave to its hook.
    static REPORTED: Cell<usize> = const { Cell::new(0) };
}

/// Fails, with the words that follow, unless what comes first is true.
macro_rules! must {
    ($what:expr, $($words:tt)+) => {
        if !$what {
            $crate::programs::wrong(format!($($words)+));
        }
    };
}

/// The library did not do what the model says.
#[track_caller]
pub(crate) fn wrong(words: String) -> ! {
    let _ = WRONG.try_with(|wrong| wrong.borrow_mut().get_or_insert_with(|| words.clone()).len());
    panic!("{words}");
}

/// Panics as a program means to.
pub(crate) fn panic_as_meant() -> ! {
    resume_unwind(Box::new(Meant))
}

/// Makes a call in which foreign code may panic: `None` if that came out.
pub(crate) fn guarded<R>(call: impl FnOnce() -> R) -> Option<R> {
    let answer = catch_unwind(AssertUnwindSafe(call));
    // A failure inside a callback, whose panic went wherever it went.
    if let Some(words) = WRONG.take() {
        panic!("{words}");
    }
    match answer {
        Ok(answer) => Some(answer),
        Err(payload) if payload.is::<Meant>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

/// Runs a program from a clean slate. What a failed one has made is for `forget`: to drop it would fail as well.
pub(crate) fn run(program: impl FnOnce(), forget: impl FnOnce()) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        taskcell::fault::set_hook(|fault| {
            if fault.payload().is::<Meant>() {
                REPORTED.set(REPORTED.get() + 1);
            } else {
                wrong(format!("reported: {:?}", fault.message()));
            }
        });
    });
    WRONG.take();
    REPORTED.set(0);
    let answer = catch_unwind(AssertUnwindSafe(program));
    let wrong = WRONG.take();
    if answer.is_err() || wrong.is_some() {
        forget();
    }
    match (answer, wrong) {
        (Err(payload), _) => resume_unwind(payload),
        (_, Some(words)) => panic!("{words}"),
        _ => {}
    }
}

/// How many panics have been reported since the last call.
pub(crate) fn reported() -> usize {
    REPORTED.take()
}
