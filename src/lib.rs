//! Cancellation tokens and task-completion cells for any executor.
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod shim;
