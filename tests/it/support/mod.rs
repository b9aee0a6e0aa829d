//! What the tests share: wakers that count or misbehave, a log, latches, three executors and the suite they run.
//!
//! - `wakers`: a waker that counts its wakes, and polling by hand
//! - `hooked`: a waker whose clone, wake and drop run the test's own code
//! - `heap`: allocations and live bytes of a thread
//! - `log`: an ordered record that callbacks write to, and a value that counts its drops
//! - `is`: a line of a table of traits that the compiler checks
//! - `latch`: an asynchronous gate of the tests' own, so that a suite never trusts what it tests
//! - `lost_items`: scenario T18, over any number of items
//! - `polls`: one poll of a future by hand
//! - `race`: two threads over the same object, round by round
//! - `chance`: numbers that look random, and are the same each time
//! - `exec`: the executors, behind one trait
//! - `kept`: what is left behind on purpose, within reach of who looks for leaks
//! - `jobs`: a spawner whose futures the test polls, or drops
//! - `faults`: what reached the fault hook
//! - `suite`: the behaviour that must not depend on the executor (the bench crate runs it on tokio);
//!   `suite_timed`: the part with a clock, `suite_any`: that of `when_any`,
//!   `suite_task`: that of tasks
//! - `unobserved`: what reached the hook for faults that nobody saw

pub(crate) mod chance;
pub(crate) mod exec;
pub(crate) mod faults;
pub(crate) mod heap;
pub(crate) mod hooked;
mod is;
pub(crate) mod jobs;
pub(crate) mod kept;
pub(crate) mod latch;
pub(crate) mod log;
pub(crate) mod lost_items;
pub(crate) mod polls;
pub(crate) mod race;
pub(crate) mod suite;
mod suite_any;
mod suite_task;
mod suite_timed;
pub(crate) mod unobserved;
pub(crate) mod wakers;

pub(crate) use is::is;
pub(crate) use jobs::Jobs;
pub(crate) use kept::{forget, leak};
pub(crate) use latch::Latch;
pub(crate) use log::{Dropped, Log};
pub(crate) use race::{eventually, race, rounds};
pub(crate) use wakers::{Counter, poll_with};

/// Runs `f` and answers what it panicked with, if it was a `&'static str`.
pub(crate) fn panic_of<T>(f: impl FnOnce() -> T) -> Option<&'static str> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        Ok(_) => None,
        Err(payload) => Some(payload.downcast_ref::<&'static str>().copied().unwrap_or("another payload")),
    }
}
