//! Cancellation tokens and task-completion cells for any executor.
#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![warn(clippy::disallowed_types)]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg_attr(not(loom), expect(clippy::disallowed_types, reason = "the shim wraps them"))]
mod shim;

#[cfg(not(loom))]
mod raw;
#[cfg(loom)]
pub mod raw;
pub mod time;
