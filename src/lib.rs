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

mod adapt;
#[cfg(feature = "alloc")]
mod combine;
#[cfg(feature = "alloc")]
mod spawn;

#[cfg(feature = "std")]
pub use adapt::timeout;
pub use adapt::{Elapsed, Timeout, timeout_on};
#[cfg(feature = "alloc")]
pub use combine::{WhenAll, when_all};
#[cfg(feature = "alloc")]
pub use spawn::{BoxFuture, LocalBoxFuture, LocalSpawner, Spawner};
