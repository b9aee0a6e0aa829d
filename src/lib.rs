//! Cancellation tokens and task-completion cells for any executor. It is not one.
//!
//! Nearly everything is at the crate's root; each module's page is a map of its family:
//!
//! | module | what it is for |
//! |---|---|
//! | [`cancel`] | asking work to end: sources, tokens, registrations |
//! | [`task`] | hot tasks: who completes them, who awaits and continues them, how they fail |
//! | [`combine`] | many futures, one result: all, any, each; groups |
//! | [`adapt`] | one future, more careful: timeout, retry, hedging, fallback, throttling, disposal |
//! | [`channel`] | queues between tasks: bounded, unbounded, rendezvous, by priority; in a `static` |
//! | [`stream`] | asynchronous streams: made by a function, in pages, from channels; what `StreamExt` lacks |
//! | [`cache`] | one load for all who ask: lazy values, caches |
//! | [`resilience`] | breaker, bulkhead, and pipelines of strategies |
//! | [`schedule`] | where work runs: schedulers, message loops, what `ConfigureAwait` means here |
//! | [`context`] | values that flow with the work |
//! | [`progress`] | reports from who works to who watches |
//! | [`compat`] | other crates' names: code written for tokio-util's token compiles unchanged |
//! | [`time`] | clocks, one of them for tests |
//! | [`fault`] | panics and faults that nobody looked at |
#![cfg_attr(
    feature = "std",
    doc = concat!(
        "| [`guide`] | longer pages: [from C#](guide::from_csharp), ",
        "[from tokio-util](guide::from_tokio_util), ",
        "[cancellation that loses nothing](guide::cancellation_that_loses_nothing), ",
        "[what `ConfigureAwait` means here](guide::configure_await), ",
        "[testing with a manual clock](guide::testing_with_manual_clock), ",
        "[for runtime authors](guide::for_runtime_authors), ",
        "[without a heap](guide::without_a_heap) |",
    )
)]
#![cfg_attr(not(feature = "std"), doc = "| [`guide`] | longer pages: [without a heap](guide::without_a_heap) |")]
//!
//! Only here: [`Spawner`] and [`LocalSpawner`] are what this crate asks of an executor, [`BoxFuture`] and
//! [`LocalBoxFuture`] what they are given, and [`Empty`] is the error of waiting for the first of none.
//!
//! Functions over futures are lazy: they spawn nothing, may borrow, make progress only while they are polled, and are
//! cancelled by being dropped. A [`Task`] is hot: it runs whether anybody looks or not, and dropping it cancels nothing; a
//! token does. The same names stand in both worlds: [`when_all`] polls futures, [`Task::when_all`] polls nobody.
//!
#![cfg_attr(feature = "std", doc = include_str!("names.md"))]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "std"),
    expect(dead_code, reason = "the smaller tiers leave parts of the heart unused; the full one leaves none")
)]
#![cfg_attr(
    not(feature = "std"),
    allow(
        rustdoc::broken_intra_doc_links,
        rustdoc::private_intra_doc_links,
        reason = "the text is one for all tiers, and names what the full one has"
    )
)]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![warn(clippy::disallowed_types)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", step, delays))]
extern crate std;

#[cfg(not(loom))]
mod raw;
#[cfg(loom)]
pub mod raw;
#[cfg_attr(not(loom), expect(clippy::disallowed_types, reason = "the shim wraps them"))]
mod shim;

pub mod adapt;
#[cfg(feature = "alloc")]
pub mod cache;
pub mod cancel;
pub mod channel;
pub mod combine;
#[cfg(feature = "alloc")]
pub mod compat;
#[cfg(feature = "std")]
pub mod context;
#[cfg(feature = "alloc")]
mod empty;
pub mod guide;
#[cfg(feature = "alloc")]
pub mod progress;
#[cfg(feature = "alloc")]
pub mod resilience;
#[cfg(feature = "alloc")]
pub mod schedule;
#[cfg(feature = "alloc")]
mod spawn;
#[cfg(feature = "alloc")]
pub mod stream;
pub mod task;
pub mod time;
#[cfg(feature = "alloc")]
mod waiting;

#[cfg(delays)]
#[doc(hidden)]
pub use shim::delay as delays;
#[cfg(step)]
#[doc(hidden)]
pub use shim::step;

#[cfg(doctest)]
#[doc = include_str!("../tests/must_not_compile.md")]
mod must_not_compile {}

#[cfg(feature = "alloc")]
pub mod fault {
    //! Panics that nobody could catch, and faults that nobody looked at.
    //!
    //! | hook | is told of | as |
    //! |---|---|---|
    //! | [`set_hook`] | panics of callbacks and wakers that cannot resume in anybody who caused them | [`Fault`] |
    //! | [`set_unobserved_hook`] | tasks that failed, and were gone before somebody looked | [`UnobservedFault`], [`FaultKind`] |
    //!
    //! Both are silent at first. Set them early in `main`: a server that logs both misses no failure.
    //!
    //! ```
    //! use taskcell::fault::{set_hook, set_unobserved_hook};
    //!
    //! set_hook(|fault| eprintln!("a callback panicked: {}", fault.message().unwrap_or("without words")));
    //! set_unobserved_hook(|fault| eprintln!("nobody looked at a task of {}: {:?}", fault.type_name(), fault.kind()));
    //! ```
    #![forbid(unsafe_code)]
    #[cfg(feature = "std")]
    pub use crate::raw::fault::{Fault, set_hook};
    pub use crate::task::{FaultKind, UnobservedFault, set_unobserved_hook};
}

pub use adapt::*;
#[cfg(feature = "alloc")]
pub use cache::*;
pub use cancel::*;
pub use channel::{
    Closed, StaticChannel, StaticRead, StaticReader, StaticTryReadError, StaticTryWriteError, StaticWaitToRead,
    StaticWaitToWrite, StaticWrite, StaticWriteError, StaticWriter,
};
pub use combine::*;
#[cfg(feature = "std")]
pub use context::*;
#[cfg(feature = "alloc")]
pub use empty::Empty;
#[cfg(feature = "alloc")]
pub use progress::*;
#[cfg(feature = "alloc")]
pub use resilience::*;
#[cfg(feature = "alloc")]
pub use schedule::*;
#[cfg(feature = "alloc")]
pub use spawn::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};
#[cfg(feature = "alloc")]
pub use task::{
    AggregateError, BoxError, CancelOnDrop, CompletionRegistration, ContinuationOptions, ContinueOn, Errors, Fault,
    Inline, IntoTask, NextTaskOrCancelled, Panic, Settled, StartOn, Task, TaskCompletionSource, TaskError, TaskStatus,
    ValueTask, WaitAsync, WaitAsyncFor, WaitError, WaitForOutcome, WaitForTask, WaitForValue, WaitOrCancel,
    WhenEachTask,
};
pub use task::{StaticTaskCell, StaticTaskSlot};
#[cfg(feature = "alloc")]
pub use time::ManualClock;
pub use time::{Delay, Elapsed, StaticClock, StaticTimerQueue, TimeProvider, Timestamp, delay_on};
#[cfg(feature = "std")]
pub use time::{SystemClock, delay};

#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
mod readme {}
