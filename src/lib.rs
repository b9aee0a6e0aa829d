//! Cancellation tokens and task-completion cells for any executor. It is not one.
//!
//! Start at [`CancellationTokenSource`] and [`CancellationToken`]; [`time`] has the clocks, [`cancel`] the map.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "std"),
    expect(dead_code, reason = "the smaller tiers leave parts of the heart unused; the full one leaves none")
)]
#![cfg_attr(
    not(feature = "alloc"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the text is one for all tiers, and names what the larger ones have"
    )
)]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![warn(clippy::disallowed_types)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(not(loom))]
mod raw;
#[cfg(loom)]
pub mod raw;
#[cfg_attr(not(loom), expect(clippy::disallowed_types, reason = "the shim wraps them"))]
mod shim;

pub mod adapt;
pub mod cancel;
pub mod combine;
#[cfg(feature = "std")]
pub mod context;
#[cfg(feature = "alloc")]
mod empty;
#[cfg(feature = "alloc")]
pub mod progress;
#[cfg(feature = "alloc")]
pub mod schedule;
#[cfg(feature = "alloc")]
mod spawn;
pub mod task;
pub mod time;

#[cfg(doctest)]
#[doc = include_str!("../tests/must_not_compile.md")]
mod must_not_compile {}

#[cfg(feature = "alloc")]
pub mod fault {
    //! Panics that nobody could catch, and faults that nobody looked at.
    #[cfg(feature = "std")]
    pub use crate::raw::fault::{Fault, set_hook};
    pub use crate::task::{FaultKind, UnobservedFault, set_unobserved_hook};
}

pub use adapt::*;
pub use cancel::*;
pub use combine::*;
#[cfg(feature = "std")]
pub use context::*;
#[cfg(feature = "alloc")]
pub use empty::Empty;
#[cfg(feature = "alloc")]
pub use progress::*;
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
pub use time::{Delay, Elapsed, TimeProvider, Timestamp, delay_on};
#[cfg(feature = "std")]
pub use time::{SystemClock, delay};

#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
mod readme {}
