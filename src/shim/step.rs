//! Where an interrupt may come: a hook that runs before each atomic operation and each access of a cell (`cfg(step)`).
//!
//! `step-tests` runs one operation with [`run`], and a second one inside the hook, at any [`point`] of the first: what an
//! interrupt does on a machine with one core. The hook is not interrupted by itself; an interrupt of higher priority is
//! a [`run`] inside it.
//!
//! Who is interrupted just before it reads or writes a cell may as well be in the middle of that: whoever touches the
//! same bytes then, and one of the two writes, has shown a race.
//!
//! `TASKCELL_STEP_FAULT=torn` turns each read-modify-write into a load, a point and a store: the tests must fail. With
//! `torn:FILE:LINE:COLUMN` it is the one whose name stands there.

use core::cell::{Cell, RefCell};
use core::panic::Location;

/// One [`run`]; it stands on that call's stack.
struct Frame<'a> {
    hook: RefCell<&'a mut dyn FnMut(usize)>,
    points: Cell<usize>,
    limit: usize,
}

/// An access that somebody is interrupted in: from where, to where, whether it writes.
type Access = (usize, usize, bool);

std::thread_local! {
    /// The innermost run; null outside of all, and while its hook runs.
    static FRAME: Cell<*const Frame<'static>> = const { Cell::new(core::ptr::null()) };
    static HALTED: RefCell<alloc::vec::Vec<Access>> = const { RefCell::new(alloc::vec::Vec::new()) };
}

/// Puts back what `FRAME` was, also when unwinding.
struct Restore(*const Frame<'static>);

impl Drop for Restore {
    fn drop(&mut self) {
        FRAME.set(self.0);
    }
}

/// Runs `body`, and `hook` at each of its points, from 0 on. Returns how many there were.
///
/// # Panics
///
/// If there are more than `limit` of them: then `body` waits for something that only whom it interrupted can do.
pub fn run<R>(limit: usize, hook: &mut dyn FnMut(usize), body: impl FnOnce() -> R) -> (R, usize) {
    let frame = Frame { hook: RefCell::new(hook), points: Cell::new(0), limit };
    let _restore = Restore(FRAME.replace((&raw const frame).cast()));
    let result = body();
    (result, frame.points.get())
}

/// An interrupt may come here. For foreign code in tests: wakers, callbacks.
pub fn point() {
    let current = FRAME.get();
    // SAFETY: `run` puts back what was there before its frame goes, and frames are the thread's own.
    let Some(frame) = (unsafe { current.as_ref() }) else { return };
    let number = frame.points.get();
    frame.points.set(number + 1);
    if number >= frame.limit {
        stuck(number - frame.limit);
        return;
    }
    let _restore = Restore(FRAME.replace(core::ptr::null()));
    (frame.hook.borrow_mut())(number);
}

/// Ends what does not end by itself.
fn stuck(beyond: usize) {
    const WHY: &str = "an operation does not end: it waits for whom it interrupted";
    if !std::thread::panicking() {
        panic!("{WHY}");
    }
    // Drops that unwinding runs may wait for the same.
    if beyond > 100_000 {
        std::eprintln!("{WHY}, and unwinding neither");
        std::process::abort();
    }
}

/// A cell is about to be read or written.
pub(super) fn access(from: *const (), size: usize, writes: bool) {
    let (from, to) = (from.addr(), from.addr() + size);
    HALTED.with_borrow(|halted| {
        let races = |other: &&Access| other.0 < to && from < other.1 && (writes || other.2);
        if halted.iter().any(|other| races(&other)) && !std::thread::panicking() {
            panic!("a race: an interrupt reaches a cell that whom it interrupted has just begun to use");
        }
    });
    if FRAME.get().is_null() {
        return;
    }
    HALTED.with_borrow_mut(|halted| halted.push((from, to, writes)));
    let _pop = Pop;
    point();
}

struct Pop;

impl Drop for Pop {
    fn drop(&mut self) {
        HALTED.with_borrow_mut(|halted| _ = halted.pop());
    }
}

/// The fault that the tests are to notice, if any.
pub fn fault() -> Option<&'static str> {
    static FAULT: std::sync::OnceLock<Option<alloc::string::String>> = std::sync::OnceLock::new();
    FAULT.get_or_init(|| std::env::var("TASKCELL_STEP_FAULT").ok()).as_deref()
}

/// Whether the read-modify-write that the caller stands for is torn.
#[track_caller]
pub(super) fn is_torn() -> bool {
    let Some(site) = fault().and_then(|fault| fault.strip_prefix("torn")) else { return false };
    let here = Location::caller();
    let Some(site) = site.strip_prefix(':') else { return true };
    let mut parts = site.rsplitn(3, ':');
    let (column, line) = (parts.next(), parts.next());
    let is = |part: Option<&str>, number: u32| part.and_then(|part| part.parse().ok()) == Some(number);
    is(column, here.column()) && is(line, here.line()) && parts.next().is_some_and(|file| here.file().ends_with(file))
}
