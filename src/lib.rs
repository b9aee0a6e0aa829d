//! Cancellation tokens and task-completion cells for any executor.
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod raw;
mod shim;

#[cfg(feature = "alloc")]
mod combine;
#[cfg(feature = "alloc")]
mod spawn;

#[cfg(feature = "alloc")]
pub use combine::{WhenAll, when_all};
#[cfg(feature = "alloc")]
pub use spawn::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};
