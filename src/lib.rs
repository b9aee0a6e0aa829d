//! Cancellation tokens and task-completion cells for any executor.
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod shim;

#[cfg(not(loom))]
mod raw;
#[cfg(loom)]
pub mod raw;
pub mod time;
